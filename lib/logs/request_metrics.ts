/**
 * Metrics of a log of any length, per endpoint and bucket, in one pass and
 * memory that does not grow with the number of requests: counts are exact,
 * quantiles come from histograms (`numeric/log_histogram.ts`) within a stated
 * relative error. Requests may come in any order.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { LogBins, LogHistograms } from "../numeric/log_histogram.ts";
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
  /** The greatest relative error of a quantile, above 0, below 1; it is 1e-6 at
   * least, and grows where the log needs more than 256 MiB of bins.
   * @default {0.01} */
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

/** Requests to an endpoint in a bucket; all by the place of the cell. */
class Cells {
  readonly endpoints: string[] = [];
  readonly buckets: number[] = [];
  readonly counts: number[] = [];
  readonly errors: number[] = [];
  readonly times = new LogHistograms({ maximumSize: MAX_BINS });

  /** Begins a cell without requests; returns its place. */
  push(endpoint: string, bucket: number): number {
    this.endpoints.push(endpoint);
    this.buckets.push(bucket);
    this.counts.push(0);
    this.errors.push(0);
    return this.times.push();
  }

  /** Adds what a cell of others holds. */
  merge(place: number, others: Cells, other: number): void {
    this.counts[place] += others.counts[other];
    this.errors[place] += others.errors[other];
    this.times.merge(place, others.times, other);
  }
}

const DEFAULT_ERROR = 0.01;
/** Up to 1e150, the numbers of its bins are less than 2^28. */
const LEAST_ERROR = 1e-6;
const MAX_CELLS = 1_000_000;
const MAX_BINS = 2 ** 26;
const QUANTILES = [QUANTILE_OF.p50, QUANTILE_OF.p95, QUANTILE_OF.p99];

/** Metrics that requests are added to. */
export class RequestMetrics {
  /** Length of a bucket in milliseconds. */
  readonly bucketMs: number;
  #bins: LogBins;
  readonly #cells = new Cells();
  /** Places of cells by endpoint and bucket. */
  readonly #places = new Map<string, Map<number, number>>();
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
    const bins = new LogBins(relativeError);
    this.#bins = relativeError < LEAST_ERROR ? new LogBins(LEAST_ERROR) : bins;
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
    const { counts } = this.#cells;
    return [...this.#places].map(([name, places]) => {
      let count = 0;
      for (const place of places.values()) count += counts[place];
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
    const { counts, errors } = this.#cells;
    const width = this.bucketMs;
    const places = new Uint32Array(timestampMs.length);
    // Requests of an endpoint mostly go to the cell of the one before.
    const placeOf = new Uint32Array(names.length);
    const bucketOf = new Float64Array(names.length).fill(NaN);
    for (let row = 0; row < timestampMs.length; row++) {
      const code = codes[row];
      const bucket = Math.floor(timestampMs[row] / width);
      if (bucketOf[code] !== bucket) {
        placeOf[code] = this.#placeAt(names[code], bucket);
        bucketOf[code] = bucket;
      }
      const place = placeOf[code];
      places[row] = place;
      counts[place]++;
      if (statusCode[row] >= 500) errors[place]++;
    }
    if (responseTimeMs) this.#addTimes(places, responseTimeMs);
    for (let row = 0; row < timestampMs.length; row++) {
      if (timestampMs[row] < this.#first) this.#first = timestampMs[row];
      if (timestampMs[row] > this.#last) this.#last = timestampMs[row];
    }
    this.#requests += timestampMs.length;
  }

  /**
   * The metrics of every endpoint and bucket that has requests.
   *
   * @returns One a bucket and endpoint, ascending in time, then by endpoint.
   */
  rows(): EndpointMetrics[] {
    const { endpoints, buckets, counts, errors, times } = this.#cells;
    const order = counts.map((_, place) => place).sort((a, b) =>
      buckets[a] - buckets[b] || (endpoints[a] < endpoints[b] ? -1 : 1)
    );
    return order.map((place) => {
      const [p50, p95, p99] = times.quantiles(place, QUANTILES, this.#bins);
      return {
        timestampMs: buckets[place] * this.bucketMs,
        endpoint: endpoints[place],
        count: counts[place],
        errorRate: errors[place] / counts[place],
        p50,
        p95,
        p99,
      };
    });
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
    const { cells, places } = endpoint === undefined ? this.#sums() : {
      cells: this.#cells,
      places: this.#places.get(endpoint) ?? new Map<number, number>(),
    };
    if (places.size === 0) {
      const where = endpoint === undefined ? "" : ` to "${endpoint}"`;
      throw new RangeError(
        `Cannot ${action}: the log has 0 requests${where}, expected at least 1`,
      );
    }
    let first = Infinity, last = -Infinity;
    for (const bucket of places.keys()) {
      first = Math.min(first, bucket);
      last = Math.max(last, bucket);
    }
    const series = emptySeries(last - first + 1, {
      startMs: first * this.bucketMs,
      stepMs: this.bucketMs,
      action,
    });
    for (let step = 0; step < series.value.length; step++) {
      const place = places.get(first + step);
      const isObserved = place !== undefined || metric === "count";
      series.observed[step] = isObserved ? 1 : 0;
      series.value[step] = place !== undefined
        ? this.#measure(cells, place, metric)
        : isObserved
        ? 0
        : series.value[step - 1];
    }
    return series;
  }

  #measure(
    { counts, errors, times }: Cells,
    place: number,
    metric: Metric,
  ): number {
    if (metric === "count") return counts[place];
    if (metric === "error_rate") return errors[place] / counts[place];
    return times.quantiles(place, [QUANTILE_OF[metric]], this.#bins)[0];
  }

  #placeAt(endpoint: string, bucket: number): number {
    let places = this.#places.get(endpoint);
    if (places === undefined) {
      places = new Map();
      this.#places.set(endpoint, places);
    }
    const known = places.get(bucket);
    if (known !== undefined) return known;
    if (this.#cells.counts.length >= MAX_CELLS) {
      throw new RangeError(
        `Cannot measure requests: more than ${MAX_CELLS} buckets of ${
          this.bucketMs / 1000
        } s hold requests, each endpoint's counted for itself, expected fewer; take longer buckets`,
      );
    }
    const place = this.#cells.push(endpoint, bucket);
    places.set(bucket, place);
    return place;
  }

  /** The cells of all endpoints together, by bucket. */
  #sums(): { cells: Cells; places: Map<number, number> } {
    const cells = new Cells();
    const places = new Map<number, number>();
    for (const own of this.#places.values()) {
      for (const [bucket, other] of own) {
        const place = places.get(bucket) ?? cells.push("", bucket);
        places.set(bucket, place);
        cells.merge(place, this.#cells, other);
      }
    }
    return { cells, places };
  }

  /** Counts response times, in coarser bins if there is no room. */
  #addTimes(places: Uint32Array, responseTimeMs: Float64Array): void {
    const { times } = this.#cells;
    const bins = new Int32Array(places.length);
    for (let row = 0; row < bins.length; row++) {
      bins[row] = this.#bins.binOf(responseTimeMs[row]);
    }
    while (!times.add(places, bins)) {
      this.#bins = this.#bins.coarser();
      times.collapseInPlace();
      for (let row = 0; row < bins.length; row++) {
        bins[row] = Math.ceil(bins[row] / 2);
      }
    }
    this.#hasTimes ||= places.length > 0;
  }
}
