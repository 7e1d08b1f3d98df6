/**
 * Request logs as Polars frames and back, for whoever wants to query a log with
 * Polars. A frame has the schema's columns and units; rows keep their order.
 *
 * @module
 */

import pl from "nodejs-polars";
import {
  type ReadRequestLogOptions,
  REQUEST_COLUMNS,
  requestLogFromCells,
} from "./readers/request_csv.ts";
import type { PolarsFrame } from "./readers/polars_types.ts";
import type { Categories, RequestLog } from "./request_log.ts";

/** A Polars frame, whatever its columns: what `pl.DataFrame()` makes. */
export type Frame = PolarsFrame;

/** Options for {@linkcode requestLogFromFrame}. */
export type RequestLogFromFrameOptions = Pick<
  ReadRequestLogOptions,
  "columns" | "timeZone" | "unit"
>;

/**
 * Makes a frame of a request log.
 *
 * @param log The log, n rows.
 * @returns A frame of n rows: `timestamp` (Datetime in ms, UTC), `method`,
 * `endpoint`, `status_code`, `size` and, where the log has it, `response_time`.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { requestLogToFrame } from "lib/logs/frame.ts";
 * import { parseRequestLog } from "lib/logs/readers/mod.ts";
 *
 * const { log } = parseRequestLog(
 *   "timestamp,method,endpoint,status_code,size,response_time\n" +
 *     "2025-01-01 00:00:01,GET,/users,200,512,7.5\n",
 * );
 * const frame = requestLogToFrame(log);
 * assert.deepEqual(frame.getColumn("response_time").toArray(), [7.5]);
 * ```
 */
export function requestLogToFrame(log: RequestLog): Frame {
  const { responseTimeMs } = log;
  return pl.DataFrame([
    pl.Series("timestamp", log.timestampMs).cast(pl.Datetime("ms")),
    pl.Series("method", textsOf(log.method), pl.Utf8),
    pl.Series("endpoint", textsOf(log.endpoint), pl.Utf8),
    pl.Series("status_code", log.statusCode),
    pl.Series("size", log.sizeBytes).cast(pl.Int64),
    ...(responseTimeMs ? [pl.Series("response_time", responseTimeMs)] : []),
  ]);
}

/**
 * Makes a request log of a frame, by the same rules as from a CSV, strictly.
 *
 * @param frame The frame, n rows; timestamps are datetimes, texts or numbers.
 * @param options The frame's names for the columns, the zone of timestamps in
 * texts that name none, the unit of response times.
 * @returns The log, sorted by time; `sourceRow` is the row of the frame.
 * @throws {SyntaxError} If a column is missing, there are no rows, or one is
 * bad.
 * @throws {RangeError} If the zone or the unit is not known.
 */
export function requestLogFromFrame(
  frame: Frame,
  options: RequestLogFromFrameOptions = {},
): RequestLog {
  const { columns = {} } = options;
  const headings = REQUEST_COLUMNS.map((name) =>
    [name, columns[name] ?? name] as const
  );
  const missing = headings.filter(([, heading]) =>
    !frame.columns.includes(heading)
  );
  if (missing.length > 0) {
    throw new SyntaxError(
      `Cannot read data frame: ${
        missing.map(([, heading]) => heading).join(", ")
      } missing from its columns ${frame.columns.join(", ")}`,
    );
  }
  const cells = Object.fromEntries(
    headings.map(([name, heading]) => [name, cellsOf(frame, heading)]),
  );
  return requestLogFromCells({
    places: Uint32Array.from({ length: frame.height }, (_, row) => row + 1),
    placeName: "row",
    cells,
    headings: Object.fromEntries(headings),
    broken: new Map(),
  }, { ...options, file: "data frame" }).log;
}

function textsOf({ codes, names }: Categories): string[] {
  return Array.from(codes, (code) => names[code]);
}

function cellsOf(frame: Frame, name: string): string[] {
  const values: readonly unknown[] = frame.getColumn(name).toArray();
  return values.map((value) => {
    if (value === null || value === undefined) return "";
    return value instanceof Date ? value.toISOString() : String(value);
  });
}
