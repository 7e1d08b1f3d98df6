/**
 * Metric series of a log: what its requests were like, bucket by bucket.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { quantileSorted } from "../numeric/statistics.ts";
import { BucketCounts } from "./bucket_counts.ts";
import { emptySeries } from "./regularize.ts";
import type { MetricSeries, RequestLog } from "./request_log.ts";
import { serverErrors } from "./rolling.ts";

export { formatDuration, parseDurationMs } from "./duration.ts";
export {
  regularize,
  type RegularizeOptions,
  usualStepMs,
} from "./regularize.ts";

/** The metrics of a bucket. */
export const METRICS = ["p50", "p95", "p99", "count", "error_rate"] as const;

/**
 * What is measured in a bucket: the number of requests, a quantile of their
 * response times in milliseconds, or the share of them with a status of 500
 * and more, 0 to 1.
 */
export type Metric = typeof METRICS[number];

/** Options for {@linkcode metricSeries}. */
export type MetricSeriesOptions = {
  /** What is measured in each bucket. @default {"p50"} */
  metric?: Metric;
  /**
   * Length of a bucket, whole milliseconds.
   * @default {chooseBucketMs(log, { endpoint })}
   */
  bucketMs?: number;
  /** Only requests of this endpoint. @default {undefined}, all requests */
  endpoint?: string | undefined;
};

/** Options for {@linkcode chooseBucketMs}. */
export type BucketOptions = {
  /** Only requests of this endpoint. @default {undefined}, all requests */
  endpoint?: string | undefined;
};

/** The probability of each metric that is a quantile. */
export const QUANTILE_OF: Readonly<Record<"p50" | "p95" | "p99", number>> = {
  p50: 0.5,
  p95: 0.95,
  p99: 0.99,
};

/**
 * Measures a log in buckets of equal length, from the one that holds the first
 * request to the one that holds the last. Buckets start at multiples of their
 * length since 1970 UTC, so the first and the last may be covered only in part.
 * An empty bucket has a count of 0, observed; the other metrics carry the last
 * value forward. Quantiles are of type 7.
 *
 * @param log The log, n >= 1 rows sorted by time.
 * @param options The metric, the length of a bucket, the endpoint.
 * @returns The series; counts in requests, quantiles in milliseconds.
 * @throws {TypeError} If the metric is of response times and the log has none.
 * @throws {RangeError} If there is no such request, the metric is unknown, or
 * the length is not a whole number >= 1 or makes more than 10 million buckets.
 * @see R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages
 * (1996).
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { metricSeries } from "lib/logs/series.ts";
 * import { generateLog } from "lib/logs/synthetic.ts";
 *
 * const { log } = generateLog({ rows: 5000, days: 2 });
 * const hourly = metricSeries(log, { metric: "count", bucketMs: 3_600_000 });
 * assert.equal(hourly.value.reduce((sum, count) => sum + count), 5000);
 * ```
 */
export function metricSeries(
  log: RequestLog,
  options: MetricSeriesOptions = {},
): MetricSeries {
  const { metric = "p50", endpoint } = options;
  const { bucketMs = chooseBucketMs(log, { endpoint }) } = options;
  const action = "make a metric series";
  checkNumber(bucketMs, "bucketMs", action, { minimum: 1, integer: true });
  const rows = rowsOf(log, endpoint, action);
  const timesMs = take(log.timestampMs, rows);
  const measure = measureOf(log, rows, metric);
  const firstBucket = Math.floor(timesMs[0] / bucketMs);
  const bucketCount = Math.floor(timesMs[timesMs.length - 1] / bucketMs) -
    firstBucket + 1;
  const series = emptySeries(bucketCount, {
    startMs: firstBucket * bucketMs,
    stepMs: bucketMs,
    action,
  });
  let from = 0;
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    let to = from;
    const endMs = (firstBucket + bucket + 1) * bucketMs;
    while (to < timesMs.length && timesMs[to] < endMs) to++;
    const isObserved = to > from || metric === "count";
    series.observed[bucket] = isObserved ? 1 : 0;
    series.value[bucket] = isObserved
      ? measure(from, to)
      : series.value[bucket - 1];
    from = to;
  }
  return series;
}

/**
 * The smallest usual length of bucket (1, 5, 10, 15 or 30 minutes, 1, 3, 6 or
 * 12 hours, 1 day) that holds a median of at least 30 requests, over all
 * buckets from the first to the last request.
 *
 * @param log The log, n >= 1 rows sorted by time.
 * @param options The endpoint.
 * @returns The length in milliseconds; a day if no length holds as many.
 * @throws {RangeError} If there is no such request.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { chooseBucketMs, formatDuration } from "lib/logs/series.ts";
 * import { generateLog } from "lib/logs/synthetic.ts";
 *
 * // 1.7 requests a minute: 26 in 15 minutes, 52 in 30.
 * const { log } = generateLog({ rows: 5000, days: 2 });
 * assert.equal(formatDuration(chooseBucketMs(log)), "30m");
 * ```
 */
export function chooseBucketMs(
  log: Pick<RequestLog, "timestampMs" | "endpoint">,
  options: BucketOptions = {},
): number {
  const rows = rowsOf(log, options.endpoint, "choose a bucket");
  const counts = new BucketCounts();
  counts.add(take(log.timestampMs, rows));
  return counts.usualBucketMs();
}

/** What a bucket measures, given its first row and the one after its last. */
function measureOf(
  log: RequestLog,
  rows: Uint32Array,
  metric: Metric,
): (from: number, to: number) => number {
  switch (metric) {
    case "count":
      return (from, to) => to - from;
    case "error_rate": {
      const errors = take(serverErrors(log.statusCode), rows);
      return (from, to) => shareOf(errors.subarray(from, to));
    }
    case "p50":
    case "p95":
    case "p99": {
      const { responseTimeMs } = log;
      if (!responseTimeMs) {
        throw new TypeError(
          `Cannot make a metric series: the log has no response times, expected responseTimeMs for ${metric}`,
        );
      }
      const times = take(responseTimeMs, rows);
      const q = QUANTILE_OF[metric];
      return (from, to) => quantileSorted(times.slice(from, to).sort(), q);
    }
    default:
      throw new RangeError(
        `Cannot make a metric series: metric is "${metric}", expected count, p50, p95, p99 or error_rate`,
      );
  }
}

function shareOf(flags: Float64Array): number {
  let count = 0;
  for (const flag of flags) count += flag;
  return count / flags.length;
}

/** The rows of an endpoint, or all of them. */
function rowsOf(
  log: Pick<RequestLog, "endpoint">,
  endpoint: string | undefined,
  action: string,
): Uint32Array {
  const { codes, names } = log.endpoint;
  const isAll = endpoint === undefined;
  const wanted = isAll ? -1 : names.indexOf(endpoint);
  const rows = new Uint32Array(codes.length);
  let count = 0;
  for (let row = 0; row < codes.length; row++) {
    if (isAll || codes[row] === wanted) rows[count++] = row;
  }
  if (!(count >= 1)) {
    const where = isAll ? "" : ` to "${endpoint}"`;
    throw new RangeError(
      `Cannot ${action}: the log has 0 requests${where}, expected at least 1`,
    );
  }
  return rows.subarray(0, count);
}

function take(
  column: Float64Array | Uint8Array,
  rows: Uint32Array,
): Float64Array {
  const taken = new Float64Array(rows.length);
  for (let i = 0; i < rows.length; i++) taken[i] = column[rows[i]];
  return taken;
}
