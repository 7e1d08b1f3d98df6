/**
 * Measures of flags and scores against labels, point by point. Scores are
 * higher where a point is more anomalous; a label of 1 marks an anomaly.
 * Points of equal score stand or fall together, as in scikit-learn.
 *
 * @see T. Fawcett, An introduction to ROC analysis (2006).
 *
 * @module
 */

import { checkLength, checkValues } from "../numeric/checks.ts";

/** The curve of {@linkcode rocCurve}, from the strictest threshold down. */
export type RocCurve = {
  /** Share of the normal points flagged, ascending from 0 to 1. */
  readonly falsePositiveRates: Float64Array;
  /** Share of the anomalies flagged, ascending from 0 to 1. */
  readonly truePositiveRates: Float64Array;
  /** Flagged is `score >= threshold`; descending from infinity. */
  readonly thresholds: Float64Array;
};

/** The curve of {@linkcode precisionRecallCurve}. */
export type PrecisionRecallCurve = {
  /** Share of the flagged points that are anomalies; the last is 1. */
  readonly precisions: Float64Array;
  /** Share of the anomalies flagged, descending from 1 to the last, 0. */
  readonly recalls: Float64Array;
  /** Flagged is `score >= threshold`; ascending; one fewer than the points of
   * the curve, whose last has none. */
  readonly thresholds: Float64Array;
};

/** Counts of flags against labels, and their ratios. */
export type Confusion = {
  /** Anomalies that were flagged. */
  readonly truePositives: number;
  /** Normal points that were flagged. */
  readonly falsePositives: number;
  /** Anomalies that were missed. */
  readonly falseNegatives: number;
  /** Normal points that were left alone. */
  readonly trueNegatives: number;
  /** Share of the flagged points that are anomalies; 0 if none is flagged. */
  readonly precision: number;
  /** Share of the anomalies that were flagged; 0 if there is none. */
  readonly recall: number;
  /** Harmonic mean of precision and recall; 0 if both are. */
  readonly f1: number;
};

/** The threshold of {@linkcode bestF1}, and what it gives. */
export type BestF1 = {
  /** The best F1. */
  readonly f1: number;
  /** Flagged is `score >= threshold`. */
  readonly threshold: number;
  /** Share of the flagged points that are anomalies. */
  readonly precision: number;
  /** Share of the anomalies that are flagged. */
  readonly recall: number;
};

/**
 * The receiver operating characteristic: one point for each distinct score.
 *
 * @param scores Finite scores, shape `(n)`; higher is more anomalous.
 * @param labels 1 for an anomaly, else 0, shape `(n)`; both must occur.
 * @returns The curve, starting at (0, 0), of distinct scores + 1 points.
 * @throws {RangeError} If the lengths differ, `scores` is empty or not finite,
 * or `labels` holds anything but both 0 and 1.
 * @see scikit-learn, `roc_curve(drop_intermediate=False)`.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { rocCurve } from "lib/evaluate/point.ts";
 *
 * const scores = Float64Array.of(1, 3, 2);
 * const curve = rocCurve(scores, Uint8Array.of(0, 1, 0));
 * assert.deepEqual([...curve.truePositiveRates], [0, 1, 1, 1]);
 * assert.deepEqual([...curve.falsePositiveRates], [0, 0, 0.5, 1]);
 * ```
 */
export function rocCurve(scores: Float64Array, labels: Uint8Array): RocCurve {
  const cuts = cutAtScores(scores, labels);
  const last = cuts.length - 1;
  const { hits: positives, alarms: negatives } = cuts[last];
  return {
    falsePositiveRates: Float64Array.from(
      [0, ...cuts.map(({ alarms }) => alarms / negatives)],
    ),
    truePositiveRates: Float64Array.from(
      [0, ...cuts.map(({ hits }) => hits / positives)],
    ),
    thresholds: Float64Array.from(
      [Infinity, ...cuts.map(({ threshold }) => threshold)],
    ),
  };
}

/**
 * The area under the ROC curve: the probability that an anomaly scores above a
 * normal point, where a tie counts half.
 *
 * @param scores Finite scores, shape `(n)`; higher is more anomalous.
 * @param labels 1 for an anomaly, else 0, shape `(n)`; both must occur.
 * @returns The area, from 0 to 1; higher is better, chance gives 0.5.
 * @throws {RangeError} As {@linkcode rocCurve}.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { rocAuc } from "lib/evaluate/point.ts";
 *
 * // Of the pairs (3, 1) and (3, 3) one is won and one tied.
 * const scores = Float64Array.of(3, 1, 3);
 * assert.equal(rocAuc(scores, Uint8Array.of(1, 0, 0)), 0.75);
 * ```
 */
export function rocAuc(scores: Float64Array, labels: Uint8Array): number {
  const cuts = cutAtScores(scores, labels);
  const { hits: positives, alarms: negatives } = cuts[cuts.length - 1];
  let twiceArea = 0;
  let previous = { hits: 0, alarms: 0 };
  for (const cut of cuts) {
    twiceArea += (cut.alarms - previous.alarms) * (cut.hits + previous.hits);
    previous = cut;
  }
  return twiceArea / (2 * positives * negatives);
}

/**
 * Precision against recall: one point for each distinct score, and a last one
 * at recall 0 and precision 1.
 *
 * @param scores Finite scores, shape `(n)`; higher is more anomalous.
 * @param labels 1 for an anomaly, else 0, shape `(n)`; both must occur.
 * @returns The curve, from the lowest threshold up.
 * @throws {RangeError} As {@linkcode rocCurve}.
 * @see scikit-learn, `precision_recall_curve`.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { precisionRecallCurve } from "lib/evaluate/point.ts";
 *
 * const scores = Float64Array.of(1, 2);
 * const curve = precisionRecallCurve(scores, Uint8Array.of(0, 1));
 * assert.deepEqual([...curve.precisions], [0.5, 1, 1]);
 * assert.deepEqual([...curve.recalls], [1, 1, 0]);
 * ```
 */
export function precisionRecallCurve(
  scores: Float64Array,
  labels: Uint8Array,
): PrecisionRecallCurve {
  const cuts = cutAtScores(scores, labels).reverse();
  const positives = cuts[0].hits;
  return {
    precisions: Float64Array.from([...cuts.map(precisionOf), 1]),
    recalls: Float64Array.from([
      ...cuts.map(({ hits }) => hits / positives),
      0,
    ]),
    thresholds: Float64Array.from(cuts, ({ threshold }) => threshold),
  };
}

/**
 * Average precision, `Σ (R_k - R_{k-1}) P_k` over the distinct scores: the
 * area under precision against recall as steps, without interpolation.
 *
 * @param scores Finite scores, shape `(n)`; higher is more anomalous.
 * @param labels 1 for an anomaly, else 0, shape `(n)`; both must occur.
 * @returns The average precision, above 0, at most 1; higher is better, chance
 * gives the share of anomalies.
 * @throws {RangeError} As {@linkcode rocCurve}.
 * @see scikit-learn, `average_precision_score`.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { averagePrecision } from "lib/evaluate/point.ts";
 *
 * // Anomalies rank first and third: (1 / 1 + 2 / 3) / 2.
 * const scores = Float64Array.of(4, 3, 2, 1);
 * const ap = averagePrecision(scores, Uint8Array.of(1, 0, 1, 0));
 * assert.ok(Math.abs(ap - 5 / 6) < 1e-12);
 * ```
 */
export function averagePrecision(
  scores: Float64Array,
  labels: Uint8Array,
): number {
  const cuts = cutAtScores(scores, labels);
  let sum = 0;
  let found = 0;
  for (const cut of cuts) {
    sum += (cut.hits - found) * precisionOf(cut);
    found = cut.hits;
  }
  return sum / found;
}

/**
 * The greatest F1 over all thresholds. It is chosen with the labels in sight,
 * so it bounds what a threshold could reach and promises nothing.
 *
 * @param scores Finite scores, shape `(n)`; higher is more anomalous.
 * @param labels 1 for an anomaly, else 0, shape `(n)`; both must occur.
 * @returns F1 and its threshold, of equals the highest.
 * @throws {RangeError} As {@linkcode rocCurve}.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { bestF1 } from "lib/evaluate/point.ts";
 *
 * // At 2: two of three flagged are anomalies, all two are found.
 * const scores = Float64Array.of(4, 3, 2, 1);
 * const best = bestF1(scores, Uint8Array.of(1, 0, 1, 0));
 * assert.equal(best.f1, 0.8);
 * assert.equal(best.threshold, 2);
 * ```
 */
export function bestF1(scores: Float64Array, labels: Uint8Array): BestF1 {
  const cuts = cutAtScores(scores, labels);
  const positives = cuts[cuts.length - 1].hits;
  const f1Of = ({ hits, alarms }: Cut) =>
    2 * hits / (hits + alarms + positives);
  const best = cuts.reduce((a, b) => f1Of(b) > f1Of(a) ? b : a);
  return {
    f1: f1Of(best),
    threshold: best.threshold,
    precision: precisionOf(best),
    recall: best.hits / positives,
  };
}

/**
 * Counts flags against labels.
 *
 * @param flags 1 where a point is flagged, else 0, shape `(n)`.
 * @param labels 1 for an anomaly, else 0, shape `(n)`.
 * @returns The counts, with precision, recall and F1; a ratio without a
 * denominator is 0.
 * @throws {RangeError} If the lengths differ, are 0, or a value is not 0 or 1.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { confusion } from "lib/evaluate/point.ts";
 *
 * const found = confusion(Uint8Array.of(1, 1, 0), Uint8Array.of(1, 0, 0));
 * assert.equal(found.precision, 0.5);
 * assert.equal(found.recall, 1);
 * ```
 */
export function confusion(flags: Uint8Array, labels: Uint8Array): Confusion {
  const action = "count flags against labels";
  checkLength(labels.length, flags.length, "labels", action);
  checkBinary(flags, "flags", action);
  checkBinary(labels, "labels", action);
  let [truePositives, flagged, positives] = [0, 0, 0];
  for (let i = 0; i < flags.length; i++) {
    flagged += flags[i];
    positives += labels[i];
    truePositives += flags[i] * labels[i];
  }
  return {
    truePositives,
    falsePositives: flagged - truePositives,
    falseNegatives: positives - truePositives,
    trueNegatives: flags.length - flagged - positives + truePositives,
    precision: ratio(truePositives, flagged),
    recall: ratio(truePositives, positives),
    f1: ratio(2 * truePositives, flagged + positives),
  };
}

/**
 * Checks that scores and labels belong together and say something.
 *
 * @param scores Scores, shape `(n)`.
 * @param labels Labels, shape `(n)`.
 * @param action What is being done, for the message.
 * @throws {RangeError} If the lengths differ, `scores` is empty or not finite,
 * or `labels` holds anything but both 0 and 1.
 */
export function checkLabelledScores(
  scores: Float64Array,
  labels: Uint8Array,
  action: string,
): void {
  checkValues(scores, "scores", action);
  checkLength(labels.length, scores.length, "labels", action);
  checkBinary(labels, "labels", action);
  if (labels.includes(0) && labels.includes(1)) return;
  throw new RangeError(
    `Cannot ${action}: all labels are ${labels[0]}, expected both 0 and 1`,
  );
}

/** What is flagged at one threshold: anomalies (hits), normal points (alarms). */
type Cut = { threshold: number; hits: number; alarms: number };

/** Counts at each distinct score, from the highest down; the last flags all. */
function cutAtScores(scores: Float64Array, labels: Uint8Array): Cut[] {
  checkLabelledScores(scores, labels, "measure scores against labels");
  const order = Uint32Array.from(scores.keys())
    .sort((a, b) => scores[b] - scores[a]);
  const cuts: Cut[] = [];
  let [hits, alarms] = [0, 0];
  order.forEach((row, k) => {
    if (labels[row] === 1) hits++;
    else alarms++;
    const threshold = scores[row];
    const tied = k + 1 < order.length && scores[order[k + 1]] === threshold;
    if (!tied) cuts.push({ threshold, hits, alarms });
  });
  return cuts;
}

function checkBinary(values: Uint8Array, name: string, action: string): void {
  if (!(values.length >= 1)) {
    throw new RangeError(
      `Cannot ${action}: ${name} is empty, expected at least one value`,
    );
  }
  const bad = values.findIndex((value) => value > 1);
  if (bad >= 0) {
    throw new RangeError(
      `Cannot ${action}: ${name}[${bad}] is ${values[bad]}, expected 0 or 1`,
    );
  }
}

function precisionOf(cut: Cut): number {
  return cut.hits / (cut.hits + cut.alarms);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
