/**
 * Where exponential smoothing starts and how fast it follows: starting states
 * from the first seasons, by medians, and parameters that minimize the squared
 * error averaged over all steps ahead, as `ets()` of R does under
 * `opt.crit = "amse"`; for one step ahead that is the squared one-step error.
 *
 * @see R. J. Hyndman, A. B. Koehler, J. K. Ord, R. D. Snyder, Forecasting with
 * Exponential Smoothing: The State Space Approach (2008), chapters 2 and 5.
 *
 * @module
 */

import { checkValues } from "../numeric/checks.ts";
import { compassSearch } from "../numeric/compass_search.ts";
import {
  MAD_TO_SIGMA,
  mean,
  median,
  medianAbsoluteDeviation,
} from "../numeric/statistics.ts";
import {
  type SmoothingParameters,
  SmoothingRecursion,
  type SmoothingState,
  type SmoothingTrend,
} from "./smoothing_recursion.ts";

/** Options for {@linkcode smoothingParameters}. */
export type SmoothingSearchOptions = {
  /** The kind of trend. @default {"damped"} */
  trend?: SmoothingTrend;
  /** Errors at the beginning that do not count, as the start was taken from
   * those values. @default {0} */
  skip?: number;
  /** Steps ahead that count. @default {1} */
  horizon?: number;
  /** How many σ of an error the states follow; an error counts up to five
   * times that. @default {Infinity} */
  errorLimit?: number;
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

/** Steps ahead that count, as in `ets()`. */
const MAXIMUM_STEPS_AHEAD = 30;
/** Rows that are forecast from, spread evenly, so that time stays bounded. */
const MAXIMUM_ORIGINS = 2000;
/** How long states are watched for whether they settle. */
const STABILITY_RUN = { seasons: 60, rows: 1000 };
/** An error counts up to so many times the limit of what is followed. */
const COUNTED_LIMITS = 5;

/**
 * The state before the first row, from the first seasons: the median season
 * gives the level, the median of how seasons differ gives the trend, medians of
 * what is left give the season, and their spread the size of errors.
 *
 * @param target The values, shape `(n)`, at least `season * count` of them.
 * @param season Rows in a season.
 * @param options How many seasons to look at, and the kind of trend.
 * @returns The state.
 */
export function startingState(
  target: Float64Array,
  season: number,
  options: { readonly count: number; readonly trend: SmoothingTrend },
): SmoothingState {
  const { count, trend } = options;
  const middles = Float64Array.from(
    { length: count },
    (_, j) => median(target.subarray(j * season, (j + 1) * season)),
  );
  // Rows without a season are too noisy to tell a trend from.
  const slope = trend === "none" || season === 1
    ? 0
    : median(pairDifferences(middles)) / season;
  // A season's median stands for its middle row; level is that before row 0.
  const level = median(
    middles.map((middle, j) => middle - slope * (season * (j + 0.5) + 0.5)),
  );
  const above = (row: number) => target[row] - (level + slope * (row + 1));
  const pattern = Float64Array.from(
    { length: season },
    (_, k) =>
      season === 1 ? 0 : median(
        Float64Array.from({ length: count }, (_, j) => above(k + j * season)),
      ),
  );
  const rest = Float64Array.from(
    { length: season * count },
    (_, row) => above(row) - pattern[row % season],
  );
  return { level, trend: slope, season: pattern, scale: spreadOf(rest) };
}

/**
 * Estimates the parameters that minimize the squared error.
 *
 * @param target The training values, shape `(n)`, n > `skip`.
 * @param start The state before the first value.
 * @param options The kind of trend, and which errors count how much.
 * @returns The parameters.
 * @throws {RangeError} If a value is not finite.
 */
export function smoothingParameters(
  target: Float64Array,
  start: SmoothingState,
  options: SmoothingSearchOptions = {},
): SmoothingParameters {
  const { trend = "damped" } = options;
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
    (point) => squaredError(target, start, toParameters(point), options),
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

/** The sum over origins of the squared error, averaged over steps ahead. */
function squaredError(
  target: Float64Array,
  start: SmoothingState,
  parameters: SmoothingParameters,
  options: SmoothingSearchOptions,
): number {
  const { skip = 0, horizon = 1, errorLimit = Infinity } = options;
  if (!isStable(parameters, start.season.length)) return Infinity;
  const steps = Math.min(horizon, MAXIMUM_STEPS_AHEAD);
  const size = start.scale ?? 0;
  const most = size > 0 ? COUNTED_LIMITS * errorLimit * size : Infinity;
  const stride = Math.ceil((target.length - skip) / MAXIMUM_ORIGINS);
  const recursion = new SmoothingRecursion(start, parameters, { errorLimit });
  let sum = 0;
  for (let row = 0; row < target.length; row++) {
    if (row >= skip && (row - skip) % stride === 0) {
      const count = Math.min(steps, target.length - row);
      const expected = recursion.ahead(count);
      for (let k = 0; k < count; k++) {
        const error = Math.abs(target[row + k] - expected[k]);
        sum += Math.min(error, most) ** 2 / steps;
      }
    }
    recursion.step(target[row]);
  }
  return sum;
}

/** Whether the states forget where they started. A trend that is followed too
 * fast swings up over a long season within the usual bounds of α, β and γ
 * already; without a trend, or without a season, these suffice. */
function isStable(parameters: SmoothingParameters, season: number): boolean {
  if (parameters.trend === 0 || season === 1) return true;
  const pattern = Float64Array.from(
    { length: season },
    (_, k) => Math.sin(k * k),
  );
  const recursion = new SmoothingRecursion(
    { level: 1, trend: 0, season: pattern },
    parameters,
  );
  const { seasons, rows } = STABILITY_RUN;
  const half = Math.ceil(seasons * season / 2) + rows;
  const [earlier, later] = [0, 1].map(() => {
    for (let row = 0; row < half - season; row++) recursion.step(0);
    let largest = 0;
    for (let row = 0; row < season; row++) {
      largest = Math.max(largest, Math.abs(recursion.step(0)));
    }
    return largest;
  });
  return later <= earlier;
}

/** How much later values lie above earlier ones, by the number between. */
function pairDifferences(values: Float64Array): Float64Array {
  const differences: number[] = [];
  values.forEach((value, j) => {
    for (let i = 0; i < j; i++) differences.push((value - values[i]) / (j - i));
  });
  return Float64Array.from(differences);
}

/** A deviation that outliers do not move; the mean size where that is 0. */
function spreadOf(errors: Float64Array): number {
  const spread = MAD_TO_SIGMA * medianAbsoluteDeviation(errors);
  return spread > 0 ? spread : mean(errors.map(Math.abs));
}
