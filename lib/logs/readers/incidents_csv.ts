/**
 * Reads the list of known incidents that comes with a generated log, or one in
 * the same columns that a team keeps.
 *
 * @module
 */

import { parse } from "csv-parse/sync";
import { parseTimestamp } from "../time.ts";

/** An incident that is known to have happened. */
export type ListedIncident = {
  /** Its start, milliseconds since 1970 UTC. */
  readonly startMs: number;
  /** Its end, milliseconds since 1970 UTC, not before its start. */
  readonly endMs: number;
  /** What kind it is; `decoy_ramp` is none. */
  readonly kind: string;
  /** The endpoint that it hit; "" if all. */
  readonly endpoint: string;
};

/**
 * Parses a list of incidents: CSV with the columns start, end, kind and
 * endpoint; others are ignored.
 *
 * @param text The CSV.
 * @param file Its name, for messages.
 * @returns The incidents, in the order of the file.
 * @throws {SyntaxError} If a column is missing or a time is wrong.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseIncidents } from "lib/logs/readers/incidents_csv.ts";
 *
 * const [incident] = parseIncidents(
 *   "start,end,kind,endpoint\n1970-01-01T00:00:01Z,1970-01-01T00:00:03Z,outage,\n",
 *   "incidents.csv",
 * );
 * assert.equal(incident.endMs - incident.startMs, 2000);
 * ```
 */
export function parseIncidents(text: string, file: string): ListedIncident[] {
  let records: Record<string, string>[];
  try {
    records = parse(text, { columns: true, bom: true, trim: true });
  } catch (error) {
    throw new SyntaxError(
      `Cannot read ${file}: ${error instanceof Error ? error.message : error}`,
    );
  }
  return records.map((record, row) => {
    const startMs = timeOf(record.start, `${file}, row ${row}: start`);
    const endMs = timeOf(record.end, `${file}, row ${row}: end`);
    if (!(endMs >= startMs)) {
      throw new SyntaxError(
        `Cannot read ${file}, row ${row}: end is ${record.end}, expected not before ${record.start}`,
      );
    }
    const { kind = "", endpoint = "" } = record;
    return { startMs, endMs, kind, endpoint };
  });
}

function timeOf(text: string | undefined, place: string): number {
  const timeMs = parseTimestamp(text ?? "");
  if (timeMs !== undefined) return timeMs;
  throw new SyntaxError(
    `Cannot read ${place} is ${JSON.stringify(text)}, expected a timestamp`,
  );
}
