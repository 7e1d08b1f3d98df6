/**
 * Reads a CSV that is either a request log or a series of timed values, told
 * apart by its header.
 *
 * @module
 */

import type { Observations, RequestLog } from "../request_log.ts";
import { type ColumnNames, readHeader, showHeader } from "./csv_header.ts";
import { openInput, readInputBytes } from "./input.ts";
import { type ReadReport, showText } from "./report.ts";
import {
  parseRequestLog,
  type ReadRequestLogOptions,
  REQUEST_COLUMNS,
  type RequestColumn,
} from "./request_csv.ts";
import {
  parseObservations,
  SERIES_COLUMNS,
  type SeriesColumn,
} from "./series_csv.ts";

/** What a CSV holds, by its header. */
export type InputKind = "requests" | "series";

/** What the header calls the columns of a request log or of a series. */
export type InputColumns = ColumnNames<RequestColumn | SeriesColumn>;

/** Options for {@linkcode readInput}. */
export type ReadInputOptions = Omit<ReadRequestLogOptions, "columns"> & {
  /**
   * What the header calls the columns: `{ timestamp: "TimeStamp" }`. Naming a
   * `value` asks for a series, even of a request log.
   */
  columns?: InputColumns;
};

/** A log or a series, and what is to be said of its reading. */
export type ReadInputResult =
  | {
    /** The input is a request log. */
    kind: "requests";
    /** The log, sorted by time. */
    log: RequestLog;
    /** What was kept, skipped and sorted. */
    report: ReadReport;
  }
  | {
    /** The input is a series of timed values. */
    kind: "series";
    /** The values, sorted by time. */
    observations: Observations;
    /** What was kept, skipped and sorted. */
    report: ReadReport;
  };

/**
 * Tells by its header what a CSV holds: a request log if all six columns are
 * there, else a series if a time and a value are. Where `columns` names a
 * `value`, a series is what is asked for.
 *
 * @param header The names of the columns, trimmed.
 * @param columns What the header calls the columns of the schemas.
 * @returns The kind, `undefined` if neither fits.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { detectInputKind } from "lib/logs/readers/mod.ts";
 *
 * assert.equal(detectInputKind(["timestamp", "value", "label"]), "series");
 * assert.equal(detectInputKind(["when", "value"]), undefined);
 * assert.equal(
 *   detectInputKind(["when", "value"], { timestamp: "when" }),
 *   "series",
 * );
 * ```
 */
export function detectInputKind(
  header: readonly string[],
  columns: InputColumns = {},
): InputKind | undefined {
  const holds = (name: RequestColumn | SeriesColumn) =>
    header.includes((columns[name] ?? name).trim());
  const isSeries = SERIES_COLUMNS.every(holds);
  if (columns.value !== undefined) return isSeries ? "series" : undefined;
  if (REQUEST_COLUMNS.every(holds)) return "requests";
  return isSeries ? "series" : undefined;
}

/**
 * Reads a CSV file, gzipped or not, that holds a request log or a series.
 *
 * @param path The file.
 * @param options Mode, zone, unit, names of the columns, limit on the size.
 * @returns The log or the series, and a report of its reading.
 * @throws {SyntaxError} If the header is neither's, there are no rows, or a row
 * is bad in strict mode; in lenient mode if every row is.
 * @throws {RangeError} If an option or the size of the file is out of range.
 * @throws {Error} If the file does not exist or cannot be read.
 */
export async function readInput(
  path: string,
  options: ReadInputOptions = {},
): Promise<ReadInputResult> {
  const { file = path } = options;
  const bytes = await readInputBytes(path, options);
  return parseInput(bytes, { ...options, file });
}

/**
 * Reads a CSV in memory, as {@linkcode readInput} does from a file.
 *
 * @param input The CSV, gzipped or not.
 * @param options Mode, zone, unit, names of the columns, limit on the size.
 * @returns The log or the series, and a report of its reading.
 * @throws {SyntaxError} If the header is neither's, there are no rows, or a row
 * is bad in strict mode; in lenient mode if every row is.
 * @throws {RangeError} If an option or the size of the input is out of range.
 */
export function parseInput(
  input: Uint8Array | string,
  options: ReadInputOptions = {},
): ReadInputResult {
  const { file = "input", columns = {} } = options;
  const unknown = Object.keys(columns).find((name) => !isColumn(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `Cannot read ${file}: columns holds ${
        showText(unknown)
      }, expected names among ${REQUEST_COLUMNS.join(",")},value`,
    );
  }
  const bytes = openInput(input, options);
  const header = readHeader(bytes, file);
  const kind = detectInputKind(header, columns);
  if (kind === "requests") {
    return { kind, ...parseRequestLog(bytes, options) };
  }
  if (kind === "series") {
    return { kind, ...parseObservations(bytes, options) };
  }
  throw new SyntaxError(
    `Cannot read ${file}: the header holds ${showHeader(header)}, expected ${
      named(REQUEST_COLUMNS, columns)
    } or ${
      named(SERIES_COLUMNS, columns)
    }; name the columns that stand for these`,
  );
}

function isColumn(name: string): boolean {
  return [...REQUEST_COLUMNS, ...SERIES_COLUMNS].some((one) => one === name);
}

/** The names of a schema, each with the header's name that was asked for. */
function named(
  names: readonly (RequestColumn | SeriesColumn)[],
  columns: InputColumns,
): string {
  return names.map((name) =>
    columns[name] === undefined ? name : `${name} (as ${columns[name]})`
  ).join(",");
}
