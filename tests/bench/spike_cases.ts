/**
 * Generated logs as cases for warnings of spikes: what there was to warn of,
 * and how every method did on it. The bench and the long test share it.
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
  chooseWarningThreshold,
  mergeWarnings,
  type ProbabilitySeries,
  warningThresholds,
} from "lib/forecast/spike_warnings.ts";
import { exceededWithin } from "lib/forecast/spikes.ts";
import type { RequestLog } from "lib/logs/request_log.ts";
import { UsualService } from "lib/logs/slowness.ts";
import {
  generateLog,
  type IncidentKind,
  isDecoy,
  type KnownIncident,
} from "lib/logs/synthetic.ts";
import { Random } from "lib/numeric/random.ts";
import {
  predictSpikes,
  type SpikePrediction,
  type SpikePredictionOptions,
} from "lib/spike_prediction.ts";

/** A known incident, with the times that warnings are judged by. */
export type CaseIncident = WarnableIncident & {
  kind: IncidentKind;
  hasPrecursor: boolean;
  /** The first moment of its full effect: two thirds of a ramp, else its
   * start. */
  fullMs: number;
};

/** A generated log with a score at each step after calibration. */
export type SpikeCase = {
  seed: number;
  incidents: CaseIncident[];
  decoys: KnownIncident[];
  days: number;
  methods: Map<string, MethodResult>;
};

/** What one method says of one log. */
export type MethodResult = {
  scores: ProbabilitySeries;
  /** Chosen on calibration rows. */
  threshold: number;
  release: number;
  /** Mean squared error of the probability, and of the calibration rate. */
  brier?: { own: number; constant: number };
};

/** One line of the table. */
export type SpikeRow = {
  method: string;
  withPrecursor: WarningJudgement;
  withoutPrecursor: WarningJudgement;
  all: WarningJudgement;
  warnedBeforeFullEffect: number;
  decoys: number;
  decoysWarned: number;
  area: number;
  areaPrecursor: number;
  byKind: Record<string, string>;
};

const BUCKET_MS = 300_000;
const HORIZON = 6;
const RANDOM_STREAM = 77;
const LAST_VALUE_RELEASE = 1;
const DAY_MS = 86_400_000;

/** Makes a case of a generated log. */
export async function spikeCase(
  seed: number,
  options: {
    methods?: Record<string, SpikePredictionOptions>;
    rows?: number;
  } = {},
): Promise<SpikeCase> {
  const { methods = { level: {} }, rows = 50_000 } = options;
  const { log, incidents } = generateLog({ seed, rows });
  const results = new Map<string, MethodResult>();
  let last: SpikePrediction | undefined;
  for (const [name, own] of Object.entries(methods)) {
    const prediction = await predictSpikes(log, {
      horizon: HORIZON,
      ...own,
      seed,
    });
    const { threshold } = prediction;
    results.set(name, {
      scores: afterCalibration(prediction, prediction.probability),
      threshold,
      release: own.release ?? 0.7,
      brier: brierOf(prediction),
    });
    last ??= prediction;
  }
  if (!last) throw new Error("no method");
  for (const [name, result] of baselinesOf(last, seed)) {
    results.set(name, result);
  }
  const [first] = results.values();
  const { timestampMs } = first.scores;
  const fromMs = timestampMs[0];
  const later = incidents.filter((known) =>
    (known.precursorStartMs ?? known.startMs) >= fromMs
  );
  return {
    seed,
    incidents: caseIncidents(log, later.filter((known) => !isDecoy(known))),
    decoys: later.filter(isDecoy),
    days: (timestampMs[timestampMs.length - 1] - fromMs) / DAY_MS,
    methods: results,
  };
}

/** Judges one method on all cases. */
export function judgeMethod(
  cases: readonly SpikeCase[],
  method: string,
): SpikeRow {
  const runsOf = (
    keep: (known: CaseIncident) => boolean,
    peakOf = (known: CaseIncident) => known.peakMs,
  ): WarnedRun[] =>
    cases.map((own) => {
      const { scores, release } = own.methods.get(method)!;
      return {
        days: own.days,
        incidents: own.incidents.filter(keep).map((known) => ({
          ...known,
          peakMs: peakOf(known),
        })),
        warnedAt: (threshold) => startsOf(scores, threshold, release),
      };
    });
  const atChosen = (runs: WarnedRun[]) =>
    poolJudgements(
      runs.map((run, k) => ({
        ...run,
        warnedAtMs: run.warnedAt(cases[k].methods.get(method)!.threshold),
      })),
    );
  const every = runsOf(() => true);
  const warned = (known: CaseIncident) => known.hasPrecursor;
  const pooled = cases.flatMap((own) => [
    ...own.methods.get(method)!.scores.probability,
  ]);
  const thresholds = warningThresholds(Float64Array.from(pooled));
  const kinds = [
    ...new Set(cases.flatMap((own) => own.incidents.map(({ kind }) => kind))),
  ].sort();
  const share = (keep: (known: CaseIncident) => boolean) => {
    const { warned, incidents } = atChosen(runsOf(keep));
    return `${warned}/${incidents}`;
  };
  return {
    method,
    all: atChosen(every),
    withPrecursor: atChosen(runsOf(warned)),
    withoutPrecursor: atChosen(runsOf((known) => !known.hasPrecursor)),
    warnedBeforeFullEffect:
      atChosen(runsOf(warned, ({ fullMs }) => fullMs)).warned,
    decoys: cases.reduce((sum, { decoys }) => sum + decoys.length, 0),
    decoysWarned: cases.reduce((sum, own, k) =>
      sum +
      spansWithWarning(
        every[k].warnedAt(own.methods.get(method)!.threshold),
        own.decoys,
      ), 0),
    area: warningPrecisionRecallArea(every, thresholds),
    areaPrecursor: warningPrecisionRecallArea(runsOf(warned), thresholds),
    byKind: Object.fromEntries(
      kinds.flatMap((kind) =>
        [true, false].map((has) => [
          `${kind}${has ? " with precursor" : ""}`,
          share((known) => known.kind === kind && known.hasPrecursor === has),
        ])
      ),
    ),
  };
}

/** The baselines, which see the same series and the same limits: the last
 * value over its limit; the same with a threshold chosen as for the forecasts;
 * random scores. */
export function baselinesOf(
  prediction: SpikePrediction,
  seed: number,
): Map<string, MethodResult> {
  const { signals, timestampMs, calibrationSteps } = prediction;
  const ratio = timestampMs.map((_, i) =>
    Math.max(...signals.map(({ value, limit }) => value[i] / limit[i]))
  );
  const random = new Random(seed, RANDOM_STREAM);
  const chance = ratio.map(() => random.uniform());
  const exceeded = exceededOf(prediction);
  const n = calibrationSteps - HORIZON;
  const chosen = (probability: Float64Array) =>
    chooseWarningThreshold(
      {
        timestampMs: timestampMs.subarray(0, n),
        probability: probability.subarray(0, n),
      },
      exceeded.subarray(0, n),
      { release: LAST_VALUE_RELEASE },
    );
  const resultOf = (score: Float64Array, threshold: number): MethodResult => ({
    scores: afterCalibration(prediction, score),
    threshold,
    release: LAST_VALUE_RELEASE,
  });
  return new Map([
    ["last value", resultOf(ratio, 1)],
    ["last value, chosen", resultOf(ratio, chosen(ratio))],
    ["random", resultOf(chance, chosen(chance))],
  ]);
}

/** Whether any limit was exceeded after each step that has a horizon. */
export function exceededOf(prediction: SpikePrediction): Uint8Array {
  const { signals, timestampMs } = prediction;
  const origins = Uint32Array.from(
    { length: timestampMs.length - HORIZON },
    (_, k) => k,
  );
  const columns = signals.map(({ value, limit }) =>
    exceededWithin(value, origins, {
      limits: limit.subarray(0, origins.length),
      horizon: HORIZON,
    })
  );
  return origins.length === 0
    ? new Uint8Array(0)
    : columns[0].map((_, i) => Math.max(...columns.map((own) => own[i])));
}

/** The first moments of warnings. */
export function startsOf(
  scores: ProbabilitySeries,
  threshold: number,
  release: number,
): Float64Array {
  return Float64Array.from(
    mergeWarnings(scores, threshold, { release }),
    ({ startMs }) => startMs,
  );
}

function brierOf(prediction: SpikePrediction): {
  own: number;
  constant: number;
} {
  const { probability, calibrationSteps } = prediction;
  const exceeded = exceededOf(prediction);
  const rate = exceeded.subarray(0, calibrationSteps - HORIZON)
    .reduce((sum, flag) => sum + flag, 0) / (calibrationSteps - HORIZON);
  let [own, constant, count] = [0, 0, 0];
  for (let i = calibrationSteps; i < exceeded.length; i++) {
    own += (probability[i] - exceeded[i]) ** 2;
    constant += (rate - exceeded[i]) ** 2;
    count++;
  }
  return { own: own / count, constant: constant / count };
}

function afterCalibration(
  prediction: SpikePrediction,
  score: Float64Array,
): ProbabilitySeries {
  const { timestampMs, calibrationSteps } = prediction;
  return {
    timestampMs: timestampMs.subarray(calibrationSteps),
    probability: score.subarray(calibrationSteps),
  };
}

/** Incidents with the peak of what they disturb, as measured: the middle of the
 * step of the greatest error rate for kinds that fail, of the greatest slowness
 * of the endpoint hit for the others. */
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
    value.forEach((own, step) => {
      const at = timestampMs[step];
      if (at + BUCKET_MS <= startMs || at >= endMs || own <= greatest) return;
      [peakMs, greatest] = [at + BUCKET_MS / 2, own];
    });
    return {
      kind,
      hasPrecursor: precursorStartMs !== undefined,
      fromMs: precursorStartMs ?? startMs - HORIZON * BUCKET_MS,
      startMs,
      peakMs: Math.min(Math.max(peakMs, startMs), endMs),
      endMs,
      fullMs: kind === "ramp_spike"
        ? startMs + (endMs - startMs) * 2 / 3
        : startMs,
    };
  });
}

const FAILING: readonly string[] = ["error_burst", "timeout", "fast_failure"];
