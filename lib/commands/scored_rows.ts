/**
 * How `latency detect` writes scored rows and says incidents.
 *
 * @module
 */

import { stringify } from "csv-stringify/sync";
import { reasonFor, type ScoredRows } from "../analysis.ts";
import type { Incident } from "../detect/incidents.ts";

const ROWS_A_PIECE = 10_000;
const COLUMNS = [
  "timestamp",
  "value",
  "score",
  "threshold",
  "anomaly",
  "reason",
];

/**
 * The header of scored rows.
 *
 * @param hasEndpoint Whether there is a column for the endpoint.
 * @returns One line.
 */
export function scoredHeader(hasEndpoint: boolean): string {
  const [timestamp, ...rest] = COLUMNS;
  const columns = hasEndpoint ? [timestamp, "endpoint", ...rest] : COLUMNS;
  return columns.join(",") + "\n";
}

/**
 * Scored rows as CSV, in the order of the input, without a header.
 *
 * @param rows The rows.
 * @returns Pieces of text of ten thousand lines each.
 */
export function* scoredLines(rows: ScoredRows): Generator<string> {
  const { sourceRow } = rows;
  const order = Uint32Array.from(sourceRow.keys())
    .sort((a, b) => sourceRow[a] - sourceRow[b]);
  for (let start = 0; start < order.length; start += ROWS_A_PIECE) {
    const piece = order.subarray(start, start + ROWS_A_PIECE);
    yield stringify(Array.from(piece, (row) => formatRow(rows, row)));
  }
}

function formatRow(rows: ScoredRows, row: number): (string | number)[] {
  const { endpoint } = rows;
  return [
    new Date(rows.timestampMs[row]).toISOString(),
    ...(endpoint ? [endpoint.names[endpoint.codes[row]]] : []),
    rows.value[row],
    rows.score[row],
    rows.threshold,
    String(rows.anomaly[row] === 1),
    reasonFor(rows, row),
  ];
}

/**
 * An incident in words.
 *
 * @param incident The incident.
 * @returns One line: when, where, how many rows, what was seen and expected.
 */
export function formatIncident(incident: Incident): string {
  const { startMs, endMs, endpoint, flagged, points, features } = incident;
  return [
    `${toMinute(startMs)} to ${toMinute(endMs)} UTC`,
    endpoint === "" ? "" : `at ${JSON.stringify(endpoint)}`,
    `${flagged} of ${points} rows flagged`,
    `median ${fourDigits(incident.observed)}, expected ${
      fourDigits(incident.expected)
    }`,
    features.slice(0, 2).join(", "),
  ].filter((part) => part !== "").join("; ");
}

function fourDigits(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 4 });
}

function toMinute(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 16).replace("T", " ");
}
