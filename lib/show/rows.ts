/**
 * Which rows of the data a figure draws.
 *
 * @module
 */

import type { Categories } from "../logs/request_log.ts";
import { checkLength, checkValues } from "../numeric/checks.ts";

/** The rows of one group. */
export type Group = {
  /** The group's name. */
  readonly name: string;
  /** Its rows, ascending. */
  readonly rows: readonly number[];
};

/** Stretches of a drawn line, three pixels wide, in which extremes survive. */
const STRETCH_COUNT = 250;

/**
 * Checks columns that belong together, row by row.
 *
 * @param columns Columns by their name; values are finite, flags and codes
 * are small integers.
 * @param action What is being drawn, for the message.
 * @throws {RangeError} If there is no row, a value is not finite or lengths
 * differ.
 */
export function checkColumns(
  columns: Readonly<Record<string, Float64Array | Uint8Array | Uint32Array>>,
  action: string,
): void {
  const rowCount = Object.values(columns)[0].length;
  for (const [name, column] of Object.entries(columns)) {
    checkLength(column.length, rowCount, name, action);
    if (column instanceof Float64Array) checkValues(column, name, action);
  }
}

/**
 * How far values reach.
 *
 * @param values Numbers, shape `(n)`.
 * @returns The lowest and the highest; infinities if there is none.
 */
export function extent(values: Iterable<number>): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/**
 * The rows that an axis can show; a logarithmic one shows nothing that is not
 * greater than 0.
 *
 * @param columns Columns of finite values, shape `(n)` each, n >= 1.
 * @param log Whether their axis is logarithmic.
 * @returns The rows to draw, ascending.
 * @throws {RangeError} If nothing can be shown.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { drawableRows } from "lib/show/rows.ts";
 *
 * assert.deepEqual([...drawableRows([Float64Array.of(3, 0)], true)], [0]);
 * ```
 */
export function drawableRows(
  columns: readonly Float64Array[],
  log: boolean,
): Uint32Array {
  const all = Uint32Array.from(columns[0].keys());
  if (!log) return all;
  const rows = all.filter((i) => columns.every((column) => column[i] > 0));
  if (rows.length === 0) {
    throw new RangeError(
      "Cannot draw a logarithmic axis: no value is > 0, expected at least one",
    );
  }
  return rows;
}

/**
 * Thins a long series out: of each of 250 equal stretches of time it keeps the
 * lowest and the highest value of each column, so that no spike is lost.
 *
 * @param timestampMs Times, ascending, shape `(n)`, n >= 1.
 * @param columns Values at these times, shape `(n)` each.
 * @returns Ascending rows; all of them if they are at most 500.
 * @see U. Jugel et al., M4: a visualization-oriented time series data
 * aggregation (2014).
 */
export function extremeRows(
  timestampMs: Float64Array,
  columns: readonly Float64Array[],
): number[] {
  const n = timestampMs.length;
  if (n <= 2 * STRETCH_COUNT) return [...timestampMs.keys()];
  const stretchMs = (timestampMs[n - 1] - timestampMs[0]) / STRETCH_COUNT;
  const stretchOf = (i: number) =>
    Math.floor((timestampMs[i] - timestampMs[0]) / stretchMs);
  const kept = new Set<number>();
  let start = 0;
  for (let end = 1; end <= n; end++) {
    if (end < n && stretchOf(end) === stretchOf(start)) continue;
    for (const values of columns) {
      const [low, high] = lowestAndHighest(values, start, end);
      kept.add(low).add(high);
    }
    start = end;
  }
  return [...kept].sort((a, b) => a - b);
}

function lowestAndHighest(
  values: Float64Array,
  start: number,
  end: number,
): [number, number] {
  let low = start;
  let high = start;
  for (let i = start + 1; i < end; i++) {
    if (values[i] < values[low]) low = i;
    if (values[i] > values[high]) high = i;
  }
  return [low, high];
}

/**
 * Sorts rows into their groups.
 *
 * @param groups The group of each row.
 * @param rows The rows to sort in, ascending.
 * @returns Groups that have rows, the largest first.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { categoriesOf } from "lib/logs/request_log.ts";
 * import { groupRows } from "lib/show/rows.ts";
 *
 * assert.deepEqual(groupRows(categoriesOf(["a", "b", "b"]), [0, 1, 2]), [
 *   { name: "b", rows: [1, 2] },
 *   { name: "a", rows: [0] },
 * ]);
 * ```
 */
export function groupRows(
  groups: Categories,
  rows: Iterable<number>,
): Group[] {
  const members = groups.names.map((name) => ({ name, rows: [] as number[] }));
  for (const i of rows) members[groups.codes[i]].rows.push(i);
  return members
    .filter((group) => group.rows.length > 0)
    .sort((a, b) => b.rows.length - a.rows.length);
}
