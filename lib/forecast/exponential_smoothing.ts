/**
 * Exponential smoothing with additive season and trend (Holt-Winters). The
 * states start from the first seasons of whatever rows a forecast is given, so
 * that it needs no calendar, and run on from there to the origin by
 * `smoothing_recursion.ts`, with parameters found by `smoothing_parameters.ts`.
 * Logs are full of outages: unless told otherwise, states start from medians
 * and follow an error only as far as two of its usual size.
 *
 * @see R. J. Hyndman, G. Athanasopoulos, Forecasting: Principles and Practice
 * (3rd ed. 2021), sections 8.3 and 8.5.
 *
 * @module
 */

import { checkNumber, checkValues } from "../numeric/checks.ts";
import { readNumber, readObject, readText } from "../numeric/json_fields.ts";
import {
  checkForecastInput,
  checkOrigins,
  type Forecaster,
  type ForecasterJson,
  type ForecastInput,
  type QuantileForecast,
} from "./forecaster.ts";
import { smoothingParameters, startingState } from "./smoothing_parameters.ts";
import {
  type SmoothingParameters,
  SmoothingRecursion,
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
  /** How many σ of an error the states follow; `Infinity` for all of it, as in
   * the textbook. @default {2} */
  errorLimit?: number;
};

const KIND = "exponential_smoothing";
const MAXIMUM_STEPS = 1e6;
/** Seasons that the states start from: the fewest that show a trend, and as
 * many as tell a pattern from noise. */
const STARTING_SEASONS = { least: 2, most: 7 };
const ACTION = "fit exponential smoothing";

/** Fitted exponential smoothing. It gives a point forecast under the
 * probability 0.5. */
export class ExponentialSmoothing implements Forecaster {
  /** The kind of forecaster, as in a model file. */
  readonly kind: string = KIND;
  /** Rows that the states start from: two to seven seasons. */
  readonly historyLength: number;
  /** Steps that it forecasts. */
  readonly horizon: number;
  /** The probabilities that it gives. */
  readonly quantiles: readonly number[] = [0.5];
  /** Rows in a season; 1 for none. */
  readonly season: number;
  /** The fitted parameters. */
  readonly parameters: SmoothingParameters;

  readonly #startingSeasons: number;
  readonly #errorLimit: number;

  private constructor(fields: {
    season: number;
    startingSeasons: number;
    horizon: number;
    errorLimit: number;
    parameters: SmoothingParameters;
  }) {
    this.season = fields.season;
    this.historyLength = fields.startingSeasons * fields.season;
    this.horizon = fields.horizon;
    this.parameters = fields.parameters;
    this.#startingSeasons = fields.startingSeasons;
    this.#errorLimit = fields.errorLimit;
  }

  /**
   * Fits the parameters.
   *
   * @param train Training rows in time order, at least three seasons: the
   * older half of them, two to seven, to start from, the others to learn from.
   * Only the target is read.
   * @param options Season, horizon, kind of trend, limit of errors.
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
    const { errorLimit = 2 } = options;
    const steps = { minimum: 1, maximum: MAXIMUM_STEPS, integer: true };
    checkNumber(season, "season", ACTION, steps);
    checkNumber(horizon, "horizon", ACTION, steps);
    if (errorLimit !== Infinity) {
      checkNumber(errorLimit, "errorLimit", ACTION, {
        minimum: 0,
        exclusive: true,
      });
    }
    checkForecastInput(train, ACTION);
    const { target } = train;
    const { least, most } = STARTING_SEASONS;
    checkNumber(target.length, "the number of rows", ACTION, {
      minimum: (least + 1) * season,
    });
    const half = Math.floor(target.length / season / 2);
    const startingSeasons = Math.min(Math.max(half, least), most);
    const start = startingState(target, season, {
      count: startingSeasons,
      trend,
    });
    const parameters = smoothingParameters(target, start, {
      trend,
      horizon,
      errorLimit,
      skip: startingSeasons * season,
    });
    return new ExponentialSmoothing({
      season,
      startingSeasons,
      horizon,
      errorLimit,
      parameters,
    });
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
    return new ExponentialSmoothing({
      season: readNumber(fields, "season", steps),
      startingSeasons: readNumber(fields, "startingSeasons", {
        minimum: STARTING_SEASONS.least,
        maximum: STARTING_SEASONS.most,
        integer: true,
      }),
      horizon: readNumber(fields, "horizon", steps),
      // JSON knows no infinity: no limit is null.
      errorLimit: fields.errorLimit === null
        ? Infinity
        : readNumber(fields, "errorLimit", { minimum: Number.MIN_VALUE }),
      parameters: {
        level: readNumber(fields, "levelRate", share),
        trend: readNumber(fields, "trendRate", share),
        season: readNumber(fields, "seasonRate", share),
        damping: readNumber(fields, "damping", share),
      },
    });
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
    const recursion = new SmoothingRecursion(
      startingState(target, season, {
        count: this.#startingSeasons,
        trend: parameters.damping > 0 ? "additive" : "none",
      }),
      parameters,
      { errorLimit: this.#errorLimit },
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
      startingSeasons: this.#startingSeasons,
      horizon,
      errorLimit: this.#errorLimit === Infinity ? null : this.#errorLimit,
      levelRate: parameters.level,
      trendRate: parameters.trend,
      seasonRate: parameters.season,
      damping: parameters.damping,
    };
  }
}
