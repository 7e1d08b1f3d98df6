/**
 * Scores of labelled series, and how good they are: VUS-PR with the period of
 * each series as the longest buffer, and average precision.
 *
 * @module
 */

import { join } from "node:path";
import { averagePrecision } from "lib/evaluate/point.ts";
import { volumeUnderSurface } from "lib/evaluate/vus.ts";
import { volumeBuffer } from "lib/evaluate/vus_buffer.ts";
import { usualStepMs } from "lib/logs/regularize.ts";
import { mean } from "lib/numeric/statistics.ts";
import { type PointLabelledSeries, readCloudSeries } from "../cloud_series.ts";
import { readNabSeries } from "../nab_series.ts";
import type { AccuracyOptions } from "./measurement.ts";
import type { Scorer } from "./series_members.ts";

/** A series with scores by the names of the detectors. */
export type ScoredSeries = {
  readonly series: PointLabelledSeries;
  /** Of the volume, rows. */
  readonly longestBuffer: number;
  readonly scores: Readonly<Record<string, Float64Array>>;
};

/** Both measures of one series, or their means. */
export type Quality = { readonly volume: number; readonly precision: number };

/** Reads labelled series from the folder of the public data. */
export type SeriesReader = (data: string) => Promise<PointLabelledSeries[]>;

const PREFIX = "outbound-";

/**
 * Reads the 12 series of latency.
 *
 * @param data The folder of the public data.
 * @returns The series, by name.
 */
export function latencySeries(data: string): Promise<PointLabelledSeries[]> {
  return readCloudSeries(join(data, "cloud-monitoring"), PREFIX);
}

/**
 * Reads the series of a request rate of the same data set, labelled by point.
 *
 * @param data The folder of the public data.
 * @returns The one series.
 */
export function rateSeries(data: string): Promise<PointLabelledSeries[]> {
  return readCloudSeries(join(data, "cloud-monitoring"), "ecommerce-");
}

/**
 * Reads NAB's series that have a window; a row is labelled where it lies in one.
 *
 * @param data The folder of the public data.
 * @returns The series, in the order of the labels.
 */
export async function windowSeries(
  data: string,
): Promise<PointLabelledSeries[]> {
  const all = await readNabSeries(join(data, "nab"));
  const labelled = all.map(({ windows, ...series }) => {
    const isInside = (time: number) =>
      windows.some(({ startMs, endMs }) => time >= startMs && time <= endMs);
    const labels = Uint8Array.from(
      series.timestampMs,
      (time) => Number(isInside(time)),
    );
    return { ...series, labels };
  });
  return labelled.filter(({ labels }) => labels.includes(1));
}

/**
 * Scores series by several detectors.
 *
 * @param read Reads the series.
 * @param scorers The detectors.
 * @param options The public data and progress.
 * @returns The series with scores.
 */
export async function scoreSeries(
  read: SeriesReader,
  scorers: Readonly<Record<string, Scorer>>,
  { data, report }: AccuracyOptions,
): Promise<ScoredSeries[]> {
  const scored: ScoredSeries[] = [];
  for (const series of await read(data)) {
    report(`${series.name} …`);
    const scores: Record<string, Float64Array> = {};
    const stepMs = usualStepMs(series.timestampMs) ?? 1;
    for (const [name, scorer] of Object.entries(scorers)) {
      scores[name] = await scorer(series.value, stepMs);
    }
    const longestBuffer = volumeBuffer(series.value);
    scored.push({ series, longestBuffer, scores });
  }
  return scored;
}

/**
 * Measures scores of one series.
 *
 * @param scored The series.
 * @param scores The scores, shape `(n)`.
 * @returns Both measures.
 */
export function qualityOf(
  { series: { labels }, longestBuffer }: ScoredSeries,
  scores: Float64Array,
): Quality {
  return {
    volume: volumeUnderSurface(scores, labels, { longestBuffer }).pr,
    precision: averagePrecision(scores, labels),
  };
}

/**
 * Measures scores of several series.
 *
 * @param all The series.
 * @param scoresOf Gives the scores of one.
 * @returns The means.
 */
export function meanQuality(
  all: readonly ScoredSeries[],
  scoresOf: (each: ScoredSeries) => Float64Array,
): Quality {
  return meanOf(all.map((each) => qualityOf(each, scoresOf(each))));
}

/**
 * Means over series.
 *
 * @param qualities At least one.
 * @returns The means.
 */
export function meanOf(qualities: readonly Quality[]): Quality {
  return {
    volume: mean(Float64Array.from(qualities, ({ volume }) => volume)),
    precision: mean(Float64Array.from(qualities, ({ precision }) => precision)),
  };
}

/**
 * Both measures as cells of a table.
 *
 * @param quality The measures.
 * @returns The cells.
 */
export function shown(
  { volume, precision }: Quality,
): { "VUS-PR": number; "average precision": number } {
  return { "VUS-PR": volume, "average precision": precision };
}
