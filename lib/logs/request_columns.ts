/**
 * The columns of which the features of requests are made: with response times,
 * and without. All windows are causal.
 *
 * @module
 */

import { type Matrix, matrixFromColumns } from "../numeric/matrix.ts";
import { type RequestLog, responseTimesOf } from "./request_log.ts";
import {
  rollingErrorRate,
  rollingMoments,
  serverErrors,
  windowStartRows,
} from "./rolling.ts";
import type { RouteMedians } from "./route_medians.ts";
import type { UsualTraffic } from "./usual_traffic.ts";

/** Rows of features with their names and what was to be expected. */
export type FeatureRows = {
  /** The features, shape `(n, d)`. */
  readonly x: Matrix;
  /** The value that people read, shape `(n)`: a response time in ms; of a log
   * without them requests a minute; of a series the value itself. */
  readonly value: Float64Array;
  /** What `value` was to be expected to be, same unit, shape `(n)`. */
  readonly expected: Float64Array;
};

/** The name of the share of server errors. */
export const ERROR_RATE = "error rate over 30 min";
/** The name of the share of refused requests. */
export const REFUSAL_RATE = "rate of 4xx over 30 min";

/** Names of the features of requests, in the order of the columns. */
export const REQUEST_FEATURES: readonly string[] = [
  "response time",
  "response time over 5 min",
  "response time over 30 min",
  "endpoint's response time over 30 min",
  ERROR_RATE,
];

/** Names of the features of requests without response times. */
export const TRAFFIC_FEATURES: readonly string[] = [
  "size",
  "size over 30 min",
  "requests over 5 min",
  "requests over 30 min",
  ERROR_RATE,
  REFUSAL_RATE,
];

const SHORT_WINDOW_MS = 300_000;
/** How far the features of a request look back, in milliseconds. */
export const FEATURE_HISTORY_MS = 1_800_000;
const LONG_WINDOW_MS = FEATURE_HISTORY_MS;
/** Requests without error that the error rate counts besides the real ones, so
 * that one error among the few requests of a quiet hour is not an outage. */
const ERROR_FREE_REQUESTS = 20;
/** Requests that counts, observed and usual, are raised by before they are
 * compared, so that two instead of one at night is no surge. */
const STEADYING_REQUESTS = 5;
const MINUTE_MS = 60_000;

/**
 * The columns of {@linkcode REQUEST_FEATURES}.
 *
 * @param log Requests, n of them, sorted by time, with response times.
 * @param typical The typical response time of each route, milliseconds.
 * @returns Features of shape `(n, 5)`, response times and what was expected.
 * @throws {TypeError} If the log has no response times.
 */
export function timedFeatures(
  log: RequestLog,
  typical: RouteMedians,
): FeatureRows {
  const value = responseTimesOf(log, "compute features");
  const { timestampMs, endpoint, statusCode } = log;
  const expected = typical.transform(log);
  const ratio = value.map((time, row) =>
    Math.log1p(time) - Math.log1p(expected[row])
  );
  const x = matrixFromColumns([
    ratio,
    rollingMoments(timestampMs, ratio, SHORT_WINDOW_MS).mean,
    rollingMoments(timestampMs, ratio, LONG_WINDOW_MS).mean,
    rollingMeanWithin(endpoint.codes, timestampMs, ratio, LONG_WINDOW_MS),
    cautiousRate(timestampMs, serverErrors(statusCode)),
  ]);
  return { x, value, expected };
}

/**
 * The columns of {@linkcode TRAFFIC_FEATURES}.
 *
 * @param log Requests, n of them, sorted by time.
 * @param typical The typical size of each route, bytes.
 * @param usual The usual traffic.
 * @returns Features of shape `(n, 6)`, and requests a minute over the last 30
 * minutes, observed and expected.
 */
export function trafficFeatures(
  log: RequestLog,
  typical: RouteMedians,
  usual: UsualTraffic,
): FeatureRows {
  const { timestampMs, statusCode } = log;
  const typicalBytes = typical.transform(log);
  const ratio = bodyBytes(log).map((size, row) =>
    Number.isNaN(size) ? 0 : Math.log1p(size) - Math.log1p(typicalBytes[row])
  );
  const long = trafficOver(timestampMs, usual, LONG_WINDOW_MS);
  const x = matrixFromColumns([
    ratio,
    rollingMoments(timestampMs, ratio, LONG_WINDOW_MS).mean,
    trafficOver(timestampMs, usual, SHORT_WINDOW_MS).ratio,
    long.ratio,
    cautiousRate(timestampMs, serverErrors(statusCode)),
    cautiousRate(timestampMs, refusals(statusCode)),
  ]);
  return { x, value: long.perMinute, expected: long.expectedPerMinute };
}

/**
 * Sizes of answers that may have a body.
 *
 * @param log Requests, n of them.
 * @returns Sizes in bytes, shape `(n)`; NaN for answers that have no body by
 * definition: to HEAD, and 1xx, 204 and 304.
 * @see RFC 9110, section 6.4.1.
 */
export function bodyBytes(log: RequestLog): Float64Array {
  const { method, statusCode, sizeBytes } = log;
  const head = method.names.indexOf("HEAD");
  return sizeBytes.map((size, row) => {
    const status = statusCode[row];
    const isBare = method.codes[row] === head || status < 200 ||
      status === 204 || status === 304;
    return isBare ? NaN : size;
  });
}

/** Requests over the time just before each row, against what is usual then. */
function trafficOver(
  timestampMs: Float64Array,
  usual: UsualTraffic,
  windowMs: number,
): {
  ratio: Float64Array;
  perMinute: Float64Array;
  expectedPerMinute: Float64Array;
} {
  const starts = windowStartRows(timestampMs, windowMs);
  const ratio = new Float64Array(starts.length);
  const perMinute = new Float64Array(starts.length);
  const expectedPerMinute = new Float64Array(starts.length);
  for (let row = 0; row < starts.length; row++) {
    // At least a minute: the first request comes after no time at all.
    const lengthMs = Math.min(
      windowMs,
      Math.max(timestampMs[row] - timestampMs[0], MINUTE_MS),
    );
    const requests = row - starts[row] + 1;
    const expected = usual.expected(timestampMs[row], lengthMs);
    ratio[row] = Math.log(
      (requests + STEADYING_REQUESTS) / (expected + STEADYING_REQUESTS),
    );
    perMinute[row] = requests / (lengthMs / MINUTE_MS);
    expectedPerMinute[row] = expected / (lengthMs / MINUTE_MS);
  }
  return { ratio, perMinute, expectedPerMinute };
}

/** 1 where a request was refused: a status of 400 to 499. */
function refusals(statusCode: Uint16Array): Uint8Array {
  return Uint8Array.from(
    statusCode,
    (code) => code >= 400 && code < 500 ? 1 : 0,
  );
}

/** The share of marked requests, `marked / (requests + 20)`, over the last 30
 * minutes. */
function cautiousRate(
  timestampMs: Float64Array,
  isMarked: Uint8Array,
): Float64Array {
  const rate = rollingErrorRate(timestampMs, isMarked, LONG_WINDOW_MS);
  const starts = windowStartRows(timestampMs, LONG_WINDOW_MS);
  return rate.map((share, row) => {
    const requests = row - starts[row] + 1;
    return share * requests / (requests + ERROR_FREE_REQUESTS);
  });
}

/** The rolling mean over the rows of the same group. */
function rollingMeanWithin(
  groups: Uint32Array,
  timestampMs: Float64Array,
  values: Float64Array,
  windowMs: number,
): Float64Array {
  const rowsOf = new Map<number, number[]>();
  groups.forEach((group, row) => {
    const rows = rowsOf.get(group);
    if (rows) rows.push(row);
    else rowsOf.set(group, [row]);
  });
  const result = new Float64Array(values.length);
  for (const rows of rowsOf.values()) {
    const { mean } = rollingMoments(
      Float64Array.from(rows, (row) => timestampMs[row]),
      Float64Array.from(rows, (row) => values[row]),
      windowMs,
    );
    rows.forEach((row, k) => result[row] = mean[k]);
  }
  return result;
}
