/**
 * The longest buffer for volumes under the surface: the period at which a
 * series repeats itself best, as the benchmark TSB-AD chooses it, so that
 * volumes can be compared with those that it publishes.
 *
 * @see J. Paparrizos et al., TSB-UAD (2022); TSB-AD 1.5, `find_length_rank`.
 *
 * @module
 */

import { checkValues } from "../numeric/checks.ts";
import { mean } from "../numeric/statistics.ts";

/** Values that are looked at. */
const MOST_VALUES = 20_000;
const LONGEST_LAG = 400;
/** Shorter lags are no period. */
const SHORTEST_LAG = 3;
/** Periods from here to there are taken: TSB-AD measures lags from its
 * shortest. */
const TAKEN = { from: SHORTEST_LAG + 3, to: SHORTEST_LAG + 300 };
/** What is taken where there is no period. */
const FALLBACK = 125;

/**
 * The lag, from 6 to 303, of the highest local maximum of the autocorrelation;
 * 125 if there is none or it lies outside.
 *
 * @param value The series, shape `(n)`; its first 20,000 values count.
 * @returns Rows, for {@linkcode VolumeOptions.longestBuffer}.
 * @throws {RangeError} If it is empty or not finite.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { volumeBuffer } from "lib/evaluate/vus_buffer.ts";
 *
 * const value = Float64Array.from(
 *   { length: 240 },
 *   (_, hour) => hour % 24 === 9 ? 100 : 0,
 * );
 * assert.equal(volumeBuffer(value), 24);
 * ```
 */
export function volumeBuffer(value: Float64Array): number {
  checkValues(value, "value", "choose a buffer");
  const products = lagProducts(value.subarray(0, MOST_VALUES));
  let best = -1;
  for (let lag = SHORTEST_LAG + 1; lag + 1 < products.length; lag++) {
    const isPeak = products[lag] > products[lag - 1] &&
      products[lag] > products[lag + 1];
    if (isPeak && (best < 0 || products[lag] > products[best])) best = lag;
  }
  return best >= TAKEN.from && best <= TAKEN.to ? best : FALLBACK;
}

/** Sums of products of deviations from the mean at each lag from 0 on, which
 * are the autocorrelations but for one factor. */
function lagProducts(value: Float64Array): Float64Array {
  const centre = mean(value);
  const deviations = value.map((one) => one - centre);
  const lags = Math.min(LONGEST_LAG, value.length - 1);
  const products = new Float64Array(lags + 1);
  for (let lag = 0; lag <= lags; lag++) {
    let sum = 0;
    for (let row = lag; row < deviations.length; row++) {
      sum += deviations[row] * deviations[row - lag];
    }
    products[lag] = sum;
  }
  return products;
}
