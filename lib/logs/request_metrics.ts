/**
 * Metrics of a log of any length, per endpoint and bucket, in one pass and
 * memory that does not grow with the number of requests: counts are exact,
 * quantiles come from histograms (`numeric/log_histogram.ts`) within a stated
 * relative error. Requests may come in any order.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { LogBins, LogHistogram } from "../numeric/log_histogram.ts";
import { emptySeries } from "./regularize.ts";
import type { MetricSeries, RequestLog } from "./request_log.ts";
import { type Metric, METRICS, QUANTILE_OF } from "./series.ts";

/** The columns of requests that metrics are made of. */
export type MeasuredRequests = Pick<
  RequestLog,
  "timestampMs" | "endpoint" | "statusCode" | "responseTimeMs"
>;

/** Options for {@linkcode RequestMetrics}. */
export type RequestMetricsOptions = {
  /** Length of a bucket in whole milliseconds. */
  bucketMs: number;
  /** The greatest relative error of a quantile, above 0, below 1; it grows
   * where the log needs more than 256 MiB of bins. @default {0.01} */
  relativeError?: number;
};

/** The metrics of one endpoint in one bucket. */
export type EndpointMetrics = {
  /** Start of the bucket, milliseconds since 1970 UTC. */
  readonly timestampMs: number;
  /** The endpoint. */
  readonly endpoint: string;
  /** Requests. */
  readonly count: number;
  /** Share of requests with a status of 500 and above, 0 to 1. */
  readonly errorRate: number;
  /** Quantiles of the response time in milliseconds; NaN where there are none. */
  readonly p50: number;
  /** The 0.95-quantile. */
  readonly p95: number;
  /** The 0.99-quantile. */
  readonly p99: number;
};

/** Requests to an endpoint in a bucket. */
type Cell = { count: number; errors: number; readonly times: LogHistogram };

const DEFAULT_ERROR = 0.01;
const MAX_CELLS = 1_000_000;
const MAX_BINS = 2 ** 26;
/** A million cells at their smallest take less. */
const ROOM_LEFT = 0.75;

/** Metrics that requests are added to. */
export class RequestMetrics {
  /** Length of a bucket in milliseconds. */
  readonly bucketMs: number;
  #bins: LogBins;
  #cells = new Map<string, Map<number, Cell>>();
  #cellCount = 0;
  #binCount = 0;
  #requests = 0;
  #first = Infinity;
  #last = -Infinity;
  #hasTimes = false;

  /**
   * Begins without requests.
   *
   * @param options The length of a bucket, and how exact quantiles must be.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(options: RequestMetricsOptions) {
    const { bucketMs, relativeError = DEFAULT_ERROR } = options;
    checkNumber(bucketMs, "bucketMs", "measure requests", {
      minimum: 1,
      integer: true,
    });
    this.bucketMs = bucketMs;
    this.#bins = new LogBins(relativeError);
  }

  /** How many requests were added. */
  get requests(): number {
    return this.#requests;
  }

  /** Whether there were response times. */
  get hasResponseTimes(): boolean {
    return this.#hasTimes;
  }

  /** The greatest relative error of a quantile. */
  get relativeError(): number {
    return this.#bins.relativeError;
  }

  /** The endpoints, the most frequent first. */
  get endpoints(): string[] {
    return [...this.#cells].map(([name, cells]) => {
      let count = 0;
      for (const cell of cells.values()) count += cell.count;
      return { name, count };
    }).sort((a, b) => b.count - a.count).map(({ name }) => name);
  }

  /** Time of the first and of the last request, milliseconds since 1970 UTC. */
  get span(): { startMs: number; endMs: number } {
    return { startMs: this.#first, endMs: this.#last };
  }

  /**
   * Adds requests.
   *
   * @param log The requests, in any order.
   * @throws {RangeError} If there are more than a million buckets with requests,
   * each endpoint's counted for itself.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { RequestMetrics } from "lib/logs/request_metrics.ts";
   * import { generateLog } from "lib/logs/synthetic.ts";
   *
   * const metrics = new RequestMetrics({ bucketMs: 3_600_000 });
   * for (const seed of [1, 2]) {
   *   metrics.add(generateLog({ rows: 1000, days: 1, seed }).log);
   * }
   * const { value } = metrics.series("count");
   * assert.equal(value.reduce((sum, count) => sum + count), 2000);
   * ```
   */
  add(log: MeasuredRequests): void {
    const { timestampMs, endpoint, statusCode, responseTimeMs } = log;
    const { codes, names } = endpoint;
    let bins = this.#bins;
    const width = this.bucketMs;
    // Requests of an endpoint mostly go to the cell of the one before.
    const cellOf = new Array<Cell | undefined>(names.length);
    const bucketOf = new Float64Array(names.length).fill(NaN);
    for (let row = 0; row < timestampMs.length; row++) {
      const code = codes[row];
      const bucket = Math.floor(timestampMs[row] / width);
      let cell = cellOf[code];
      if (cell === undefined || bucketOf[code] !== bucket) {
        cell = this.#cellAt(names[code], bucket);
        cellOf[code] = cell;
        bucketOf[code] = bucket;
      }
      cell.count++;
      if (statusCode[row] >= 500) cell.errors++;
      if (!responseTimeMs) continue;
      const size = cell.times.size;
      cell.times.add(bins.binOf(responseTimeMs[row]));
      this.#binCount += cell.times.size - size;
      if (this.#binCount > MAX_BINS) bins = this.#coarsen();
    }
    this.#hasTimes ||= responseTimeMs !== undefined && timestampMs.length > 0;
    for (let row = 0; row < timestampMs.length; row++) {
      this.#first = Math.min(this.#first, timestampMs[row]);
      this.#last = Math.max(this.#last, timestampMs[row]);
    }
    this.#requests += timestampMs.length;
  }

  /**
   * The metrics of every endpoint and bucket that has requests.
   *
   * @returns One a bucket and endpoint, ascending in time, then by endpoint.
   */
  rows(): EndpointMetrics[] {
    const all = [...this.#cells].flatMap(([endpoint, cells]) =>
      [...cells].map(([bucket, cell]) => ({ endpoint, bucket, cell }))
    );
    all.sort((a, b) =>
      a.bucket - b.bucket || (a.endpoint < b.endpoint ? -1 : 1)
    );
    return all.map(({ endpoint, bucket, cell }) => ({
      timestampMs: bucket * this.bucketMs,
      endpoint,
      count: cell.count,
      errorRate: cell.errors / cell.count,
      p50: cell.times.quantile(QUANTILE_OF.p50, this.#bins),
      p95: cell.times.quantile(QUANTILE_OF.p95, this.#bins),
      p99: cell.times.quantile(QUANTILE_OF.p99, this.#bins),
    }));
  }

  /**
   * One metric at a regular step, as `metricSeries` gives it of a whole log,
   * from the bucket of the first request to that of the last.
   *
   * @param metric What is measured.
   * @param endpoint Only requests to this endpoint; all if left out.
   * @returns The series; counts in requests, quantiles in milliseconds.
   * @throws {TypeError} If the metric is of response times and there are none.
   * @throws {RangeError} If there are no such requests, the metric is unknown,
   * or there are more than 10 million buckets between the first and the last.
   */
  series(metric: Metric, endpoint?: string): MetricSeries {
    const action = "make a metric series";
    if (!METRICS.includes(metric)) {
      throw new RangeError(
        `Cannot ${action}: metric is "${metric}", expected p50, p95, p99, count or error_rate`,
      );
    }
    if (metric in QUANTILE_OF && !this.#hasTimes) {
      throw new TypeError(
        `Cannot ${action}: the log has no response times, expected them for ${metric}`,
      );
    }
    const cells = endpoint === undefined
      ? this.#cellsOfAll()
      : this.#cells.get(endpoint) ?? new Map<number, Cell>();
    if (cells.size === 0) {
      const where = endpoint === undefined ? "" : ` to "${endpoint}"`;
      throw new RangeError(
        `Cannot ${action}: the log has 0 requests${where}, expected at least 1`,
      );
    }
    let first = Infinity, last = -Infinity;
    for (const bucket of cells.keys()) {
      first = Math.min(first, bucket);
      last = Math.max(last, bucket);
    }
    const series = emptySeries(last - first + 1, {
      startMs: first * this.bucketMs,
      stepMs: this.bucketMs,
      action,
    });
    for (let step = 0; step < series.value.length; step++) {
      const cell = cells.get(first + step);
      const isObserved = cell !== undefined || metric === "count";
      series.observed[step] = isObserved ? 1 : 0;
      series.value[step] = cell
        ? this.#measure(cell, metric)
        : isObserved
        ? 0
        : series.value[step - 1];
    }
    return series;
  }

  #measure(cell: Cell, metric: Metric): number {
    if (metric === "count") return cell.count;
    if (metric === "error_rate") return cell.errors / cell.count;
    return cell.times.quantile(QUANTILE_OF[metric], this.#bins);
  }

  #cellAt(endpoint: string, bucket: number): Cell {
    let cells = this.#cells.get(endpoint);
    if (cells === undefined) {
      cells = new Map();
      this.#cells.set(endpoint, cells);
    }
    let cell = cells.get(bucket);
    if (cell === undefined) {
      if (++this.#cellCount > MAX_CELLS) {
        throw new RangeError(
          `Cannot measure requests: more than ${MAX_CELLS} buckets of ${
            this.bucketMs / 1000
          } s hold requests, each endpoint's counted for itself, expected fewer; take longer buckets`,
        );
      }
      cell = { count: 0, errors: 0, times: new LogHistogram() };
      cells.set(bucket, cell);
    }
    return cell;
  }

  #cellsOfAll(): Map<number, Cell> {
    const all = new Map<number, Cell>();
    for (const cells of this.#cells.values()) {
      for (const [bucket, { count, errors, times }] of cells) {
        const sum = all.get(bucket) ??
          { count: 0, errors: 0, times: new LogHistogram() };
        sum.count += count;
        sum.errors += errors;
        sum.times.merge(times);
        all.set(bucket, sum);
      }
    }
    return all;
  }

  /** Makes bins coarser until there is room again. */
  #coarsen(): LogBins {
    const histograms = [...this.#cells.values()].flatMap((cells) =>
      Array.from(cells.values(), ({ times }) => times)
    );
    do {
      this.#bins = this.#bins.coarser();
      this.#binCount = 0;
      for (const histogram of histograms) {
        histogram.collapseInPlace();
        this.#binCount += histogram.size;
      }
    } while (this.#binCount > MAX_BINS * ROOM_LEFT);
    return this.#bins;
  }
}
