/**
 * Warnings judged as warnings: did one come before the peak, how long before,
 * and how often was there one for nothing. A warning is its first moment; what
 * it says later helps nobody.
 *
 * - An incident counts once, however many warnings it has. It is warned of if
 *   a warning begins from `fromMs` on and **before its peak**.
 * - A warning from the peak to the end is *late*: it counts neither for the
 *   incident nor as false. So do further warnings of the same incident.
 * - Every other warning is false, those of a ramp that comes to nothing too.
 *
 * Precision is `warned / (warned + false)`, so that one incident with many
 * warnings cannot make up for false ones.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { median } from "../numeric/statistics.ts";

/** An incident that could be warned of, milliseconds since 1970 UTC. */
export type WarnableIncident = {
  /** The first moment of a warning that counts, such as the start of a
   * precursor. */
  readonly fromMs: number;
  /** Its start, from `fromMs` on. */
  readonly startMs: number;
  /** Its peak, not before its start; a warning from here on is late. */
  readonly peakMs: number;
  /** The first moment after it, not before its peak. */
  readonly endMs: number;
};

/** How well warnings foretold incidents. */
export type WarningJudgement = {
  /** Incidents. */
  readonly incidents: number;
  /** Incidents warned of before their peak. */
  readonly warned: number;
  /** Of these, incidents warned of before their start. */
  readonly warnedBeforeStart: number;
  /** Warnings of nothing. */
  readonly falseWarnings: number;
  /** Warnings from the peak to the end of an incident. */
  readonly lateWarnings: number;
  /** Incidents warned of, of these and the false warnings together; absent if
   * there are none. */
  readonly precision?: number;
  /** Share of incidents warned of; absent if there are none. */
  readonly recall?: number;
  /** Warnings of nothing, for each day judged. */
  readonly falseWarningsPerDay: number;
  /** Median minutes from the first warning of an incident to its peak; absent
   * if none was warned of. */
  readonly medianLeadToPeakMinutes?: number;
  /** The same to its start; below 0 where it had begun. */
  readonly medianLeadToStartMinutes?: number;
};

/** One log or series with what was warned of, and what came. */
export type WarnedRun = {
  /** The first moments of the warnings at a threshold, milliseconds since 1970
   * UTC. */
  readonly warnedAt: (threshold: number) => Float64Array;
  /** What came. */
  readonly incidents: readonly WarnableIncident[];
  /** The time judged, in days, above 0. */
  readonly days: number;
};

const MS_PER_MINUTE = 60_000;

/**
 * Judges warnings by the incidents that came; the module says what counts.
 *
 * @param warnedAtMs The first moment of each warning, milliseconds since 1970
 * UTC, shape `(n)`, any order.
 * @param incidents The incidents, any order; a warning counts for each whose
 * time it lies in.
 * @param options The time that was judged, in days, above 0.
 * @returns Counts, shares, lead times and false warnings a day.
 * @throws {RangeError} If `days` is not above 0, or the times of an incident
 * do not ascend.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { judgeWarnings } from "lib/evaluate/warnings.ts";
 *
 * const minutes = (count: number) => 60_000 * count;
 * const incident = {
 *   fromMs: minutes(10),
 *   startMs: minutes(40),
 *   peakMs: minutes(50),
 *   endMs: minutes(60),
 * };
 * const warnedAtMs = Float64Array.of(minutes(5), minutes(30));
 * const judged = judgeWarnings(warnedAtMs, [incident], { days: 1 });
 * assert.equal(judged.recall, 1);
 * assert.equal(judged.precision, 0.5);
 * assert.equal(judged.medianLeadToPeakMinutes, 20);
 * ```
 */
export function judgeWarnings(
  warnedAtMs: Float64Array,
  incidents: readonly WarnableIncident[],
  options: { days: number },
): WarningJudgement {
  return poolJudgements([{ warnedAtMs, incidents, days: options.days }]);
}

/**
 * Judges the warnings of several runs together, as if they were one.
 *
 * @param runs Warnings, incidents and days of each, as in
 * {@linkcode judgeWarnings}; at least one.
 * @returns The judgement over all.
 * @throws {RangeError} If there is no run, or one is wrong.
 */
export function poolJudgements(
  runs: readonly {
    readonly warnedAtMs: Float64Array;
    readonly incidents: readonly WarnableIncident[];
    readonly days: number;
  }[],
): WarningJudgement {
  const action = "judge warnings";
  checkNumber(runs.length, "the number of runs", action, { minimum: 1 });
  const counted = runs.map(({ warnedAtMs, incidents, days }) => {
    checkNumber(days, "days", action, { minimum: 0, exclusive: true });
    incidents.forEach((incident) => checkIncident(incident, action));
    return countWarnings(warnedAtMs, incidents);
  });
  const total = (numberOf: (run: Counts) => number) =>
    counted.reduce((sum, run) => sum + numberOf(run), 0);
  const days = runs.reduce((sum, run) => sum + run.days, 0);
  const incidents = runs.reduce((sum, run) => sum + run.incidents.length, 0);
  const leads = counted.flatMap(({ leads }) => leads);
  const warned = leads.length;
  const falseWarnings = total((run) => run.falseWarnings);
  const medianOf = (minutes: number[]) => median(Float64Array.from(minutes));
  return {
    incidents,
    warned,
    warnedBeforeStart: leads.filter(({ toStart }) => toStart > 0).length,
    falseWarnings,
    lateWarnings: total((run) => run.lateWarnings),
    ...(warned + falseWarnings > 0
      ? { precision: warned / (warned + falseWarnings) }
      : {}),
    ...(incidents > 0 ? { recall: warned / incidents } : {}),
    falseWarningsPerDay: falseWarnings / days,
    ...(warned > 0
      ? {
        medianLeadToPeakMinutes: medianOf(leads.map(({ toPeak }) => toPeak)),
        medianLeadToStartMinutes: medianOf(leads.map(({ toStart }) => toStart)),
      }
      : {}),
  };
}

/**
 * The area under precision against recall as the threshold falls: thresholds
 * from the highest down, each adds `(R - R_before) P` for R the recall beyond
 * the greatest before it. Recall that no threshold reaches adds nothing, so a
 * method that can never see some incidents pays for it.
 *
 * @param runs Warnings at any threshold, and what came; at least one incident.
 * @param thresholds The thresholds, any order.
 * @returns The area, 0 to 1; higher is better.
 * @throws {RangeError} If there is no run, no incident or no threshold.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { warningPrecisionRecallArea } from "lib/evaluate/warnings.ts";
 *
 * const incidents = [{ fromMs: 0, startMs: 10, peakMs: 10, endMs: 20 }];
 * // At 0.9 a false warning alone, at 0.5 one of the incident too.
 * const warnedAt = (threshold: number) =>
 *   threshold > 0.5 ? Float64Array.of(30) : Float64Array.of(5, 30);
 * const run = { warnedAt, incidents, days: 1 };
 * assert.equal(warningPrecisionRecallArea([run], [0.9, 0.5]), 0.5);
 * ```
 */
export function warningPrecisionRecallArea(
  runs: readonly WarnedRun[],
  thresholds: ArrayLike<number>,
): number {
  const action = "measure the area under precision and recall";
  const falling = Float64Array.from(thresholds).sort().reverse();
  checkNumber(falling.length, "the number of thresholds", action, {
    minimum: 1,
  });
  let [area, reached] = [0, 0];
  for (const threshold of falling) {
    const judged = poolJudgements(
      runs.map((run) => ({ ...run, warnedAtMs: run.warnedAt(threshold) })),
    );
    checkNumber(judged.incidents, "the number of incidents", action, {
      minimum: 1,
    });
    const { recall = 0, precision = 0 } = judged;
    area += Math.max(0, recall - reached) * precision;
    reached = Math.max(reached, recall);
  }
  return area;
}

/**
 * Counts the stretches of time, such as ramps that come to nothing, in which a
 * warning began.
 *
 * @param warnedAtMs The first moment of each warning, shape `(n)`.
 * @param spans The stretches, both ends included.
 * @returns How many hold at least one.
 */
export function spansWithWarning(
  warnedAtMs: Float64Array,
  spans: readonly { readonly startMs: number; readonly endMs: number }[],
): number {
  return spans.filter(({ startMs, endMs }) =>
    warnedAtMs.some((at) => at >= startMs && at <= endMs)
  ).length;
}

type Lead = { toStart: number; toPeak: number };

type Counts = {
  /** Minutes from the first warning of each incident warned of. */
  leads: Lead[];
  falseWarnings: number;
  lateWarnings: number;
};

function countWarnings(
  warnedAtMs: Float64Array,
  incidents: readonly WarnableIncident[],
): Counts {
  const leads = incidents.flatMap(({ fromMs, startMs, peakMs }): Lead[] => {
    const first = warnedAtMs.reduce(
      (least, at) => at >= fromMs && at < peakMs ? Math.min(least, at) : least,
      Infinity,
    );
    if (first === Infinity) return [];
    return [{
      toStart: (startMs - first) / MS_PER_MINUTE,
      toPeak: (peakMs - first) / MS_PER_MINUTE,
    }];
  });
  let [falseWarnings, lateWarnings] = [0, 0];
  for (const at of warnedAtMs) {
    if (incidents.some((known) => at >= known.fromMs && at < known.peakMs)) {
      continue;
    }
    if (incidents.some((known) => at >= known.peakMs && at < known.endMs)) {
      lateWarnings++;
    } else falseWarnings++;
  }
  return { leads, falseWarnings, lateWarnings };
}

function checkIncident(incident: WarnableIncident, action: string): void {
  const { fromMs, startMs, peakMs, endMs } = incident;
  if (fromMs <= startMs && startMs <= peakMs && peakMs <= endMs) return;
  throw new RangeError(
    `Cannot ${action}: an incident has fromMs ${fromMs}, startMs ${startMs}, peakMs ${peakMs}, endMs ${endMs}, expected them to ascend`,
  );
}
