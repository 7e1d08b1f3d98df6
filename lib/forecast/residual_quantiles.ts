/**
 * Quantiles for a forecaster that gives points only: its point plus the
 * empirical quantiles of its own errors on training rows, for each step ahead
 * by itself. The median moves too, by the median error, so that a point that
 * is always too low is corrected.
 *
 * @see R. J. Hyndman, G. Athanasopoulos, Forecasting: Principles and Practice
 * (3rd ed. 2021), section 5.5, on intervals from residuals.
 *
 * @module
 */

import { evenSubset } from "../logs/windows.ts";
import { checkNumber } from "../numeric/checks.ts";
import { readObject, readText } from "../numeric/json_fields.ts";
import { quantileSorted } from "../numeric/statistics.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";
import {
  actualColumn,
  checkForecastInput,
  forecastColumn,
  type Forecaster,
  type ForecasterJson,
  type ForecastInput,
  originsBetween,
  type QuantileForecast,
} from "./forecaster.ts";
import {
  checkQuantiles,
  finiteSum,
  readQuantiles,
  USUAL_QUANTILES,
} from "./quantile_levels.ts";

/** Options for {@linkcode ResidualQuantileForecaster.fit}. */
export type ResidualQuantileOptions = {
  /** The probabilities, ascending. @default {[0.05, 0.5, 0.95]} */
  quantiles?: readonly number[];
};

const KIND = "residual_quantiles";
/** Most errors that are kept in memory; more origins are thinned out evenly. */
const MAXIMUM_ERRORS = 500_000;

/** A point forecaster with quantiles of its own errors. */
export class ResidualQuantileForecaster implements Forecaster {
  /** The kind of forecaster, as in a model file. */
  readonly kind: string = KIND;
  /** Rows that the point forecaster needs. */
  readonly historyLength: number;
  /** Steps that it forecasts. */
  readonly horizon: number;
  /** The probabilities that it gives. */
  readonly quantiles: readonly number[];
  readonly #base: Forecaster;
  /** What is added to the point, shape `(horizon, quantiles)`. */
  readonly #offsets: Float64Array;

  private constructor(
    base: Forecaster,
    quantiles: readonly number[],
    offsets: Float64Array,
  ) {
    this.historyLength = base.historyLength;
    this.horizon = base.horizon;
    this.quantiles = quantiles;
    this.#base = base;
    this.#offsets = offsets;
  }

  /**
   * Measures a forecaster's errors on training rows.
   *
   * @param base A fitted forecaster that gives the probability 0.5.
   * @param train Training rows in time order, enough for as many forecasts
   * that an error is expected beyond each quantile: 20 for 0.05 or 0.95.
   * @param options The probabilities.
   * @returns The forecaster with quantiles.
   * @throws {RangeError} If there are too few rows, or an option is out of
   * range.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { lastValueForecaster } from "lib/forecast/baselines.ts";
   * import { ResidualQuantileForecaster } from "lib/forecast/residual_quantiles.ts";
   * import { matrixFromColumns } from "lib/numeric/matrix.ts";
   *
   * // The last value is 1 too low or 1 too high in turn.
   * const target = Float64Array.from({ length: 41 }, (_, i) => i % 2);
   * const train = { features: matrixFromColumns([target]), target };
   * const model = ResidualQuantileForecaster.fit(lastValueForecaster(), train, {
   *   quantiles: [0.1, 0.9],
   * });
   * const { values } = model.forecast(train, Uint32Array.of(40));
   * assert.deepEqual([...values], [-1, 1]);
   * ```
   */
  static fit(
    base: Forecaster,
    train: ForecastInput,
    options: ResidualQuantileOptions = {},
  ): ResidualQuantileForecaster {
    const { quantiles = USUAL_QUANTILES } = options;
    const action = "fit quantiles of errors";
    checkQuantiles(quantiles, action);
    checkForecastInput(train, action);
    const { horizon, historyLength } = base;
    const rows = train.target.length;
    const origins = originsBetween(historyLength, {
      start: 0,
      end: rows - horizon,
    });
    checkNumber(
      origins.length,
      `the number of forecasts on ${rows} training rows`,
      action,
      { minimum: errorsNeeded(quantiles) },
    );
    const kept = evenSubset(
      origins,
      Math.max(errorsNeeded(quantiles), Math.floor(MAXIMUM_ERRORS / horizon)),
    );
    const forecast = base.forecast(train, kept);
    const offsets = new Float64Array(horizon * quantiles.length);
    for (let step = 1; step <= horizon; step++) {
      const point = forecastColumn(forecast, { step });
      const errors = actualColumn(train.target, kept, step)
        .map((actual, i) => actual - point[i])
        .sort();
      offsets.set(
        quantiles.map((q) => quantileSorted(errors, q)),
        (step - 1) * quantiles.length,
      );
    }
    return new ResidualQuantileForecaster(base, [...quantiles], offsets);
  }

  /**
   * Loads a forecaster.
   *
   * @param json What {@linkcode ResidualQuantileForecaster.toJSON} returned;
   * not trusted.
   * @param loadBase Loads the point forecaster within.
   * @returns The forecaster, which gives equal forecasts.
   * @throws {SyntaxError} If a field is missing or not as it should be.
   */
  static fromJSON(
    json: unknown,
    loadBase: (json: unknown) => Forecaster,
  ): ResidualQuantileForecaster {
    const fields = readObject(json, KIND);
    readText(fields, "kind", [KIND]);
    const quantiles = readQuantiles(fields);
    const base = loadBase(fields.base);
    const size = base.horizon * quantiles.length;
    const offsets = decodeArray(fields.offsets, "float64", "offsets", size);
    return new ResidualQuantileForecaster(base, quantiles, offsets);
  }

  /**
   * Forecasts from several origins.
   *
   * @param input Rows in time order, as the point forecaster takes them.
   * @param origins The last known rows, from `historyLength - 1` to n - 1.
   * @returns The quantiles, in the unit of the target.
   * @throws {RangeError} If the point forecaster refuses.
   */
  forecast(input: ForecastInput, origins: Uint32Array): QuantileForecast {
    const { quantiles, horizon } = this;
    const points = forecastPoints(this.#base.forecast(input, origins));
    const offsets = this.#offsets;
    const values = new Float64Array(points.length * quantiles.length);
    for (let k = 0; k < values.length; k++) {
      const point = points[Math.floor(k / quantiles.length)];
      values[k] = finiteSum(point, offsets[k % offsets.length]);
    }
    return { quantiles, horizon, origins: origins.slice(), values };
  }

  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which it loads with equal forecasts.
   */
  toJSON(): ForecasterJson {
    return {
      kind: KIND,
      base: this.#base.toJSON(),
      quantiles: this.quantiles,
      offsets: encodeArray(this.#offsets),
    };
  }

  /** Frees what the point forecaster holds. */
  dispose(): void {
    this.#base.dispose?.();
  }
}

/** As many errors that one is expected beyond the outermost quantile. */
function errorsNeeded(quantiles: readonly number[]): number {
  const tail = Math.min(quantiles[0], 1 - quantiles[quantiles.length - 1]);
  return Math.ceil(1 / tail - 1e-9);
}

/** The medians, shape `(origins, horizon)`. */
function forecastPoints(forecast: QuantileForecast): Float64Array {
  const { quantiles, values } = forecast;
  const column = quantiles.indexOf(0.5);
  return Float64Array.from(
    { length: values.length / quantiles.length },
    (_, i) => values[i * quantiles.length + column],
  );
}
