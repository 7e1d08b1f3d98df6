/**
 * Judging detected incidents by known ones. An incident counts once, however
 * long it is, and is found if a detected one overlaps it. There is no point
 * adjustment, which credits every point of an incident for one hit: with it,
 * random flags reach a better F1 than published detectors, since a long
 * incident is hit by chance and then counts with all its points.
 *
 * An alarm that always stands overlaps every incident, too: read precision and
 * recall beside the share of normal points flagged or the delay.
 *
 * @see S. Kim et al., Towards a Rigorous Evaluation of Time-Series Anomaly
 * Detection (2022), on what point adjustment does.
 *
 * @module
 */

import { checkLength, checkNumber } from "../numeric/checks.ts";
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

/** Detected and known incidents of one series or log. */
export type JudgedRun = {
  /** Detected incidents, any order. */
  readonly detected: readonly TimeSpan[];
  /** Known incidents, any order. */
  readonly known: readonly TimeSpan[];
  /** The time that was judged, in days, above 0. */
  readonly days: number;
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
  return judgeRuns([{ detected, known, days: options.days }]);
}

/**
 * Judges the incidents of several series or logs together, as if they were one.
 *
 * @param runs Incidents and days of each, as in {@linkcode judgeIncidents}; at
 * least one.
 * @returns The judgement over all.
 * @throws {RangeError} If there is no run, or `days` is not above 0.
 */
export function judgeRuns(runs: readonly JudgedRun[]): IncidentJudgement {
  const action = "judge incidents";
  checkNumber(runs.length, "number of runs", action, { minimum: 1 });
  for (const { days } of runs) {
    checkNumber(days, "days", action, { minimum: 0, exclusive: true });
  }
  const total = (count: (run: JudgedRun) => number) =>
    runs.reduce((sum, run) => sum + count(run), 0);
  const known = total((run) => run.known.length);
  const detected = total((run) => run.detected.length);
  const delays = runs.flatMap(delaysOf);
  const correct = total((run) => hitCount(run.detected, run.known));
  return {
    known,
    found: delays.length,
    detected,
    ...(detected > 0 ? { precision: correct / detected } : {}),
    ...(known > 0 ? { recall: delays.length / known } : {}),
    falseAlarmsPerDay: (detected - correct) / total(({ days }) => days),
    ...(delays.length > 0
      ? { medianDelayMinutes: median(Float64Array.from(delays)) }
      : {}),
  };
}

/**
 * The stretches of flagged points.
 *
 * @param timestampMs Times, milliseconds since 1970 UTC, none before the last,
 * shape `(n)`.
 * @param flags 1 where a point is flagged or labelled, else 0, shape `(n)`.
 * @returns Stretches without an unflagged point, ascending in time.
 * @throws {RangeError} If lengths differ or times do not ascend.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { flaggedSpans } from "lib/evaluate/range.ts";
 *
 * const timestampMs = Float64Array.of(0, 10, 20, 30);
 * assert.deepEqual(flaggedSpans(timestampMs, Uint8Array.of(0, 1, 1, 0)), [
 *   { startMs: 10, endMs: 20 },
 * ]);
 * ```
 */
export function flaggedSpans(
  timestampMs: Float64Array,
  flags: Uint8Array,
): TimeSpan[] {
  const action = "find flagged stretches";
  checkLength(flags.length, timestampMs.length, "flags", action);
  checkTimes(timestampMs, action);
  const spans: TimeSpan[] = [];
  let start = -1;
  for (let row = 0; row <= flags.length; row++) {
    if (flags[row] === 1) {
      if (start < 0) start = row;
    } else if (start >= 0) {
      const [startMs, endMs] = [timestampMs[start], timestampMs[row - 1]];
      spans.push({ startMs, endMs });
      start = -1;
    }
  }
  return spans;
}

/**
 * Joins stretches of time that overlap or touch.
 *
 * @param spans Stretches, any order.
 * @returns Stretches, ascending, each after the end of the one before.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { mergeSpans } from "lib/evaluate/range.ts";
 *
 * const spans = [{ startMs: 5, endMs: 9 }, { startMs: 0, endMs: 5 }];
 * assert.deepEqual(mergeSpans(spans), [{ startMs: 0, endMs: 9 }]);
 * ```
 */
export function mergeSpans(spans: readonly TimeSpan[]): TimeSpan[] {
  const merged: { startMs: number; endMs: number }[] = [];
  for (const span of spans.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = merged.at(-1);
    if (last && span.startMs <= last.endMs) {
      last.endMs = Math.max(last.endMs, span.endMs);
    } else merged.push({ ...span });
  }
  return merged;
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

/**
 * Whether two stretches of time have a moment in common.
 *
 * @param a One stretch.
 * @param b The other.
 * @returns Whether they overlap or touch.
 */
export function overlaps(a: TimeSpan, b: TimeSpan): boolean {
  return a.startMs <= b.endMs && b.startMs <= a.endMs;
}

/** How many of some stretches overlap one of the others. */
function hitCount(
  spans: readonly TimeSpan[],
  others: readonly TimeSpan[],
): number {
  return spans.filter((span) => others.some((other) => overlaps(span, other)))
    .length;
}

/** Minutes to the first overlap, of each known incident that was found. */
function delaysOf({ known, detected }: JudgedRun): number[] {
  return known.flatMap((span) => {
    const hits = detected.filter((other) => overlaps(span, other));
    if (hits.length === 0) return [];
    const first = Math.min(...hits.map(({ startMs }) => startMs));
    return [Math.max(0, first - span.startMs) / MS_PER_MINUTE];
  });
}
