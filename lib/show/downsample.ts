/**
 * Fewer points that tell the same: an even, deterministic sample of a cloud,
 * and the lowest and highest point of each stretch of a line, so that no spike
 * is lost.
 *
 * @module
 */

import { checkLength, checkNumber } from "../numeric/checks.ts";

/**
 * Picks evenly spaced indices: index k of `count` is `floor(k * n / count)`.
 *
 * @param n The number of points, at least 0.
 * @param limit The most to pick, at least 1.
 * @returns Ascending indices from 0 to n - 1; all of them if n <= limit.
 * @throws {RangeError} If `n` or `limit` is not such an integer.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { evenSample } from "lib/show/downsample.ts";
 *
 * assert.deepEqual([...evenSample(10, 4)], [0, 2, 5, 7]);
 * ```
 */
export function evenSample(n: number, limit: number): Uint32Array {
  const action = "sample points";
  checkNumber(n, "n", action, { minimum: 0, integer: true });
  checkNumber(limit, "limit", action, { minimum: 1, integer: true });
  const count = Math.min(n, limit);
  return Uint32Array.from(
    { length: count },
    (_, k) => Math.floor(k * n / count),
  );
}

/**
 * Picks the lowest and the highest point of each of `binCount` equal stretches
 * of x. A line through them covers the same pixels as one through all points
 * if a stretch is no wider than a pixel.
 *
 * @param x Ascending positions, shape `(n)`, n >= 1, such as times.
 * @param y Values at these positions, shape `(n)`.
 * @param binCount The number of stretches, at least 1.
 * @returns Ascending indices, at most two a stretch; all if n <= 2 * binCount.
 * @throws {RangeError} If the lengths differ or `binCount` is out of range.
 * @see U. Jugel et al., M4: a visualization-oriented time series data
 * aggregation (2014).
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { minMaxSample } from "lib/show/downsample.ts";
 *
 * const x = Float64Array.of(0, 1, 2, 3, 4, 5);
 * const y = Float64Array.of(1, 9, 2, 3, -7, 4);
 * assert.deepEqual([...minMaxSample(x, y, 1)], [1, 4]);
 * ```
 */
export function minMaxSample(
  x: Float64Array,
  y: Float64Array,
  binCount: number,
): Uint32Array {
  const action = "thin out a line";
  checkLength(y.length, x.length, "y", action);
  checkNumber(binCount, "binCount", action, { minimum: 1, integer: true });
  if (x.length <= 2 * binCount) return Uint32Array.from(x.keys());
  const picked: number[] = [];
  for (const [start, end] of stretches(x, binCount)) {
    let low = start;
    let high = start;
    for (let i = start + 1; i < end; i++) {
      if (y[i] < y[low]) low = i;
      if (y[i] > y[high]) high = i;
    }
    picked.push(Math.min(low, high));
    if (low !== high) picked.push(Math.max(low, high));
  }
  return Uint32Array.from(picked);
}

/** Ranges [start, end) of the indices in each stretch that is not empty. */
function stretches(x: Float64Array, binCount: number): [number, number][] {
  const first = x[0];
  const width = (x[x.length - 1] - first) / binCount;
  const binOf = (i: number) =>
    width > 0 ? Math.min(binCount - 1, Math.floor((x[i] - first) / width)) : 0;
  const ranges: [number, number][] = [];
  let start = 0;
  for (let i = 1; i <= x.length; i++) {
    if (i < x.length && binOf(i) === binOf(start)) continue;
    ranges.push([start, i]);
    start = i;
  }
  return ranges;
}
