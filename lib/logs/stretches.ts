/**
 * Where a series is interrupted for so long that what comes after has nothing
 * to do with what came just before.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { usualStepMs } from "./regularize.ts";

/** Options for {@linkcode stretchStarts}. */
export type StretchOptions = {
  /** Usual steps from one row to the next that are no gap yet, above 0.
   * @default {12} */
  gapSteps?: number;
  /** The least number of rows in a stretch. @default {1} */
  leastRows?: number;
};

/**
 * Lists the rows that stretches begin with: the first row, and each that comes
 * after a gap. A stretch of too few rows is taken together with the next one,
 * the last with the one before.
 *
 * @param timestampMs Ascending times in milliseconds, shape `(n)`.
 * @param options What a gap is, and how short a stretch may be.
 * @returns Rows, ascending, the first of them 0; none of no rows.
 * @throws {RangeError} If an option is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { stretchStarts } from "lib/logs/stretches.ts";
 *
 * const at = Float64Array.of(0, 1, 2, 50, 51, 52);
 * assert.deepEqual([...stretchStarts(at)], [0, 3]);
 * ```
 */
export function stretchStarts(
  timestampMs: Float64Array,
  options: StretchOptions = {},
): Uint32Array {
  const { gapSteps = 12, leastRows = 1 } = options;
  const action = "find gaps";
  checkNumber(gapSteps, "gapSteps", action, { minimum: 0, exclusive: true });
  checkNumber(leastRows, "leastRows", action, { minimum: 1, integer: true });
  const n = timestampMs.length;
  if (n === 0) return new Uint32Array(0);
  const gapMs = gapSteps * (usualStepMs(timestampMs) ?? Infinity);
  const starts = [0];
  for (let row = 1; row < n; row++) {
    const isGap = timestampMs[row] - timestampMs[row - 1] > gapMs;
    const isLong = row - starts[starts.length - 1] >= leastRows &&
      n - row >= leastRows;
    if (isGap && isLong) starts.push(row);
  }
  return Uint32Array.from(starts);
}
