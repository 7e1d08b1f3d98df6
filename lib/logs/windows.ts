/**
 * Sliding windows over rows in time order, as positions: a window is the
 * number of its first row, and its values are gathered when a batch needs
 * them. The window that starts at s knows rows s to s + windowLength - 1; its
 * targets are the `horizon` rows that follow.
 *
 * Nothing later may leak into anything earlier:
 * - rows are split in time order ({@linkcode chronologicalSplit}) before
 *   windows are made, and each part makes its windows, targets included, from
 *   its own rows alone, so that parts share no row;
 * - scalers, encoders and thresholds are fitted on the first part only;
 * - what stops training is the second part, what judges is the last;
 * - once a model is fitted, a forecast in the last part may look back across
 *   the border: those rows are past by then.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { type Matrix, selectRows } from "../numeric/matrix.ts";

/** Options for {@linkcode windowStarts}. */
export type WindowOptions = {
  /** The first row that a window may use. @default {0} */
  firstRow?: number;
  /** Rows that a window knows. @default {50} */
  windowLength?: number;
  /** Target rows that follow it; 0 for windows without targets. @default {1} */
  horizon?: number;
  /** Rows from one window to the next. @default {1} */
  stride?: number;
};

/** Rows `start` to `end - 1` of a table. */
export type RowRange = {
  /** The first row. */
  readonly start: number;
  /** The row after the last. */
  readonly end: number;
};

const TOLERANCE = 1e-9;

/**
 * Lists the windows that fit into a range of rows, targets included.
 *
 * @param endRow The row after the last that a window or its targets may use.
 * @param options Length, horizon, stride and first row.
 * @returns The first row of each window, ascending; empty if none fits.
 * @throws {RangeError} If an option is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { windowStarts } from "lib/logs/windows.ts";
 *
 * // Rows 0-2 foretell 3, rows 1-3 foretell 4.
 * assert.deepEqual([...windowStarts(5, { windowLength: 3 })], [0, 1]);
 * ```
 */
export function windowStarts(
  endRow: number,
  options: WindowOptions = {},
): Uint32Array {
  const { firstRow = 0, windowLength = 50, horizon = 1, stride = 1 } = options;
  const action = "make windows";
  checkNumber(endRow, "endRow", action, { minimum: 0, integer: true });
  checkNumber(firstRow, "firstRow", action, { minimum: 0, integer: true });
  checkNumber(windowLength, "windowLength", action, {
    minimum: 1,
    integer: true,
  });
  checkNumber(horizon, "horizon", action, { minimum: 0, integer: true });
  checkNumber(stride, "stride", action, { minimum: 1, integer: true });
  const lastStart = endRow - windowLength - horizon;
  const count = Math.max(0, Math.floor((lastStart - firstRow) / stride) + 1);
  return Uint32Array.from({ length: count }, (_, k) => firstRow + k * stride);
}

/**
 * Takes at most so many windows, evenly spread over all; the last, which is
 * the newest, is always among them.
 *
 * @param starts The windows, ascending.
 * @param maximum The greatest number to keep.
 * @returns All of them, or `maximum` of them, ascending.
 * @throws {RangeError} If `maximum` is not an integer >= 1.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { evenSubset } from "lib/logs/windows.ts";
 *
 * assert.deepEqual([...evenSubset(Uint32Array.of(0, 1, 2, 3), 2)], [1, 3]);
 * ```
 */
export function evenSubset(starts: Uint32Array, maximum: number): Uint32Array {
  checkNumber(maximum, "maximum", "thin out windows", {
    minimum: 1,
    integer: true,
  });
  const n = starts.length;
  if (n <= maximum) return starts.slice();
  return Uint32Array.from(
    { length: maximum },
    (_, k) => starts[Math.floor((k + 1) * n / maximum) - 1],
  );
}

/**
 * Takes at most so many rows, evenly spread over all, the newest among them.
 *
 * @param x The rows, shape `(n, d)`.
 * @param maximum The greatest number of rows to keep.
 * @returns All rows, or a copy of `maximum` of them in their order.
 * @throws {RangeError} If `maximum` is not an integer >= 1.
 */
export function evenRows(x: Matrix, maximum: number): Matrix {
  const all = Uint32Array.from({ length: x.rows }, (_, row) => row);
  const kept = evenSubset(all, maximum);
  return kept.length === x.rows ? x : selectRows(x, kept);
}

/**
 * Copies the values of windows for one batch.
 *
 * @param x The rows, shape `(n, d)`.
 * @param starts The first row of each window.
 * @param windowLength The rows of a window.
 * @returns The values, shape `(starts.length, windowLength, d)`, row-major,
 * as the 32-bit floats that networks take.
 * @throws {RangeError} If a window reaches beyond the rows.
 */
export function gatherWindows(
  x: Matrix,
  starts: Uint32Array,
  windowLength: number,
): Float32Array {
  const size = windowLength * x.cols;
  const values = new Float32Array(starts.length * size);
  starts.forEach((start, k) => {
    if (!(start + windowLength <= x.rows)) {
      throw new RangeError(
        `Cannot gather windows: rows ${start} to ${
          start + windowLength - 1
        } are wanted of ${x.rows} rows`,
      );
    }
    const first = start * x.cols;
    values.set(x.data.subarray(first, first + size), k * size);
  });
  return values;
}

/**
 * Splits rows in time order, the oldest first, as for training, validation
 * and test. The parts share no row; see the module's rules.
 *
 * @param rowCount The number of rows.
 * @param fractions The share of each part, above 0, with sum 1.
 * @returns The parts, next to each other, together all rows.
 * @throws {RangeError} If a fraction is not above 0, they do not sum to 1, or
 * a part would be empty.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { chronologicalSplit } from "lib/logs/windows.ts";
 *
 * const [train, , test] = chronologicalSplit(100, [0.64, 0.16, 0.2]);
 * assert.deepEqual(train, { start: 0, end: 64 });
 * assert.deepEqual(test, { start: 80, end: 100 });
 * ```
 */
export function chronologicalSplit(
  rowCount: number,
  fractions: readonly number[],
): RowRange[] {
  const action = "split rows in time order";
  checkNumber(rowCount, "rowCount", action, { minimum: 1, integer: true });
  for (const fraction of fractions) {
    checkNumber(fraction, "a fraction", action, {
      minimum: 0,
      maximum: 1 + TOLERANCE,
      exclusive: true,
    });
  }
  const sum = fractions.reduce((total, fraction) => total + fraction, 0);
  if (!(Math.abs(sum - 1) <= TOLERANCE)) {
    throw new RangeError(
      `Cannot ${action}: the fractions sum to ${sum}, expected 1`,
    );
  }
  let share = 0;
  let start = 0;
  return fractions.map((fraction) => {
    share += fraction;
    const part = { start, end: Math.round(share * rowCount) };
    if (!(part.end > part.start)) {
      throw new RangeError(
        `Cannot ${action}: ${rowCount} rows leave none for a share of ${fraction}`,
      );
    }
    start = part.end;
    return part;
  });
}
