/**
 * Thresholds: from scores to flags. They know scores, never models; higher
 * scores are more anomalous, and a score is flagged where it is above its
 * threshold.
 *
 * @module
 */

import { rollingQuantile } from "../logs/rolling.ts";
import { checkLength, checkNumber, checkValues } from "../numeric/checks.ts";
import {
  mean,
  quantile,
  quantileSorted,
  standardDeviation,
} from "../numeric/statistics.ts";

/** Options for {@linkcode iqrThreshold}. */
export type IqrThresholdOptions = {
  /** Interquartile ranges above the upper quartile, >= 0. @default {1.5} */
  fence?: number;
};

/** Options for {@linkcode sigmaThreshold}. */
export type SigmaThresholdOptions = {
  /** Standard deviations above the mean, >= 0. @default {3} */
  sigmas?: number;
};

/** Options for {@linkcode rollingThreshold}. */
export type RollingThresholdOptions = {
  /** The probability of the quantile, 0 to 1. @default {0.99} */
  q?: number;
  /** Scores in a full window, >= 1. @default {1000} */
  windowSize?: number;
};

/**
 * The quantile of scores. On scores distributed as these, a share of `1 - q` is
 * above it: `q = 1 - alarmRate`.
 *
 * @param scores Anomaly scores of training rows, shape `(n)`, any unit.
 * @param q The probability, from 0 to 1.
 * @returns The threshold, in the unit of `scores`.
 * @throws {RangeError} If `scores` is empty or not finite, or q out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { quantileThreshold } from "lib/detect/threshold.ts";
 *
 * assert.equal(quantileThreshold(Float64Array.of(1, 2, 3, 4, 5), 0.75), 4);
 * ```
 */
export function quantileThreshold(scores: Float64Array, q: number): number {
  return quantile(scores, q);
}

/**
 * Tukey's upper fence, `q3 + fence * (q3 - q1)`.
 *
 * @param scores Anomaly scores of training rows, shape `(n)`, any unit.
 * @param options How far above the quartiles the fence stands.
 * @returns The threshold, in the unit of `scores`.
 * @throws {RangeError} If `scores` is empty or not finite, or `fence` is not
 * >= 0.
 * @see J. W. Tukey, Exploratory Data Analysis (1977).
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { iqrThreshold } from "lib/detect/threshold.ts";
 *
 * assert.equal(iqrThreshold(Float64Array.of(1, 2, 3, 4, 5)), 7);
 * ```
 */
export function iqrThreshold(
  scores: Float64Array,
  options: IqrThresholdOptions = {},
): number {
  const { fence = 1.5 } = options;
  checkNumber(fence, "fence", "set an IQR threshold", { minimum: 0 });
  checkValues(scores, "scores", "set an IQR threshold");
  const sorted = scores.slice().sort();
  const q1 = quantileSorted(sorted, 0.25);
  const q3 = quantileSorted(sorted, 0.75);
  return q3 + fence * (q3 - q1);
}

/**
 * The mean plus a number of standard deviations, `mean + sigmas * sd`.
 *
 * @param scores Anomaly scores of training rows, shape `(n)`, any unit.
 * @param options How many standard deviations above the mean.
 * @returns The threshold, in the unit of `scores`.
 * @throws {RangeError} If `scores` is empty or not finite, or `sigmas` is not
 * >= 0.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { sigmaThreshold } from "lib/detect/threshold.ts";
 *
 * assert.equal(sigmaThreshold(Float64Array.of(1, 3), { sigmas: 1.5 }), 3.5);
 * ```
 */
export function sigmaThreshold(
  scores: Float64Array,
  options: SigmaThresholdOptions = {},
): number {
  const { sigmas = 3 } = options;
  checkNumber(sigmas, "sigmas", "set a sigma threshold", { minimum: 0 });
  return mean(scores) + sigmas * standardDeviation(scores);
}

/**
 * A threshold that follows the scores: for each score the quantile of those
 * before it. It is causal; a score never raises its own threshold.
 *
 * @param scores Anomaly scores in time order, shape `(n)`, any unit.
 * @param options The quantile and how many scores back it looks.
 * @returns A threshold for each score, in the unit of `scores`, shape `(n)`;
 * the first is the first score itself, which is therefore never flagged.
 * @throws {RangeError} If `scores` is empty or not finite, or an option out of
 * range.
 */
export function rollingThreshold(
  scores: Float64Array,
  options: RollingThresholdOptions = {},
): Float64Array {
  const { q = 0.99, windowSize = 1000 } = options;
  checkValues(scores, "scores", "set a rolling threshold");
  return rollingQuantile(scores, q, windowSize);
}

/**
 * Flags scores above the threshold; equal is not above.
 *
 * @param scores Anomaly scores, shape `(n)`, any unit.
 * @param threshold One threshold for all scores, or one for each, shape `(n)`.
 * @returns 1 where flagged, 0 elsewhere, shape `(n)`.
 * @throws {RangeError} If there is neither one threshold nor one for each
 * score.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { flagAbove } from "lib/detect/threshold.ts";
 *
 * assert.deepEqual([...flagAbove(Float64Array.of(1, 2, 3), 2)], [0, 0, 1]);
 * ```
 */
export function flagAbove(
  scores: Float64Array,
  threshold: number | Float64Array,
): Uint8Array {
  if (typeof threshold === "number") {
    return Uint8Array.from(scores, (score) => score > threshold ? 1 : 0);
  }
  checkLength(threshold.length, scores.length, "threshold", "flag scores");
  return Uint8Array.from(scores, (score, i) => score > threshold[i] ? 1 : 0);
}
