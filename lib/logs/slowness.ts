/**
 * How slow a service is and how often it fails, bucket by bucket, measured so
 * that neither the mix of routes, nor the traffic, nor a bucket of three
 * requests passes for trouble.
 *
 * With r the response time of a request over the median of its route, the log
 * slowness of a bucket of n requests is `(Σ ln r - n usual) / (n + 4)`, where
 * `usual` is a straight line of ln r in the smoothed traffic: a busy service is
 * slower. The error rate is `(errors + 4 usual) / (n + 4)`. Both are as if
 * {@linkcode PRIOR_REQUESTS} usual requests had come besides, by which small
 * buckets are drawn to the usual.
 *
 * @see B. Efron, C. Morris, Stein's Paradox in Statistics (1977), on drawing
 * noisy means to a common one.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import {
  type MetricSeries,
  type RequestLog,
  responseTimesOf,
  selectRequests,
} from "./request_log.ts";
import { serverErrors } from "./rolling.ts";
import { RouteMedians } from "./route_medians.ts";
import { metricSeries } from "./series.ts";

/** Usual requests that are added to each bucket. */
export const PRIOR_REQUESTS = 4;

/** Series of a log, all of the same steps. */
export type SlownessSeries = {
  /** Natural logarithm of the slowness; 0 is usual. */
  readonly logSlowness: MetricSeries;
  /** Share of requests with a status of 500 and more, 0 to 1. */
  readonly errorRate: MetricSeries;
  /** Requests in each step. */
  readonly count: MetricSeries;
};

const ACTION = "measure slowness";
/** Weight of a new bucket in the smoothed traffic. */
const TRAFFIC_RATE = 0.1;
/** Response times below are taken as this, in ms: 0 has no logarithm. */
const LEAST_MS = 0.1;

/** What is usual of a service, from its training requests. */
export class UsualService {
  /** Length of a bucket in milliseconds. */
  readonly bucketMs: number;
  readonly #medians: RouteMedians;
  readonly #usual: Line;
  readonly #errorRate: number;

  private constructor(
    bucketMs: number,
    medians: RouteMedians,
    usual: Line,
    errorRate: number,
  ) {
    this.bucketMs = bucketMs;
    this.#medians = medians;
    this.#usual = usual;
    this.#errorRate = errorRate;
  }

  /**
   * Learns what is usual.
   *
   * @param log The log, sorted by time.
   * @param options The end of training, and the length of a bucket.
   * @returns What is usual of the requests before `trainEndMs`.
   * @throws {TypeError} If the log has no response times.
   * @throws {RangeError} If there is no request before `trainEndMs`, or the
   * bucket is out of range.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { UsualService } from "lib/logs/slowness.ts";
   * import { generateLog } from "lib/logs/synthetic.ts";
   *
   * const { log } = generateLog({ rows: 5000, days: 2 });
   * const usual = UsualService.fit(log);
   * const { logSlowness } = usual.transform(log);
   * assert.equal(logSlowness.value.length, 2 * 288);
   * ```
   */
  static fit(
    log: RequestLog,
    options: {
      /** Requests from here on, in milliseconds since 1970 UTC, are not looked
       * at. @default {Infinity} */
      trainEndMs?: number;
      /** @default {300_000} */
      bucketMs?: number;
    } = {},
  ): UsualService {
    const { trainEndMs = Infinity, bucketMs = 300_000 } = options;
    checkNumber(bucketMs, "bucketMs", ACTION, { minimum: 1, integer: true });
    const rows = log.timestampMs.reduce(
      (count, at) => count + (at < trainEndMs ? 1 : 0),
      0,
    );
    checkNumber(rows, "the number of training requests", ACTION, {
      minimum: 1,
    });
    const train = selectRequests(
      log,
      Array.from({ length: rows }, (_, i) => i),
    );
    const medians = RouteMedians.fit(train, responseTimesOf(train, ACTION));
    const ratio = logRatios(train, medians);
    const traffic = smoothedTraffic(train, bucketMs);
    const usual = fitLine(traffic.at(train.timestampMs), ratio);
    const errors = serverErrors(train.statusCode);
    const errorRate = errors.reduce((sum, flag) => sum + flag, 0) / rows;
    return new UsualService(bucketMs, medians, usual, errorRate);
  }

  /**
   * Measures a log.
   *
   * @param log The log, sorted by time; a bucket depends on no later one.
   * @param options An endpoint, for its requests only.
   * @returns The series, of the same steps for each endpoint.
   * @throws {TypeError} If the log has no response times.
   */
  transform(
    log: RequestLog,
    options: {
      /** @default {undefined}, all requests */
      endpoint?: string | undefined;
    } = {},
  ): SlownessSeries {
    const { endpoint } = options;
    const { bucketMs } = this;
    const all = metricSeries(log, { metric: "count", bucketMs });
    const ratio = logRatios(log, this.#medians);
    const traffic = smoothedTraffic(log, bucketMs).at(log.timestampMs);
    const errors = serverErrors(log.statusCode);
    const code = endpoint === undefined
      ? -1
      : log.endpoint.names.indexOf(endpoint);
    const size = all.value.length;
    const [count, slow, failed] = [0, 1, 2].map(() => new Float64Array(size));
    log.timestampMs.forEach((at, row) => {
      if (endpoint !== undefined && log.endpoint.codes[row] !== code) return;
      const bucket = Math.floor((at - all.timestampMs[0]) / bucketMs);
      count[bucket]++;
      failed[bucket] += errors[row];
      slow[bucket] += ratio[row] - valueAt(this.#usual, traffic[row]);
    });
    const observed = Uint8Array.from(count, (n) => n > 0 ? 1 : 0);
    const seriesOf = (valueOf: (bucket: number) => number): MetricSeries => ({
      ...all,
      observed,
      value: count.map((_, bucket) => valueOf(bucket)),
    });
    const prior = PRIOR_REQUESTS;
    return {
      logSlowness: seriesOf((b) => slow[b] / (count[b] + prior)),
      errorRate: seriesOf((b) =>
        (failed[b] + prior * this.#errorRate) / (count[b] + prior)
      ),
      count: { ...all, value: count },
    };
  }
}

type Line = { readonly intercept: number; readonly slope: number };

/** Logarithm of each response time over the median of its route. */
function logRatios(log: RequestLog, medians: RouteMedians): Float64Array {
  const typical = medians.transform(log);
  return responseTimesOf(log, ACTION).map((time, row) =>
    Math.log(Math.max(time, LEAST_MS) / Math.max(typical[row], LEAST_MS))
  );
}

/** Requests a bucket, smoothed over the buckets before that of a request. */
function smoothedTraffic(
  log: RequestLog,
  bucketMs: number,
): { at: (timestampMs: Float64Array) => Float64Array } {
  const { value, timestampMs } = metricSeries(log, {
    metric: "count",
    bucketMs,
  });
  let level = value[0];
  const before = value.map((count) => {
    const known = level;
    level += TRAFFIC_RATE * (count - level);
    return known;
  });
  return {
    at: (times) =>
      times.map((at) => before[Math.floor((at - timestampMs[0]) / bucketMs)]),
  };
}

/** Least squares; the mean alone where x does not vary. */
function fitLine(x: Float64Array, y: Float64Array): Line {
  const n = x.length;
  const [meanX, meanY] = [x, y].map((v) => v.reduce((a, b) => a + b, 0) / n);
  let [covariance, variance] = [0, 0];
  x.forEach((value, i) => {
    covariance += (value - meanX) * (y[i] - meanY);
    variance += (value - meanX) ** 2;
  });
  const slope = variance > 0 ? covariance / variance : 0;
  return { slope, intercept: meanY - slope * meanX };
}

function valueAt({ slope, intercept }: Line, x: number): number {
  return intercept + slope * x;
}
