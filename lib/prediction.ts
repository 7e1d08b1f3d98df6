/**
 * The way from a metric series to its next steps: the network beside the naive
 * baselines, all judged on the last fifth of the series, which none has seen,
 * and the best of them, or the one asked for, put to use.
 *
 * @module
 */

import {
  compareForecasters,
  type NamedForecaster,
} from "./evaluate/forecast_comparison.ts";
import {
  lastValueForecaster,
  rollingMedianForecaster,
  seasonalNaiveForecaster,
} from "./forecast/baselines.ts";
import type { ForecastInput } from "./forecast/forecaster.ts";
import { SeriesInputs, sliceSeries } from "./forecast/inputs.ts";
import { LstmForecaster } from "./forecast/lstm.ts";
import type { MetricSeries } from "./logs/request_log.ts";
import { checkNumber } from "./numeric/checks.ts";
import type { TrainingControls } from "./numeric/training.ts";

/** The forecasters that can be chosen. */
export const FORECAST_METHODS = [
  "lstm",
  "seasonal_naive",
  "rolling_median",
  "last_value",
] as const;

/** The name of a forecaster. */
export type ForecastMethod = typeof FORECAST_METHODS[number];

/** Options for {@linkcode forecastSeries}. */
export type ForecastSeriesOptions = TrainingControls & {
  /** Steps to forecast. @default {12} */
  horizon?: number;
  /** The forecaster; the best on held-out steps if left out. */
  method?: ForecastMethod;
  /** Seed of everything random. @default {0} */
  seed?: number;
  /** The least and the greatest value that there can be; forecasts stay
   * within. @default {[-Infinity, Infinity]} */
  limits?: readonly [number, number];
};

/** The next steps of a series. */
export type SeriesForecast = {
  /** The forecaster that gave them. */
  readonly method: ForecastMethod;
  /** Start of each step, milliseconds since 1970 UTC, shape `(horizon)`. */
  readonly timestampMs: Float64Array;
  /** The median of each step, in the unit of the series, shape `(horizon)`. */
  readonly median: Float64Array;
  /** Each forecaster's mean absolute error on the held-out steps, over all
   * steps ahead, in the unit of the series, the best first; empty if the
   * series is too short to hold any out. */
  readonly errors: readonly { method: ForecastMethod; error: number }[];
  /** What a reader should know: which forecasters were left out, and why. */
  readonly notes: readonly string[];
};

const TRAINING_SHARE = 0.8;
const DAY_MS = 86_400_000;
const MEDIAN_WINDOW = 12;
const LSTM_SETTINGS = {
  windowLength: 24,
  units: 32,
  maximumWindows: 1000,
  epochs: 15,
  patience: 3,
  loss: "meanAbsoluteError",
} as const;

/**
 * Fits forecasters on the first 80 % of a series, judges them on the rest, and
 * forecasts the steps after its end with the best, or with the one asked for.
 *
 * @param series The series, n steps, n >= 2.
 * @param options Horizon, method and seed.
 * @returns The forecast, and how the forecasters did on held-out steps.
 * @throws {RangeError} If the series is too short for the method asked for, or
 * an option is out of range.
 */
export async function forecastSeries(
  series: MetricSeries,
  options: ForecastSeriesOptions = {},
): Promise<SeriesForecast> {
  const { horizon = 12, method } = options;
  const [least, greatest] = options.limits ?? [-Infinity, Infinity];
  const rows = series.value.length;
  checkNumber(horizon, "horizon", "forecast", { minimum: 1, integer: true });
  checkNumber(rows, "the number of steps", "forecast", { minimum: 2 });
  const trainEnd = Math.floor(rows * TRAINING_SHARE);
  const training = sliceSeries(series, 0, trainEnd);
  const inputs = SeriesInputs.fit(training);
  const notes: string[] = [];
  const candidates = await fitCandidates(series, inputs.transform(training), {
    ...options,
    horizon,
    notes,
  });
  const input = inputs.transform(series);
  try {
    const errors = compareForecasters(candidates, input, {
      range: { start: trainEnd, end: rows },
    }).map(({ name, meanAbsoluteError }) => ({
      method: name,
      error: meanAbsoluteError,
    })).sort((a, b) => a.error - b.error);
    const name = method ?? errors[0]?.method ?? candidates[0].name;
    const chosen = candidates.find((candidate) => candidate.name === name);
    if (!chosen) {
      throw new RangeError(
        `Cannot forecast with ${method}: ${notes.join("; ")}`,
      );
    }
    const forecast = chosen.model.forecast(input, Uint32Array.of(rows - 1));
    return {
      method: chosen.name,
      timestampMs: stepsAfter(series, horizon),
      median: forecast.values.map((value) =>
        Math.min(Math.max(value, least), greatest)
      ),
      errors,
      notes,
    };
  } finally {
    for (const { model } of candidates) {
      if (model instanceof LstmForecaster) model.dispose();
    }
  }
}

type Candidate = NamedForecaster<ForecastMethod>;

/** Those forecasters that the series is long enough for, simplest first. */
async function fitCandidates(
  series: MetricSeries,
  training: ForecastInput,
  options: ForecastSeriesOptions & { horizon: number; notes: string[] },
): Promise<Candidate[]> {
  const { horizon, method, notes } = options;
  const rows = series.value.length;
  const season = DAY_MS / series.stepMs;
  const candidates: Candidate[] = [
    { name: "last_value", model: lastValueForecaster({ horizon }) },
  ];
  if (rows >= MEDIAN_WINDOW) {
    const model = rollingMedianForecaster(MEDIAN_WINDOW, { horizon });
    candidates.push({ name: "rolling_median", model });
  } else {
    notes.push(`rolling_median needs ${MEDIAN_WINDOW} steps, got ${rows}`);
  }
  if (Number.isInteger(season) && season > 1 && rows >= season) {
    const model = seasonalNaiveForecaster(season, { horizon });
    candidates.push({ name: "seasonal_naive", model });
  } else {
    notes.push(
      `seasonal_naive needs a day of steps that divide it, got ${rows} steps of ${
        series.stepMs / 1000
      } s`,
    );
  }
  if (method !== undefined && method !== "lstm") return candidates;
  try {
    const model = await LstmForecaster.fit(training, {
      ...LSTM_SETTINGS,
      ...options,
    });
    candidates.push({ name: "lstm", model });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    notes.push(`lstm left out: ${error.message}`);
  }
  return candidates;
}

function stepsAfter(series: MetricSeries, horizon: number): Float64Array {
  const { timestampMs, stepMs } = series;
  const last = timestampMs[timestampMs.length - 1];
  return Float64Array.from(
    { length: horizon },
    (_, k) => last + (k + 1) * stepMs,
  );
}
