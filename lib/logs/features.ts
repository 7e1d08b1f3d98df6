/**
 * Features of requests and of timed values: what a detector looks at. What is
 * typical is learned from training rows only; everything that rolls over time
 * is causal, so a row's features never depend on later rows.
 *
 * @module
 */

import { readObject, readTexts } from "../numeric/json_fields.ts";
import { type Matrix, matrixFromColumns } from "../numeric/matrix.ts";
import { median } from "../numeric/statistics.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";
import { cyclicHour } from "./preprocessing.ts";
import {
  type Observations,
  type RequestLog,
  responseTimesOf,
} from "./request_log.ts";
import {
  rollingErrorRate,
  rollingMoments,
  rollingQuantile,
  serverErrors,
  windowStartRows,
} from "./rolling.ts";

/** Rows of features with their names and what was to be expected. */
export type FeatureRows = {
  /** The features, shape `(n, d)`. */
  readonly x: Matrix;
  /** The value that people read: a response time in ms, or the value itself,
   * shape `(n)`. */
  readonly value: Float64Array;
  /** What `value` was to be expected to be, same unit, shape `(n)`. */
  readonly expected: Float64Array;
};

const ERROR_RATE = "error rate over 30 min";

/** Names of the features of requests, in the order of the columns. */
export const REQUEST_FEATURES: readonly string[] = [
  "response time",
  "response time over 5 min",
  "response time over 30 min",
  "endpoint's response time over 30 min",
  ERROR_RATE,
];

/** Names of the features of timed values, in the order of the columns. */
export const SERIES_FEATURES: readonly string[] = [
  "value",
  "change from the recent median",
];

const SHORT_WINDOW_MS = 300_000;
const LONG_WINDOW_MS = 1_800_000;
/** Requests without error that the error rate counts besides the real ones, so
 * that one error among the few requests of a quiet hour is not an outage. */
const ERROR_FREE_REQUESTS = 20;
/** Rows of the rolling median that a series is compared with. */
const SERIES_WINDOW = 61;
const MAXIMUM_ROUTES = 100_000;

/**
 * What response time is typical of each route (endpoint and method), and from
 * it the features of requests: the log ratio of the response time to what is
 * typical, `ln((t + 1) / (typical + 1))` for t in ms, by itself and averaged
 * over the last 5 and 30 minutes, over all requests and over those to the same
 * endpoint, and the share of server errors in the last 30 minutes.
 */
export class RequestFeatures {
  /** Names of the features, in the order of the columns. */
  readonly names: readonly string[] = REQUEST_FEATURES;
  readonly #typicalOf: ReadonlyMap<string, number>;
  readonly #typical: number;

  private constructor(typicalOf: ReadonlyMap<string, number>, typical: number) {
    this.#typicalOf = typicalOf;
    this.#typical = typical;
  }

  /**
   * Learns the median response time of each route.
   *
   * @param log Training requests, at least one, with response times.
   * @returns The fitted features.
   * @throws {TypeError} If the log has no response times.
   * @throws {RangeError} If the log is empty.
   */
  static fit(log: RequestLog): RequestFeatures {
    const responseTimeMs = responseTimesOf(log, "compute features");
    const byRoute = new Map<string, number[]>();
    routesOf(log).forEach((route, row) => {
      const times = byRoute.get(route);
      if (times) times.push(responseTimeMs[row]);
      else byRoute.set(route, [responseTimeMs[row]]);
    });
    const typicalOf = new Map(
      [...byRoute].map(([route, times]): [string, number] => [
        route,
        median(Float64Array.from(times)),
      ]),
    );
    return new RequestFeatures(typicalOf, median(responseTimeMs));
  }

  /**
   * Computes the features of requests. A route unknown in training is compared
   * with the median over all training requests.
   *
   * @param log Requests, n of them, sorted by time, with response times.
   * @returns Features of shape `(n, 5)`, response times and what was expected,
   * in milliseconds.
   * @throws {TypeError} If the log has no response times.
   */
  transform(log: RequestLog): FeatureRows {
    const value = responseTimesOf(log, "compute features");
    const { timestampMs, endpoint, statusCode } = log;
    const expected = Float64Array.from(
      routesOf(log),
      (route) => this.#typicalOf.get(route) ?? this.#typical,
    );
    const ratio = value.map((time, row) =>
      Math.log1p(time) - Math.log1p(expected[row])
    );
    const x = matrixFromColumns([
      ratio,
      rollingMoments(timestampMs, ratio, SHORT_WINDOW_MS).mean,
      rollingMoments(timestampMs, ratio, LONG_WINDOW_MS).mean,
      rollingMeanWithin(endpoint.codes, timestampMs, ratio, LONG_WINDOW_MS),
      cautiousErrorRate(timestampMs, serverErrors(statusCode)),
    ]);
    return { x, value, expected };
  }

  /**
   * Gives what was learned for a model file.
   *
   * @returns The features as JSON.
   */
  toJSON(): { readonly [field: string]: unknown } {
    return {
      routes: [...this.#typicalOf.keys()],
      typicalMs: encodeArray(Float64Array.from(this.#typicalOf.values())),
      overallMs: encodeArray(Float64Array.of(this.#typical)),
    };
  }

  /**
   * Loads features.
   *
   * @param json Untrusted JSON, as {@linkcode RequestFeatures.toJSON} gives it.
   * @returns The features.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static fromJSON(json: unknown): RequestFeatures {
    const object = readObject(json, "encoder");
    const routes = readTexts(object, "routes", MAXIMUM_ROUTES);
    const typical = decodeArray(
      object.typicalMs,
      "float64",
      "encoder.typicalMs",
      routes.length,
    );
    const overall = decodeArray(
      object.overallMs,
      "float64",
      "encoder.overallMs",
      1,
    );
    if (![...typical, ...overall].every((time) => time >= 0)) {
      throw new SyntaxError(
        "Cannot load model: encoder.typicalMs holds a negative time",
      );
    }
    return new RequestFeatures(
      new Map(routes.map((route, k) => [route, typical[k]])),
      overall[0],
    );
  }
}

/**
 * Computes the features of timed values: the value, and its difference from
 * the median of the 61 values before it.
 *
 * @param observations Timed values, n of them, sorted by time.
 * @returns Features of shape `(n, 2)`, values and what was expected.
 */
export function seriesFeatures(observations: Observations): FeatureRows {
  const { value } = observations;
  const expected = rollingQuantile(value, 0.5, SERIES_WINDOW);
  const x = matrixFromColumns([
    value,
    value.map((v, row) => v - expected[row]),
  ]);
  return { x, value, expected };
}

/**
 * The two features of the reference, with its hour made cyclic: the response
 * time, and the hour of day on a circle, `sin` and `cos`, so that 23:59 and
 * 00:00 are neighbours.
 *
 * @param timestampMs Times, milliseconds since 1970 UTC, shape `(n)`.
 * @param responseTimeMs Response times in milliseconds, shape `(n)`.
 * @returns Response time, sine and cosine, shape `(n, 3)`, unscaled.
 * @throws {RangeError} If the lengths differ.
 */
export function timeAndHourFeatures(
  timestampMs: Float64Array,
  responseTimeMs: Float64Array,
): Matrix {
  const { sin, cos } = cyclicHour(timestampMs);
  return matrixFromColumns([responseTimeMs, sin, cos]);
}

/**
 * Says in words what stands out in one row.
 *
 * @param name The feature that stands out, one of the names above.
 * @param feature Its value: a log ratio, a share, or a plain value.
 * @returns Words such as "response time over 5 min 2.4x typical".
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { describeFeature } from "lib/logs/features.ts";
 *
 * assert.equal(
 *   describeFeature("response time", Math.log(3)),
 *   "response time 3.00x typical",
 * );
 * ```
 */
export function describeFeature(name: string, feature: number): string {
  if (name === ERROR_RATE) return `${name} ${(feature * 100).toFixed(0)} %`;
  return REQUEST_FEATURES.includes(name)
    ? `${name} ${Math.exp(feature).toPrecision(3)}x typical`
    : `${name} ${Number(feature.toPrecision(6))}`;
}

function routesOf(log: RequestLog): string[] {
  const { method, endpoint } = log;
  return Array.from(
    endpoint.codes,
    (code, row) => `${method.names[method.codes[row]]} ${endpoint.names[code]}`,
  );
}

/** The share of errors, `errors / (requests + 20)`, over the last 30 minutes. */
function cautiousErrorRate(
  timestampMs: Float64Array,
  isError: Uint8Array,
): Float64Array {
  const rate = rollingErrorRate(timestampMs, isError, LONG_WINDOW_MS);
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
