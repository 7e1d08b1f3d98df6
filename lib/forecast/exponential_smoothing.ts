/**
 * Exponential smoothing with additive season and trend (Holt-Winters). The
 * states start from the first two seasons of whatever rows a forecast is given,
 * so that it needs no calendar, and run on from there to the origin; the
 * recursion and how its parameters are found is in `smoothing_recursion.ts`.
 *
 * @see R. J. Hyndman, G. Athanasopoulos, Forecasting: Principles and Practice
 * (3rd ed. 2021), sections 8.3 and 8.5.
 *
 * @module
 */

import { checkNumber, checkValues } from "../numeric/checks.ts";
import { readNumber, readObject, readText } from "../numeric/json_fields.ts";
import { mean } from "../numeric/statistics.ts";
import {
  checkForecastInput,
  checkOrigins,
  type Forecaster,
  type ForecasterJson,
  type ForecastInput,
  type QuantileForecast,
} from "./forecaster.ts";
import {
  type SmoothingParameters,
  smoothingParameters,
  SmoothingRecursion,
  type SmoothingState,
  type SmoothingTrend,
} from "./smoothing_recursion.ts";

/** Options for {@linkcode ExponentialSmoothing.fit}. */
export type ExponentialSmoothingOptions = {
  /** Rows in a season; 1 for none. @default {1} */
  season?: number;
  /** Steps to forecast. @default {1} */
  horizon?: number;
  /** The kind of trend. @default {"damped"} */
  trend?: SmoothingTrend;
};

const KIND = "exponential_smoothing";
const MAXIMUM_STEPS = 1e6;
/** Seasons that the states start from: the fewest that show a trend. */
const STARTING_SEASONS = 2;
/** Fitted exponential smoothing. It gives a point forecast under the
 * probability 0.5. */
export class ExponentialSmoothing implements Forecaster {
  /** The kind of forecaster, as in a model file. */
  readonly kind: string = KIND;
  /** Rows that the states start from: two seasons. */
  readonly historyLength: number;
  /** Steps that it forecasts. */
  readonly horizon: number;
  /** The probabilities that it gives. */
  readonly quantiles: readonly number[] = [0.5];
  /** Rows in a season; 1 for none. */
  readonly season: number;
  /** The fitted parameters. */
  readonly parameters: SmoothingParameters;

  private constructor(
    season: number,
    horizon: number,
    parameters: SmoothingParameters,
  ) {
    this.season = season;
    this.historyLength = STARTING_SEASONS * season;
    this.horizon = horizon;
    this.parameters = parameters;
  }

  /**
   * Fits the parameters.
   *
   * @param train Training rows in time order, at least three seasons: two to
   * start from, one to learn from. Only the target is read.
   * @param options Season, horizon, kind of trend.
   * @returns The fitted forecaster.
   * @throws {RangeError} If there are too few rows, a value is not finite, or
   * an option is out of range.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { ExponentialSmoothing } from "lib/forecast/exponential_smoothing.ts";
   * import { matrixFromColumns } from "lib/numeric/matrix.ts";
   *
   * const target = Float64Array.from({ length: 40 }, (_, i) => i + 5 * (i % 4));
   * const input = { features: matrixFromColumns([target]), target };
   * const model = ExponentialSmoothing.fit(input, {
   *   season: 4,
   *   trend: "additive",
   * });
   * const { values } = model.forecast(input, Uint32Array.of(39));
   * assert.ok(Math.abs(values[0] - 40) < 1e-6);
   * ```
   */
  static fit(
    train: ForecastInput,
    options: ExponentialSmoothingOptions = {},
  ): ExponentialSmoothing {
    const { season = 1, horizon = 1, trend = "damped" } = options;
    const action = "fit exponential smoothing";
    const steps = { minimum: 1, maximum: MAXIMUM_STEPS, integer: true };
    checkNumber(season, "season", action, steps);
    checkNumber(horizon, "horizon", action, steps);
    checkForecastInput(train, action);
    const { target } = train;
    checkNumber(target.length, "the number of rows", action, {
      minimum: (STARTING_SEASONS + 1) * season,
    });
    const skip = STARTING_SEASONS * season;
    const start = startingState(target, season, trend);
    const parameters = smoothingParameters(target, start, { trend, skip });
    return new ExponentialSmoothing(season, horizon, parameters);
  }

  /**
   * Loads a forecaster.
   *
   * @param json What {@linkcode ExponentialSmoothing.toJSON} returned; not
   * trusted.
   * @returns The forecaster, which gives equal forecasts.
   * @throws {SyntaxError} If a field is missing or not as it should be.
   */
  static fromJSON(json: unknown): ExponentialSmoothing {
    const fields = readObject(json, KIND);
    readText(fields, "kind", [KIND]);
    const steps = { minimum: 1, maximum: MAXIMUM_STEPS, integer: true };
    const share = { minimum: 0, maximum: 1 };
    return new ExponentialSmoothing(
      readNumber(fields, "season", steps),
      readNumber(fields, "horizon", steps),
      {
        level: readNumber(fields, "levelRate", share),
        trend: readNumber(fields, "trendRate", share),
        season: readNumber(fields, "seasonRate", share),
        damping: readNumber(fields, "damping", share),
      },
    );
  }

  /**
   * Forecasts from several origins.
   *
   * @param input Rows in time order; only the target is read, from the first
   * row to the origin.
   * @param origins The last known rows, from `historyLength - 1` to n - 1.
   * @returns One value a step under the probability 0.5, in the unit of the
   * target.
   * @throws {RangeError} If an origin has too little history or lies beyond
   * the rows, or a value is not finite or too large to reckon with.
   */
  forecast(input: ForecastInput, origins: Uint32Array): QuantileForecast {
    const { historyLength, horizon, quantiles, season, parameters } = this;
    const action = "forecast with exponential smoothing";
    checkForecastInput(input, action);
    const { target } = input;
    checkOrigins(origins, action, { rows: target.length, historyLength });
    const values = new Float64Array(origins.length * horizon);
    const trend = parameters.damping > 0 ? "additive" : "none";
    const recursion = new SmoothingRecursion(
      startingState(target, season, trend),
      parameters,
    );
    const inOrder = Uint32Array.from(origins, (_, i) => i)
      .sort((a, b) => origins[a] - origins[b]);
    let row = 0;
    for (const i of inOrder) {
      while (row <= origins[i]) recursion.step(target[row++]);
      values.set(recursion.ahead(horizon), i * horizon);
    }
    checkValues(values, "a forecast", action);
    return { quantiles, horizon, origins: origins.slice(), values };
  }

  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which it loads with equal forecasts.
   */
  toJSON(): ForecasterJson {
    const { season, horizon, parameters } = this;
    return {
      kind: KIND,
      season,
      horizon,
      levelRate: parameters.level,
      trendRate: parameters.trend,
      seasonRate: parameters.season,
      damping: parameters.damping,
    };
  }
}

/** The state before the first row, from the first two seasons: their mean and
 * difference give level and trend, the mean of what is left gives the season.
 * Two rows without a season tell no trend. */
function startingState(
  target: Float64Array,
  season: number,
  trend: SmoothingTrend,
): SmoothingState {
  const first = mean(target.subarray(0, season));
  const second = mean(target.subarray(season, STARTING_SEASONS * season));
  if (season === 1) {
    return { level: target[0], trend: 0, season: new Float64Array(1) };
  }
  const slope = trend === "none" ? 0 : (second - first) / season;
  // The mean of two seasons is the level halfway through them.
  const level = (first + second) / 2 - slope * (season + 0.5);
  const above = (row: number) => target[row] - (level + slope * (row + 1));
  return {
    level,
    trend: slope,
    season: Float64Array.from(
      { length: season },
      (_, k) => (above(k) + above(k + season)) / 2,
    ),
  };
}
