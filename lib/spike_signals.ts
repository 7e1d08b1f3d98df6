/**
 * What warnings of a log rest on: how slow all requests are, how slow those of
 * each endpoint are beyond that, and which share of requests fails, each
 * followed step by step by a {@linkcode LevelFilter}.
 *
 * Slowness is followed through each request that does not fail. How requests
 * scatter about the level is learned from training, too: the density of what
 * they were beyond the usual, in spreads of their kind. Two modes or a heavy
 * tail are then no sign of trouble. The share of failures is followed through
 * each request by its two outcomes.
 *
 * @module
 */

import {
  driftingLevels,
  jumpingLevels,
  type JumpRates,
  type LevelDynamics,
  LevelFilter,
  type UsualDrift,
} from "./forecast/level_filter.ts";
import type { RequestLog } from "./logs/request_log.ts";
import { UsualRequests } from "./logs/request_slowness.ts";
import { serverErrors } from "./logs/rolling.ts";
import { KernelDensity } from "./numeric/kernel_density.ts";

/** Even steps in time, and the step that each request lies in. */
export type StepGrid = {
  /** Start of the first step, milliseconds since 1970 UTC. */
  readonly firstMs: number;
  /** Length of a step in milliseconds. */
  readonly stepMs: number;
  /** Number of steps. */
  readonly count: number;
  /** The step of each request, ascending, shape `(rows)`. */
  readonly stepOfRow: Uint32Array;
  /** Steps to learn what is usual from. */
  readonly trainSteps: number;
};

/** What is observed of a level: rows, and what each says of it. */
export type Observed = {
  /** Rows of the log, ascending. */
  readonly rows: Uint32Array;
  /** Writes the likelihood of a row at each level, shape `(m)`. */
  likelihood(row: number, into: Float64Array): void;
};

/** What is watched: how slow requests are, or which share of them fails. */
export type SpikeSignalName = "slowness" | "error_rate";

/** A level that is followed. */
export type FollowedLevel = {
  /** What it is. */
  readonly name: SpikeSignalName;
  /** The endpoint, or "" for all requests. */
  readonly endpoint: string;
  /** How it moves. */
  readonly dynamics: LevelDynamics;
  /** What is observed of it. */
  readonly observed: Observed;
  /** The level in the unit of a reader: times the usual, or a share. */
  toUnit(level: number): number;
  /** The level that is so far beyond the usual: that many times it, or that
   * share more. */
  beyondUsual(value: number): number;
};

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** However long a step is, most of what is known is kept. */
const MOST_JUMPS = 0.3;
const MINUTE_MS = 60_000;
/** From e^-1 to e^2.5 times the usual response time. */
const LOG_SLOWNESS = Float64Array.from({ length: 36 }, (_, i) => i / 10 - 1);
const DEVIATIONS = [0.05, 0.1, 0.2, 0.4];
const MEMORY_MINUTES = [15, 30, 60, 120];
const FIRST_MEMORY = 30;
/** Halves of the mean error rate that are tried as the usual one. */
const HALVINGS = 5;
/** Endpoints followed by themselves: the most frequent ones. */
const MOST_ENDPOINTS = 20;
const LEAST_ENDPOINT_REQUESTS = 100;

/**
 * Learns how a log's levels move from its first steps.
 *
 * @param log The log, sorted by time, with response times.
 * @param steps Its steps.
 * @returns All slowness, the error rate, then the slowness of endpoints.
 */
export function learnLevels(log: RequestLog, steps: StepGrid): FollowedLevel[] {
  const found = steps.stepOfRow.findIndex((step) => step >= steps.trainSteps);
  const trainRows = found < 0 ? steps.stepOfRow.length : found;
  const isError = serverErrors(log.statusCode);
  const answered = Uint32Array.from(isError.keys())
    .filter((row) => isError[row] === 0);
  const [overall, ...endpoints] = slownessLevels(log, steps, {
    answered,
    trainRows,
  });
  return [overall, failureLevel(isError, steps, trainRows), ...endpoints];
}

/**
 * Follows a level through all steps.
 *
 * @param level How it moves and what is observed of it.
 * @param steps The steps.
 * @param visit Called at the end of each step.
 * @returns The log likelihood of the observations.
 */
export function follow(
  { dynamics, observed }: Pick<FollowedLevel, "dynamics" | "observed">,
  { stepOfRow, count }: Pick<StepGrid, "stepOfRow" | "count">,
  visit: (step: number, filter: LevelFilter) => void,
): number {
  const filter = new LevelFilter(dynamics);
  const likelihood = new Float64Array(dynamics.levels.length);
  const { rows } = observed;
  let [next, sum] = [0, 0];
  for (let step = 0; step < count; step++) {
    filter.advance();
    for (; next < rows.length && stepOfRow[rows[next]] === step; next++) {
      observed.likelihood(rows[next], likelihood);
      sum += filter.observe(likelihood);
    }
    visit(step, filter);
  }
  return sum;
}

/** The slowness of all requests, then that of endpoints beyond it. */
function slownessLevels(
  log: RequestLog,
  steps: StepGrid,
  { answered, trainRows }: { answered: Uint32Array; trainRows: number },
): FollowedLevel[] {
  const usual = UsualRequests.fit(log, { trainRows });
  const { logSlowness, spread } = usual.transform(log);
  const inTraining = answered.filter((row) => row < trainRows);
  const likelihoodOf = (values: Float64Array) =>
    scatterLikelihood(
      values,
      spread,
      KernelDensity.fit(
        Float64Array.from(inTraining, (row) => values[row] / spread[row]),
      ),
    );
  const overall = slownessLevel("", steps, {
    observed: { rows: answered, likelihood: likelihoodOf(logSlowness) },
    share: 1,
  });
  const means = new Float64Array(steps.count);
  follow(overall, steps, (step, filter) => {
    means[step] = filter.mean();
  });
  // Beyond all requests, as far as was known of these when the step began.
  const likelihood = likelihoodOf(
    logSlowness.map((value, row) =>
      value - (means[steps.stepOfRow[row] - 1] ?? 0)
    ),
  );
  const { codes, names } = log.endpoint;
  const endpoints = frequentEndpoints(log, trainRows);
  return [
    overall,
    ...endpoints.map((code) =>
      slownessLevel(names[code], steps, {
        observed: {
          rows: answered.filter((row) => codes[row] === code),
          likelihood,
        },
        share: 1 / endpoints.length,
      })
    ),
  ];
}

/** An incident a day, of an hour: rare and short is what the filter must
 * know. Endpoints share the one a day. */
function ratesOf(stepMs: number, share: number): JumpRates {
  return {
    raiseRate: Math.min(share * stepMs / DAY_MS, MOST_JUMPS),
    returnRate: Math.min(stepMs / HOUR_MS, MOST_JUMPS),
  };
}

function slownessLevel(
  endpoint: string,
  steps: StepGrid,
  { observed, share }: { observed: Observed; share: number },
): FollowedLevel {
  return {
    name: "slowness",
    endpoint,
    dynamics: learnDrift(observed, steps, ratesOf(steps.stepMs, share)),
    observed,
    toUnit: Math.exp,
    beyondUsual: Math.log,
  };
}

/** What a request says of each level: the density of what it is beyond it. */
function scatterLikelihood(
  values: Float64Array,
  spread: Float64Array,
  density: KernelDensity,
): Observed["likelihood"] {
  return (row, into) => {
    for (let i = 0; i < into.length; i++) {
      into[i] = density.at((values[row] - LOG_SLOWNESS[i]) / spread[row]);
    }
  };
}

/** The drift of the greatest likelihood on training steps, one number at a
 * time. */
function learnDrift(
  observed: Observed,
  steps: StepGrid,
  rates: JumpRates,
): LevelDynamics {
  const perMinute = MINUTE_MS / steps.stepMs;
  const best = (candidates: UsualDrift[]) =>
    likeliest(
      candidates.map((drift) => ({
        drift,
        observed,
        dynamics: driftingLevels(
          LOG_SLOWNESS,
          { ...drift, memory: drift.memory * perMinute },
          rates,
        ),
      })),
      steps,
    );
  const { drift } = best(
    DEVIATIONS.map((deviation) => ({ deviation, memory: FIRST_MEMORY })),
  );
  return best(MEMORY_MINUTES.map((memory) => ({ ...drift, memory }))).dynamics;
}

/** Levels from the usual error rate on, each twice the one before. The usual
 * rate is that of the greatest likelihood on training steps, of the mean and
 * halves of it: failures of incidents are then jumps, not usual. */
function failureLevel(
  isError: Uint8Array,
  steps: StepGrid,
  trainRows: number,
): FollowedLevel {
  const errors = isError.subarray(0, trainRows).reduce((a, b) => a + b, 0);
  const mean = (errors + 1) / (trainRows + 2);
  const candidates = Array.from(
    { length: HALVINGS + 1 },
    (_, k) => failureLevelOf(isError, mean / 2 ** k, steps.stepMs),
  );
  return likeliest(candidates, steps);
}

function failureLevelOf(
  isError: Uint8Array,
  usual: number,
  stepMs: number,
): FollowedLevel {
  const levels = [usual];
  for (let next = 2 * usual; next < 1; next *= 2) levels.push(next);
  levels.push((1 + levels[levels.length - 1]) / 2);
  return {
    name: "error_rate",
    endpoint: "",
    dynamics: jumpingLevels(Float64Array.from(levels), ratesOf(stepMs, 1)),
    observed: {
      rows: Uint32Array.from(isError.keys()),
      likelihood: (row, into) => {
        for (let i = 0; i < into.length; i++) {
          into[i] = isError[row] === 1 ? levels[i] : 1 - levels[i];
        }
      },
    },
    toUnit: (level) => level,
    beyondUsual: (value) => levels[0] + value,
  };
}

/** The candidate of the greatest likelihood on training steps. */
function likeliest<T extends Pick<FollowedLevel, "dynamics" | "observed">>(
  candidates: readonly T[],
  steps: StepGrid,
): T {
  const training = { ...steps, count: steps.trainSteps };
  return candidates
    .map((level) => ({ level, sum: follow(level, training, () => {}) }))
    .reduce((a, b) => b.sum > a.sum ? b : a).level;
}

/** Codes of the most frequent endpoints in training, of two and more. */
function frequentEndpoints(log: RequestLog, trainRows: number): number[] {
  const counts = log.endpoint.names.map((_, code) => ({ code, count: 0 }));
  log.endpoint.codes.subarray(0, trainRows).forEach((code) =>
    counts[code].count++
  );
  const frequent = counts
    .filter(({ count }) => count >= LEAST_ENDPOINT_REQUESTS)
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_ENDPOINTS)
    .map(({ code }) => code);
  return frequent.length > 1 ? frequent : [];
}
