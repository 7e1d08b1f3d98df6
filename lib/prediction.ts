/**
 * The way from a metric series to the quantiles of its next steps: the network
 * beside the baselines, all fitted on the first 80 % of the series, judged on
 * the rest, which none has seen, and the best of them, or the one asked for,
 * calibrated on that rest and put to use.
 *
 * @module
 */

import { type HeldOutScore, heldOutScores } from "./evaluate/held_out.ts";
import { ConformalForecaster } from "./forecast/conformal.ts";
import type { Forecaster } from "./forecast/forecaster.ts";
import { checkQuantiles, USUAL_QUANTILES } from "./forecast/quantile_levels.ts";
import {
  type Candidate,
  fallback,
  fitBaselines,
  fitNetwork,
  type RatedSeries,
  trainEndOf,
} from "./forecast_candidates.ts";
import {
  type ForecastMethod,
  ForecastModel,
  type ForecastSubject,
  type NextSteps,
} from "./forecast_model.ts";
import type { MetricSeries } from "./logs/request_log.ts";
import { checkNumber, checkSeed } from "./numeric/checks.ts";
import type { TrainingControls } from "./numeric/training.ts";

export type { RatedSeries } from "./forecast_candidates.ts";
export {
  FORECAST_METHODS,
  type ForecastMethod,
  ForecastModel,
  type ForecastModelParts,
  type ForecastSubject,
  type NextSteps,
} from "./forecast_model.ts";

/** Options for {@linkcode fitForecastModel}. */
export type ForecastModelOptions = TrainingControls & {
  /** Steps to forecast. @default {12} */
  horizon?: number;
  /** The forecaster; the best on held-out steps if left out. */
  method?: ForecastMethod;
  /** Probabilities to forecast, ascending; the median is always among those
   * of the model. @default {[0.05, 0.5, 0.95]} */
  quantiles?: readonly number[];
  /** Requests in each step of the series, an input of the network.
   * @default {undefined} */
  rate?: MetricSeries | undefined;
  /** Other series of equal steps that the network learns from too, such as
   * those of other endpoints; with a rate if the series has one.
   * @default {[]} */
  related?: readonly RatedSeries[];
  /** What is forecast, for the model file. */
  subject?: ForecastSubject | undefined;
  /** Seed of everything random. @default {0} */
  seed?: number;
  /** The least and the greatest value that there can be; forecasts stay
   * within. @default {[-Infinity, Infinity]} */
  limits?: readonly [number, number];
};

/** Options for {@linkcode forecastSeries}. */
export type ForecastSeriesOptions = ForecastModelOptions;

/** A fitted model, and how it was chosen. */
export type ChosenModel = {
  /** The model; dispose of it after use. */
  readonly model: ForecastModel;
  /** Each forecaster's losses on the held-out steps, the best first; empty if
   * the series is too short to hold any out. */
  readonly errors: readonly HeldOutScore<ForecastMethod>[];
  /** What a reader should know: which forecasters were left out, what was
   * fallen back to, and why. */
  readonly notes: readonly string[];
};

/** The next steps of a series. */
export type SeriesForecast = NextSteps & {
  /** The forecaster that gave them. */
  readonly method: ForecastMethod;
  /** The median of each step, in the unit of the series, shape `(horizon)`. */
  readonly median: Float64Array;
  /** Each forecaster's losses on the held-out steps, the best first. */
  readonly errors: readonly HeldOutScore<ForecastMethod>[];
  /** What a reader should know. */
  readonly notes: readonly string[];
};

/** Share of the held-out steps that must be observed to calibrate by them. */
const CALIBRATION_SHARE = 0.9;
/**
 * Fits forecasters on the first 80 % of a series, judges them on the rest by
 * mean pinball loss, and calibrates the best, or the one asked for, on that
 * rest. Where the series is too short for a forecaster it is left out; where it
 * is too short for all, the last value with the spread of a random walk is
 * fallen back to; both are said in the notes.
 *
 * @param series The series, n steps, n >= 2.
 * @param options Horizon, quantiles, method and seed.
 * @returns The model, how the forecasters did, and what a reader should know.
 * @throws {RangeError} If the series is too short for the method asked for, or
 * an option is out of range.
 */
export async function fitForecastModel(
  series: MetricSeries,
  options: ForecastModelOptions = {},
): Promise<ChosenModel> {
  const { method, seed = 0, subject } = options;
  const [least, greatest] = options.limits ?? [-Infinity, Infinity];
  const settings = settingsOf(options);
  const rows = series.value.length;
  checkNumber(rows, "the number of steps", "forecast", { minimum: 2 });
  checkSeed(seed, "forecast");
  const trainEnd = trainEndOf(series);
  const notes: string[] = [];
  if (series.value.every((value) => value === series.value[0])) {
    notes.push(`the series is constant: it is ${series.value[0]} everywhere`);
  }
  const candidates = fitBaselines(series, { ...settings, notes });
  if (method === undefined || method === "lstm") {
    const wanted = { ...options, ...settings, notes };
    candidates.push(...await fitNetwork(series, wanted));
  }
  try {
    const errors = heldOutScores(candidates, series, trainEnd);
    const name = method ?? errors[0]?.method ?? "last_value";
    const chosen = candidates.find((candidate) => candidate.method === name) ??
      fallback(series, { ...settings, name, notes });
    const forecaster = calibrated(chosen, series, { trainEnd, notes });
    for (const each of candidates) {
      if (each !== chosen) each.forecaster.dispose?.();
    }
    const model = ForecastModel.of({
      method: chosen.method,
      forecaster,
      inputs: chosen.inputs,
      stepMs: series.stepMs,
      subject,
      limits: [finiteOrNull(least), finiteOrNull(greatest)],
      seed,
    });
    return { model, errors, notes };
  } catch (error) {
    for (const { forecaster } of candidates) forecaster.dispose?.();
    throw error;
  }
}

/**
 * Forecasts the steps after the end of a series with a model that
 * {@linkcode fitForecastModel} chooses.
 *
 * @param series The series, n steps, n >= 2.
 * @param options Horizon, quantiles, method and seed.
 * @returns The quantiles, and how the forecasters did on held-out steps.
 * @throws {RangeError} If the series is too short for the method asked for, or
 * an option is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { forecastSeries } from "lib/prediction.ts";
 *
 * const value = Float64Array.of(5, 6, 8);
 * const forecast = await forecastSeries({
 *   timestampMs: value.map((_, i) => i * 60_000),
 *   value,
 *   observed: new Uint8Array(3).fill(1),
 *   stepMs: 60_000,
 * }, { horizon: 2 });
 * assert.equal(forecast.method, "last_value");
 * assert.deepEqual([...forecast.median], [8, 8]);
 * ```
 */
export async function forecastSeries(
  series: MetricSeries,
  options: ForecastSeriesOptions = {},
): Promise<SeriesForecast> {
  const { quantiles = USUAL_QUANTILES, rate } = options;
  const { model, errors, notes } = await fitForecastModel(series, options);
  try {
    const all = model.next(series, { rate });
    const { method } = model;
    const median = selectQuantiles(all, [0.5]).values;
    return {
      ...selectQuantiles(all, quantiles),
      method,
      median,
      errors,
      notes,
    };
  } finally {
    model.dispose();
  }
}

/**
 * Takes some of the quantiles of a forecast.
 *
 * @param steps The forecast.
 * @param quantiles The probabilities wanted, each among those of the forecast.
 * @returns The forecast with these alone, in their order.
 * @throws {RangeError} If the forecast holds no such quantile.
 */
export function selectQuantiles(
  steps: NextSteps,
  quantiles: readonly number[],
): NextSteps {
  const columns = quantiles.map((q) => steps.quantiles.indexOf(q));
  if (columns.includes(-1)) {
    throw new RangeError(
      `Cannot read a forecast: wanted quantiles ${quantiles}, it holds ${steps.quantiles}`,
    );
  }
  const count = steps.quantiles.length;
  const horizon = steps.timestampMs.length;
  return {
    timestampMs: steps.timestampMs,
    quantiles: [...quantiles],
    values: Float64Array.from(
      { length: horizon * columns.length },
      (_, k) =>
        steps.values[
          Math.floor(k / columns.length) * count + columns[k % columns.length]
        ],
    ),
  };
}

/** The horizon and the quantiles to fit, the median among them. */
function settingsOf(
  options: ForecastModelOptions,
): { horizon: number; quantiles: number[] } {
  const { horizon = 12, quantiles = USUAL_QUANTILES } = options;
  checkNumber(horizon, "horizon", "forecast", { minimum: 1, integer: true });
  checkQuantiles(quantiles, "forecast");
  return {
    horizon,
    quantiles: [...new Set([...quantiles, 0.5])].sort((a, b) => a - b),
  };
}

/** The forecaster calibrated on the held-out steps, or as it is where they are
 * too few or mostly filled in. */
function calibrated(
  { forecaster, input }: Candidate,
  series: MetricSeries,
  options: { trainEnd: number; notes: string[] },
): Forecaster {
  const { trainEnd, notes } = options;
  const heldOut = series.observed.subarray(trainEnd);
  const share = heldOut.reduce((sum, flag) => sum + flag, 0) / heldOut.length;
  if (!(share >= CALIBRATION_SHARE)) {
    notes.push(
      `not calibrated: only ${
        Math.round(100 * share)
      } % of the held-out steps hold a value`,
    );
    return forecaster;
  }
  try {
    return ConformalForecaster.fit(forecaster, input, { start: trainEnd });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    notes.push(`not calibrated: ${error.message}`);
    return forecaster;
  }
}

function finiteOrNull(limit: number): number | null {
  return Number.isFinite(limit) ? limit : null;
}
