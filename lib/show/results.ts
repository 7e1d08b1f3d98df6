/**
 * Rows of the notebooks' tables of results, and the check that keeps the prose
 * around them true.
 *
 * @module
 */

import type { IncidentJudgement } from "../evaluate/range.ts";
import { checkColumns } from "./rows.ts";
import type { TableRow } from "./tables.ts";

/** How many requests are listed. */
const LISTED = 10;

/** Scored requests, n of them. */
export type ScoredTimes = {
  /** Hour of day with its fraction, shape `(n)`. */
  readonly hour: Float64Array;
  /** Response times in milliseconds, shape `(n)`. */
  readonly responseTimeMs: Float64Array;
  /** Anomaly scores, higher is more anomalous, shape `(n)`. */
  readonly score: Float64Array;
  /** Scores above it are anomalies. */
  readonly threshold: number;
};

/**
 * Lists the ten most anomalous requests, the worst first, as the reference
 * lists them: `decision_function` is `threshold - score`, negative where anomalous.
 *
 * @param scored The requests.
 * @returns Rows for a table.
 * @throws {RangeError} If there is none, a value is not finite or lengths
 * differ.
 */
export function resultRows(scored: ScoredTimes): TableRow[] {
  const { hour, responseTimeMs, score, threshold } = scored;
  checkColumns({ score, hour, responseTimeMs }, "list results");
  return Array.from(score, (_, row) => row)
    .sort((a, b) => score[b] - score[a])
    .slice(0, LISTED)
    .map((row) => ({
      "response time (ms)": responseTimeMs[row],
      "hour (UTC)": hour[row],
      score: score[row],
      "decision_function (threshold − score)": threshold - score[row],
      label: score[row] > threshold ? "Anomaly" : "Normal",
    }));
}

/**
 * One row of a table that sets detectors side by side. Where no incident is
 * known nothing can be judged, and the row says only how many alarms there were.
 *
 * @param detector The detector's name.
 * @param judged How its incidents agree with known ones.
 * @returns A row for a table.
 */
export function judgementRow(
  detector: string,
  judged: IncidentJudgement,
): TableRow {
  const { found, known, detected, precision, medianDelayMinutes } = judged;
  if (known === 0) return { detector, found: "none known", alarms: detected };
  return {
    detector,
    found: `${found} of ${known}`,
    alarms: detected,
    precision: precision === undefined ? undefined : formatPercent(precision),
    "false alarms a day": judged.falseAlarmsPerDay.toFixed(2),
    "median delay (min)": medianDelayMinutes?.toFixed(1),
  };
}

/**
 * Checks a headline number of a notebook, so that its prose cannot drift from
 * what was computed.
 *
 * @param name What the number is.
 * @param value The number.
 * @param range The least and greatest value that the prose is true for.
 * @returns One line for the output.
 * @throws {RangeError} If the value is outside.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { headline } from "lib/show/results.ts";
 *
 * assert.equal(headline("found", 5, [4, 6]), "found: 5 (expected 4 to 6)");
 * assert.throws(() => headline("found", 9, [4, 6]), RangeError);
 * ```
 */
export function headline(
  name: string,
  value: number,
  range: readonly [number, number],
): string {
  const [least, greatest] = range;
  const shown = Number(value.toPrecision(4));
  if (!(value >= least && value <= greatest)) {
    throw new RangeError(
      `Cannot stand by the text: ${name} is ${shown}, expected ${least} to ${greatest}`,
    );
  }
  return `${name}: ${shown} (expected ${least} to ${greatest})`;
}

function formatPercent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
