/**
 * When the rows of an input come, and when they do not.
 *
 * @module
 */

import { UsualTraffic } from "../../logs/usual_traffic.ts";
import type { Gap, QuietHours } from "./facts.ts";

const SHOWN_GAPS = 3;
/** Of a shorter time, a trough may be anything. */
const MINIMUM_SPAN_MS = 2 * 86_400_000;
const QUIET_HOURS = 3;
/** A trough is one if its rate is below this share of the mean. */
const TROUGH_SHARE = 0.7;
/** Where people sleep, local time, by which the zone is guessed. */
const SLEEP_START_HOUR = 2;

/**
 * Finds the three hours of the day with the least traffic.
 *
 * @param timestampMs Ascending times, at least one, milliseconds since 1970.
 * @returns The hours, UTC; undefined if the times span less than two days, or if
 * no three hours have less than 0.7 of the mean rate.
 */
export function quietHoursOf(
  timestampMs: Float64Array,
): QuietHours | undefined {
  const spanMs = timestampMs[timestampMs.length - 1] - timestampMs[0];
  if (spanMs < MINIMUM_SPAN_MS) return undefined;
  const { hourlyRate } = UsualTraffic.fit(timestampMs);
  const mean = hourlyRate.reduce((sum, rate) => sum + rate) / hourlyRate.length;
  const rates = hourlyRate.map((_, start) => {
    let sum = 0;
    for (let k = 0; k < QUIET_HOURS; k++) sum += hourlyRate[(start + k) % 24];
    return sum / QUIET_HOURS;
  });
  const startHour = rates.indexOf(Math.min(...rates));
  const shareOfMean = rates[startHour] / mean;
  if (shareOfMean > TROUGH_SHARE) return undefined;
  // Offsets run from -11 to +12.
  const guessedOffsetHours = (SLEEP_START_HOUR - startHour + 35) % 24 - 11;
  const endHour = (startHour + QUIET_HOURS) % 24;
  return { startHour, endHour, shareOfMean, guessedOffsetHours };
}

/**
 * Finds the longest stretches without a row.
 *
 * @param timestampMs Ascending times, milliseconds since 1970.
 * @returns At most three of them, longest first.
 */
export function longestGapsOf(timestampMs: Float64Array): Gap[] {
  const longest: Gap[] = [];
  for (let i = 1; i < timestampMs.length; i++) {
    const lengthMs = timestampMs[i] - timestampMs[i - 1];
    if (!(lengthMs > (longest[SHOWN_GAPS - 1]?.lengthMs ?? 0))) continue;
    longest.push(gapBetween(timestampMs[i - 1], timestampMs[i]));
    longest.sort((a, b) => b.lengthMs - a.lengthMs);
    longest.splice(SHOWN_GAPS);
  }
  return longest;
}

/**
 * Names a stretch of time.
 *
 * @param startMs Its start, milliseconds since 1970.
 * @param endMs Its end.
 * @returns The stretch.
 */
export function gapBetween(startMs: number, endMs: number): Gap {
  return {
    start: new Date(startMs).toISOString(),
    end: new Date(endMs).toISOString(),
    lengthMs: endMs - startMs,
  };
}
