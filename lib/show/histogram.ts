/**
 * Counting values in bins of equal width, or of equal ratio.
 *
 * @module
 */

/** The values from one border to the next. */
export type Bin = {
  /** The lower border, which belongs to the bin. */
  readonly from: number;
  /** The upper border, which belongs to the last bin only. */
  readonly to: number;
  /** How many values there are, at least 1. */
  readonly count: number;
};

/** The number of bins of the whole domain. */
const BIN_COUNT = 60;

/**
 * Counts values in 60 bins.
 *
 * @param values Finite values within the domain, shape `(n)`; above 0 if `log`.
 * @param domain The borders of the first and the last bin; where they are
 * equal, a bin of width 1 is made.
 * @param options Whether bins are equally wide in the logarithm.
 * @returns The bins that hold values, ascending; their counts add up to n.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { histogram } from "lib/show/histogram.ts";
 *
 * const values = Float64Array.of(0, 0.5, 10, 59.5, 60);
 * assert.deepEqual(histogram(values, [0, 60]), [
 *   { from: 0, to: 1, count: 2 },
 *   { from: 10, to: 11, count: 1 },
 *   { from: 59, to: 60, count: 2 },
 * ]);
 * ```
 */
export function histogram(
  values: Float64Array,
  domain: readonly [number, number],
  options: { log?: boolean } = {},
): Bin[] {
  const { log = false } = options;
  const [low, high] = log ? domain.map(Math.log) : domain;
  const width = (high - low) / BIN_COUNT || 1;
  const counts = new Uint32Array(BIN_COUNT);
  for (const value of values) {
    const place = Math.floor(((log ? Math.log(value) : value) - low) / width);
    counts[Math.min(BIN_COUNT - 1, place)]++;
  }
  const border = (k: number) =>
    log ? Math.exp(low + k * width) : low + k * width;
  return Array.from(
    counts,
    (count, k) => ({ from: border(k), to: border(k + 1), count }),
  ).filter(({ count }) => count > 0);
}
