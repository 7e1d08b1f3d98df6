/**
 * Detectors on the 31 series of the Numenta Anomaly Benchmark (NAB), beside
 * published scores: the best over thresholds, one threshold for all series.
 *
 * @module
 */

import { join } from "node:path";
import {
  NAB_PROFILES,
  type NabProfileName,
  nabScore,
  type NabSeries,
} from "lib/evaluate/nab.ts";
import type { TableRow } from "lib/show/tables.ts";
import { windowedGaussianScores } from "../../windowed_gaussian.ts";
import { type LabelledSeries, readNabSeries } from "../nab_series.ts";
import type { AccuracyMeasurement } from "./measurement.ts";
import { streamScores } from "./stream_scores.ts";

/**
 * Scores that NAB's repository publishes for its detectors, recomputed for
 * these 31 of its 58 series: standard, low FP, low FN.
 *
 * @see github.com/numenta/NAB, `results/`.
 */
const PUBLISHED: Readonly<Record<string, readonly [number, number, number]>> = {
  "ARTime": [78.2, 70.4, 83.1],
  "CAD OSE": [74.1, 71.7, 76.9],
  "Numenta HTM": [71.2, 65.0, 75.9],
  "KNN CAD": [64.4, 50.4, 71.0],
  "Skyline (earthgecko)": [56.1, 45.1, 61.4],
  "Random Cut Forest": [52.0, 38.3, 61.0],
  "windowed Gaussian": [36.7, 21.4, 45.2],
};

const PROFILES = Object.keys(NAB_PROFILES) as NabProfileName[];

/** The measurement. */
export const nabScores: AccuracyMeasurement = {
  name: "nab",
  title: "NAB scores on 31 series",
  async run({ data, report }) {
    const all = await readNabSeries(join(data, "nab"));
    report("Stream detector …");
    const stream = all.map((series) => streamScores(series));
    report("Windowed Gaussian …");
    const gaussian = all.map(({ value }) => windowedGaussianScores(value));
    const measured = [
      measuredRow("stream detector", all, stream),
      measuredRow("windowed Gaussian", all, gaussian),
    ];
    const rows = [...measured, ...publishedRows()].toSorted((a, b) =>
      Number(b.standard) - Number(a.standard)
    );
    return { rows, details: countsOf(all, stream) };
  },
};

/**
 * Sets scores beside times and labels.
 *
 * @param all The series.
 * @param scores The scores of each, in the same order.
 * @returns What {@linkcode nabScore} takes.
 */
export function scoredSeries(
  all: readonly LabelledSeries[],
  scores: readonly Float64Array[],
): NabSeries[] {
  return all.map((series, k) => ({ ...series, score: scores[k] }));
}

/**
 * One score a profile.
 *
 * @param series Series with scores.
 * @returns Scores by the names of the profiles.
 */
export function scoresByProfile(
  series: readonly NabSeries[],
): Record<NabProfileName, number> {
  const scores = PROFILES.map((profile) => nabScore(series, { profile }).score);
  return Object.fromEntries(
    PROFILES.map((name, k) => [name, scores[k]]),
  ) as Record<NabProfileName, number>;
}

function measuredRow(
  detector: string,
  all: readonly LabelledSeries[],
  scores: readonly Float64Array[],
): TableRow {
  return {
    detector,
    by: "measured here",
    ...scoresByProfile(scoredSeries(all, scores)),
  };
}

function publishedRows(): TableRow[] {
  return Object.entries(PUBLISHED).map(([detector, scores]) => ({
    detector,
    by: "published",
    ...Object.fromEntries(PROFILES.map((name, k) => [name, scores[k]])),
  }));
}

/** What the best threshold of each profile finds. */
function countsOf(
  all: readonly LabelledSeries[],
  scores: readonly Float64Array[],
): TableRow[] {
  const series = scoredSeries(all, scores);
  return PROFILES.map((profile) => {
    const { found, windows, ...best } = nabScore(series, { profile });
    return {
      profile,
      score: best.score,
      threshold: best.threshold,
      found: `${found} of ${windows}`,
      "rows flagged outside": best.falsePositives,
    };
  });
}
