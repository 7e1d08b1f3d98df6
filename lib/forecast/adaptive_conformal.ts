/**
 * A forecaster whose quantiles are calibrated as the series goes on. It starts
 * like split conformal calibration (`conformal.ts`) on rows that no model was
 * trained on, and then follows the series by `conformal_tracker.ts`.
 *
 * `forecast` stays a plain function of its input: it replays the rows from the
 * end of calibration up to each origin and learns from each as it would have
 * then, so that no forecast depends on rows after its origin. In live use, take
 * {@linkcode AdaptiveConformalForecaster.tracker}, which keeps its state.
 *
 * @module
 */

import { readNumber, readObject, readText } from "../numeric/json_fields.ts";
import { mean, median } from "../numeric/statistics.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";
import {
  calibrationErrors,
  type CalibrationOptions,
  conformalQuantile,
} from "./calibration.ts";
import {
  ConformalTracker,
  type ConformalTrackerOptions,
  type TrackerStart,
} from "./conformal_tracker.ts";
import {
  checkForecastInput,
  checkOrigins,
  type Forecaster,
  type ForecasterJson,
  type ForecastInput,
  type QuantileForecast,
} from "./forecaster.ts";

/** Options for {@linkcode AdaptiveConformalForecaster.fit}. */
export type AdaptiveConformalOptions =
  & CalibrationOptions
  & ConformalTrackerOptions;

const KIND = "adaptive_conformal";
const MAXIMUM_ROWS = 1e9;
/** Origins that are forecast at once, so that memory stays bounded. */
const CHUNK_ORIGINS = 4096;

/** A forecaster whose quantiles follow the series. */
export class AdaptiveConformalForecaster implements Forecaster {
  /** The kind of forecaster, as in a model file. */
  readonly kind: string = KIND;
  /** Rows that the forecaster within needs. */
  readonly historyLength: number;
  /** Steps that it forecasts. */
  readonly horizon: number;
  /** The probabilities that it gives: those of the forecaster within. */
  readonly quantiles: readonly number[];
  readonly #base: Forecaster;
  readonly #start: TrackerStart;
  readonly #options: Required<ConformalTrackerOptions>;
  /** Rows up to the end of calibration. */
  readonly #calibratedRows: number;

  private constructor(
    base: Forecaster,
    start: TrackerStart,
    options: Required<ConformalTrackerOptions>,
    calibratedRows: number,
  ) {
    this.historyLength = base.historyLength;
    this.horizon = base.horizon;
    this.quantiles = base.quantiles;
    this.#base = base;
    this.#start = start;
    this.#options = options;
    this.#calibratedRows = calibratedRows;
  }

  /**
   * Calibrates a forecaster.
   *
   * @param base The fitted forecaster; it is not changed, and is disposed of
   * with this one.
   * @param input Rows in time order, those from `start` on not trained on;
   * enough of them that an error is expected beyond each quantile.
   * @param options The first row to calibrate on, and how fast to follow.
   * @returns The calibrated forecaster.
   * @throws {RangeError} If there are too few rows, a value is not finite, or
   * an option is out of range.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { AdaptiveConformalForecaster } from "lib/forecast/adaptive_conformal.ts";
   * import { lastValueForecaster } from "lib/forecast/baselines.ts";
   * import { matrixFromColumns } from "lib/numeric/matrix.ts";
   *
   * // Grows by 3 a row, then by 5.
   * const target = Float64Array.from(
   *   { length: 900 },
   *   (_, i) => i < 100 ? 3 * i : 300 + 5 * (i - 100),
   * );
   * const input = { features: matrixFromColumns([target]), target };
   * const known = {
   *   features: matrixFromColumns([target.slice(0, 100)]),
   *   target: target.slice(0, 100),
   * };
   * const model = AdaptiveConformalForecaster.fit(lastValueForecaster(), known);
   * const { values } = model.forecast(input, Uint32Array.of(99, 898));
   * assert.equal(values[0] - target[99], 3);
   * assert.ok(Math.abs(values[1] - target[898] - 5) < 1);
   * ```
   */
  static fit(
    base: Forecaster,
    input: ForecastInput,
    options: AdaptiveConformalOptions = {},
  ): AdaptiveConformalForecaster {
    const { learningRate = 0.02 } = options;
    const measured = calibrationErrors(base, input, options);
    const shifts = measured.map(({ errors, quantile }) =>
      conformalQuantile(errors, quantile)
    );
    const scales = measured.map(({ errors }, k) =>
      usualSize(errors.map((error) => Math.abs(error - shifts[k])))
    );
    const start = {
      quantiles: base.quantiles,
      shifts: Float64Array.from(shifts),
      scales: Float64Array.from(scales),
    };
    const model = new AdaptiveConformalForecaster(
      base,
      start,
      { learningRate },
      input.target.length,
    );
    model.tracker();
    return model;
  }

  /**
   * Loads a forecaster.
   *
   * @param json What {@linkcode AdaptiveConformalForecaster.toJSON} returned;
   * not trusted.
   * @param loadBase Loads the forecaster within.
   * @returns The forecaster, which gives equal forecasts.
   * @throws {SyntaxError} If a field is missing or not as it should be.
   */
  static fromJSON(
    json: unknown,
    loadBase: (json: unknown) => Forecaster,
  ): AdaptiveConformalForecaster {
    const fields = readObject(json, KIND);
    readText(fields, "kind", [KIND]);
    const base = loadBase(fields.base);
    const size = base.horizon * base.quantiles.length;
    const start = {
      quantiles: base.quantiles,
      shifts: decodeArray(fields.shifts, "float64", "shifts", size),
      scales: decodeArray(fields.scales, "float64", "scales", size),
    };
    const share = { minimum: 0, maximum: 1 };
    return new AdaptiveConformalForecaster(
      base,
      start,
      { learningRate: readNumber(fields, "learningRate", share) },
      readNumber(fields, "calibratedRows", {
        minimum: 0,
        maximum: MAXIMUM_ROWS,
        integer: true,
      }),
    );
  }

  /**
   * Forecasts from several origins, with what was known at each.
   *
   * @param input Rows in time order, beginning with those of the calibration;
   * rows after them, up to an origin, are learnt from.
   * @param origins The last known rows, from `historyLength - 1` to n - 1.
   * @returns Calibrated quantiles that never cross, in the unit of the target.
   * @throws {RangeError} If an origin has too little history or lies beyond
   * the rows, or the forecaster within refuses.
   */
  forecast(input: ForecastInput, origins: Uint32Array): QuantileForecast {
    const { quantiles, horizon, historyLength } = this;
    const action = `forecast with ${KIND}`;
    checkForecastInput(input, action);
    const rows = input.target.length;
    checkOrigins(origins, action, { rows, historyLength });
    const size = horizon * quantiles.length;
    const values = new Float64Array(origins.length * size);
    const placesOf = Map.groupBy(origins.keys(), (i) => origins[i]);
    this.#replay(input, origins, (origin, given) => {
      for (const i of placesOf.get(origin) ?? []) values.set(given, i * size);
    });
    return { quantiles, horizon, origins: origins.slice(), values };
  }

  /**
   * Gives what follows the series in live use: for each new row, first
   * `update` with its value, then `next` with the forecast of the model within.
   *
   * @returns A tracker that starts where calibration ended.
   */
  tracker(): ConformalTracker {
    return new ConformalTracker(this.#start, this.#options);
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
      shifts: encodeArray(this.#start.shifts),
      scales: encodeArray(this.#start.scales),
      learningRate: this.#options.learningRate,
      calibratedRows: this.#calibratedRows,
    };
  }

  /** Frees what the forecaster within holds. */
  dispose(): void {
    this.#base.dispose?.();
  }

  /** Runs a tracker over all rows up to the last origin. Before the end of
   * calibration there is nothing to learn. */
  #replay(
    input: ForecastInput,
    origins: Uint32Array,
    emit: (origin: number, given: Float64Array) => void,
  ): void {
    const first = Math.max(this.#calibratedRows, this.historyLength) - 1;
    const last = origins.reduce((a, b) => Math.max(a, b), 0);
    const early = [...new Set(origins)].filter((origin) => origin < first);
    const path = Uint32Array.from([...early, ...rangeOf(first, last)]);
    const size = this.horizon * this.quantiles.length;
    const tracker = this.tracker();
    for (let at = 0; at < path.length; at += CHUNK_ORIGINS) {
      const chunk = path.subarray(at, at + CHUNK_ORIGINS);
      const { values } = this.#base.forecast(input, chunk);
      chunk.forEach((origin, i) => {
        if (origin > first) tracker.update(input.target[origin]);
        emit(origin, tracker.next(values.subarray(i * size, (i + 1) * size)));
      });
    }
  }
}

/** The median, or where it is 0 the mean. */
function usualSize(sizes: Float64Array): number {
  const size = median(sizes);
  return size > 0 ? size : mean(sizes);
}

function rangeOf(first: number, last: number): Uint32Array {
  const length = Math.max(0, last - first + 1);
  return Uint32Array.from({ length }, (_, k) => first + k);
}
