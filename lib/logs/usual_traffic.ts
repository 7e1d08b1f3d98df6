/**
 * How many requests are usual at each hour of the day, UTC, so that a quiet
 * night is no outage and a busy noon no attack.
 *
 * @module
 */

import { checkValues } from "../numeric/checks.ts";
import { readObject } from "../numeric/json_fields.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";

const HOUR_MS = 3_600_000;
const HOURS = 24;
const DAY_MS = HOURS * HOUR_MS;
/** Half an hour at the mean rate is added to each hour of the day, so that an
 * hour that training saw for a minute, or never, is close to the mean. */
const PRIOR_HOURS = 0.5;

/**
 * The usual rate of requests by hour of the day:
 * `(count_h + rate / 2) / (hours_h + 1 / 2)` requests an hour, where `count_h`
 * are the training requests of hour h, `hours_h` is how long the training span
 * (first to last request) lay in that hour, and `rate` is the mean over all.
 */
export class UsualTraffic {
  /** Requests an hour, for each hour of the day, UTC, shape `(24)`. */
  readonly hourlyRate: Float64Array;
  /** Requests expected from midnight to the start of each hour. */
  readonly #fromMidnight: Float64Array;

  private constructor(hourlyRate: Float64Array) {
    this.hourlyRate = hourlyRate;
    this.#fromMidnight = new Float64Array(HOURS + 1);
    hourlyRate.forEach((rate, hour) =>
      this.#fromMidnight[hour + 1] = this.#fromMidnight[hour] + rate
    );
  }

  /**
   * Learns the usual rates.
   *
   * @param timestampMs Ascending times of training requests, at least one,
   * milliseconds since 1970 UTC.
   * @returns The fitted rates.
   * @throws {RangeError} If there are no requests.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { UsualTraffic } from "lib/logs/usual_traffic.ts";
   *
   * // Two days with a request at each full hour.
   * const at = Float64Array.from({ length: 49 }, (_, i) => i * 3_600_000);
   * const usual = UsualTraffic.fit(at);
   * assert.ok(Math.abs(usual.expected(7_200_000, 3_600_000) - 1) < 0.05);
   * ```
   */
  static fit(timestampMs: Float64Array): UsualTraffic {
    checkValues(timestampMs, "timestampMs", "learn the usual traffic");
    return UsualTraffic.fromCounts(hourlyCounts(timestampMs), {
      startMs: timestampMs[0],
      endMs: timestampMs[timestampMs.length - 1],
    });
  }

  /**
   * Learns the usual rates from counts.
   *
   * @param counts Training requests by hour of the day, as
   * {@linkcode hourlyCounts} gives them, at least one, shape `(24)`.
   * @param span Times of the first and the last request, milliseconds since
   * 1970 UTC.
   * @returns The fitted rates.
   */
  static fromCounts(
    counts: Float64Array,
    span: { readonly startMs: number; readonly endMs: number },
  ): UsualTraffic {
    const { startMs } = span;
    // At least a millisecond, so that one request alone has a rate.
    const endMs = Math.max(span.endMs, startMs + 1);
    const all = counts.reduce((sum, count) => sum + count);
    const rate = all / ((endMs - startMs) / HOUR_MS);
    return new UsualTraffic(
      counts.map((count, hour) =>
        (count + rate * PRIOR_HOURS) /
        (hoursWithin(startMs, endMs, hour) + PRIOR_HOURS)
      ),
    );
  }

  /**
   * How many requests are usual in a stretch of time.
   *
   * @param endMs Its end, milliseconds since 1970 UTC.
   * @param lengthMs Its length in milliseconds, at least 0.
   * @returns Requests, above 0 where the length is.
   */
  expected(endMs: number, lengthMs: number): number {
    return this.#sinceEpoch(endMs) - this.#sinceEpoch(endMs - lengthMs);
  }

  /**
   * Gives the rates for a model file.
   *
   * @returns The rates as JSON.
   */
  toJSON(): { readonly [field: string]: unknown } {
    return { hourlyRate: encodeArray(this.hourlyRate) };
  }

  /**
   * Loads rates.
   *
   * @param json Untrusted JSON, as {@linkcode UsualTraffic.toJSON} gives it.
   * @returns The rates.
   * @throws {SyntaxError} If the field is missing or wrong.
   */
  static fromJSON(json: unknown): UsualTraffic {
    const { hourlyRate } = readObject(json, "encoder.traffic");
    const field = "encoder.traffic.hourlyRate";
    const rates = decodeArray(hourlyRate, "float64", field, HOURS);
    if (!rates.every((rate) => rate > 0)) {
      throw new SyntaxError(
        `Cannot load model: ${field} holds a rate that is not above 0`,
      );
    }
    return new UsualTraffic(rates);
  }

  #sinceEpoch(timeMs: number): number {
    const days = Math.floor(timeMs / DAY_MS);
    const hours = (timeMs - days * DAY_MS) / HOUR_MS;
    const hour = Math.min(Math.floor(hours), HOURS - 1);
    return days * this.#fromMidnight[HOURS] + this.#fromMidnight[hour] +
      (hours - hour) * this.hourlyRate[hour];
  }
}

/**
 * Counts requests by hour of the day.
 *
 * @param timestampMs Their times, milliseconds since 1970 UTC.
 * @returns Requests in each hour, UTC, shape `(24)`.
 */
export function hourlyCounts(timestampMs: Float64Array): Float64Array {
  const counts = new Float64Array(HOURS);
  for (const timeMs of timestampMs) counts[hourOf(timeMs)]++;
  return counts;
}

function hourOf(timeMs: number): number {
  return Math.floor((timeMs - Math.floor(timeMs / DAY_MS) * DAY_MS) / HOUR_MS);
}

/** How many hours of a span lie in one hour of the day. */
function hoursWithin(startMs: number, endMs: number, hour: number): number {
  const before = (timeMs: number) => {
    const days = Math.floor(timeMs / DAY_MS);
    const into = (timeMs - days * DAY_MS) / HOUR_MS - hour;
    return days + Math.min(Math.max(into, 0), 1);
  };
  return before(endMs) - before(startMs);
}
