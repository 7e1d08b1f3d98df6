/**
 * The generalized Pareto distribution, to which what exceeds a high level tends:
 * `P(Y > y) = (1 + shape y / scale)^(-1 / shape)`, and `exp(-y / scale)` where
 * the shape is 0. A shape above 0 is a heavy tail, one below 0 an end at
 * `-scale / shape`.
 *
 * @see J. Pickands, Statistical Inference Using Extreme Order Statistics (1975).
 *
 * @module
 */

import { checkNumber, checkValues } from "./checks.ts";
import { mean } from "./statistics.ts";

/** A generalized Pareto distribution. */
export type GeneralizedPareto = {
  /** Its shape ξ. */
  readonly shape: number;
  /** Its scale σ, above 0, in the unit of the excesses. */
  readonly scale: number;
};

/** Bounds of a fitted shape: below, likelihood has no maximum worth the name;
 * above, not even the mean is finite. */
export const SHAPE_BOUNDS: {
  readonly least: number;
  readonly greatest: number;
} = { least: -0.5, greatest: 1 };

/** Fewer excesses say nothing of a shape. */
const FEWEST_FOR_SHAPE = 10;
/** Below, a shape is 0 to the precision of its powers. */
const SMALL_SHAPE = 1e-8;
const GOLDEN_SECTION = (Math.sqrt(5) - 1) / 2;
const REFINEMENTS = 40;

/**
 * The distribution that makes excesses most likely, by the profile likelihood
 * over `θ = ξ / σ`, for which the best shape is `ξ(θ) = mean(log(1 + θ y))`
 * (Grimshaw). Candidates for θ are those of Zhang and Stephens, and the best is
 * refined by golden section. Only shapes from -0.5 to 1 are candidates; fewer
 * than 10 excesses, or equal ones, are taken as exponential.
 *
 * @param excesses What is above the level, each > 0, shape `(n)`, n >= 1.
 * @returns The shape and the scale, the latter in the unit of `excesses`.
 * @throws {RangeError} If there is none, or one is not finite and above 0.
 * @see S. D. Grimshaw, Computing Maximum Likelihood Estimates for the
 * Generalized Pareto Distribution (1993).
 * @see J. Zhang, M. A. Stephens, A New and Efficient Estimation Method for the
 * Generalized Pareto Distribution (2009).
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { fitGeneralizedPareto } from "lib/numeric/generalized_pareto.ts";
 *
 * // Too few for a shape: exponential, with their mean.
 * const fitted = fitGeneralizedPareto(Float64Array.of(1, 2, 6));
 * assert.deepEqual(fitted, { shape: 0, scale: 3 });
 * ```
 */
export function fitGeneralizedPareto(
  excesses: Float64Array,
): GeneralizedPareto {
  const action = "fit a generalized Pareto distribution";
  checkValues(excesses, "excesses", action);
  const sorted = excesses.toSorted();
  checkNumber(sorted[0], "the least excess", action, {
    ...{ minimum: 0, exclusive: true },
  });
  const exponential = { shape: 0, scale: mean(sorted) };
  const isEqual = sorted[0] === sorted[sorted.length - 1];
  if (sorted.length < FEWEST_FOR_SHAPE || isEqual) return exponential;
  const best = bestRatio(sorted);
  const shape = shapeAt(sorted, best);
  if (Math.abs(shape) < SMALL_SHAPE) return exponential;
  return { shape, scale: shape / best };
}

/**
 * The excess that is exceeded with a probability.
 *
 * @param tail The probability, from above 0 to 1.
 * @param distribution Its shape and scale.
 * @returns The excess, >= 0, in the unit of the scale.
 * @throws {RangeError} If the probability is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { paretoQuantile } from "lib/numeric/generalized_pareto.ts";
 *
 * // (1 + y)^-1 = 1 / 5.
 * const excess = paretoQuantile(0.2, { shape: 1, scale: 1 });
 * assert.ok(Math.abs(excess - 4) < 1e-12);
 * ```
 */
export function paretoQuantile(
  tail: number,
  { shape, scale }: GeneralizedPareto,
): number {
  checkNumber(tail, "tail", "take a Pareto quantile", {
    ...{ minimum: Number.MIN_VALUE, maximum: 1 },
  });
  if (tail === 1) return 0;
  const log = -Math.log(tail);
  return Math.abs(shape) < SMALL_SHAPE
    ? scale * log
    : scale * Math.expm1(shape * log) / shape;
}

/**
 * The probability that an excess is exceeded.
 *
 * @param excess The excess, >= 0.
 * @param distribution Its shape and scale.
 * @returns The probability, from 0 to 1; 0 beyond the end of a tail that ends.
 * @throws {RangeError} If the excess is below 0.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { paretoTail } from "lib/numeric/generalized_pareto.ts";
 *
 * assert.equal(paretoTail(4, { shape: 1, scale: 1 }), 0.2);
 * ```
 */
export function paretoTail(
  excess: number,
  { shape, scale }: GeneralizedPareto,
): number {
  checkNumber(excess, "excess", "take a Pareto tail", { minimum: 0 });
  if (Math.abs(shape) < SMALL_SHAPE) return Math.exp(-excess / scale);
  const base = 1 + shape * excess / scale;
  return base <= 0 ? 0 : base ** (-1 / shape);
}

/** The ratio θ = ξ / σ of the greatest profile likelihood. */
function bestRatio(sorted: Float64Array): number {
  const ratios = candidateRatios(sorted);
  const likelihoodAt = (ratio: number) => likelihood(sorted, ratio);
  const values = ratios.map(likelihoodAt);
  const best = values.indexOf(Math.max(...values));
  let low = ratios[Math.max(0, best - 1)];
  let high = ratios[Math.min(ratios.length - 1, best + 1)];
  for (let step = 0; step < REFINEMENTS; step++) {
    const width = GOLDEN_SECTION * (high - low);
    const [left, right] = [high - width, low + width];
    if (likelihoodAt(left) >= likelihoodAt(right)) high = right;
    else low = left;
  }
  const refined = (low + high) / 2;
  return likelihoodAt(refined) >= values[best] ? refined : ratios[best];
}

/** The ends of the shapes allowed, and between them -1 / max less quantiles of
 * a prior whose scale is the first quartile; ascending. */
function candidateRatios(sorted: Float64Array): number[] {
  const n = sorted.length;
  const count = 20 + Math.floor(Math.sqrt(n));
  const quartile = sorted[Math.floor(n / 4 + 0.5) - 1];
  const { least, greatest } = SHAPE_BOUNDS;
  const lowest = ratioOf(sorted, least, {
    inner: 0,
    outer: -1 / sorted[n - 1],
  });
  let outer = 1 / quartile;
  while (shapeAt(sorted, outer) < greatest) outer *= 2;
  const highest = ratioOf(sorted, greatest, { inner: 0, outer });
  const between = Array.from({ length: count }, (_, j) => {
    const prior = (1 - Math.sqrt(count / (j + 0.5))) / (3 * quartile);
    return -(1 / sorted[n - 1] + prior);
  }).filter((ratio) => ratio > lowest && ratio < highest);
  return [lowest, ...between, highest].sort((a, b) => a - b);
}

/** The ratio of a shape by bisection, which grows with it; of the last two the
 * one whose shape is nearer to 0. */
function ratioOf(
  sorted: Float64Array,
  shape: number,
  bounds: { inner: number; outer: number },
): number {
  let { inner, outer } = bounds;
  for (let step = 0; step < REFINEMENTS; step++) {
    const middle = (inner + outer) / 2;
    if (Math.abs(shapeAt(sorted, middle)) > Math.abs(shape)) outer = middle;
    else inner = middle;
  }
  return inner;
}

/** The best shape at a ratio. */
function shapeAt(sorted: Float64Array, ratio: number): number {
  let sum = 0;
  for (let k = 0; k < sorted.length; k++) sum += Math.log1p(ratio * sorted[k]);
  return sum / sorted.length;
}

/** The mean log-likelihood at a ratio and the best shape for it. */
function likelihood(sorted: Float64Array, ratio: number): number {
  const shape = shapeAt(sorted, ratio);
  const scale = ratio === 0 ? mean(sorted) : shape / ratio;
  return -Math.log(scale) - shape - 1;
}
