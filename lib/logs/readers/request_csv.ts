/**
 * Reads a request log from a CSV of the six columns `timestamp, method,
 * endpoint, status_code, size, response_time`, whatever the header calls them.
 * The whole input is held in memory.
 *
 * @module
 */

import { categoriesOf, type RequestLog } from "../request_log.ts";
import { readCsvCells } from "./csv.ts";
import type { ColumnNames } from "./csv_header.ts";
import { openInput, readInputBytes, type ReadOptions } from "./input.ts";
import type { ReadReport } from "./report.ts";
import { type CellRule, type CellTable, convertRows } from "./rows.ts";
import {
  responseTimeRule,
  type ResponseTimeUnit,
  SIZE_RULE,
  STATUS_RULE,
  TEXT_RULE,
  timestampRule,
} from "./rules.ts";

/** The columns of a request log, as the schema names them. */
export const REQUEST_COLUMNS = [
  "timestamp",
  "method",
  "endpoint",
  "status_code",
  "size",
  "response_time",
] as const;

/** The name of a column of a request log. */
export type RequestColumn = typeof REQUEST_COLUMNS[number];

/** Options for {@linkcode readRequestLog}. */
export type ReadRequestLogOptions = ReadOptions & {
  /**
   * What the header calls the columns: `{ timestamp: "TimeStamp" }`. A column
   * left out goes by its own name.
   */
  columns?: ColumnNames<RequestColumn>;
  /**
   * The unit of response times in the input; the log's is milliseconds.
   * @default {"ms"}
   */
  unit?: ResponseTimeUnit;
};

/** A log and what is to be said of its reading. */
export type ReadResult<T> = {
  /** The log, sorted by time. */
  log: T;
  /** What was kept, skipped and sorted. */
  report: ReadReport;
};

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
  const { file = "input", mode = "strict", columns = {} } = options;
  const bytes = openInput(input, options);
  const table = readCsvCells(bytes, REQUEST_COLUMNS, { file, mode, columns });
  return requestLogFromCells(table, { ...options, file });
}

/** The rules of a request log's columns. */
type RequestRules = {
  timestamp: CellRule<number>;
  method: CellRule<string>;
  endpoint: CellRule<string>;
  status_code: CellRule<number>;
  size: CellRule<number>;
  response_time: CellRule<number>;
};

/**
 * Makes a request log of cells of text, whatever format they come from.
 *
 * @param table The cells of the six columns, n rows.
 * @param options Mode, zone, unit and the name of the input.
 * @returns The log, and a report of what was kept, skipped and sorted.
 * @throws {SyntaxError} If there are no rows, or a row is bad in strict mode;
 * in lenient mode if every row is.
 * @throws {RangeError} If the zone or the unit is not known.
 */
export function requestLogFromCells(
  table: CellTable,
  options: ReadRequestLogOptions = {},
): ReadResult<RequestLog> {
  const { file = "input", mode = "strict" } = options;
  const { timeZone = "UTC", unit = "ms" } = options;
  const rules: RequestRules = {
    timestamp: timestampRule(timeZone),
    method: TEXT_RULE,
    endpoint: TEXT_RULE,
    status_code: STATUS_RULE,
    size: SIZE_RULE,
    response_time: responseTimeRule(unit),
  };
  const { columns, sourceRow, report } = convertRows(table, rules, {
    file,
    mode,
  });
  const log: RequestLog = {
    timestampMs: Float64Array.from(columns.timestamp),
    method: categoriesOf(columns.method),
    endpoint: categoriesOf(columns.endpoint),
    statusCode: Uint16Array.from(columns.status_code),
    sizeBytes: Float64Array.from(columns.size),
    responseTimeMs: Float64Array.from(columns.response_time),
    sourceRow,
  };
  return { log, report };
}
