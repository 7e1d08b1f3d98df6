/**
 * Reads a request log from a CSV of the six columns `timestamp, method,
 * endpoint, status_code, size, response_time`, whatever the header calls them.
 * The whole input is held in memory.
 *
 * @module
 */

import type { RequestLog } from "../request_log.ts";
import { readCsvCells } from "./csv.ts";
import { openInput, readInputBytes } from "./input.ts";
import {
  type ReadRequestLogOptions,
  type ReadResult,
  requestColumnsOf,
  requestLogFromCells,
} from "./request_rows.ts";

export {
  type ReadRequestLogOptions,
  REQUEST_COLUMNS,
  requestLogFromCells,
} from "./request_rows.ts";

/**
 * Reads a request log from a CSV file, gzipped or not.
 *
 * A timestamp is any that {@linkcode parseTimestamp} knows; method and endpoint
 * are not empty and kept as they are; the status is an integer from 100 to 599,
 * the size one from 0; the response time is finite and >= 0. Cells are trimmed,
 * other columns ignored, rows sorted by time.
 *
 * @param path The file.
 * @param options Mode, zone, unit, names of the columns, limit on the size.
 * @returns The log, and a report of what was kept, skipped and sorted.
 * @throws {SyntaxError} If a column is missing, there are no rows, or a row is
 * bad in strict mode; in lenient mode if every row is.
 * @throws {RangeError} If an option or the size of the file is out of range.
 * @throws {Error} If the file does not exist or cannot be read.
 */
export async function readRequestLog(
  path: string,
  options: ReadRequestLogOptions = {},
): Promise<ReadResult<RequestLog>> {
  const { file = path } = options;
  const bytes = await readInputBytes(path, options);
  return parseRequestLog(bytes, { ...options, file });
}

/**
 * Reads a request log from a CSV in memory, as {@linkcode readRequestLog} does
 * from a file.
 *
 * @param input The CSV, gzipped or not.
 * @param options Mode, zone, unit, names of the columns, limit on the size.
 * @returns The log, and a report of what was kept, skipped and sorted.
 * @throws {SyntaxError} If a column is missing, there are no rows, or a row is
 * bad in strict mode; in lenient mode if every row is.
 * @throws {RangeError} If an option or the size of the input is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseRequestLog } from "lib/logs/readers/mod.ts";
 *
 * const { log } = parseRequestLog(
 *   "timestamp,method,endpoint,status_code,size,response_time\n" +
 *     "2025-01-01 00:00:01,GET,/users,200,512,0.25\n",
 *   { unit: "s" },
 * );
 * assert.deepEqual([...log.responseTimeMs ?? []], [250]);
 * ```
 */
export function parseRequestLog(
  input: Uint8Array | string,
  options: ReadRequestLogOptions = {},
): ReadResult<RequestLog> {
  const { file = "input", mode = "strict", columns = {}, part } = options;
  const bytes = openInput(input, options);
  const names = requestColumnsOf(columns);
  const table = readCsvCells(bytes, names, { file, mode, columns, part });
  return requestLogFromCells(
    { ...table, format: "requests-csv" },
    { ...options, file },
  );
}
