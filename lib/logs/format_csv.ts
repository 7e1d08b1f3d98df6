/**
 * Logs and incidents as CSV text, the way the readers take them back: a header,
 * comma-separated, quoted where needed, lines ending in a line feed.
 *
 * @module
 */

import { stringify } from "csv-stringify/sync";
import type { RequestLog } from "./request_log.ts";
import type { KnownIncident } from "./synthetic_incidents.ts";

/** Response times have one decimal: a tenth of a millisecond. */
const RESPONSE_TIME_DECIMALS = 1;

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
  const { timestampMs, method, endpoint, responseTimeMs } = log;
  if (!responseTimeMs) {
    throw new TypeError(
      "Cannot format a request log: it has no response times, expected responseTimeMs",
    );
  }
  const rows = Array.from(timestampMs, (timeMs, i) => [
    new Date(timeMs).toISOString(),
    method.names[method.codes[i]],
    endpoint.names[endpoint.codes[i]],
    log.statusCode[i],
    Math.round(log.sizeBytes[i]),
    responseTimeMs[i].toFixed(RESPONSE_TIME_DECIMALS),
  ]);
  return withHeader(
    ["timestamp", "method", "endpoint", "status_code", "size", "response_time"],
    rows,
  );
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
