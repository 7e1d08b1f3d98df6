/**
 * From a log or a series to warnings of spikes: the first rows are learned
 * from, the next ones calibrate, warnings are given for the rest, each made
 * from what was known at its time.
 *
 * A log is watched by its slowness, {@linkcode UsualService}, and by its error
 * rate, each with a forecast and a limit of its own; the probability of a
 * warning is the greater of the two.
 *
 * @module
 */

import { ExponentialSmoothing } from "./forecast/exponential_smoothing.ts";
import {
  type Forecaster,
  type ForecastInput,
  originsBetween,
} from "./forecast/forecaster.ts";
import { sliceSeries } from "./forecast/inputs.ts";
import { LstmForecaster } from "./forecast/lstm.ts";
import { ReferencedInputs } from "./forecast/referenced_inputs.ts";
import { ResidualQuantileForecaster } from "./forecast/residual_quantiles.ts";
import {
  chooseWarningThreshold,
  mergeWarnings,
  type WarningThresholdOptions,
} from "./forecast/spike_warnings.ts";
import {
  adaptiveLimit,
  type AdaptiveLimitOptions,
  exceededWithin,
  fitDependence,
  spikeProbabilities,
} from "./forecast/spikes.ts";
import { valuesAlone } from "./forecast_model.ts";
import type { MetricSeries, RequestLog } from "./logs/request_log.ts";
import { UsualService } from "./logs/slowness.ts";
import { checkNumber } from "./numeric/checks.ts";
import type { TrainingControls } from "./numeric/training.ts";

/** What is watched: the slowness of a log, its error rate, or a series. */
export type SpikeSignalName = "slowness" | "error_rate" | "value";

/** How a series is forecast: by a level with quantiles of its own errors, or by
 * one network for all signals. */
export type SpikeMethod = "level" | "lstm";

/** A limit: a number, or a quantile of the rows before. */
export type SpikeLimit = number | AdaptiveLimitOptions;

/** Options for {@linkcode predictSpikes}. */
export type SpikePredictionOptions =
  & WarningThresholdOptions
  & TrainingControls
  & {
    /** Length of a bucket of a log, milliseconds. @default {300_000} */
    bucketMs?: number;
    /** Steps within which a spike is foreseen. @default {6} */
    horizon?: number;
    /** The limit of the series, or of the slowness: times the usual response
     * time. @default {{ quantile: 0.98 }} */
    limit?: SpikeLimit;
    /** The limit of the error rate, 0 to 1. @default {{ quantile: 0.98 }} */
    errorLimit?: SpikeLimit;
    /** Share of the steps to learn from. @default {0.25} */
    trainShare?: number;
    /** Share of the steps, after these, to calibrate on. @default {0.25} */
    calibrationShare?: number;
    /** The forecaster. @default {"level"} */
    method?: SpikeMethod;
    /** Seed of the network. @default {0} */
    seed?: number;
  };

/** A warning of a spike. */
export type SpikeWarning = {
  /** When it was given, milliseconds since 1970 UTC: the end of a step. */
  readonly startMs: number;
  /** The end of the last step that still held it up. */
  readonly endMs: number;
  /** What will exceed its limit. */
  readonly signal: SpikeSignalName;
  /** How probable that is within the horizon, 0 to 1. */
  readonly probability: number;
  /** How soon it is probable, in milliseconds. */
  readonly leadMs: number;
  /** The limit: times the usual response time, a share of requests, or in the
   * unit of the series. */
  readonly limit: number;
};

/** One of the things that are watched, from the first calibration step on. */
export type SpikeSignal = {
  /** What it is. */
  readonly name: SpikeSignalName;
  /** Its value at each step, in the unit of the limit. */
  readonly value: Float64Array;
  /** The limit known at each step. */
  readonly limit: Float64Array;
  /** The probability that the limit is exceeded within the horizon. */
  readonly probability: Float64Array;
  /** How far steps are independent, 0 to 1. */
  readonly dependence: number;
};

/** What was foreseen. */
export type SpikePrediction = {
  /** Warnings after the calibration steps. */
  readonly warnings: readonly SpikeWarning[];
  /** The end of each step from the first calibration step on, milliseconds
   * since 1970 UTC: when the step is known. */
  readonly timestampMs: Float64Array;
  /** The greatest probability of the signals at each step. */
  readonly probability: Float64Array;
  /** What was watched. */
  readonly signals: readonly SpikeSignal[];
  /** The steps, of those here, that were calibrated on. */
  readonly calibrationSteps: number;
  /** A warning begins above this probability. */
  readonly threshold: number;
};

const ACTION = "predict spikes";
/** Closer above the median: that is where limits are. */
const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.98];
const NETWORK = {
  units: 32,
  windowLength: 24,
  dropout: 0.1,
  learningRate: 0.003,
  maximumWindows: 4000,
  epochs: 12,
  patience: 4,
} as const;

/**
 * Predicts spikes.
 *
 * @param source A request log with response times, sorted by time, or a series.
 * @param options Horizon, limits, how many false warnings are allowed.
 * @returns Warnings with lead, probability and limit, and what they rest on.
 * @throws {TypeError} If a log has no response times.
 * @throws {RangeError} If there are too few steps or an option is out of range.
 * @throws `options.signal.reason`, if the signal is aborted.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { generateLog } from "lib/logs/synthetic.ts";
 * import { predictSpikes } from "lib/spike_prediction.ts";
 *
 * const { log } = generateLog({ rows: 5000, days: 2 });
 * const { warnings } = await predictSpikes(log, { horizon: 3 });
 * assert.ok(warnings.every(({ probability }) => probability <= 1));
 * ```
 */
export async function predictSpikes(
  source: RequestLog | MetricSeries,
  options: SpikePredictionOptions = {},
): Promise<SpikePrediction> {
  const { horizon = 6 } = options;
  const plan = planOf(source, options);
  const watched = watchedOf(source, plan.fitEnd, options);
  const rows = watched[0].series.value.length;
  const origins = originsBetween(1, { start: plan.fitEnd, end: rows });
  // The last calibration origins whose whole horizon is calibration too.
  const judged = origins.filter((origin) =>
    origin + horizon < plan.calibrationEnd
  );
  const forecasters = await fitForecasters(watched, plan.fitEnd, options);
  const signals: Forecasted[] = [];
  try {
    watched.forEach((signal, k) => {
      signals.push(
        watch(signal, { ...forecasters[k], origins, judged, horizon }),
      );
    });
  } finally {
    // All signals may share one network, which is freed once.
    new Set(forecasters.map(({ forecaster }) => forecaster)).forEach((own) =>
      own.dispose?.()
    );
  }
  const { timestampMs: starts, stepMs } = watched[0].series;
  const timestampMs = Float64Array.from(origins, (row) => starts[row] + stepMs);
  const probability = greatest(signals.map((own) => own.probability));
  const exceeded = Uint8Array.from(
    judged,
    (_, i) => signals.some((own) => own.exceeded[i] === 1) ? 1 : 0,
  );
  const threshold = chooseWarningThreshold(
    {
      timestampMs: timestampMs.subarray(0, judged.length),
      probability: probability.subarray(0, judged.length),
    },
    exceeded,
    options,
  );
  const first = plan.calibrationEnd - plan.fitEnd;
  const spans = mergeWarnings(
    {
      timestampMs: timestampMs.subarray(first),
      probability: probability.subarray(first),
    },
    threshold,
    options,
  );
  const warnings = spans.map(({ row, startMs, endMs }): SpikeWarning => {
    const at = first + row;
    const most = signals.reduce((a, b) =>
      b.probability[at] > a.probability[at] ? b : a
    );
    return {
      startMs,
      endMs,
      signal: most.name,
      probability: most.probability[at],
      leadMs: most.leadSteps[at] * stepMs,
      limit: most.limit[at],
    };
  });
  return {
    warnings,
    timestampMs,
    probability,
    signals: signals.map(({ exceeded: _, leadSteps: __, ...signal }) => signal),
    calibrationSteps: first,
    threshold,
  };
}

/** A signal as it is forecast: slowness on its logarithm. */
type Watched = {
  name: SpikeSignalName;
  series: MetricSeries;
  /** The limit known at each row, on the scale of the series. */
  limits: Float64Array;
  toUnit: (value: number) => number;
};

type Forecasted = SpikeSignal & {
  leadSteps: Uint32Array;
  exceeded: Uint8Array;
};

type FittedForecaster = { forecaster: Forecaster; input: ForecastInput };

function planOf(
  source: RequestLog | MetricSeries,
  options: SpikePredictionOptions,
): { fitEnd: number; calibrationEnd: number } {
  const { trainShare = 0.25, calibrationShare = 0.25 } = options;
  for (
    const [name, share] of Object.entries({ trainShare, calibrationShare })
  ) {
    checkNumber(share, name, ACTION, {
      minimum: 0,
      maximum: 1,
      exclusive: true,
    });
  }
  checkNumber(trainShare + calibrationShare, "the sum of shares", ACTION, {
    minimum: 0,
    maximum: 1,
    exclusive: true,
  });
  const { horizon = 6 } = options;
  checkNumber(horizon, "horizon", ACTION, { minimum: 1, integer: true });
  const rows = stepsOf(source, options);
  const fitEnd = Math.floor(trainShare * rows);
  const calibrationEnd = Math.floor((trainShare + calibrationShare) * rows);
  checkNumber(
    Math.min(fitEnd, calibrationEnd - fitEnd - horizon),
    `the number of steps to learn and to calibrate on, of ${rows} steps,`,
    ACTION,
    { minimum: LEAST_STEPS },
  );
  return { fitEnd, calibrationEnd };
}

/** Fewer errors say nothing of the quantile 0.98. */
const LEAST_STEPS = 60;

function stepsOf(
  source: RequestLog | MetricSeries,
  options: SpikePredictionOptions,
): number {
  if ("value" in source) return source.value.length;
  const { bucketMs = 300_000 } = options;
  const { timestampMs } = source;
  checkNumber(timestampMs.length, "the number of requests", ACTION, {
    minimum: 1,
  });
  const last = timestampMs[timestampMs.length - 1];
  return Math.floor(last / bucketMs) - Math.floor(timestampMs[0] / bucketMs) +
    1;
}

function watchedOf(
  source: RequestLog | MetricSeries,
  fitEnd: number,
  options: SpikePredictionOptions,
): Watched[] {
  const { limit = { quantile: 0.98 }, errorLimit = { quantile: 0.98 } } =
    options;
  const { bucketMs = 300_000 } = options;
  const same = (value: number) => value;
  if ("value" in source) {
    const limits = limitsOf(source.value, limit);
    return [{ name: "value", series: source, limits, toUnit: same }];
  }
  const firstMs = Math.floor(source.timestampMs[0] / bucketMs) * bucketMs;
  const usual = UsualService.fit(source, {
    bucketMs,
    trainEndMs: firstMs + fitEnd * bucketMs,
  });
  const { logSlowness, errorRate } = usual.transform(source);
  const logLimit = typeof limit === "number" ? Math.log(limit) : limit;
  return [
    {
      name: "slowness",
      series: logSlowness,
      limits: limitsOf(logSlowness.value, logLimit),
      toUnit: Math.exp,
    },
    {
      name: "error_rate",
      series: errorRate,
      limits: limitsOf(errorRate.value, errorLimit),
      toUnit: same,
    },
  ];
}

function limitsOf(values: Float64Array, limit: SpikeLimit): Float64Array {
  if (typeof limit !== "number") return adaptiveLimit(values, limit);
  checkNumber(limit, "limit", ACTION);
  return new Float64Array(values.length).fill(limit);
}

function fitForecasters(
  watched: readonly Watched[],
  fitEnd: number,
  options: SpikePredictionOptions,
): Promise<FittedForecaster[]> {
  const { horizon = 6, method = "level" } = options;
  if (method === "lstm") return fitNetwork(watched, fitEnd, options);
  return Promise.resolve(watched.map(({ series }) => {
    const train = valuesAlone(sliceSeries(series, 0, fitEnd));
    const level = ExponentialSmoothing.fit(train, { horizon, trend: "none" });
    return {
      forecaster: ResidualQuantileForecaster.fit(level, train, {
        quantiles: QUANTILES,
      }),
      input: valuesAlone(series),
    };
  }));
}

async function fitNetwork(
  watched: readonly Watched[],
  fitEnd: number,
  options: SpikePredictionOptions,
): Promise<FittedForecaster[]> {
  const { horizon = 6, seed = 0, signal, onProgress } = options;
  const parts = watched.map(({ series }) => {
    const train = sliceSeries(series, 0, fitEnd);
    const inputs = ReferencedInputs.fit(train, { horizon });
    return {
      train: inputs.transform(train),
      input: inputs.transform(series),
    };
  });
  const forecaster = await LstmForecaster.fit(parts.map(({ train }) => train), {
    ...NETWORK,
    horizon,
    quantiles: QUANTILES,
    seed,
    ...(signal ? { signal } : {}),
    ...(onProgress ? { onProgress } : {}),
  });
  return parts.map(({ input }) => ({ forecaster, input }));
}

function watch(
  { name, series, limits, toUnit }: Watched,
  options: FittedForecaster & {
    origins: Uint32Array;
    judged: Uint32Array;
    horizon: number;
  },
): Forecasted {
  const { forecaster, input, origins, judged, horizon } = options;
  const forecast = forecaster.forecast(input, origins);
  const limit = Float64Array.from(origins, (origin) => limits[origin]);
  const exceeded = exceededWithin(series.value, judged, {
    limits: limit,
    horizon,
  });
  const size = judged.length * horizon * forecast.quantiles.length;
  const dependence = fitDependence(
    {
      ...forecast,
      origins: judged,
      values: forecast.values.subarray(0, size),
    },
    limit.subarray(0, judged.length),
    exceeded,
  );
  return {
    name,
    value: Float64Array.from(origins, (row) => toUnit(series.value[row])),
    limit: limit.map(toUnit),
    ...spikeProbabilities(forecast, limit, { dependence }),
    dependence,
    exceeded,
  };
}

function greatest(columns: readonly Float64Array[]): Float64Array {
  return columns[0].map((_, i) =>
    Math.max(...columns.map((column) => column[i]))
  );
}
