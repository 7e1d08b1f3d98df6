/**
 * Logs and incidents as CSV text, the way the readers take them back: a header,
 * comma-separated, quoted where needed, lines ending in a line feed.
 *
 * @module
 */

import { stringify } from "csv-stringify/sync";
import { REQUEST_COLUMNS } from "./readers/request_rows.ts";
import { type RequestLog, responseTimesOf } from "./request_log.ts";
import type { KnownIncident } from "./synthetic_incidents.ts";

/** Response times have one decimal: a tenth of a millisecond. */
const RESPONSE_TIME_DECIMALS = 1;
const ROWS_A_PIECE = 50_000;

/**
 * Writes a request log in its six columns, rows in the order of the log.
 *
 * @param log The log; its response times are rounded to 0.1 ms, its sizes to
 * whole bytes.
 * @returns CSV with the columns `timestamp` (ISO 8601, UTC, milliseconds),
 * `method`, `endpoint`, `status_code`, `size` (bytes) and `response_time` (ms).
 * @throws {TypeError} If the log has no response times.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatRequestLog } from "lib/logs/format_csv.ts";
 * import { generateLog } from "lib/logs/synthetic.ts";
 *
 * const csv = formatRequestLog(generateLog({ rows: 10 }).log);
 * assert.equal(csv.split("\n").length, 10 + 2); // A header, and the last "".
 * ```
 */
export function formatRequestLog(log: RequestLog): string {
  return [...requestLogPieces(log)].join("");
}

/**
 * Writes a request log as {@linkcode formatRequestLog} does, piece by piece.
 *
 * @param log The log.
 * @returns The text in pieces of up to 50,000 rows, the header first.
 * @throws {TypeError} If the log has no response times.
 */
export function* requestLogPieces(log: RequestLog): Generator<string> {
  const responseTimeMs = responseTimesOf(log, "format a request log");
  const { timestampMs, method, endpoint } = log;
  const fieldsOf = (row: number) => [
    new Date(timestampMs[row]).toISOString(),
    method.names[method.codes[row]],
    endpoint.names[endpoint.codes[row]],
    log.statusCode[row],
    Math.round(log.sizeBytes[row]),
    responseTimeMs[row].toFixed(RESPONSE_TIME_DECIMALS),
  ];
  yield withHeader(REQUEST_COLUMNS, []);
  for (let start = 0; start < timestampMs.length; start += ROWS_A_PIECE) {
    const length = Math.min(ROWS_A_PIECE, timestampMs.length - start);
    yield stringify(Array.from({ length }, (_, k) => fieldsOf(start + k)));
  }
}

/**
 * Writes the known incidents of a log.
 *
 * @param incidents Incidents and decoys.
 * @returns CSV with the columns `start`, `end` (ISO 8601, UTC; the end is the
 * first moment after the incident), `kind`, `endpoint` (empty where all are
 * hit), `factor`, and `precursor_start` (empty where there is none).
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatIncidents } from "lib/logs/format_csv.ts";
 *
 * assert.equal(
 *   formatIncidents([{
 *     startMs: 0,
 *     endMs: 60_000,
 *     kind: "level_shift",
 *     endpoint: "",
 *     factor: 1.5,
 *   }]).split("\n")[1],
 *   "1970-01-01T00:00:00.000Z,1970-01-01T00:01:00.000Z,level_shift,,1.5,",
 * );
 * ```
 */
export function formatIncidents(incidents: readonly KnownIncident[]): string {
  const rows = incidents.map((known) => [
    new Date(known.startMs).toISOString(),
    new Date(known.endMs).toISOString(),
    known.kind,
    known.endpoint,
    known.factor,
    known.precursorStartMs === undefined
      ? ""
      : new Date(known.precursorStartMs).toISOString(),
  ]);
  return withHeader(
    ["start", "end", "kind", "endpoint", "factor", "precursor_start"],
    rows,
  );
}

function withHeader(
  header: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  return stringify([header, ...rows]);
}
