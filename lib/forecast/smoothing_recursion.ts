/**
 * The recursion of exponential smoothing with additive season and trend
 * (Holt-Winters), in state space form. With level l, trend b, season s of m
 * rows, damping φ and the one-step error `e = y - (l + φ b + s[t - m])`:
 *
 *     l ← l + φ b + α e     b ← φ b + β e     s[t] ← s[t - m] + γ e
 *
 * and h steps ahead `l + (φ + … + φ^h) b + s` of the last season known.
 *
 * @see R. J. Hyndman, A. B. Koehler, J. K. Ord, R. D. Snyder, Forecasting with
 * Exponential Smoothing: The State Space Approach (2008), chapters 2 and 5.
 *
 * @module
 */

import { checkValues } from "../numeric/checks.ts";
import { compassSearch } from "../numeric/compass_search.ts";

/** How the trend goes on: not at all, as it is, or ever less. */
export type SmoothingTrend = "none" | "additive" | "damped";

/** How fast the states follow the errors. */
export type SmoothingParameters = {
  /** α, of the level, above 0 and below 1. */
  readonly level: number;
  /** β, of the trend, from 0 to α. */
  readonly trend: number;
  /** γ, of the season, from 0 to 1 - α. */
  readonly season: number;
  /** φ, what remains of the trend after a step, from 0 to 1. */
  readonly damping: number;
};

/** What the recursion knows after a row. */
export type SmoothingState = {
  /** The level. */
  readonly level: number;
  /** The trend, by row. */
  readonly trend: number;
  /** What the season adds to each of the next m rows, shape `(m)`. */
  readonly season: Float64Array;
};

/** α stays this far from 0 and from 1. */
const LEVEL_MARGIN = 1e-4;
/** The usual bounds of φ; Hyndman et al. 2008, section 2.3. */
const DAMPING = { least: 0.8, greatest: 0.98 };
/** Where the search starts: α, β / α and γ / (1 - α). */
const GRID = {
  level: [0.05, 0.2, 0.5, 0.8],
  trend: [0, 0.1],
  season: [0, 0.1, 0.4],
};

/** The recursion, one value at a time. */
export class SmoothingRecursion {
  readonly #parameters: SmoothingParameters;
  readonly #season: Float64Array;
  #level: number;
  #trend: number;
  /** Where in the season the next row is. */
  #phase = 0;

  /**
   * Starts from a state.
   *
   * @param start The state before the first value.
   * @param parameters How fast the states follow the errors.
   */
  constructor(start: SmoothingState, parameters: SmoothingParameters) {
    this.#parameters = parameters;
    this.#season = start.season.slice();
    this.#level = start.level;
    this.#trend = start.trend;
  }

  /**
   * Takes the next value in.
   *
   * @param value The value.
   * @returns The error of its one-step forecast, `e`.
   */
  step(value: number): number {
    const { level, trend, season, damping } = this.#parameters;
    const phase = this.#phase;
    const dampedTrend = damping * this.#trend;
    const expected = this.#level + dampedTrend;
    const error = value - expected - this.#season[phase];
    this.#level = expected + level * error;
    this.#trend = dampedTrend + trend * error;
    this.#season[phase] += season * error;
    this.#phase = phase + 1 === this.#season.length ? 0 : phase + 1;
    return error;
  }

  /**
   * Forecasts from the state reached.
   *
   * @param horizon Steps to forecast.
   * @returns The point forecasts, shape `(horizon)`.
   */
  ahead(horizon: number): Float64Array {
    const { damping } = this.#parameters;
    const season = this.#season;
    let trend = this.#trend;
    let level = this.#level;
    return Float64Array.from({ length: horizon }, (_, k) => {
      trend *= damping;
      level += trend;
      return level + season[(this.#phase + k) % season.length];
    });
  }
}

/**
 * Estimates the parameters that minimize the squared one-step error.
 *
 * @param target The training values, shape `(n)`, n > `skip`.
 * @param start The state before the first value.
 * @param options The kind of trend, and how many errors at the beginning,
 * where the start was taken from the values themselves, do not count.
 * @returns The parameters.
 * @throws {RangeError} If a value is not finite.
 */
export function smoothingParameters(
  target: Float64Array,
  start: SmoothingState,
  options: {
    /** The kind of trend. @default {"damped"} */
    trend?: SmoothingTrend;
    /** Errors that do not count. @default {0} */
    skip?: number;
  } = {},
): SmoothingParameters {
  const { trend = "damped", skip = 0 } = options;
  checkValues(target, "target", "fit exponential smoothing");
  const hasSeason = start.season.length > 1;
  const toParameters = (point: Float64Array) =>
    parametersAt(point, trend, hasSeason);
  const starts = GRID.level.flatMap((level) =>
    (trend === "none" ? [0] : GRID.trend).flatMap((trendShare) =>
      (hasSeason ? GRID.season : [0]).map((seasonShare) =>
        Float64Array.of(level, trendShare, seasonShare, 1)
      )
    )
  );
  const { point } = compassSearch(
    (point) => squaredError(target, start, toParameters(point), skip),
    starts,
  );
  return toParameters(point);
}

/** Parameters at a point of the unit box: α, β / α, γ / (1 - α), φ. */
function parametersAt(
  point: Float64Array,
  trend: SmoothingTrend,
  hasSeason: boolean,
): SmoothingParameters {
  const level = LEVEL_MARGIN + point[0] * (1 - 2 * LEVEL_MARGIN);
  const { least, greatest } = DAMPING;
  const damping = {
    none: 0,
    additive: 1,
    damped: least + point[3] * (greatest - least),
  };
  return {
    level,
    trend: trend === "none" ? 0 : point[1] * level,
    season: hasSeason ? point[2] * (1 - level) : 0,
    damping: damping[trend],
  };
}

function squaredError(
  target: Float64Array,
  start: SmoothingState,
  parameters: SmoothingParameters,
  skip: number,
): number {
  const recursion = new SmoothingRecursion(start, parameters);
  let sum = 0;
  for (let row = 0; row < target.length; row++) {
    const error = recursion.step(target[row]);
    if (row >= skip) sum += error * error;
  }
  return sum;
}
