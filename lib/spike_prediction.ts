/**
 * From a log to warnings of spikes: the first steps are learned from, warnings
 * are given for the rest, each made from what was known at its time.
 *
 * A log is watched by how slow all its requests are, by how slow those of each
 * endpoint are beyond that, and by the share that fails. Each is a level with a
 * limit of its own; what is predicted is that the level, freed of the noise of
 * single requests, exceeds the limit within the next steps. The probability of
 * a spike is the greatest of them: many quiet levels do not drown a loud one.
 * `lib/spike_signals.ts` says how they are learned and followed.
 *
 * @module
 */

import {
  type LevelDynamics,
  passageProbabilities,
} from "./forecast/level_filter.ts";
import {
  mergeWarnings,
  type MergeWarningsOptions,
} from "./forecast/spike_warnings.ts";
import { adaptiveLimit, type AdaptiveLimitOptions } from "./forecast/spikes.ts";
import type { RequestLog } from "./logs/request_log.ts";
import { checkNumber } from "./numeric/checks.ts";
import {
  follow,
  type FollowedLevel,
  learnLevels,
  type SpikeSignalName,
  type StepGrid,
} from "./spike_signals.ts";

export type { SpikeSignalName } from "./spike_signals.ts";

/** A limit: a number, or a quantile of the level at the steps before. */
export type SpikeLimit = number | AdaptiveLimitOptions;

/** Options for {@linkcode predictSpikes}. */
export type SpikePredictionOptions = MergeWarningsOptions & {
  /** Length of a step, milliseconds. @default {60_000} */
  stepMs?: number;
  /** Steps within which a spike is foreseen. @default {15} */
  horizon?: number;
  /** The limit of slowness, in times the usual response time, above 0; levels
   * stand 10 % apart. @default {1.5} */
  limit?: SpikeLimit;
  /** How far the share of failed requests may be above the usual one, 0 to 1.
   * @default {0.02} */
  errorLimit?: SpikeLimit;
  /** A warning begins above this probability. @default {0.5} */
  threshold?: number;
  /** Share of the steps to learn from, above 0 and below 1. @default {0.5} */
  trainShare?: number;
};

/** A warning of a spike. */
export type SpikeWarning = {
  /** When it was given, milliseconds since 1970 UTC: the end of a step. */
  readonly startMs: number;
  /** The end of the last step that still held it up. */
  readonly endMs: number;
  /** What will exceed its limit. */
  readonly signal: SpikeSignalName;
  /** The endpoint that is slow, or "" for all requests. */
  readonly endpoint: string;
  /** How probable that is within the horizon, 0 to 1. */
  readonly probability: number;
  /** The time by which half of that probability is reached, milliseconds. */
  readonly leadMs: number;
  /** The limit: times the usual response time, or a share of requests. */
  readonly limit: number;
};

/** One of the levels that are watched, at each step after training. */
export type SpikeSignal = {
  /** What it is. */
  readonly name: SpikeSignalName;
  /** The endpoint, or "" for all requests. */
  readonly endpoint: string;
  /** The level believed in, in the unit of the limit. */
  readonly value: Float64Array;
  /** The limit known at each step. */
  readonly limit: Float64Array;
  /** The probability that the level exceeds it within the horizon. */
  readonly probability: Float64Array;
  /** Milliseconds by which half of that probability is reached. */
  readonly leadMs: Float64Array;
};

/** What was foreseen. */
export type SpikePrediction = {
  /** Warnings, ascending in time. */
  readonly warnings: readonly SpikeWarning[];
  /** The end of each step after training, milliseconds since 1970 UTC: when it
   * is known. */
  readonly timestampMs: Float64Array;
  /** The greatest probability of the signals at each step. */
  readonly probability: Float64Array;
  /** What was watched: all slowness, the error rate, then endpoints. */
  readonly signals: readonly SpikeSignal[];
};

const ACTION = "predict spikes";
/** About four years of minutes. */
const MAXIMUM_STEPS = 2_000_000;
/** An hour of minutes, from which little more than a mean can be learned. */
const LEAST_STEPS = 60;
const WEEK_MS = 7 * 86_400_000;

/**
 * Predicts spikes.
 *
 * @param log A log with response times, sorted by time.
 * @param options Horizon, limits, and above which probability to warn.
 * @returns Warnings with lead, probability and limit, and what they rest on.
 * @throws {TypeError} If the log has no response times.
 * @throws {RangeError} If there are too few steps or an option is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { generateLog } from "lib/logs/synthetic.ts";
 * import { predictSpikes } from "lib/spike_prediction.ts";
 *
 * const { log } = generateLog({ rows: 5000, days: 2 });
 * const { warnings } = predictSpikes(log, { threshold: 0.6 });
 * assert.ok(warnings.every(({ probability }) => probability > 0.6));
 * ```
 */
export function predictSpikes(
  log: RequestLog,
  options: SpikePredictionOptions = {},
): SpikePrediction {
  const { threshold = 0.5 } = options;
  const steps = stepsOf(log, options);
  const signals = learnLevels(log, steps).map((level) =>
    watch(level, steps, options)
  );
  const { firstMs, stepMs, trainSteps, count } = steps;
  const timestampMs = Float64Array.from(
    { length: count - trainSteps },
    (_, i) => firstMs + (trainSteps + i + 1) * stepMs,
  );
  const probability = timestampMs.map((_, i) =>
    Math.max(...signals.map((signal) => signal.probability[i]))
  );
  const spans = mergeWarnings({ timestampMs, probability }, threshold, options);
  const warnings = spans.map(({ row, startMs, endMs }): SpikeWarning => {
    const most = signals.reduce((a, b) =>
      b.probability[row] > a.probability[row] ? b : a
    );
    return {
      startMs,
      endMs,
      signal: most.name,
      endpoint: most.endpoint,
      probability: most.probability[row],
      leadMs: most.leadMs[row],
      limit: most.limit[row],
    };
  });
  return { warnings, timestampMs, probability, signals };
}

function stepsOf(log: RequestLog, options: SpikePredictionOptions): StepGrid {
  const { stepMs = 60_000, trainShare = 0.5 } = options;
  checkNumber(stepMs, "stepMs", ACTION, { minimum: 1, integer: true });
  checkNumber(trainShare, "trainShare", ACTION, {
    minimum: 0,
    maximum: 1,
    exclusive: true,
  });
  const { timestampMs } = log;
  const rows = timestampMs.length;
  checkNumber(rows, "the number of requests", ACTION, { minimum: 1 });
  const firstMs = Math.floor(timestampMs[0] / stepMs) * stepMs;
  const stepAt = (at: number) => Math.floor((at - firstMs) / stepMs);
  const count = stepAt(timestampMs[rows - 1]) + 1;
  checkNumber(count, `the number of steps of ${stepMs} ms`, ACTION, {
    maximum: MAXIMUM_STEPS,
  });
  const trainSteps = Math.floor(trainShare * count);
  checkNumber(
    Math.min(trainSteps, count - trainSteps),
    `the number of steps to learn from, or left, of ${count} steps of ${stepMs} ms,`,
    ACTION,
    { minimum: LEAST_STEPS },
  );
  return {
    firstMs,
    stepMs,
    count,
    stepOfRow: Uint32Array.from(timestampMs, stepAt),
    trainSteps,
  };
}

/** Follows a level and asks at each step whether it will exceed its limit. */
function watch(
  level: FollowedLevel,
  steps: StepGrid,
  options: SpikePredictionOptions,
): SpikeSignal {
  const { horizon = 15 } = options;
  const { trainSteps, count, stepMs } = steps;
  const { name, endpoint, dynamics, toUnit } = level;
  const limits = limitsOf(level, steps, options);
  const passagesOf = rememberedPassages(dynamics, horizon);
  const [value, probability, leadMs] = [0, 1, 2].map(() =>
    new Float64Array(count - trainSteps)
  );
  follow(level, steps, (step, filter) => {
    const i = step - trainSteps;
    if (i < 0) return;
    const within = passagesOf(limits[step]);
    value[i] = toUnit(filter.mean());
    // Rounding may leave a hair above 1.
    probability[i] = Math.min(filter.expect(within[horizon - 1]), 1);
    const half = probability[i] / 2;
    leadMs[i] = stepMs *
      (1 + within.findIndex((passage) => filter.expect(passage) >= half));
  });
  const limit = limits.subarray(trainSteps).map(toUnit);
  return { name, endpoint, value, limit, probability, leadMs };
}

/** The limit of a level at each step, in its own unit. */
function limitsOf(
  level: FollowedLevel,
  steps: StepGrid,
  options: SpikePredictionOptions,
): Float64Array {
  const { limit = 1.5, errorLimit = 0.02 } = options;
  const isSlowness = level.name === "slowness";
  const own = isSlowness ? limit : errorLimit;
  if (typeof own === "number") {
    const name = isSlowness ? "limit" : "errorLimit";
    const bounds = isSlowness
      ? { minimum: 0, exclusive: true }
      : { minimum: 0, maximum: 1 };
    checkNumber(own, name, ACTION, bounds);
    return new Float64Array(steps.count).fill(level.beyondUsual(own));
  }
  const means = new Float64Array(steps.count);
  follow(level, steps, (step, filter) => {
    means[step] = filter.mean();
  });
  return adaptiveLimit(means, {
    window: Math.ceil(WEEK_MS / steps.stepMs),
    ...own,
  });
}

/** Passage probabilities, computed once for limits between the same levels. */
function rememberedPassages(
  dynamics: LevelDynamics,
  horizon: number,
): (limit: number) => Float64Array[] {
  const known = new Map<number, Float64Array[]>();
  return (limit) => {
    const above = dynamics.levels.findIndex((level) => level > limit);
    const found = known.get(above) ??
      passageProbabilities(dynamics, limit, horizon);
    known.set(above, found);
    return found;
  };
}
