/**
 * All that is measured of a detector on labelled series: what its scores can
 * do at any threshold, and what its alarms did at the threshold that was chosen.
 *
 * Over several series, points are pooled under one threshold, incidents are
 * counted together, NAB has one threshold for all, and volumes are the mean of
 * those of each series, as their papers have it.
 *
 * @module
 */

import { checkLength } from "../numeric/checks.ts";
import {
  isNabScorable,
  type NabProfileName,
  nabScore,
  type NabSeries,
} from "./nab.ts";
import {
  averagePrecision,
  bestF1,
  type Confusion,
  confusion,
  rocAuc,
} from "./point.ts";
import {
  daysSpanned,
  type IncidentJudgement,
  judgeRuns,
  mergeSpans,
  type TimeSpan,
} from "./range.ts";
import { type Volumes, volumeUnderSurface } from "./vus.ts";
import { volumeBuffer } from "./vus_buffer.ts";

/** A series or log with scores, alarms and labels, n rows. */
export type LabelledScores = {
  /** Times, milliseconds since 1970 UTC, none before the last, shape `(n)`. */
  readonly timestampMs: Float64Array;
  /** What was observed, which tells the period, shape `(n)`. */
  readonly value: Float64Array;
  /** Anomaly scores, higher is more anomalous, shape `(n)`. */
  readonly score: Float64Array;
  /** 1 for an anomaly, else 0, shape `(n)`. */
  readonly labels: Uint8Array;
  /** Known incidents. */
  readonly known: readonly TimeSpan[];
  /** What was decided at the chosen threshold, if one was. */
  readonly alarms?: {
    /** 1 where a point is flagged, else 0, shape `(n)`. */
    readonly flags: Uint8Array;
    /** Detected incidents. */
    readonly incidents: readonly TimeSpan[];
  };
};

/** What {@linkcode scoreDetection} measures; what is not defined is `null`. */
export type DetectionScore = {
  /** Rows. */
  readonly rows: number;
  /** Rows labelled as anomalies. */
  readonly positives: number;
  /** Area under the ROC curve. */
  readonly rocAuc: number | null;
  /** Average precision. */
  readonly averagePrecision: number | null;
  /** The greatest F1 at any one threshold. */
  readonly bestF1: number | null;
  /** Counts and ratios of points at the chosen threshold. */
  readonly chosen: Confusion | null;
  /** Known and detected incidents at the chosen threshold. */
  readonly incidents: IncidentJudgement | null;
  /** Mean volumes under the surface. */
  readonly volumes: Volumes | null;
  /** The best NAB score at one threshold, of each profile. */
  readonly nab: { readonly [K in NabProfileName]: number } | null;
};

/** Options for {@linkcode scoreDetection}. */
export type DetectionScoreOptions = {
  /** The longest buffer of the volumes, in rows. @default The period of each
   * series, by {@linkcode volumeBuffer} */
  longestBuffer?: number;
};

/**
 * Measures a detector.
 *
 * @param series The series, at least one.
 * @param options The longest buffer.
 * @returns The measures over all series.
 * @throws {RangeError} If there is no series, lengths differ, times do not
 * ascend or are all the same, or a value is not finite.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { scoreDetection } from "lib/evaluate/detection.ts";
 *
 * const timestampMs = Float64Array.of(0, 60_000, 120_000, 180_000);
 * const measured = scoreDetection([{
 *   timestampMs,
 *   value: Float64Array.of(1, 1, 9, 1),
 *   score: Float64Array.of(0, 0, 1, 0),
 *   labels: Uint8Array.of(0, 0, 1, 0),
 *   known: [{ startMs: 120_000, endMs: 120_000 }],
 * }]);
 * assert.equal(measured.averagePrecision, 1);
 * assert.equal(measured.nab?.standard, 100);
 * assert.equal(measured.incidents, null);
 * ```
 */
export function scoreDetection(
  series: readonly LabelledScores[],
  options: DetectionScoreOptions = {},
): DetectionScore {
  if (!(series.length >= 1)) {
    throw new RangeError(
      "Cannot score a detection: there is no series, expected at least one",
    );
  }
  series.forEach(checkLengths);
  const score = joined(series.map((one) => one.score), Float64Array);
  const labels = joined(series.map((one) => one.labels), Uint8Array);
  const hasBoth = labels.includes(0) && labels.includes(1);
  const alarms = series.flatMap((one) => one.alarms ?? []);
  const isDecided = alarms.length === series.length;
  return {
    rows: score.length,
    positives: labels.reduce((sum, label) => sum + label, 0),
    rocAuc: hasBoth ? rocAuc(score, labels) : null,
    averagePrecision: hasBoth ? averagePrecision(score, labels) : null,
    bestF1: hasBoth ? bestF1(score, labels).f1 : null,
    chosen: isDecided
      ? confusion(
        joined(alarms.map(({ flags }) => flags), Uint8Array),
        labels,
      )
      : null,
    incidents: isDecided
      ? judgeRuns(series.map((one) => ({
        known: one.known,
        detected: one.alarms?.incidents ?? [],
        days: daysSpanned(one.timestampMs),
      })))
      : null,
    volumes: meanVolumes(series, options),
    nab: nabScores(series),
  };
}

function checkLengths({ score, alarms, ...series }: LabelledScores): void {
  const action = "score a detection";
  for (const name of ["timestampMs", "value", "labels"] as const) {
    checkLength(series[name].length, score.length, name, action);
  }
  if (alarms) checkLength(alarms.flags.length, score.length, "flags", action);
}

function joined<T extends Float64Array | Uint8Array>(
  parts: readonly T[],
  kind: new (length: number) => T,
): T {
  const whole = new kind(parts.reduce((sum, part) => sum + part.length, 0));
  let start = 0;
  for (const part of parts) {
    whole.set(part, start);
    start += part.length;
  }
  return whole;
}

/** Of the series that have both kinds of labels. */
function meanVolumes(
  series: readonly LabelledScores[],
  options: DetectionScoreOptions,
): Volumes | null {
  const volumes = series
    .filter(({ labels }) => labels.includes(0) && labels.includes(1))
    .map(({ score, labels, value }) =>
      volumeUnderSurface(score, labels, {
        longestBuffer: options.longestBuffer ?? volumeBuffer(value),
      })
    );
  if (volumes.length === 0) return null;
  const meanOf = (name: keyof Volumes) =>
    volumes.reduce((sum, one) => sum + one[name], 0) / volumes.length;
  return { roc: meanOf("roc"), pr: meanOf("pr") };
}

/** None if no window has a row that NAB scores. */
function nabScores(series: readonly LabelledScores[]): DetectionScore["nab"] {
  const scored: NabSeries[] = series.map((one) => ({
    timestampMs: one.timestampMs,
    score: one.score,
    windows: mergeSpans(one.known),
  }));
  if (!scored.some(isNabScorable)) return null;
  const scoreOf = (profile: NabProfileName) =>
    nabScore(scored, { profile }).score;
  return {
    standard: scoreOf("standard"),
    reward_low_FP_rate: scoreOf("reward_low_FP_rate"),
    reward_low_FN_rate: scoreOf("reward_low_FN_rate"),
  };
}
