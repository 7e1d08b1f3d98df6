/**
 * From probabilities to warnings: one for each event, and no more false ones
 * than a person allows a day.
 *
 * A warning begins where the probability is above the threshold and ends once
 * it has been at or below a part of the threshold for some time (hysteresis):
 * a probability that flickers around the threshold gives one warning, not ten.
 * What a warning says is known when it begins.
 *
 * @module
 */

import { checkLength, checkNumber, checkValues } from "../numeric/checks.ts";

/** Probabilities in the order of time, n of them. */
export type ProbabilitySeries = {
  /** When each is known, milliseconds since 1970 UTC, ascending. */
  readonly timestampMs: Float64Array;
  /** The probability of a spike, 0 to 1. */
  readonly probability: Float64Array;
};

/** A stretch of time in which a spike was foreseen. */
export type WarningSpan = {
  /** The row that it begins at. */
  readonly row: number;
  /** When it was given, milliseconds since 1970 UTC. */
  readonly startMs: number;
  /** When the probability was last above the release level. */
  readonly endMs: number;
};

/** Options for {@linkcode mergeWarnings}. */
export type MergeWarningsOptions = {
  /** The part of the threshold below which a warning ends, 0 to 1.
   * @default {0.7} */
  release?: number;
  /** How long it must stay there, milliseconds. @default {1_800_000} */
  quietMs?: number;
};

/** Options for {@linkcode chooseWarningThreshold}. */
export type WarningThresholdOptions = MergeWarningsOptions & {
  /** False warnings a day that are allowed, above 0. @default {1} */
  falseWarningsPerDay?: number;
};

const MS_PER_DAY = 86_400_000;
const TRIED = 200;
/** The lower the share of rows above, the closer thresholds are tried. */
const CLOSENESS = 2;

/**
 * Merges probabilities above a threshold into warnings.
 *
 * @param series Probabilities in the order of time.
 * @param threshold A warning begins above it.
 * @param options When it ends.
 * @returns Warnings, ascending in time.
 * @throws {RangeError} If lengths disagree or a number is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { mergeWarnings } from "lib/forecast/spike_warnings.ts";
 *
 * const timestampMs = Float64Array.of(0, 1, 2, 3, 4, 5);
 * const probability = Float64Array.of(0, 0.6, 0.4, 0.6, 0, 0.6);
 * const warnings = mergeWarnings({ timestampMs, probability }, 0.5, {
 *   quietMs: 1,
 * });
 * assert.deepEqual(warnings.map(({ row }) => row), [1, 5]);
 * ```
 */
export function mergeWarnings(
  series: ProbabilitySeries,
  threshold: number,
  options: MergeWarningsOptions = {},
): WarningSpan[] {
  const { release = 0.7, quietMs = 1_800_000 } = options;
  const { timestampMs, probability } = series;
  const action = "merge warnings";
  checkLength(probability.length, timestampMs.length, "probability", action);
  if (probability.length > 0) checkValues(probability, "probability", action);
  checkNumber(threshold, "threshold", action);
  checkNumber(release, "release", action, { minimum: 0, maximum: 1 });
  checkNumber(quietMs, "quietMs", action, { minimum: 0 });
  const warnings: WarningSpan[] = [];
  let open: { row: number; startMs: number; endMs: number } | undefined;
  probability.forEach((p, row) => {
    const atMs = timestampMs[row];
    const isHeld = p > threshold * release;
    if (open && !isHeld && atMs - open.endMs >= quietMs) open = undefined;
    if (open && isHeld) open.endMs = atMs;
    if (!open && p > threshold) {
      open = { row, startMs: atMs, endMs: atMs };
      warnings.push(open);
    }
  });
  return warnings;
}

/**
 * Chooses the lowest threshold that gives no more false warnings a day than
 * allowed, on rows that no model was fitted on. A warning is false here if the
 * limit was not exceeded within the horizon of its start: no list of incidents
 * is needed.
 *
 * @param series Probabilities in the order of time, n >= 2 of them.
 * @param exceeded 1 where the limit was exceeded within the horizon, shape
 * `(n)`.
 * @param options The false warnings allowed, and how warnings are merged.
 * @returns The threshold, one of the probabilities.
 * @throws {RangeError} If lengths disagree or a number is out of range.
 */
export function chooseWarningThreshold(
  series: ProbabilitySeries,
  exceeded: Uint8Array,
  options: WarningThresholdOptions = {},
): number {
  const { falseWarningsPerDay = 1 } = options;
  const { timestampMs, probability } = series;
  const action = "choose a threshold for warnings";
  checkNumber(probability.length, "the number of probabilities", action, {
    minimum: 2,
  });
  checkLength(exceeded.length, probability.length, "exceeded", action);
  checkNumber(falseWarningsPerDay, "falseWarningsPerDay", action, {
    minimum: 0,
    exclusive: true,
  });
  const last = timestampMs.length - 1;
  const days = (timestampMs[last] - timestampMs[0]) / MS_PER_DAY;
  let threshold = Infinity;
  for (const tried of warningThresholds(probability)) {
    const falseWarnings = mergeWarnings(series, tried, options)
      .filter(({ row }) => exceeded[row] === 0).length;
    // From the highest down: merging makes the number fall again at last.
    if (falseWarnings > falseWarningsPerDay * days) break;
    threshold = tried;
  }
  return threshold;
}

/**
 * Thresholds worth trying: values of a score from the highest down, closer
 * where few rows are above.
 *
 * @param score The score, shape `(n)`, n >= 1.
 * @returns At most 200 different values, descending; nothing is above the
 * first.
 */
export function warningThresholds(score: Float64Array): Float64Array {
  const sorted = score.slice().sort().reverse();
  const chosen = Array.from({ length: TRIED }, (_, k) => {
    const share = Math.pow(k / (TRIED - 1), CLOSENESS);
    return sorted[Math.floor(share * (sorted.length - 1))];
  });
  return Float64Array.from(new Set(chosen));
}
