/**
 * Split conformal calibration of quantile forecasts: on rows that no model was
 * trained on, each quantile of each step ahead is moved by the same quantile of
 * its own errors `y - f`, with the rank that makes up for the finite number n
 * of them: the ⌈(n + 1) q⌉-th smallest above the median, its mirror image below,
 * the median itself for 0.5. Both ends of an interval are calibrated by
 * themselves (the asymmetric kind), as response times are skewed. Moved
 * quantiles are sorted, so that they never cross.
 *
 * What it promises holds for exchangeable rows. Time series drift, so that an
 * interval may cover more or less than it should for long; see
 * `adaptive_conformal.ts` for the kind that follows.
 *
 * @see Y. Romano, E. Patterson, E. J. Candès, Conformalized Quantile Regression
 * (2019), theorem 2.
 *
 * @module
 */

import { readObject, readText } from "../numeric/json_fields.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";
import {
  calibrationErrors,
  type CalibrationOptions,
  conformalQuantile,
  shiftedQuantiles,
} from "./calibration.ts";
import type {
  Forecaster,
  ForecasterJson,
  ForecastInput,
  QuantileForecast,
} from "./forecaster.ts";

const KIND = "conformal";

/** A forecaster whose quantiles are calibrated. */
export class ConformalForecaster implements Forecaster {
  /** The kind of forecaster, as in a model file. */
  readonly kind: string = KIND;
  /** Rows that the forecaster within needs. */
  readonly historyLength: number;
  /** Steps that it forecasts. */
  readonly horizon: number;
  /** The probabilities that it gives: those of the forecaster within. */
  readonly quantiles: readonly number[];
  readonly #base: Forecaster;
  /** What is added to each quantile, shape `(horizon, quantiles)`. */
  readonly #shifts: Float64Array;

  private constructor(base: Forecaster, shifts: Float64Array) {
    this.historyLength = base.historyLength;
    this.horizon = base.horizon;
    this.quantiles = base.quantiles;
    this.#base = base;
    this.#shifts = shifts;
  }

  /**
   * Calibrates a forecaster.
   *
   * @param base The fitted forecaster; it is not changed, and is disposed of
   * with this one.
   * @param input Rows in time order, those from `start` on not trained on;
   * enough of them that an error is expected beyond each quantile: 19 forecasts
   * for 0.05 and 0.95.
   * @param options The first row to calibrate on.
   * @returns The calibrated forecaster.
   * @throws {RangeError} If there are too few rows, or a value is not finite.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { lastValueForecaster } from "lib/forecast/baselines.ts";
   * import { ConformalForecaster } from "lib/forecast/conformal.ts";
   * import { matrixFromColumns } from "lib/numeric/matrix.ts";
   *
   * // Grows by 3 a row, so that the last value is 3 too low.
   * const target = Float64Array.from({ length: 30 }, (_, i) => 3 * i);
   * const input = { features: matrixFromColumns([target]), target };
   * const model = ConformalForecaster.fit(lastValueForecaster(), input);
   * const { values } = model.forecast(input, Uint32Array.of(29));
   * assert.deepEqual([...values], [90]);
   * ```
   */
  static fit(
    base: Forecaster,
    input: ForecastInput,
    options: CalibrationOptions = {},
  ): ConformalForecaster {
    const shifts = calibrationErrors(base, input, options)
      .map(({ quantile, errors }) => conformalQuantile(errors, quantile));
    return new ConformalForecaster(base, Float64Array.from(shifts));
  }

  /**
   * Loads a forecaster.
   *
   * @param json What {@linkcode ConformalForecaster.toJSON} returned; not
   * trusted.
   * @param loadBase Loads the forecaster within.
   * @returns The forecaster, which gives equal forecasts.
   * @throws {SyntaxError} If a field is missing or not as it should be.
   */
  static fromJSON(
    json: unknown,
    loadBase: (json: unknown) => Forecaster,
  ): ConformalForecaster {
    const fields = readObject(json, KIND);
    readText(fields, "kind", [KIND]);
    const base = loadBase(fields.base);
    const size = base.horizon * base.quantiles.length;
    const shifts = decodeArray(fields.shifts, "float64", "shifts", size);
    return new ConformalForecaster(base, shifts);
  }

  /**
   * Forecasts from several origins.
   *
   * @param input Rows in time order, as the forecaster within takes them.
   * @param origins The last known rows, from `historyLength - 1` to n - 1.
   * @returns Calibrated quantiles that never cross, in the unit of the target.
   * @throws {RangeError} If the forecaster within refuses.
   */
  forecast(input: ForecastInput, origins: Uint32Array): QuantileForecast {
    const forecast = this.#base.forecast(input, origins);
    const size = this.horizon * this.quantiles.length;
    const values = new Float64Array(forecast.values.length);
    for (let at = 0; at < values.length; at += size) {
      const own = forecast.values.subarray(at, at + size);
      values.set(
        shiftedQuantiles(own, this.#shifts, this.quantiles.length),
        at,
      );
    }
    return { ...forecast, values };
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
      shifts: encodeArray(this.#shifts),
    };
  }

  /** Frees what the forecaster within holds. */
  dispose(): void {
    this.#base.dispose?.();
  }
}
