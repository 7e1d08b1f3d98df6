/**
 * The score of the Numenta Anomaly Benchmark (NAB), which pays for the first
 * detection in a labelled window, the more the earlier it comes, and takes off
 * for every detection outside. With `S(y) = 2 / (1 + exp(5 y)) - 1`:
 *
 * - The best detection at row i of a window that ends at row e and has w rows
 *   earns `truePositive S(-(e - i + 1) / w) / S(-1)`: 1 at its first row.
 * - A window without a detection costs `falseNegative`.
 * - A detection i - e rows after the last window earns
 *   `falsePositive S((i - e) / (w - 1))`, below 0; from three widths on, and
 *   before the first window, it costs `falsePositive`.
 *
 * The first `min(0.15 n, 750)` rows are probation: detections there do not
 * count, nor do windows that lie there altogether. The sum over all series, at
 * **one threshold for all**, is scaled so that no detection at all gives 0 and
 * a detection at the first row of each window, without others, 100.
 *
 * @see A. Lavin, S. Ahmad, Evaluating Real-time Anomaly Detection Algorithms:
 * the Numenta Anomaly Benchmark (2015); github.com/numenta/NAB, v1.1, whose
 * sweeper differs from the paper in the `+ 1` and the division by `S(-1)`.
 *
 * @module
 */

import { checkLength, checkValues } from "../numeric/checks.ts";
import { checkTimes, type TimeSpan } from "./range.ts";

/** What detections earn and cost. */
export type NabProfile = {
  /** What a window found at its first row earns. */
  readonly truePositive: number;
  /** What a window that is missed costs. */
  readonly falseNegative: number;
  /** What a detection far from any window costs. */
  readonly falsePositive: number;
};

/** The names of NAB's three profiles. */
export type NabProfileName =
  | "standard"
  | "reward_low_FP_rate"
  | "reward_low_FN_rate";

/** The weights of NAB's profiles, as in its `config/profiles.json`. */
export const NAB_PROFILES: { readonly [K in NabProfileName]: NabProfile } = {
  standard: { truePositive: 1, falseNegative: 1, falsePositive: 0.11 },
  reward_low_FP_rate: {
    truePositive: 1,
    falseNegative: 1,
    falsePositive: 0.22,
  },
  reward_low_FN_rate: {
    truePositive: 1,
    falseNegative: 2,
    falsePositive: 0.11,
  },
};

/** A series with its scores and its labels, n rows. */
export type NabSeries = {
  /** Times, milliseconds since 1970 UTC, none before the last, shape `(n)`. */
  readonly timestampMs: Float64Array;
  /** Anomaly scores, higher is more anomalous, shape `(n)`. */
  readonly score: Float64Array;
  /** Labelled windows, both ends included, ascending, none overlapping. */
  readonly windows: readonly TimeSpan[];
};

/** Options for {@linkcode nabScore}. */
export type NabScoreOptions = {
  /** What detections earn and cost. @default {"standard"} */
  profile?: NabProfileName;
  /** Detected is `score >= threshold`. @default The one with the best score */
  threshold?: number;
};

/** How well scores find windows, over all series. */
export type NabScore = {
  /** The normalized score: 100 is perfect, 0 is no detection; may be below. */
  readonly score: number;
  /** Detected was `score >= threshold`; infinite where it is best to be
   * silent. */
  readonly threshold: number;
  /** Windows with a row after the probation. */
  readonly windows: number;
  /** Windows with a detection. */
  readonly found: number;
  /** Rows detected outside the windows. */
  readonly falsePositives: number;
};

const PROBATION_SHARE = 0.15;
const PROBATION_MOST = 750;
/** Widths of a window after which a false detection costs all. */
const FAR_WIDTHS = 3;

/**
 * The NAB score of a detector on several series.
 *
 * @param series The series, in any order.
 * @param options The profile, and a threshold if it is not to be the best.
 * @returns The score, its threshold and what was found.
 * @throws {RangeError} If lengths differ, times or windows do not ascend,
 * scores are not finite, or no window has a row after the probation.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { nabScore } from "lib/evaluate/nab.ts";
 *
 * const timestampMs = Float64Array.from({ length: 20 }, (_, row) => row);
 * const score = timestampMs.map((row) => row === 10 ? 0.9 : 0.1);
 * const windows = [{ startMs: 10, endMs: 13 }];
 * const found = nabScore([{ timestampMs, score, windows }]);
 * assert.equal(found.score, 100);
 * assert.equal(found.threshold, 0.9);
 * ```
 */
export function nabScore(
  series: readonly NabSeries[],
  options: NabScoreOptions = {},
): NabScore {
  const { profile = "standard", threshold } = options;
  if (threshold !== undefined && Number.isNaN(threshold)) {
    throw new RangeError(
      "Cannot take the NAB score: threshold is NaN, expected a number",
    );
  }
  const weights = NAB_PROFILES[profile];
  const rows = series.flatMap((one, k) => scorableRows(one, k, weights));
  const cut = sweep(rows, weights, threshold);
  if (cut.windows === 0) {
    throw new RangeError(
      "Cannot take the NAB score: no window has a row after the probation, expected at least one",
    );
  }
  return normalize(cut, weights);
}

/**
 * The rows at the start of a series that NAB does not score.
 *
 * @param rows The rows of the series.
 * @returns How many of them are probation.
 */
export function nabProbation(rows: number): number {
  return Math.min(Math.floor(PROBATION_SHARE * rows), PROBATION_MOST);
}

/**
 * Whether NAB can score a series: a window has a row after the probation.
 *
 * @param series Times and windows.
 * @returns Whether one has.
 */
export function isNabScorable(
  series: Pick<NabSeries, "timestampMs" | "windows">,
): boolean {
  const { timestampMs, windows } = series;
  const probation = nabProbation(timestampMs.length);
  return rowSpans(timestampMs, windows).some(({ end }) => end >= probation);
}

/** A row after the probation: its score and what its detection earns. */
type Row = {
  readonly score: number;
  readonly gain: number;
  /** The window that it lies in; "" if none. */
  readonly window: string;
};

/** The state at one threshold; `total` is not normalized. */
type Cut = Omit<NabScore, "score"> & { readonly total: number };

function scorableRows(
  series: NabSeries,
  number: number,
  weights: NabProfile,
): Row[] {
  const action = "take the NAB score";
  const { timestampMs, score, windows } = series;
  checkValues(score, "score", action);
  checkLength(timestampMs.length, score.length, "timestampMs", action);
  checkTimes(timestampMs, action);
  checkWindows(windows, action);
  const spans = rowSpans(timestampMs, windows);
  const rows: Row[] = [];
  let next = 0;
  for (let row = 0; row < score.length; row++) {
    while (next < spans.length && row > spans[next].end) next++;
    const span = spans[next];
    const isInside = span !== undefined && row >= span.start;
    if (row < nabProbation(score.length)) continue;
    rows.push({
      score: score[row],
      gain: isInside
        ? weights.truePositive * gainInside(row, span)
        : weights.falsePositive * gainAfter(row, spans[next - 1]),
      window: isInside ? `${number}|${next}` : "",
    });
  }
  return rows;
}

type RowSpan = { readonly start: number; readonly end: number };

/** The first and last rows of windows, without windows that hold none. */
function rowSpans(
  timestampMs: Float64Array,
  windows: readonly TimeSpan[],
): RowSpan[] {
  return windows.flatMap(({ startMs, endMs }) => {
    const start = timestampMs.findIndex((time) => time >= startMs);
    const end = timestampMs.findLastIndex((time) => time <= endMs);
    return start >= 0 && end >= start ? [{ start, end }] : [];
  });
}

function gainInside(row: number, { start, end }: RowSpan): number {
  return scaledSigmoid(-(end - row + 1) / (end - start + 1)) /
    scaledSigmoid(-1);
}

function gainAfter(row: number, last: RowSpan | undefined): number {
  if (!last) return -1;
  // A window of one row has no width: whatever comes after it is far away.
  const widths = (row - last.end) / (last.end - last.start);
  return widths >= FAR_WIDTHS ? -1 : scaledSigmoid(widths);
}

function scaledSigmoid(position: number): number {
  return 2 / (1 + Math.exp(5 * position)) - 1;
}

/**
 * Lowers the threshold from the one that flags nothing on, and gives the state
 * at the threshold asked for; without one the best, of equals the first.
 */
function sweep(
  rows: readonly Row[],
  weights: NabProfile,
  threshold: number | undefined,
): Cut {
  const missed = -weights.falseNegative;
  const earned = new Map<string, number>();
  for (const { window } of rows) if (window !== "") earned.set(window, missed);
  let [total, found, falsePositives] = [missed * earned.size, 0, 0];
  let kept: Cut = {
    threshold: threshold ?? Infinity,
    windows: earned.size,
    found,
    falsePositives,
    total,
  };
  const sorted = rows.toSorted((a, b) => b.score - a.score);
  for (let k = 0; k < sorted.length; k++) {
    const { score, gain, window } = sorted[k];
    if (threshold !== undefined && !(score >= threshold)) break;
    const before = earned.get(window);
    if (before === undefined) {
      falsePositives++;
      total += gain;
    } else if (gain > before) {
      if (before === missed) found++;
      earned.set(window, gain);
      total += gain - before;
    }
    const isTied = sorted[k + 1]?.score === score;
    if (threshold !== undefined) {
      kept = { ...kept, found, falsePositives, total };
    } else if (!isTied && total > kept.total) {
      kept = { ...kept, threshold: score, found, falsePositives, total };
    }
  }
  return kept;
}

function normalize({ total, ...cut }: Cut, weights: NabProfile): NabScore {
  const { truePositive, falseNegative } = weights;
  const silent = -falseNegative * cut.windows;
  const perfect = truePositive * cut.windows;
  return { ...cut, score: 100 * (total - silent) / (perfect - silent) };
}

function checkWindows(windows: readonly TimeSpan[], action: string): void {
  windows.forEach(({ startMs, endMs }, k) => {
    const isAfterLast = k === 0 || startMs > windows[k - 1].endMs;
    if (endMs >= startMs && isAfterLast) return;
    throw new RangeError(
      `Cannot ${action}: window ${k} is ${startMs} to ${endMs}, expected it to end after its start and to start after the one before`,
    );
  });
}
