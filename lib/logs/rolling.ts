/**
 * Statistics over the time just before each row: the window `(t - width, t]`,
 * row t itself included, as pandas' time-based `rolling("5min")`. All are
 * causal; rows are sorted by time.
 *
 * @module
 */

import { checkLength, checkNumber } from "../numeric/checks.ts";
import { SortedWindow } from "../numeric/sorted_window.ts";

/** Rolling mean and standard deviation. */
export type RollingMoments = {
  /** Rows in the window, at least 1, shape `(n)`. */
  count: Float64Array;
  /** Mean over the window, shape `(n)`. */
  mean: Float64Array;
  /** Standard deviation over the window with divisor count, shape `(n)`; 0
   * where the window holds one row. */
  standardDeviation: Float64Array;
};

/**
 * For each row the first row of its window.
 *
 * @param timestampMs Ascending times in milliseconds, shape `(n)`.
 * @param windowMs Width of the window in milliseconds, above 0.
 * @returns The first row i with `timestampMs[i] > timestampMs[row] - windowMs`,
 * shape `(n)`.
 * @throws {RangeError} If the width is not above 0.
 */
export function windowStartRows(
  timestampMs: Float64Array,
  windowMs: number,
): Uint32Array {
  checkNumber(windowMs, "windowMs", "roll", { minimum: 0, exclusive: true });
  const starts = new Uint32Array(timestampMs.length);
  for (let row = 0, start = 0; row < starts.length; row++) {
    while (
      start < row && timestampMs[start] <= timestampMs[row] - windowMs
    ) start++;
    starts[row] = start;
  }
  return starts;
}

/**
 * Count, mean and standard deviation over the time just before each row.
 *
 * @param timestampMs Ascending times in milliseconds, shape `(n)`.
 * @param values Finite values, shape `(n)`.
 * @param windowMs Width of the window in milliseconds, above 0.
 * @returns The statistics, in the unit of `values`, each shape `(n)`.
 * @throws {RangeError} If the lengths differ or the width is not above 0.
 * @see B. P. Welford, Note on a method for calculating corrected sums of
 * squares and products (1962), for the update, run both ways.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { rollingMoments } from "lib/logs/rolling.ts";
 *
 * const at = Float64Array.of(0, 60_000, 400_000);
 * const rolled = rollingMoments(at, Float64Array.of(10, 20, 70), 300_000);
 * assert.deepEqual([...rolled.mean], [10, 15, 70]);
 * ```
 */
export function rollingMoments(
  timestampMs: Float64Array,
  values: Float64Array,
  windowMs: number,
): RollingMoments {
  checkLength(values.length, timestampMs.length, "values", "roll");
  const starts = windowStartRows(timestampMs, windowMs);
  const n = values.length;
  const count = new Float64Array(n);
  const mean = new Float64Array(n);
  const standardDeviation = new Float64Array(n);
  let size = 0, center = 0, squares = 0, first = 0;
  for (let row = 0; row < n; row++) {
    for (; first < starts[row]; first++) {
      size--;
      const delta = values[first] - center;
      center -= size === 0 ? center : delta / size;
      squares -= delta * (values[first] - center);
    }
    // An empty window starts afresh, so that rounding cannot pile up for ever.
    if (size === 0) center = squares = 0;
    size++;
    const delta = values[row] - center;
    center += delta / size;
    squares += delta * (values[row] - center);
    count[row] = size;
    mean[row] = center;
    standardDeviation[row] = size === 1
      ? 0
      : Math.sqrt(Math.max(0, squares / size));
  }
  return { count, mean, standardDeviation };
}

/**
 * The share of rows with an error over the time just before each row.
 *
 * @param timestampMs Ascending times in milliseconds, shape `(n)`.
 * @param isError 1 for an error, 0 otherwise, shape `(n)`.
 * @param windowMs Width of the window in milliseconds, above 0.
 * @returns Shares from 0 to 1, shape `(n)`.
 * @throws {RangeError} If the lengths differ or the width is not above 0.
 */
export function rollingErrorRate(
  timestampMs: Float64Array,
  isError: Uint8Array,
  windowMs: number,
): Float64Array {
  checkLength(isError.length, timestampMs.length, "isError", "roll");
  const starts = windowStartRows(timestampMs, windowMs);
  const rate = new Float64Array(isError.length);
  let errors = 0;
  for (let row = 0, first = 0; row < rate.length; row++) {
    errors += isError[row];
    for (; first < starts[row]; first++) errors -= isError[first];
    rate[row] = errors / (row - first + 1);
  }
  return rate;
}

/**
 * 1 where a request failed in the server: status 500 and above.
 *
 * @param statusCode HTTP status codes, shape `(n)`.
 * @returns 0 or 1, shape `(n)`.
 */
export function serverErrors(statusCode: Uint16Array): Uint8Array {
  return Uint8Array.from(statusCode, (code) => code >= 500 ? 1 : 0);
}

/**
 * A quantile over the last `windowSize` rows before each row, the row itself
 * left out, so that a value cannot raise its own limit.
 *
 * @param values Finite values, shape `(n)`.
 * @param q The probability, from 0 to 1.
 * @param windowSize Rows in a full window, at least 1.
 * @returns The quantile, in the unit of `values`, shape `(n)`; row 0, which has
 * nothing before it, gets its own value.
 * @throws {RangeError} If q or the window is out of range.
 */
export function rollingQuantile(
  values: Float64Array,
  q: number,
  windowSize: number,
): Float64Array {
  checkNumber(q, "q", "roll a quantile", { minimum: 0, maximum: 1 });
  checkNumber(windowSize, "windowSize", "roll a quantile", {
    minimum: 1,
    integer: true,
  });
  const result = new Float64Array(values.length);
  const sorted = new SortedWindow(
    Math.max(1, Math.min(windowSize, values.length)),
  );
  for (let row = 0; row < values.length; row++) {
    result[row] = row === 0 ? values[0] : sorted.quantile(q);
    sorted.add(values[row]);
  }
  return result;
}
