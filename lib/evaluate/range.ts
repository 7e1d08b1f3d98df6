/**
 * Judging detected incidents by known ones. An incident counts once, however
 * long it is: there is no point adjustment, which credits every point of an
 * incident for one hit and lets random flags look good.
 *
 * @see S. Kim et al., Towards a Rigorous Evaluation of Time-Series Anomaly
 * Detection (2022), on what point adjustment does.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { median } from "../numeric/statistics.ts";

/** A stretch of time, both ends included, milliseconds since 1970 UTC. */
export type TimeSpan = {
  /** Its start. */
  readonly startMs: number;
  /** Its end, not before its start. */
  readonly endMs: number;
};

/** How well detected incidents agree with known ones. */
export type IncidentJudgement = {
  /** Known incidents. */
  readonly known: number;
  /** Known incidents that at least one detected incident overlaps. */
  readonly found: number;
  /** Detected incidents. */
  readonly detected: number;
  /** Share of detected incidents that overlap a known one; absent if none was
   * detected. */
  readonly precision?: number;
  /** Share of known incidents found; absent if none is known. */
  readonly recall?: number;
  /** Detected incidents that overlap no known one, for each day judged. */
  readonly falseAlarmsPerDay: number;
  /** Median minutes from the start of a found incident to its first overlap;
   * 0 where the alarm stood already; absent if none was found. */
  readonly medianDelayMinutes?: number;
};

const MS_PER_MINUTE = 60_000;
const MS_PER_DAY = 86_400_000;

/**
 * Judges detected incidents by known ones.
 *
 * @param detected Detected incidents, any order.
 * @param known Known incidents, any order.
 * @param options The time that was judged, in days, above 0.
 * @returns Counts, shares, false alarms a day and delay.
 * @throws {RangeError} If `days` is not above 0.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { judgeIncidents } from "lib/evaluate/range.ts";
 *
 * const known = [{ startMs: 0, endMs: 10 }, { startMs: 50, endMs: 60 }];
 * const detected = [{ startMs: 5, endMs: 7 }, { startMs: 20, endMs: 30 }];
 * const judged = judgeIncidents(detected, known, { days: 2 });
 * assert.equal(judged.found, 1);
 * assert.equal(judged.precision, 0.5);
 * assert.equal(judged.falseAlarmsPerDay, 0.5);
 * ```
 */
export function judgeIncidents(
  detected: readonly TimeSpan[],
  known: readonly TimeSpan[],
  options: { days: number },
): IncidentJudgement {
  const { days } = options;
  checkNumber(days, "days", "judge incidents", { minimum: 0, exclusive: true });
  const hits = known.map((span) =>
    detected.filter((other) => overlaps(span, other))
  );
  const found = hits.filter((list) => list.length > 0).length;
  const correct =
    detected.filter((span) => known.some((other) => overlaps(span, other)))
      .length;
  const delays = hits.flatMap((list, k) =>
    list.length === 0 ? [] : [delayMinutes(known[k], list)]
  );
  return {
    known: known.length,
    found,
    detected: detected.length,
    ...(detected.length > 0 ? { precision: correct / detected.length } : {}),
    ...(known.length > 0 ? { recall: found / known.length } : {}),
    falseAlarmsPerDay: (detected.length - correct) / days,
    ...(delays.length > 0
      ? { medianDelayMinutes: median(Float64Array.from(delays)) }
      : {}),
  };
}

/**
 * The length of a stretch of time in days.
 *
 * @param timestampMs Ascending times, milliseconds since 1970 UTC, shape
 * `(n)`, n >= 1.
 * @returns Days from the first to the last.
 */
export function daysSpanned(timestampMs: Float64Array): number {
  return (timestampMs[timestampMs.length - 1] - timestampMs[0]) / MS_PER_DAY;
}

/**
 * Checks that times do not go back.
 *
 * @param timestampMs Times, milliseconds since 1970 UTC, shape `(n)`.
 * @param action What is being done, for the message.
 * @throws {RangeError} If a time is not finite or before the one before.
 */
export function checkTimes(timestampMs: Float64Array, action: string): void {
  const bad = timestampMs.findIndex((time, row) =>
    !(Number.isFinite(time) && (row === 0 || time >= timestampMs[row - 1]))
  );
  if (bad < 0) return;
  throw new RangeError(
    `Cannot ${action}: timestampMs[${bad}] is ${
      timestampMs[bad]
    }, expected times in ascending order`,
  );
}

function overlaps(a: TimeSpan, b: TimeSpan): boolean {
  return a.startMs <= b.endMs && b.startMs <= a.endMs;
}

function delayMinutes(known: TimeSpan, hits: readonly TimeSpan[]): number {
  const first = Math.min(...hits.map(({ startMs }) => startMs));
  return Math.max(0, first - known.startMs) / MS_PER_MINUTE;
}
