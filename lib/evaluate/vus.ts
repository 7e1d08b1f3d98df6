/**
 * Volumes under the surface (VUS): areas under the ROC and the precision-recall
 * curve that forgive scores which peak somewhat beside a labelled stretch. For
 * each buffer length w from 0 to L, rows within `w / 2` (rounded down) of a
 * labelled stretch get a label between 0 and 1, `sqrt(1 - d / w)` at distance d,
 * slopes that overlap are added up to 1, and the areas are averaged over w.
 *
 * At one threshold, with P rows labelled 1, B the slope labels of flagged rows
 * and TP the labels of flagged rows, slopes among them:
 *
 * - recall is `min(1, TP / (P + B / 2)) E`, where E, the existence factor, is
 *   the share of stretches, merged where their buffers meet, with a flagged row;
 * - the false-positive rate is `(flagged - TP) / (n - P - B / 2)`;
 * - precision is `TP / flagged`.
 *
 * Thresholds are the scores at evenly spaced ranks. A series of noise gets more
 * than its share of anomalies: compare with other detectors, not with 0.5.
 *
 * @see J. Paparrizos et al., Volume Under the Surface: A New Accuracy Evaluation
 * Measure for Time-Series Anomaly Detection (2022), as TSB-AD 1.5 computes it
 * (`RangeAUC_volume_opt`): its slopes have the square root, and existence counts.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { checkLabelledScores } from "./point.ts";

/** Options for {@linkcode volumeUnderSurface}. */
export type VolumeOptions = {
  /** The longest buffer L in rows, an integer >= 0; usually the period of the
   * series. 0 leaves a single area. @default {100} */
  longestBuffer?: number;
  /** Thresholds, an integer >= 2. @default {250} */
  thresholdCount?: number;
};

/** The volumes of {@linkcode volumeUnderSurface}. */
export type Volumes = {
  /** Mean area under the ROC curve, higher is better. */
  readonly roc: number;
  /** Mean area under the precision-recall curve, as steps, higher is better. */
  readonly pr: number;
};

/**
 * VUS-ROC and VUS-PR.
 *
 * @param scores Finite scores in the order of time, shape `(n)`; higher is more
 * anomalous.
 * @param labels 1 for an anomaly, else 0, shape `(n)`; both must occur.
 * @param options The longest buffer and how many thresholds.
 * @returns The volumes, from 0 to 1.
 * @throws {RangeError} If the lengths differ, scores are not finite, labels are
 * not both 0 and 1, or an option is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { volumeUnderSurface } from "lib/evaluate/vus.ts";
 *
 * const labels = Uint8Array.of(0, 0, 0, 0, 1, 0, 0, 0);
 * const late = Float64Array.of(0, 0, 0, 0, 0, 1, 0, 0);
 * const strict = volumeUnderSurface(late, labels, { longestBuffer: 0 });
 * const kind = volumeUnderSurface(late, labels, { longestBuffer: 4 });
 * assert.ok(kind.pr > strict.pr);
 * ```
 */
export function volumeUnderSurface(
  scores: Float64Array,
  labels: Uint8Array,
  options: VolumeOptions = {},
): Volumes {
  const { longestBuffer = 100, thresholdCount = 250 } = options;
  const action = "take volumes under the surface";
  checkLabelledScores(scores, labels, action);
  const whole = { integer: true };
  checkNumber(longestBuffer, "longestBuffer", action, { ...whole, minimum: 0 });
  checkNumber(thresholdCount, "thresholdCount", action, {
    ...whole,
    minimum: 2,
  });
  const flags = flagCounts(scores, thresholdCount);
  const stretches = labelledStretches(labels);
  let [roc, pr] = [0, 0];
  for (let buffer = 0; buffer <= longestBuffer; buffer++) {
    const areas = areasAt(buffer, stretches, flags);
    roc += areas.roc;
    pr += areas.pr;
  }
  return { roc: roc / (longestBuffer + 1), pr: pr / (longestBuffer + 1) };
}

/** Rows from `start` to `end`, both included. */
type Stretch = { readonly start: number; readonly end: number };

type Flags = {
  /** For each row, the number of the first threshold that flags it. */
  readonly firstFlag: Uint32Array;
  /** Rows flagged at each threshold, from the highest threshold down. */
  readonly flagged: Float64Array;
};

function flagCounts(scores: Float64Array, thresholdCount: number): Flags {
  const descending = scores.slice().sort().reverse();
  const last = scores.length - 1;
  // The very order of operations of numpy's linspace, which rounds the same way.
  const step = last / (thresholdCount - 1);
  const thresholds = Float64Array.from({ length: thresholdCount }, (_, k) => {
    const rank = k === thresholdCount - 1 ? last : Math.floor(k * step);
    return descending[rank];
  });
  const firstFlag = Uint32Array.from(scores, (score) => {
    let [low, high] = [0, thresholdCount - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (score >= thresholds[middle]) high = middle;
      else low = middle + 1;
    }
    return low;
  });
  const flagged = new Float64Array(thresholdCount);
  for (const first of firstFlag) flagged[first]++;
  return { firstFlag, flagged: accumulate(flagged) };
}

function labelledStretches(labels: Uint8Array): Stretch[] {
  const stretches: Stretch[] = [];
  let start = -1;
  for (let row = 0; row <= labels.length; row++) {
    if (labels[row] === 1) {
      if (start < 0) start = row;
    } else if (start >= 0) {
      stretches.push({ start, end: row - 1 });
      start = -1;
    }
  }
  return stretches;
}

/** The areas under both curves at one buffer length. */
function areasAt(
  buffer: number,
  stretches: readonly Stretch[],
  flags: Flags,
): Volumes {
  const { flagged } = flags;
  const rows = flags.firstFlag.length;
  const sums = sumLabels(buffer, stretches, flags);
  let [roc, pr, recall, falseRate] = [0, 0, 0, 0];
  for (let k = 0; k < flagged.length; k++) {
    const hits = sums.inside[k] + sums.onSlope[k];
    const expected = sums.positives + sums.onSlope[k] / 2;
    const before = { recall, falseRate };
    recall = Math.min(hits / expected, 1) * sums.existence[k];
    falseRate = (flagged[k] - hits) / (rows - expected);
    roc += (falseRate - before.falseRate) * (recall + before.recall) / 2;
    pr += (recall - before.recall) * hits / flagged[k];
  }
  // The curve ends at (1, 1), wherever its last threshold leaves it.
  roc += (1 - falseRate) * (1 + recall) / 2;
  return { roc, pr };
}

/** What is flagged at each threshold, from the highest down. */
type LabelSums = {
  /** Rows labelled 1. */
  readonly positives: number;
  /** Rows labelled 1 that are flagged. */
  readonly inside: Float64Array;
  /** Sum of the labels of flagged rows in the buffers. */
  readonly onSlope: Float64Array;
  /** Share of merged stretches with a flagged row. */
  readonly existence: Float64Array;
};

function sumLabels(
  buffer: number,
  stretches: readonly Stretch[],
  { firstFlag, flagged }: Flags,
): LabelSums {
  const slopes = slopeLabels(buffer, stretches, firstFlag.length);
  const merged = mergeStretches(buffer, stretches, firstFlag.length);
  const inside = new Float64Array(flagged.length);
  const onSlope = new Float64Array(flagged.length);
  const existing = new Float64Array(flagged.length);
  for (const { start, end } of merged) {
    let first = flagged.length - 1;
    for (let row = start; row <= end; row++) {
      const flag = firstFlag[row];
      if (flag < first) first = flag;
      onSlope[flag] += slopes[row];
    }
    existing[first]++;
  }
  let positives = 0;
  for (const { start, end } of stretches) {
    positives += end - start + 1;
    for (let row = start; row <= end; row++) inside[firstFlag[row]]++;
  }
  return {
    positives,
    inside: accumulate(inside),
    onSlope: accumulate(onSlope),
    existence: accumulate(existing).map((count) => count / merged.length),
  };
}

/** Labels of rows beside stretches, 0 to 1; 0 within stretches. */
function slopeLabels(
  buffer: number,
  stretches: readonly Stretch[],
  rows: number,
): Float64Array {
  const reach = Math.floor(buffer / 2);
  const labels = new Float64Array(rows);
  const add = (row: number, distance: number) => {
    if (row < 0 || row >= rows) return;
    labels[row] = Math.min(1, labels[row] + Math.sqrt(1 - distance / buffer));
  };
  for (const { start, end } of stretches) {
    for (let distance = 1; distance <= reach; distance++) {
      add(start - distance, distance);
      add(end + distance, distance);
    }
  }
  for (const { start, end } of stretches) labels.fill(0, start, end + 1);
  return labels;
}

/** Stretches with their buffers, as one where those overlap or touch. */
function mergeStretches(
  buffer: number,
  stretches: readonly Stretch[],
  rows: number,
): Stretch[] {
  const reach = Math.floor(buffer / 2);
  const merged: { start: number; end: number }[] = [];
  for (const { start, end } of stretches) {
    const last = merged.at(-1);
    if (last && start - reach <= last.end) last.end = end + reach;
    else merged.push({ start: Math.max(0, start - reach), end: end + reach });
  }
  for (const one of merged) one.end = Math.min(one.end, rows - 1);
  return merged;
}

/** Turns counts into their running sums, in place. */
function accumulate(counts: Float64Array): Float64Array {
  for (let k = 1; k < counts.length; k++) counts[k] += counts[k - 1];
  return counts;
}
