/**
 * The way from a metric series to the quantiles of its next steps: the network
 * beside the baselines, all fitted on the first 80 % of the series, judged on
 * the rest, which none has seen, and the best of them, or the one asked for,
 * calibrated on that rest and put to use.
 *
 * @module
 */

import {
  meanAbsoluteError,
  meanQuantileLoss,
  type QuantileColumn,
} from "./evaluate/forecasts.ts";
import {
  lastValueForecaster,
  rollingMedianForecaster,
  seasonalNaiveForecaster,
} from "./forecast/baselines.ts";
import { ConformalForecaster } from "./forecast/conformal.ts";
import { ExponentialSmoothing } from "./forecast/exponential_smoothing.ts";
import {
  actualColumn,
  forecastColumn,
  type Forecaster,
  type ForecastInput,
  originsBetween,
} from "./forecast/forecaster.ts";
import { sliceSeries } from "./forecast/inputs.ts";
import { LstmForecaster } from "./forecast/lstm.ts";
import { checkQuantiles, USUAL_QUANTILES } from "./forecast/quantile_levels.ts";
import { randomWalkForecaster } from "./forecast/random_walk.ts";
import { ReferencedInputs, seasonOf } from "./forecast/referenced_inputs.ts";
import { ResidualQuantileForecaster } from "./forecast/residual_quantiles.ts";
import {
  type ForecastMethod,
  ForecastModel,
  type ForecastSubject,
  type NextSteps,
  valuesAlone,
} from "./forecast_model.ts";
import type { MetricSeries } from "./logs/request_log.ts";
import { evenSubset } from "./logs/windows.ts";
import { checkNumber, checkSeed } from "./numeric/checks.ts";
import type { TrainingControls } from "./numeric/training.ts";

export {
  FORECAST_METHODS,
  type ForecastMethod,
  ForecastModel,
  type ForecastModelParts,
  type ForecastSubject,
  type NextSteps,
} from "./forecast_model.ts";

/** A series and, where its log tells, the requests in each of its steps. */
export type RatedSeries = {
  /** The series. */
  readonly series: MetricSeries;
  /** Requests in each step. */
  readonly rate?: MetricSeries | undefined;
};

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

/** How a forecaster did on the held-out steps, over all steps ahead. */
export type HeldOutScore = {
  /** The forecaster. */
  readonly method: ForecastMethod;
  /** Its mean pinball loss over the quantiles, in the unit of the series. */
  readonly loss: number;
  /** Its mean absolute error, in the unit of the series. */
  readonly error: number;
};

/** A fitted model, and how it was chosen. */
export type ChosenModel = {
  /** The model; dispose of it after use. */
  readonly model: ForecastModel;
  /** Each forecaster's losses on the held-out steps, the best first; empty if
   * the series is too short to hold any out. */
  readonly errors: readonly HeldOutScore[];
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
  readonly errors: readonly HeldOutScore[];
  /** What a reader should know. */
  readonly notes: readonly string[];
};

const TRAINING_SHARE = 0.8;
const MEDIAN_WINDOW = 12;
/** Forecasts of one step that are judged at most; more are thinned out. */
const MAXIMUM_JUDGED = 200_000;
/** Share of the held-out steps that must be observed to calibrate by them. */
const CALIBRATION_SHARE = 0.9;
const WINDOW_LENGTHS = [48, 24, 12] as const;
const LSTM_SETTINGS = {
  units: 32,
  dropout: 0.1,
  learningRate: 0.003,
  batchSize: 64,
  maximumWindows: 6000,
  epochs: 12,
  patience: 4,
} as const;

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
  const trainEnd = Math.floor(rows * TRAINING_SHARE);
  const notes: string[] = [];
  if (series.value.every((value) => value === series.value[0])) {
    notes.push(`the series is constant: it is ${series.value[0]} everywhere`);
  }
  const candidates = fitBaselines(series, trainEnd, { ...settings, notes });
  if (method === undefined || method === "lstm") {
    await addLstm(candidates, series, { ...options, ...settings, notes });
  }
  try {
    const errors = judge(candidates, series, trainEnd);
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

type Settings = { horizon: number; quantiles: readonly number[] };

type Candidate = {
  readonly method: ForecastMethod;
  readonly forecaster: Forecaster;
  readonly inputs?: ReferencedInputs | undefined;
  /** All rows, as the forecaster takes them. */
  readonly input: ForecastInput;
};

/** The horizon and the quantiles to fit, the median among them. */
function settingsOf(options: ForecastModelOptions): Settings {
  const { horizon = 12, quantiles = USUAL_QUANTILES } = options;
  checkNumber(horizon, "horizon", "forecast", { minimum: 1, integer: true });
  checkQuantiles(quantiles, "forecast");
  return {
    horizon,
    quantiles: [...new Set([...quantiles, 0.5])].sort((a, b) => a - b),
  };
}

/** Those baselines that the series is long enough for, simplest first. */
function fitBaselines(
  series: MetricSeries,
  trainEnd: number,
  options: Settings & { notes: string[] },
): Candidate[] {
  const { horizon, quantiles, notes } = options;
  const input = valuesAlone(series);
  const training = valuesAlone(sliceSeries(series, 0, trainEnd));
  const season = seasonOf(series.stepMs);
  const candidates: Candidate[] = [];
  const attempt = (method: ForecastMethod, build: () => Forecaster) => {
    try {
      const forecaster = ResidualQuantileForecaster.fit(build(), training, {
        quantiles,
      });
      candidates.push({ method, forecaster, input });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      notes.push(`${method} left out: ${error.message}`);
    }
  };
  attempt("last_value", () => lastValueForecaster({ horizon }));
  attempt(
    "rolling_median",
    () => rollingMedianForecaster(MEDIAN_WINDOW, { horizon }),
  );
  if (season === 1) {
    notes.push(
      `seasonal_naive needs a day of steps that divide it, got steps of ${
        series.stepMs / 1000
      } s`,
    );
  } else {
    attempt(
      "seasonal_naive",
      () => seasonalNaiveForecaster(season, { horizon }),
    );
  }
  attempt(
    "exponential_smoothing",
    () => ExponentialSmoothing.fit(training, { season, horizon }),
  );
  return candidates;
}

/** Adds the network, if the series is long enough for it. */
async function addLstm(
  candidates: Candidate[],
  series: MetricSeries,
  options: ForecastModelOptions & Settings & { notes: string[] },
): Promise<void> {
  const { horizon, quantiles, rate, related = [], notes } = options;
  const { seed = 0, signal, onProgress } = options;
  try {
    const inputs = ReferencedInputs.fit(trainingPart(series), {
      horizon,
      rate: rate && trainingPart(rate),
    });
    const input = inputs.transform(series, { rate });
    const training = trainingInput(inputs, { series, rate });
    const others = related.flatMap((other) => {
      const own = ReferencedInputs.fit(trainingPart(other.series), {
        horizon,
        rate: other.rate && trainingPart(other.rate),
      });
      return trainingInput(own, other);
    });
    const windowLength = WINDOW_LENGTHS.find((length) =>
      VALIDATION_SHARE * training.target.length >= length + horizon
    ) ?? WINDOW_LENGTHS[WINDOW_LENGTHS.length - 1];
    const forecaster = await LstmForecaster.fit(
      [
        training,
        ...others.filter(({ target }) =>
          VALIDATION_SHARE * target.length >= windowLength + horizon + 1
        ),
      ],
      {
        ...LSTM_SETTINGS,
        windowLength,
        horizon,
        quantiles,
        seed,
        ...(signal ? { signal } : {}),
        ...(onProgress ? { onProgress } : {}),
      },
    );
    candidates.push({ method: "lstm", forecaster, inputs, input });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    notes.push(`lstm left out: ${error.message}`);
  }
}

/** Share of the training steps that the network validates on. */
const VALIDATION_SHARE = 0.2;

function trainingPart(series: MetricSeries): MetricSeries {
  const end = Math.floor(series.value.length * TRAINING_SHARE);
  return sliceSeries(series, 0, end);
}

function trainingInput(
  inputs: ReferencedInputs,
  { series, rate }: RatedSeries,
): ForecastInput {
  return inputs.transform(trainingPart(series), {
    rate: rate && trainingPart(rate),
  });
}

/** Losses on the held-out steps that were observed, the best first; of equals
 * the simplest. */
function judge(
  candidates: readonly Candidate[],
  series: MetricSeries,
  trainEnd: number,
): HeldOutScore[] {
  if (candidates.length === 0) return [];
  const { horizon } = candidates[0].forecaster;
  const history = candidates.map(({ forecaster }) => forecaster.historyLength);
  const possible = originsBetween(Math.max(...history), {
    start: trainEnd - 1,
    end: series.value.length - horizon,
  });
  const origins = evenSubset(
    possible,
    Math.max(1, Math.floor(MAXIMUM_JUDGED / horizon)),
  );
  const observed = overSteps(
    horizon,
    (step) => actualColumn(Float64Array.from(series.observed), origins, step),
  );
  if (!observed.includes(1)) return [];
  const seen = (values: Float64Array) => values.filter((_, i) => observed[i]);
  const actual = seen(
    overSteps(horizon, (step) => actualColumn(series.value, origins, step)),
  );
  return candidates.map(({ method, forecaster, input }) => {
    const forecast = forecaster.forecast(input, origins);
    const columnOf = (quantile: number): QuantileColumn => ({
      quantile,
      values: seen(
        overSteps(
          horizon,
          (step) => forecastColumn(forecast, { step, quantile }),
        ),
      ),
    });
    return {
      method,
      loss: meanQuantileLoss(actual, forecast.quantiles.map(columnOf)),
      error: meanAbsoluteError(actual, columnOf(0.5).values),
    };
  }).sort((a, b) => a.loss - b.loss);
}

/** The columns of all steps, one after the other. */
function overSteps(
  horizon: number,
  columnOf: (step: number) => Float64Array,
): Float64Array {
  const columns = Array.from({ length: horizon }, (_, k) => columnOf(k + 1));
  const joined = new Float64Array(horizon * columns[0].length);
  columns.forEach((column, k) => joined.set(column, k * column.length));
  return joined;
}

/** The forecaster for a series that is too short for all others. */
function fallback(
  series: MetricSeries,
  options: Settings & { name: ForecastMethod; notes: string[] },
): Candidate {
  const { name, notes, horizon, quantiles } = options;
  if (name !== "last_value") {
    throw new RangeError(`Cannot forecast with ${name}: ${notes.join("; ")}`);
  }
  notes.push(
    `${series.value.length} steps are too few to measure errors ${horizon} steps ahead: the last value is forecast, with the spread of a random walk`,
  );
  return {
    method: name,
    forecaster: randomWalkForecaster(series.value, { horizon, quantiles }),
    input: valuesAlone(series),
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
