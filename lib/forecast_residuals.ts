/**
 * How far each value is from its forecast of one step before, in widths of the
 * forecast's own interval: 1 is at its edge. It is causal; what was uncertain
 * surprises less than what was not. Rows before the first forecast score 0.
 *
 * @see P. Malhotra, L. Vig, G. Shroff, P. Agarwal, Long Short Term Memory
 * Networks for Anomaly Detection in Time Series (2015), on errors of forecasts
 * as scores.
 *
 * @module
 */

import type { ModelJson, SeriesDetector } from "./detect/detector.ts";
import {
  type Forecaster,
  type ForecastInput,
  originsBetween,
} from "./forecast/forecaster.ts";
import { checkNumber, checkValues } from "./numeric/checks.ts";
import { readNumber, readObject, readText } from "./numeric/json_fields.ts";
import {
  MAD_TO_SIGMA,
  median,
  medianAbsoluteDeviation,
  standardDeviation,
} from "./numeric/statistics.ts";

const KIND = "forecast_residuals";
/** An interval counts as this share of the training values' spread at least,
 * so that a forecast that is too sure of itself does not outweigh all. */
const LEAST_WIDTH = 0.01;

/** What values are measured from, and in what: both of training values. */
type Scale = { readonly center: number; readonly spread: number };

/** A forecaster as a detector. */
export class ForecastResiduals implements SeriesDetector {
  /** The kind of detector, as in a model file. */
  readonly kind: string = KIND;
  /** Forecasts know earlier rows alone. */
  readonly isCausal: boolean = true;
  /** The least number of rows that it scores. */
  readonly minimumRows: number = 1;
  /** The first rows, which score 0. */
  readonly warmUpRows: number;
  readonly #forecaster: Forecaster;
  readonly #scale: Scale;

  private constructor(forecaster: Forecaster, scale: Scale) {
    this.warmUpRows = forecaster.historyLength;
    this.#forecaster = forecaster;
    this.#scale = scale;
  }

  /**
   * Fits a forecaster on a series.
   *
   * @param values Training values at a regular step, shape `(n)`.
   * @param fit Fits the forecaster on one feature, the values in robust
   * deviations from their median and drawn in by `asinh`, and the target, the
   * values. It must give the probability 0.5, one below and one above; a point
   * forecaster does in a `ResidualQuantileForecaster`.
   * @returns The fitted detector; it owns the forecaster.
   * @throws {RangeError} If there are too few values for the forecaster, one is
   * not finite, or it gives no interval.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { lastValueForecaster } from "lib/forecast/baselines.ts";
   * import { ResidualQuantileForecaster } from "lib/forecast/residual_quantiles.ts";
   * import { ForecastResiduals } from "lib/forecast_residuals.ts";
   *
   * const values = Float64Array.from({ length: 61 }, (_, i) => i % 2);
   * const detector = await ForecastResiduals.fit(
   *   values,
   *   (train) => ResidualQuantileForecaster.fit(lastValueForecaster(), train),
   * );
   * // From one row to the next it is 1 up or down, and now 3.
   * assert.deepEqual([...detector.score(Float64Array.of(0, 1, 4))], [0, 1, 3]);
   * ```
   */
  static async fit(
    values: Float64Array,
    fit: (train: ForecastInput) => Forecaster | Promise<Forecaster>,
  ): Promise<ForecastResiduals> {
    checkValues(values, "values", "fit ForecastResiduals");
    const scale = scaleOf(values);
    const forecaster = await fit(inputOf(values, scale));
    try {
      const { quantiles } = forecaster;
      const at = quantiles.indexOf(0.5);
      checkNumber(
        Math.min(at, quantiles.length - 1 - at),
        "the number of quantiles on each side of the median",
        "fit ForecastResiduals",
        { minimum: 1 },
      );
      return new ForecastResiduals(forecaster, scale);
    } catch (error) {
      forecaster.dispose?.();
      throw error;
    }
  }

  /**
   * Scores the rows of a series.
   *
   * @param values Values at a regular step, shape `(n)`.
   * @returns Distances from the forecast median, in distances from there to
   * the edge of the interval on the same side, shape `(n)`; 0 for the first
   * `warmUpRows`.
   * @throws {RangeError} If there are none or one is not finite.
   */
  score(values: Float64Array): Float64Array {
    checkValues(values, "values", "score with ForecastResiduals");
    const { historyLength, horizon, quantiles } = this.#forecaster;
    const scores = new Float64Array(values.length);
    const origins = originsBetween(historyLength, {
      start: 0,
      end: values.length - 1,
    });
    if (origins.length === 0) return scores;
    const forecast = this.#forecaster.forecast(
      inputOf(values, this.#scale),
      origins,
    );
    const width = horizon * quantiles.length;
    const least = LEAST_WIDTH * this.#scale.spread || Number.MIN_VALUE;
    origins.forEach((origin, i) => {
      const of = (column: number) => forecast.values[i * width + column];
      const center = of(quantiles.indexOf(0.5));
      const value = values[origin + 1];
      const edge = of(value < center ? 0 : quantiles.length - 1);
      const distance = Math.abs(value - center) /
        Math.max(Math.abs(edge - center), least);
      scores[origin + 1] = Math.min(distance, Number.MAX_VALUE);
    });
    return scores;
  }

  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which {@linkcode ForecastResiduals.fromJSON} loads it.
   */
  toJSON(): ModelJson {
    return {
      kind: this.kind,
      ...this.#scale,
      forecaster: this.#forecaster.toJSON(),
    };
  }

  /**
   * Loads a model.
   *
   * @param json Untrusted JSON, as {@linkcode ForecastResiduals.toJSON} gives.
   * @param load Loads the forecaster, such as `loadForecaster`.
   * @returns The model.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static fromJSON(
    json: unknown,
    load: (json: unknown) => Forecaster,
  ): ForecastResiduals {
    const object = readObject(json, "model");
    readText(object, "kind", [KIND]);
    const scale = {
      center: readNumber(object, "center"),
      spread: readNumber(object, "spread", { minimum: Number.MIN_VALUE }),
    };
    const forecaster = load(object.forecaster);
    try {
      checkForecaster(forecaster);
      return new ForecastResiduals(forecaster, scale);
    } catch (error) {
      forecaster.dispose?.();
      throw error;
    }
  }

  /** Frees what the forecaster holds; it cannot score afterwards. */
  dispose(): void {
    this.#forecaster.dispose?.();
  }
}

/** The most rows of history that a file may ask for. */
const MOST_HISTORY = 1e6;

/** Tries a forecast, as the type of a forecaster does not tell what it takes. */
function checkForecaster(forecaster: Forecaster): void {
  const { quantiles, historyLength } = forecaster;
  const at = quantiles.indexOf(0.5);
  if (
    at < 1 || at === quantiles.length - 1 || historyLength > MOST_HISTORY
  ) {
    throw new SyntaxError(
      `Cannot load model: forecaster gives quantiles ${quantiles} of a history of ${historyLength} rows, expected 0.5 between others and at most ${MOST_HISTORY} rows`,
    );
  }
  const zeros = new Float64Array(historyLength);
  try {
    forecaster.forecast(
      inputOf(zeros, { center: 0, spread: 1 }),
      Uint32Array.of(historyLength - 1),
    );
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SyntaxError(
      `Cannot load model: forecaster does not take one feature: ${error.message}`,
    );
  }
}

function inputOf(values: Float64Array, scale: Scale): ForecastInput {
  const data = values.map((value) => {
    const away = (value - scale.center) / scale.spread;
    return Math.asinh(
      Math.min(Math.max(away, -Number.MAX_VALUE), Number.MAX_VALUE),
    );
  });
  return {
    features: { data, rows: values.length, cols: 1 },
    target: values,
  };
}

function scaleOf(values: Float64Array): Scale {
  const spread = MAD_TO_SIGMA * medianAbsoluteDeviation(values) ||
    standardDeviation(values) || 1;
  return {
    center: median(values),
    spread: Math.min(spread, Number.MAX_VALUE),
  };
}
