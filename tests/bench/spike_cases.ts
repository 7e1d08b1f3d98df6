/**
 * Generated logs as cases for warnings of spikes: what there was to warn of,
 * what each method said, and how well it did. The bench and the long test share
 * it.
 *
 * The second half of each log is judged. An incident can be warned of from the
 * start of its precursor, or else half an hour before its start, until its peak
 * as measured in buckets of 5 minutes. Warnings of decoys are false.
 *
 * @module
 */

import {
  poolJudgements,
  spansWithWarning,
  type WarnableIncident,
  type WarnedRun,
  type WarningJudgement,
  warningPrecisionRecallArea,
} from "lib/evaluate/warnings.ts";
import {
  mergeWarnings,
  type ProbabilitySeries,
  warningThresholds,
} from "lib/forecast/spike_warnings.ts";
import type { RequestLog } from "lib/logs/request_log.ts";
import { serverErrors } from "lib/logs/rolling.ts";
import { UsualService } from "lib/logs/slowness.ts";
import {
  generateLog,
  isDecoy,
  type KnownIncident,
} from "lib/logs/synthetic.ts";
import { Random } from "lib/numeric/random.ts";
import { predictSpikes, type SpikePrediction } from "lib/spike_prediction.ts";

/** A known incident, with the times that warnings are judged by. */
export type CaseIncident = WarnableIncident & {
  kind: KnownIncident["kind"];
  hasPrecursor: boolean;
};

/** What one method says of one log: a score at each step of the second half. */
export type MethodScores = {
  scores: ProbabilitySeries;
  /** A warning begins above it. */
  threshold: number;
  /** What suits the method better: 0.7 for probabilities, 1 for ratios. */
  release: number;
};

/** A generated log and what every method says of it. */
export type SpikeCase = {
  seed: number;
  incidents: CaseIncident[];
  decoys: KnownIncident[];
  days: number;
  methods: Map<string, MethodScores>;
};

/** One line of the table. */
export type SpikeRow = {
  method: string;
  incidents: number;
  precision: number;
  recall: number;
  /** Over all incidents. */
  prArea: number;
  /** Over incidents with precursors; warnings of others count for nothing. */
  prAreaPrecursors: number;
  /** From the first warning of an incident to its peak. */
  medianLeadMinutes: number;
  falseWarningsPerDay: number;
  precursors: number;
  precursorsWarned: number;
  decoys: number;
  decoysWarned: number;
  /** With the threshold lowered or raised to at most one false warning a day on
   * these very logs. */
  atOneFalseADay: {
    precision: number;
    recall: number;
    precursorsWarned: number;
    decoysWarned: number;
  };
};

const BUCKET_MS = 300_000;
const BUCKETS_BEFORE = 6;
const DAY_MS = 86_400_000;
const RANDOM_STREAM = 77;
const FAILING: readonly string[] = ["error_burst", "timeout", "fast_failure"];
/** The limits of predictSpikes beyond the usual, and those of the last value's greatest area on
 * seeds 100 to 119, of slowness 1.5 or 2 and error rates 0.05 to 0.3. */
const LIMITS = { slowness: 1.5, errorRate: 0.02 };
const SUITED_LIMITS = { slowness: 1.5, errorRate: 0.1 };

/**
 * Judges `predictSpikes` and its baselines on generated logs.
 *
 * @param seeds Seeds of the logs; 200 to 219 are for reports, 100 to 119 for
 * tuning.
 * @returns One row a method, the first one ours.
 */
export function spikeAccuracy(
  seeds: Iterable<number>,
): Promise<SpikeRow[]> {
  const cases = Array.from(seeds, (seed) => spikeCase(seed));
  const methods = [...cases[0].methods.keys()];
  return Promise.resolve(methods.map((method) => judgeMethod(cases, method)));
}

/** Makes a case of a generated log of 14 days and 50,000 requests. */
export function spikeCase(seed: number): SpikeCase {
  const { log, incidents } = generateLog({ seed });
  const prediction = predictSpikes(log);
  const { timestampMs } = prediction;
  const later = incidents.filter((known) =>
    (known.precursorStartMs ?? known.startMs) >= timestampMs[0]
  );
  return {
    seed,
    incidents: caseIncidents(log, later.filter((known) => !isDecoy(known))),
    decoys: later.filter(isDecoy),
    days: (timestampMs[timestampMs.length - 1] - timestampMs[0]) / DAY_MS,
    methods: new Map([
      ["predictSpikes", {
        scores: prediction,
        threshold: 0.5,
        release: 0.7,
      }],
      ["level now over its limit", levelNow(prediction)],
      ...lastValues(log, timestampMs[0]),
      ["random", randomScores(timestampMs, seed)],
    ]),
  };
}

/** Judges one method on all cases. */
export function judgeMethod(
  cases: readonly SpikeCase[],
  method: string,
): SpikeRow {
  const own = cases.map(({ methods }) => methods.get(method)!);
  const warnedAt = own.map(rememberedStarts);
  const runs = cases.map(({ days, incidents }, k): WarnedRun => ({
    days,
    incidents,
    warnedAt: warnedAt[k],
  }));
  const withPrecursor = cases.map(({ days, incidents }, k): WarnedRun => ({
    days,
    incidents: incidents.filter(({ hasPrecursor }) => hasPrecursor),
    warnedAt: (threshold) => withoutOthers(warnedAt[k](threshold), incidents),
  }));
  const judged = (which: WarnedRun[], thresholds: readonly number[]) =>
    poolJudgements(
      which.map((run, k) => ({
        ...run,
        warnedAtMs: run.warnedAt(thresholds[k]),
      })),
    );
  const decoysWarned = (thresholds: readonly number[]) =>
    cases.reduce(
      (sum, { decoys }, k) =>
        sum + spansWithWarning(warnedAt[k](thresholds[k]), decoys),
      0,
    );
  const tried = warningThresholds(
    Float64Array.from(own.flatMap(({ scores }) => [...scores.probability])),
  );
  const chosen = own.map(({ threshold }) => threshold);
  const all = judged(runs, chosen);
  const precursors = judged(withPrecursor, chosen);
  const alike = lowestAllowed(
    tried,
    (threshold) => judged(runs, cases.map(() => threshold)),
  );
  const same = cases.map(() => alike);
  const atOne = judged(runs, same);
  return {
    method,
    incidents: all.incidents,
    precision: all.precision ?? NaN,
    recall: all.recall ?? NaN,
    prArea: warningPrecisionRecallArea(runs, tried),
    prAreaPrecursors: warningPrecisionRecallArea(withPrecursor, tried),
    medianLeadMinutes: all.medianLeadToPeakMinutes ?? NaN,
    falseWarningsPerDay: all.falseWarningsPerDay,
    precursors: precursors.incidents,
    precursorsWarned: precursors.warned,
    decoys: cases.reduce((sum, { decoys }) => sum + decoys.length, 0),
    decoysWarned: decoysWarned(chosen),
    atOneFalseADay: {
      precision: atOne.precision ?? NaN,
      recall: atOne.recall ?? NaN,
      precursorsWarned: judged(withPrecursor, same).warned,
      decoysWarned: decoysWarned(same),
    },
  };
}

/** The lowest threshold, from the highest down, before one has more than a
 * false warning a day. */
function lowestAllowed(
  descending: Float64Array,
  judgedAt: (threshold: number) => WarningJudgement,
): number {
  let lowest = descending[0];
  for (const threshold of descending) {
    if (judgedAt(threshold).falseWarningsPerDay > 1) break;
    lowest = threshold;
  }
  return lowest;
}

/** What the forecast adds: the levels believed in, over their limits. */
function levelNow({ signals, timestampMs }: SpikePrediction): MethodScores {
  const probability = timestampMs.map((_, i) =>
    Math.max(...signals.map(({ value, limit }) => value[i] / limit[i]))
  );
  return { scores: { timestampMs, probability }, threshold: 1, release: 1 };
}

/** The last bucket of 5 minutes over its limit, of the same signals: all
 * requests, failures, and each endpoint beyond all. */
function lastValues(
  log: RequestLog,
  trainEndMs: number,
): [string, MethodScores][] {
  const usual = UsualService.fit(log, { bucketMs: BUCKET_MS, trainEndMs });
  const { logSlowness, errorRate } = usual.transform(log);
  const slowness = logSlowness.value;
  const usualErrors = usualErrorRate(log, trainEndMs);
  const beyond = log.endpoint.names.map((endpoint) =>
    usual.transform(log, { endpoint }).logSlowness.value
      .map((value, i) => value - slowness[i])
  );
  const scoresOf = (
    limits: typeof LIMITS,
    logSlownesses: Float64Array[],
    buckets = 1,
  ): MethodScores => {
    const first = logSlowness.timestampMs.findIndex((at) => at >= trainEndMs);
    const mean = (values: Float64Array, i: number) =>
      values.subarray(i - buckets + 1, i + 1).reduce((a, b) => a + b) / buckets;
    const timestampMs = logSlowness.timestampMs.subarray(first);
    const probability = timestampMs.map((_, k) =>
      Math.max(
        mean(errorRate.value, first + k) /
          (usualErrors + limits.errorRate),
        ...logSlownesses.map((values) =>
          Math.exp(mean(values, first + k)) / limits.slowness
        ),
      )
    );
    return {
      scores: {
        timestampMs: timestampMs.map((at) => at + BUCKET_MS),
        probability,
      },
      threshold: 1,
      release: 1,
    };
  };
  return [
    ["last value", scoresOf(LIMITS, [slowness, ...beyond])],
    ["last value, no endpoints", scoresOf(LIMITS, [slowness])],
    ["last value, limits that suit it", scoresOf(SUITED_LIMITS, [slowness])],
    ["mean of 15 minutes, the same", scoresOf(SUITED_LIMITS, [slowness], 3)],
  ];
}

function usualErrorRate(log: RequestLog, trainEndMs: number): number {
  const isError = serverErrors(log.statusCode);
  const train = isError.filter((_, row) => log.timestampMs[row] < trainEndMs);
  return train.reduce((sum, flag) => sum + flag, 0) / train.length;
}

function randomScores(timestampMs: Float64Array, seed: number): MethodScores {
  const random = new Random(seed, RANDOM_STREAM);
  const probability = timestampMs.map(() => random.uniform());
  return {
    scores: { timestampMs, probability },
    threshold: 0.9999,
    release: 1,
  };
}

/** First moments of warnings at any threshold. */
function rememberedStarts(
  { scores, release }: MethodScores,
): (threshold: number) => Float64Array {
  const known = new Map<number, Float64Array>();
  return (threshold) => {
    const found = known.get(threshold) ?? Float64Array.from(
      mergeWarnings(scores, threshold, { release }),
      ({ startMs }) => startMs,
    );
    known.set(threshold, found);
    return found;
  };
}

/** Warnings but those of incidents without a precursor. */
function withoutOthers(
  warnedAtMs: Float64Array,
  incidents: readonly CaseIncident[],
): Float64Array {
  const others = incidents.filter(({ hasPrecursor }) => !hasPrecursor);
  return warnedAtMs.filter((at) =>
    !others.some(({ fromMs, endMs }) => at >= fromMs && at < endMs)
  );
}

/** Incidents with the peak of what they disturb, as measured: the middle of the
 * bucket of the greatest error rate for kinds that fail, of the greatest
 * slowness of the endpoint hit for the others. */
function caseIncidents(
  log: RequestLog,
  incidents: readonly KnownIncident[],
): CaseIncident[] {
  const usual = UsualService.fit(log, { bucketMs: BUCKET_MS });
  const overall = usual.transform(log);
  return incidents.map((known) => {
    const { kind, startMs, endMs, endpoint, precursorStartMs } = known;
    const isFailure = FAILING.includes(kind);
    const { logSlowness, errorRate } = endpoint === ""
      ? overall
      : usual.transform(log, { endpoint });
    const { value, timestampMs } = isFailure ? errorRate : logSlowness;
    let [peakMs, greatest] = [startMs, -Infinity];
    value.forEach((own, bucket) => {
      const at = timestampMs[bucket];
      if (at + BUCKET_MS <= startMs || at >= endMs || own <= greatest) return;
      [peakMs, greatest] = [at + BUCKET_MS / 2, own];
    });
    return {
      kind,
      hasPrecursor: precursorStartMs !== undefined,
      fromMs: precursorStartMs ?? startMs - BUCKETS_BEFORE * BUCKET_MS,
      startMs,
      peakMs: Math.min(Math.max(peakMs, startMs), endMs),
      endMs,
    };
  });
}
