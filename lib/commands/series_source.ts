/**
 * What metric series are made from: timed values, or requests, either a log in
 * memory or the metrics of one that was read part by part.
 *
 * @module
 */

import type { AnalysisInput } from "../analysis.ts";
import { describeReport, measureRequestLog } from "../logs/readers/mod.ts";
import type {
  Categories,
  MetricSeries,
  Observations,
} from "../logs/request_log.ts";
import type { RequestMetrics } from "../logs/request_metrics.ts";
import { type Metric, metricSeries } from "../logs/series.ts";
import type { Arguments, Output } from "./command.ts";
import {
  describeProgress,
  readAnalysisInput,
  readerOptions,
  readsInParts,
} from "./reading.ts";

/** Which series of a log is wanted. */
export type WantedSeries = {
  /** The metric. */
  readonly metric: Metric;
  /** The length of a step in milliseconds; chosen if left out. */
  readonly bucketMs?: number;
  /** Only requests to this endpoint. */
  readonly endpoint?: string;
};

/** Requests that series can be made from. */
export type RequestSource = {
  readonly kind: "requests";
  /** Whether there are response times. */
  readonly hasResponseTimes: boolean;
  /** Time of the last request, milliseconds since 1970 UTC. */
  readonly endMs: number;
  /** The endpoints, the most frequent first. */
  readonly endpoints: readonly string[];
  /** Makes a series. */
  readonly series: (wanted: WantedSeries) => MetricSeries;
};

/** Timed values or requests. */
export type SeriesSource =
  | { readonly kind: "series"; readonly observations: Observations }
  | RequestSource;

/**
 * Reads an input for series, part by part where it is large.
 *
 * @param path The file or folder, `-` for standard input.
 * @param args The command's arguments, `PARTS_OPTIONS` among them.
 * @param context Where is said what was read, and the length of steps.
 * @returns The source.
 * @throws {UsageError} If an option is wrong.
 * @throws {SyntaxError} If the data are bad.
 */
export async function readSeriesSource(
  path: string,
  args: Arguments,
  context: { readonly output: Output; readonly bucketMs?: number | undefined },
): Promise<SeriesSource> {
  const { output, bucketMs } = context;
  const options = readerOptions(args);
  if (!await readsInParts(path, args)) {
    return sourceOf(await readAnalysisInput(path, args, output));
  }
  const { metrics, report } = await measureRequestLog(path, {
    ...options,
    ...(bucketMs === undefined ? {} : { bucketMs }),
    onProgress: (progress) => output.progress(describeProgress(progress)),
  });
  for (const line of describeReport(report)) output.say(line);
  return sourceOfMetrics(metrics);
}

/**
 * Makes a source of an input in memory.
 *
 * @param input The input.
 * @returns The source.
 */
export function sourceOf(input: AnalysisInput): SeriesSource {
  if (input.kind === "series") return input;
  const { log } = input;
  return {
    kind: "requests",
    hasResponseTimes: log.responseTimeMs !== undefined,
    endMs: log.timestampMs[log.timestampMs.length - 1],
    endpoints: byFrequency(log.endpoint),
    series: (wanted) => metricSeries(log, wanted),
  };
}

function sourceOfMetrics(metrics: RequestMetrics): RequestSource {
  return {
    kind: "requests",
    hasResponseTimes: metrics.hasResponseTimes,
    endMs: metrics.span.endMs,
    endpoints: metrics.endpoints,
    series: ({ metric, endpoint }) => metrics.series(metric, endpoint),
  };
}

function byFrequency({ codes, names }: Categories): string[] {
  const counts = new Float64Array(names.length);
  for (const code of codes) counts[code]++;
  return names.map((name, code) => ({ name, count: counts[code] }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count)
    .map(({ name }) => name);
}
