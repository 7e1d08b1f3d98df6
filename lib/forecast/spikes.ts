/**
 * Spikes: how probable it is that a series exceeds a limit within the next h
 * steps, from a quantile forecast.
 *
 * **One step.** The distribution is linear between the forecast quantiles.
 * Beyond the outermost ones it has exponential tails through the last two:
 * `P(Y > x) = (1 - q_K) exp(-(x - v_K) / b)`, `b = (v_K - v_(K-1)) /
 * ln((1 - q_(K-1)) / (1 - q_K))` above, the mirror image below. A single
 * quantile, or two that agree, have no tail: the value itself is taken as
 * certain.
 *
 * **h steps.** What the p_k of single steps are together depends on how
 * steps hang together, which quantiles do not tell. If steps rise and fall
 * together, it is `max p_k`; if they know nothing of each other,
 * `1 - Π (1 - p_k)`. Between the two, with m the greatest,
 *
 *     P = 1 - (1 - m) (Π (1 - p_k) / (1 - m))^θ
 *
 * θ from 0 to 1 stands to these as the extremal index to dependent and
 * independent extremes, and is fitted on rows that no model was fitted on
 * ({@linkcode fitDependence}). P rises with h and falls with the limit for any
 * θ.
 *
 * @see Y. Park, D. Maddix, F.-X. Aubet, K. Kan, J. Gasthaus, Y. Wang, Learning
 * Quantile Functions without Quantile Crossing for Distribution-free Time
 * Series Forecasting (2022), for linear pieces with exponential tails.
 * @see M. R. Leadbetter, Extremes and local dependence in stationary sequences
 * (1983), for the extremal index.
 *
 * @module
 */

import { rollingQuantile } from "../logs/rolling.ts";
import { checkLength, checkNumber, checkValues } from "../numeric/checks.ts";
import type { QuantileForecast } from "./forecaster.ts";
import { checkQuantiles } from "./quantile_levels.ts";

/** Options for {@linkcode spikeProbabilities}. */
export type SpikeOptions = {
  /** How far steps are independent, 0 to 1. @default {0}, not at all */
  dependence?: number;
};

/** What is to be expected at each origin. */
export type SpikeProbabilities = {
  /** The probability that the limit is exceeded within the horizon, shape
   * `(origins)`. */
  readonly probability: Float64Array;
  /** The first step, from 1, by which the limit is exceeded with at least half
   * of that probability, shape `(origins)`. */
  readonly leadSteps: Uint32Array;
};

/** Options for {@linkcode adaptiveLimit}. */
export type AdaptiveLimitOptions = {
  /** The probability of the quantile, 0 to 1. @default {0.99} */
  quantile?: number;
  /** Rows of history that it is taken of, at most. @default {2016}, a week of
   * 5 minutes */
  window?: number;
};

const WEEK_ROWS = 2016;
const TRIED = 51;
/** Keeps the logarithm of a probability finite. */
const LEAST = 1e-6;

/**
 * The probability that a value exceeds a limit.
 *
 * @param quantiles Probabilities, ascending, above 0 and below 1.
 * @param values Their quantiles, not descending, finite.
 * @param limit The limit, in the unit of `values`.
 * @returns `P(Y > limit)`, 0 to 1; it does not rise with the limit.
 * @throws {RangeError} If probabilities or lengths are wrong, or a number is
 * not finite.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { exceedanceProbability } from "lib/forecast/spikes.ts";
 *
 * const values = Float64Array.of(100, 200, 300);
 * assert.equal(exceedanceProbability([0.1, 0.5, 0.9], values, 200), 0.5);
 * ```
 */
export function exceedanceProbability(
  quantiles: readonly number[],
  values: Float64Array,
  limit: number,
): number {
  const action = "find the probability of exceeding a limit";
  checkQuantiles(quantiles, action);
  checkLength(values.length, quantiles.length, "values", action);
  checkValues(values, "values", action);
  checkNumber(limit, "limit", action);
  return tailProbability(quantiles, values, limit);
}

/**
 * The probability that a series exceeds a limit within the horizon.
 *
 * @param forecast The forecast, from one origin or many.
 * @param limits The limit at each origin, shape `(origins)`, or one for all, in
 * the unit of the forecast.
 * @param options How far steps are independent.
 * @returns Probabilities and the steps to go, in the order of the origins.
 * @throws {RangeError} If lengths disagree, a number is not finite or out of
 * range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { spikeProbabilities } from "lib/forecast/spikes.ts";
 *
 * const forecast = {
 *   quantiles: [0.5, 0.9],
 *   horizon: 2,
 *   origins: Uint32Array.of(7),
 *   values: Float64Array.of(10, 20, 20, 30),
 * };
 * // 1 in 10 after one step, 1 in 2 after two.
 * const { probability, leadSteps } = spikeProbabilities(forecast, 20);
 * assert.equal(probability[0], 0.5);
 * assert.equal(leadSteps[0], 2);
 * ```
 */
export function spikeProbabilities(
  forecast: QuantileForecast,
  limits: number | Float64Array,
  options: SpikeOptions = {},
): SpikeProbabilities {
  const { dependence = 0 } = options;
  const action = "find the probability of a spike";
  checkNumber(dependence, "dependence", action, { minimum: 0, maximum: 1 });
  const steps = stepProbabilities(forecast, limits);
  const { horizon, origins } = forecast;
  const probability = new Float64Array(origins.length);
  const leadSteps = new Uint32Array(origins.length);
  for (let i = 0; i < origins.length; i++) {
    const within = cumulative(
      steps.subarray(i * horizon, (i + 1) * horizon),
      dependence,
    );
    probability[i] = within[horizon - 1];
    leadSteps[i] = within.findIndex((p) => 2 * p >= probability[i]) + 1;
  }
  return { probability, leadSteps };
}

/**
 * Fits the dependence of steps on rows that no model was fitted on: of 51
 * values from 0 to 1 the one of the least mean log loss.
 *
 * @param forecast Forecasts from at least one origin.
 * @param limits The limit at each origin, or one for all.
 * @param exceeded 1 where the limit was exceeded within the horizon, else 0,
 * shape `(origins)`.
 * @returns The dependence, 0 to 1; of equals the least.
 * @throws {RangeError} As {@linkcode spikeProbabilities}, or without origins.
 */
export function fitDependence(
  forecast: QuantileForecast,
  limits: number | Float64Array,
  exceeded: Uint8Array,
): number {
  const action = "fit the dependence of steps";
  const { horizon, origins } = forecast;
  checkNumber(origins.length, "the number of origins", action, { minimum: 1 });
  checkLength(exceeded.length, origins.length, "exceeded", action);
  const steps = stepProbabilities(forecast, limits);
  let [best, least] = [0, Infinity];
  for (let k = 0; k < TRIED; k++) {
    const dependence = k / (TRIED - 1);
    let loss = 0;
    for (let i = 0; i < origins.length; i++) {
      const own = steps.subarray(i * horizon, (i + 1) * horizon);
      const p = cumulative(own, dependence)[horizon - 1];
      loss -= Math.log(Math.max(exceeded[i] === 1 ? p : 1 - p, LEAST));
    }
    if (loss < least) [best, least] = [dependence, loss];
  }
  return best;
}

/**
 * A limit that follows a series: at each row a quantile of the rows before it.
 *
 * @param values The series, shape `(n)`, finite.
 * @param options The quantile, and how many rows it is taken of.
 * @returns The limit known at each row, shape `(n)`; row 0, which has nothing
 * before it, gets its own value.
 * @throws {RangeError} If an option is out of range.
 */
export function adaptiveLimit(
  values: Float64Array,
  options: AdaptiveLimitOptions = {},
): Float64Array {
  const { quantile = 0.99, window = WEEK_ROWS } = options;
  return rollingQuantile(values, quantile, window);
}

/**
 * Says whether the limit was exceeded after each origin.
 *
 * @param target What came, shape `(n)`.
 * @param origins The last known rows, each at least `horizon` rows before n.
 * @param options The limit at each origin or one for all, and the steps.
 * @returns 1 where one of the next `horizon` rows is above the limit, else 0.
 * @throws {RangeError} If a row wanted lies beyond the target.
 */
export function exceededWithin(
  target: Float64Array,
  origins: Uint32Array,
  options: { limits: number | Float64Array; horizon: number },
): Uint8Array {
  const { limits, horizon } = options;
  return Uint8Array.from(origins, (origin, i) => {
    if (!(origin + horizon < target.length)) {
      throw new RangeError(
        `Cannot look for spikes: row ${
          origin + horizon
        } is wanted of ${target.length} rows`,
      );
    }
    const next = target.subarray(origin + 1, origin + horizon + 1);
    return next.some((value) => value > limitAt(limits, i)) ? 1 : 0;
  });
}

function limitAt(limits: number | Float64Array, i: number): number {
  return typeof limits === "number" ? limits : limits[i];
}

/** `P(Y > limit)` of each step of each origin, shape `(origins, horizon)`. */
function stepProbabilities(
  forecast: QuantileForecast,
  limits: number | Float64Array,
): Float64Array {
  const { quantiles, horizon, origins, values } = forecast;
  const action = "find the probability of a spike";
  checkQuantiles(quantiles, action);
  const count = quantiles.length;
  const cells = origins.length * horizon;
  checkLength(values.length, cells * count, "values", action);
  if (typeof limits === "number") checkNumber(limits, "limit", action);
  else {
    checkLength(limits.length, origins.length, "limits", action);
    if (limits.length > 0) checkValues(limits, "limits", action);
  }
  if (values.length > 0) checkValues(values, "values", action);
  return Float64Array.from({ length: cells }, (_, cell) =>
    tailProbability(
      quantiles,
      values.subarray(cell * count, (cell + 1) * count),
      limitAt(limits, Math.floor(cell / horizon)),
    ));
}

function tailProbability(
  quantiles: readonly number[],
  values: Float64Array,
  limit: number,
): number {
  const last = quantiles.length - 1;
  if (limit >= values[last]) {
    const share = 1 - quantiles[last];
    if (last === 0) return 0;
    const scale = (values[last] - values[last - 1]) /
      Math.log((1 - quantiles[last - 1]) / share);
    return share * tail(limit - values[last], scale);
  }
  if (limit < values[0]) {
    if (last === 0) return 1;
    const scale = (values[1] - values[0]) /
      Math.log(quantiles[1] / quantiles[0]);
    return 1 - quantiles[0] * tail(values[0] - limit, scale);
  }
  const upper = values.findIndex((value) => value > limit);
  const part = (limit - values[upper - 1]) /
    (values[upper] - values[upper - 1]);
  return 1 - quantiles[upper - 1] -
    part * (quantiles[upper] - quantiles[upper - 1]);
}

/** `exp(-distance / scale)`, 0 where there is no tail. */
function tail(distance: number, scale: number): number {
  return scale > 0 ? Math.exp(-distance / scale) : 0;
}

/** The probability within 1, 2, … h steps. */
function cumulative(steps: Float64Array, dependence: number): Float64Array {
  let [greatest, logSurvival] = [0, 0];
  return steps.map((p) => {
    greatest = Math.max(greatest, p);
    logSurvival += Math.log1p(-p);
    if (greatest >= 1) return 1;
    const rest = logSurvival - Math.log1p(-greatest);
    return -Math.expm1(Math.log1p(-greatest) + dependence * rest);
  });
}
