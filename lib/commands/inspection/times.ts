/**
 * When the rows of an input come, and when they do not.
 *
 * @module
 */

import { hourlyCounts, UsualTraffic } from "../../logs/usual_traffic.ts";
import type { Gap, QuietHours } from "./facts.ts";

const SHOWN_GAPS = 3;
/** So many are kept while rows that may lie in them are still to come. */
const KEPT_GAPS = 1000;
/** Of a shorter time, a trough may be anything. */
const MINIMUM_SPAN_MS = 2 * 86_400_000;
const QUIET_HOURS = 3;
/** A trough is one if its rate is below this share of the mean. */
const TROUGH_SHARE = 0.7;
/** Where people sleep, local time, by which the zone is guessed. */
const SLEEP_START_HOUR = 2;

/** A stretch without a row, in milliseconds since 1970. */
type Stretch = { readonly startMs: number; readonly endMs: number };

/** The times of an input that is read part by part. */
export class TimeSummary {
  #startMs = Infinity;
  #endMs = -Infinity;
  readonly #hourly: Float64Array = new Float64Array(24);
  /** Gaps between rows so far. */
  #gaps: Stretch[] = [];
  /** Gaps of this length and below may be missing. */
  #droppedMs = 0;

  /**
   * Adds the times of the next part.
   *
   * @param timestampMs Ascending times, milliseconds since 1970; they may be
   * before the end of the last part.
   */
  add(timestampMs: Float64Array): void {
    if (timestampMs.length === 0) return;
    const [first] = timestampMs;
    if (this.#startMs === Infinity) this.#startMs = this.#endMs = first;
    this.#addGap(first, this.#startMs);
    this.#startMs = Math.min(this.#startMs, first);
    this.#splitGaps(timestampMs);
    for (const timeMs of timestampMs) {
      if (timeMs <= this.#endMs) continue;
      this.#addGap(this.#endMs, timeMs);
      this.#endMs = timeMs;
    }
    hourlyCounts(timestampMs).forEach((count, hour) =>
      this.#hourly[hour] += count
    );
  }

  /** The time from the first row to the last. */
  get span(): Gap {
    return gapBetween(this.#startMs, this.#endMs);
  }

  /**
   * The longest stretches without a row. Rows that come late may take a long
   * one apart, so a thousand are kept, and given are those that are sure to be
   * the longest.
   *
   * @returns At most three of them, longest first.
   */
  longestGaps(): Gap[] {
    return byLength(this.#gaps)
      .filter((gap) => lengthOf(gap) >= this.#droppedMs)
      .slice(0, SHOWN_GAPS)
      .map(({ startMs, endMs }) => gapBetween(startMs, endMs));
  }

  /**
   * Finds the three hours of the day with the least traffic.
   *
   * @returns The hours, UTC; undefined if the times span less than two days, or
   * if no three hours have less than 0.7 of the mean rate.
   */
  quietHours(): QuietHours | undefined {
    const span = { startMs: this.#startMs, endMs: this.#endMs };
    if (!(lengthOf(span) >= MINIMUM_SPAN_MS)) return undefined;
    const { hourlyRate } = UsualTraffic.fromCounts(this.#hourly, span);
    const mean = hourlyRate.reduce((sum, rate) => sum + rate) /
      hourlyRate.length;
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

  #addGap(startMs: number, endMs: number): void {
    // Most stretches are shorter than those that are kept already.
    if (!(endMs - startMs > this.#droppedMs)) return;
    this.#gaps.push({ startMs, endMs });
    if (this.#gaps.length < 2 * KEPT_GAPS) return;
    const sorted = byLength(this.#gaps);
    this.#gaps = sorted.slice(0, KEPT_GAPS);
    this.#droppedMs = lengthOf(sorted[KEPT_GAPS]);
  }

  /** Takes apart the gaps in which rows lie. */
  #splitGaps(timestampMs: Float64Array): void {
    if (!(timestampMs[0] < this.#endMs)) return;
    const gaps = this.#gaps;
    this.#gaps = [];
    for (const gap of gaps) {
      let { startMs } = gap;
      let at = firstAbove(timestampMs, startMs);
      for (; timestampMs[at] < gap.endMs; at++) {
        this.#addGap(startMs, timestampMs[at]);
        startMs = timestampMs[at];
      }
      if (startMs === gap.startMs) this.#gaps.push(gap);
      else this.#addGap(startMs, gap.endMs);
    }
  }
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

function lengthOf({ startMs, endMs }: Stretch): number {
  return endMs - startMs;
}

/** Longest first, of equally long ones the earliest. */
function byLength(gaps: readonly Stretch[]): Stretch[] {
  return gaps.toSorted((a, b) =>
    lengthOf(b) - lengthOf(a) || a.startMs - b.startMs
  );
}

/** The first row after a time; as many as there are rows if there is none. */
function firstAbove(timestampMs: Float64Array, timeMs: number): number {
  let low = 0, high = timestampMs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timestampMs[middle] > timeMs) high = middle;
    else low = middle + 1;
  }
  return low;
}
