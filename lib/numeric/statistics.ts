/**
 * Descriptive statistics of plain lists. Quantiles interpolate linearly
 * between order statistics (type 7 of Hyndman and Fan 1996), as NumPy does by
 * default; standard deviations divide by n unless said otherwise.
 *
 * @module
 */

import { checkNumber, checkValues } from "./checks.ts";

/** Scales the median absolute deviation to the standard deviation of a normal
 * distribution: 1 / Φ⁻¹(3/4). */
export const MAD_TO_SIGMA = 1.482602218505602;

/**
 * The arithmetic mean.
 *
 * @param values Finite values, shape `(n)`, n >= 1.
 * @returns The mean, in the unit of `values`.
 * @throws {RangeError} If `values` is empty or holds a non-finite number.
 */
export function mean(values: Float64Array): number {
  checkValues(values, "values", "take a mean");
  let sum = 0;
  for (const value of values) sum += value;
  if (Number.isFinite(sum)) return sum / values.length;
  return values.reduce((part, value) => part + value / values.length, 0);
}

/**
 * The standard deviation with divisor n.
 *
 * @param values Finite values, shape `(n)`, n >= 1.
 * @returns The standard deviation, in the unit of `values`.
 * @throws {RangeError} If `values` is empty or holds a non-finite number.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { standardDeviation } from "lib/numeric/statistics.ts";
 *
 * assert.equal(standardDeviation(Float64Array.of(2, 4, 4, 4, 5, 5, 7, 9)), 2);
 * ```
 */
export function standardDeviation(values: Float64Array): number {
  const center = mean(values);
  let sum = 0;
  for (const value of values) sum += (value - center) ** 2;
  return Math.sqrt(sum / values.length);
}

/**
 * A quantile of unsorted values.
 *
 * @param values Finite values, shape `(n)`, n >= 1; not changed.
 * @param q The probability, from 0 to 1.
 * @returns The quantile, in the unit of `values`.
 * @throws {RangeError} If `values` is empty or not finite, or q out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { quantile } from "lib/numeric/statistics.ts";
 *
 * assert.equal(quantile(Float64Array.of(4, 1, 3, 2), 0.5), 2.5);
 * ```
 */
export function quantile(values: Float64Array, q: number): number {
  checkValues(values, "values", "take a quantile");
  return quantileSorted(values.slice().sort(), q);
}

/**
 * A quantile of values that are sorted already.
 *
 * @param sorted Finite values in ascending order, shape `(n)`, n >= 1.
 * @param q The probability, from 0 to 1.
 * @returns The quantile, in the unit of `sorted`.
 * @throws {RangeError} If `sorted` is empty or q out of range.
 */
export function quantileSorted(sorted: Float64Array, q: number): number {
  checkNumber(q, "q", "take a quantile", { minimum: 0, maximum: 1 });
  if (!(sorted.length >= 1)) {
    throw new RangeError("Cannot take a quantile: expected at least one value");
  }
  const position = q * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  const weight = position - below;
  const value = sorted[below] * (1 - weight) + sorted[above] * weight;
  // Rounding must not move the quantile of ties off them.
  return Math.min(Math.max(value, sorted[below]), sorted[above]);
}

/**
 * The median.
 *
 * @param values Finite values, shape `(n)`, n >= 1; not changed.
 * @returns The median, in the unit of `values`.
 * @throws {RangeError} If `values` is empty or holds a non-finite number.
 */
export function median(values: Float64Array): number {
  return quantile(values, 0.5);
}

/**
 * The median absolute deviation from the median, unscaled. Multiply it by
 * {@linkcode MAD_TO_SIGMA} to compare it with a standard deviation.
 *
 * @param values Finite values, shape `(n)`, n >= 1; not changed.
 * @returns The deviation, in the unit of `values`.
 * @throws {RangeError} If `values` is empty or holds a non-finite number.
 * @see F. R. Hampel, The influence curve and its role in robust estimation
 * (1974).
 */
export function medianAbsoluteDeviation(values: Float64Array): number {
  const center = median(values);
  return median(values.map((value) => Math.abs(value - center)));
}

/**
 * The upper tail of the binomial distribution, `P(X >= successes)`.
 *
 * @param successes The least number of successes, an integer >= 0.
 * @param trials The number of trials, an integer >= `successes`.
 * @param probability The probability of a success, from 0 to 1.
 * @returns The probability, from 0 to 1.
 * @throws {RangeError} If an argument is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { binomialTail } from "lib/numeric/statistics.ts";
 *
 * // Two heads or more in three throws: (3 + 1) / 8.
 * assert.ok(Math.abs(binomialTail(2, 3, 0.5) - 0.5) < 1e-12);
 * ```
 */
export function binomialTail(
  successes: number,
  trials: number,
  probability: number,
): number {
  const action = "take a binomial tail";
  const integer = { minimum: 0, integer: true };
  checkNumber(trials, "trials", action, integer);
  checkNumber(successes, "successes", action, { ...integer, maximum: trials });
  checkNumber(probability, "probability", action, { minimum: 0, maximum: 1 });
  if (successes === 0 || probability === 1) return 1;
  if (probability === 0) return 0;
  const logOdds = Math.log(probability) - Math.log1p(-probability);
  let logTerm = trials * Math.log1p(-probability);
  let sum = 0;
  for (let k = 0; k <= trials; k++) {
    if (k >= successes) sum += Math.exp(logTerm);
    logTerm += Math.log((trials - k) / (k + 1)) + logOdds;
  }
  return Math.min(1, sum);
}
