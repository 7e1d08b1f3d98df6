/**
 * Features of requests and of timed values: what a detector looks at. What is
 * typical is learned from training rows only; everything that rolls over time
 * is causal, so a row's features never depend on later rows.
 *
 * @module
 */

import { readObject } from "../numeric/json_fields.ts";
import { type Matrix, matrixFromColumns } from "../numeric/matrix.ts";
import { cyclicHour } from "./preprocessing.ts";
import {
  bodyBytes,
  ERROR_RATE,
  type FeatureRows,
  REFUSAL_RATE,
  REQUEST_FEATURES,
  timedFeatures,
  TRAFFIC_FEATURES,
  trafficFeatures,
} from "./request_columns.ts";
import type { Observations, RequestLog } from "./request_log.ts";
import { rollingQuantile } from "./rolling.ts";
import { RouteMedians } from "./route_medians.ts";
import { UsualTraffic } from "./usual_traffic.ts";

export {
  FEATURE_HISTORY_MS,
  type FeatureRows,
  REQUEST_FEATURES,
  TRAFFIC_FEATURES,
} from "./request_columns.ts";

/** Names of the features of timed values, in the order of the columns. */
export const SERIES_FEATURES: readonly string[] = [
  "value",
  "change from the recent median",
];

/** Rows of the rolling median that a series is compared with. */
const SERIES_WINDOW = 61;
/**
 * The features of requests, learned from a training log.
 *
 * With response times ({@linkcode REQUEST_FEATURES}): the log ratio of the
 * response time to what is typical of the route (endpoint and method),
 * `ln((t + 1) / (typical + 1))` for t in ms, by itself and averaged over the
 * last 5 and 30 minutes, over all requests and over those to the same endpoint,
 * and the share of server errors in the last 30 minutes.
 *
 * Without ({@linkcode TRAFFIC_FEATURES}): the same log ratio of the size in
 * bytes, by itself and averaged over 30 minutes, 0 for answers that have no
 * body by definition (to HEAD; 1xx, 204 and 304); the log ratio of the number
 * of requests in the last 5 and 30 minutes to what training saw at that hour of
 * the day ({@linkcode UsualTraffic}), `ln((n + 5) / (usual + 5))`; and the
 * shares of server errors (5xx) and of refusals (4xx) in the last 30 minutes.
 * A stretch without any request shows in the requests after it. Windows that
 * reach back before the log begins are cut there, the usual number too.
 */
export class RequestFeatures {
  /** Names of the features, in the order of the columns. */
  readonly names: readonly string[];
  readonly #typical: RouteMedians;
  /** Only where there are no response times. */
  readonly #traffic: UsualTraffic | undefined;

  private constructor(
    typical: RouteMedians,
    traffic: UsualTraffic | undefined,
  ) {
    this.names = traffic ? TRAFFIC_FEATURES : REQUEST_FEATURES;
    this.#typical = typical;
    this.#traffic = traffic;
  }

  /** Whether logs must have response times; if not, they must have none. */
  get usesResponseTimes(): boolean {
    return this.#traffic === undefined;
  }

  /**
   * Learns what is typical.
   *
   * @param log Training requests, at least one, with response times or not.
   * @returns The fitted features.
   * @throws {RangeError} If the log is empty.
   */
  static fit(log: RequestLog): RequestFeatures {
    const { responseTimeMs } = log;
    return responseTimeMs
      ? new RequestFeatures(RouteMedians.fit(log, responseTimeMs), undefined)
      : new RequestFeatures(
        RouteMedians.fit(log, bodyBytes(log)),
        UsualTraffic.fit(log.timestampMs),
      );
  }

  /**
   * Computes the features of requests. A route unknown in training is compared
   * with the median over all training requests.
   *
   * @param log Requests, n of them, sorted by time, with response times if and
   * only if the training log had them.
   * @returns Features of shape `(n, names.length)`, and what was observed and
   * expected: response times in milliseconds, or without them requests a minute
   * over the last 30 minutes.
   * @throws {TypeError} If the log has no response times and training had, or
   * the other way round.
   */
  transform(log: RequestLog): FeatureRows {
    if (!this.#traffic) return timedFeatures(log, this.#typical);
    if (!log.responseTimeMs) {
      return trafficFeatures(log, this.#typical, this.#traffic);
    }
    throw new TypeError(
      "Cannot compute features: the log has response times, expected none as in training",
    );
  }

  /**
   * Gives what was learned for a model file.
   *
   * @returns The features as JSON.
   */
  toJSON(): { readonly [field: string]: unknown } {
    return this.#traffic
      ? { ...this.#typical.toJSON("Bytes"), traffic: this.#traffic }
      : this.#typical.toJSON("Ms");
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
    if (object.traffic === undefined) {
      return new RequestFeatures(
        RouteMedians.fromJSON(object, "Ms"),
        undefined,
      );
    }
    return new RequestFeatures(
      RouteMedians.fromJSON(object, "Bytes"),
      UsualTraffic.fromJSON(object.traffic),
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
  if (name === ERROR_RATE || name === REFUSAL_RATE) {
    return `${name} ${(feature * 100).toFixed(0)} %`;
  }
  return REQUEST_FEATURES.includes(name) || TRAFFIC_FEATURES.includes(name)
    ? `${name} ${Math.exp(feature).toPrecision(3)}x typical`
    : `${name} ${Number(feature.toPrecision(6))}`;
}
