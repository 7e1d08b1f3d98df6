/**
 * How much slower than usual each request was: the log of its response time
 * less the median of requests of its kind, less what the traffic explains.
 *
 * A kind is a method, an endpoint and a status: a cached answer (304) takes
 * half of the usual time, and is not a sign of health. A status that training
 * saw fewer than {@linkcode LEAST_REQUESTS} times counts as its route. The
 * traffic is a running rate of requests, and its share a straight line fitted
 * with residuals cut off at two spreads (Winsorized), so that incidents in
 * training do not tilt it.
 *
 * @see P. J. Huber, Robust Statistics (1981), for the cut residuals.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { median, medianAbsoluteDeviation } from "../numeric/statistics.ts";
import { type RequestLog, responseTimesOf } from "./request_log.ts";

/** How slow requests were. */
export type RequestSlowness = {
  /** Natural logarithm of the slowness of each request; 0 is usual, shape
   * `(n)`. */
  readonly logSlowness: Float64Array;
  /** Median absolute deviation of requests of its kind, above 0, shape `(n)`. */
  readonly spread: Float64Array;
};

/** Requests of a status that give it a median of its own. */
export const LEAST_REQUESTS = 20;

const ACTION = "measure how slow requests are";
const TRAFFIC_MS = 3_600_000;
/** Response times below are taken as this, in ms: 0 has no logarithm. */
const LEAST_MS = 0.1;
/** Even where all times of a kind are the same, others are near. */
const LEAST_SPREAD = 0.05;
const CUT_SPREADS = 2;
const FIT_ROUNDS = 5;

type Kind = { readonly center: number; readonly spread: number };

/** What is usual of requests, from a log's first part. */
export class UsualRequests {
  readonly #kinds: ReadonlyMap<string, Kind>;
  readonly #all: Kind;
  readonly #rate: number;
  readonly #line: Line;

  private constructor(
    kinds: ReadonlyMap<string, Kind>,
    all: Kind,
    rate: number,
    line: Line,
  ) {
    this.#kinds = kinds;
    this.#all = all;
    this.#rate = rate;
    this.#line = line;
  }

  /**
   * Learns what is usual.
   *
   * @param log The log, sorted by time.
   * @param options Where training ends.
   * @returns What is usual of the first requests.
   * @throws {TypeError} If the log has no response times.
   * @throws {RangeError} If `trainRows` is not 1 to the length of the log.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { UsualRequests } from "lib/logs/request_slowness.ts";
   * import { generateLog } from "lib/logs/synthetic.ts";
   *
   * const { log } = generateLog({ rows: 2000, days: 2 });
   * const usual = UsualRequests.fit(log, { trainRows: 1000 });
   * const { logSlowness } = usual.transform(log);
   * assert.equal(logSlowness.length, 2000);
   * ```
   */
  static fit(
    log: RequestLog,
    options: {
      /** Requests to learn from. @default {log.timestampMs.length} */
      trainRows?: number;
    } = {},
  ): UsualRequests {
    const { trainRows = log.timestampMs.length } = options;
    checkNumber(trainRows, "trainRows", ACTION, {
      minimum: 1,
      maximum: log.timestampMs.length,
      integer: true,
    });
    const logMs = logTimes(log).subarray(0, trainRows);
    const kinds = learnKinds(log, logMs);
    const all = kindOf(logMs);
    const { timestampMs } = log;
    const spanMs = Math.max(timestampMs[trainRows - 1] - timestampMs[0], 1);
    const rate = trainRows / spanMs;
    const usual = new UsualRequests(kinds, all, rate, { level: 0, slope: 0 });
    const { logSlowness, spread } = usual.transform(log);
    const traffic = runningTraffic(timestampMs, rate).subarray(0, trainRows);
    const line = fitLine(traffic, logSlowness, spread);
    return new UsualRequests(kinds, all, rate, line);
  }

  /**
   * Measures requests.
   *
   * @param log The log, sorted by time; a request depends on no later one.
   * @returns How slow each was, and the spread of its kind.
   * @throws {TypeError} If the log has no response times.
   */
  transform(log: RequestLog): RequestSlowness {
    const logSlowness = logTimes(log);
    const spread = new Float64Array(logSlowness.length);
    const traffic = runningTraffic(log.timestampMs, this.#rate);
    const { level, slope } = this.#line;
    for (let row = 0; row < spread.length; row++) {
      const kind = this.#kinds.get(kindName(log, row)) ??
        this.#kinds.get(routeName(log, row)) ?? this.#all;
      logSlowness[row] -= kind.center + level + slope * traffic[row];
      spread[row] = kind.spread;
    }
    return { logSlowness, spread };
  }
}

function logTimes(log: RequestLog): Float64Array {
  return responseTimesOf(log, ACTION).map((time) =>
    Math.log(Math.max(time, LEAST_MS))
  );
}

function routeName({ method, endpoint }: RequestLog, row: number): string {
  const name = method.names[method.codes[row]];
  return `${name} ${endpoint.names[endpoint.codes[row]]}`;
}

function kindName(log: RequestLog, row: number): string {
  return `${routeName(log, row)} ${log.statusCode[row]}`;
}

function learnKinds(log: RequestLog, logMs: Float64Array): Map<string, Kind> {
  const times = new Map<string, number[]>();
  const add = (name: string, value: number) => {
    const known = times.get(name);
    if (known) known.push(value);
    else times.set(name, [value]);
  };
  logMs.forEach((value, row) => {
    add(routeName(log, row), value);
    add(kindName(log, row), value);
  });
  return new Map(
    [...times]
      .filter(([, own]) => own.length >= LEAST_REQUESTS)
      .map(([name, own]) => [name, kindOf(Float64Array.from(own))]),
  );
}

function kindOf(logMs: Float64Array): Kind {
  const spread = Math.max(medianAbsoluteDeviation(logMs), LEAST_SPREAD);
  return { center: median(logMs), spread };
}

/** Requests of the last hour or so before each, relative to `rate`: each counts
 * `exp(-age / hour)`. */
function runningTraffic(timestampMs: Float64Array, rate: number): Float64Array {
  let [requests, lastMs] = [rate * TRAFFIC_MS, timestampMs[0]];
  return timestampMs.map((at) => {
    requests *= Math.exp(-(at - lastMs) / TRAFFIC_MS);
    lastMs = at;
    return requests++ / (rate * TRAFFIC_MS);
  });
}

type Line = { readonly level: number; readonly slope: number };

/** Weighted least squares on residuals cut at two spreads. */
function fitLine(x: Float64Array, y: Float64Array, spread: Float64Array): Line {
  let [level, slope] = [0, 0];
  for (let round = 0; round < FIT_ROUNDS; round++) {
    let [sum, sumX, sumY, sumXX, sumXY] = [0, 0, 0, 0, 0];
    for (let i = 0; i < x.length; i++) {
      const fitted = level + slope * x[i];
      const cut = CUT_SPREADS * spread[i];
      const own = fitted + Math.max(-cut, Math.min(y[i] - fitted, cut));
      const weight = 1 / spread[i] ** 2;
      sum += weight;
      sumX += weight * x[i];
      sumY += weight * own;
      sumXX += weight * x[i] ** 2;
      sumXY += weight * x[i] * own;
    }
    const determinant = sum * sumXX - sumX ** 2;
    slope = determinant > 0 ? (sum * sumXY - sumX * sumY) / determinant : 0;
    level = (sumY - slope * sumX) / sum;
  }
  return { level, slope };
}
