/**
 * What an input holds, requests or timed values, told by the names of its
 * columns; and what all readers of inputs take and give.
 *
 * @module
 */

import type { EventLog, Observations, RequestLog } from "../request_log.ts";
import type { ColumnNames } from "./csv_header.ts";
import type { ReadReport } from "./report.ts";
import {
  type ReadRequestLogOptions,
  type RequestColumn,
  requestColumnsOf,
} from "./request_rows.ts";
import { SERIES_COLUMNS, type SeriesColumn } from "./series_rows.ts";

/** What a table holds, by its columns. */
export type InputKind = "requests" | "series";

/** What an input calls the columns of a request log or of a series. */
export type InputColumns = ColumnNames<RequestColumn | SeriesColumn>;

/** The name of a format that can be read. */
export type FormatName =
  | "requests-csv"
  | "series-csv"
  | "ndjson"
  | "parquet"
  | "access-log"
  | "openstack"
  | "apache-error";

/** Options for {@linkcode readInput}. */
export type ReadInputOptions = Omit<ReadRequestLogOptions, "columns"> & {
  /**
   * What the input calls the columns: `{ timestamp: "TimeStamp" }`, in NDJSON
   * with dots for what is nested. Naming a `value` asks for a series, even of a
   * request log; a `response_time` of `""` says that there is none.
   */
  columns?: InputColumns;
  /** The format; if left out, it is told by the content. */
  format?: FormatName;
  /** The format of the lines of an access log, as its server has it. */
  logFormat?: string;
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
  }
  | {
    /** The input is a log of events. */
    kind: "events";
    /** The log, sorted by time. */
    log: EventLog;
    /** What was kept, skipped and sorted. */
    report: ReadReport;
  };

/**
 * Tells by its header what a CSV holds: a request log if all its columns are
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
  const names = new Set(header);
  return inputKindOf((heading) => names.has(heading), columns);
}

/**
 * Tells what an input holds, as {@linkcode detectInputKind} does by a header.
 *
 * @param holds Whether the input has a column of a name.
 * @param columns What it calls the columns of the schemas.
 * @returns The kind, `undefined` if neither fits.
 */
export function inputKindOf(
  holds: (heading: string) => boolean,
  columns: InputColumns,
): InputKind | undefined {
  const has = (name: RequestColumn | SeriesColumn) =>
    holds((columns[name] ?? name).trim());
  const isSeries = SERIES_COLUMNS.every(has);
  if (columns.value !== undefined) return isSeries ? "series" : undefined;
  if (requestColumnsOf(columns).every(has)) return "requests";
  return isSeries ? "series" : undefined;
}

/**
 * Says which columns were looked for.
 *
 * @param columns What the input calls the columns of the schemas.
 * @returns The names of both schemas, each with the one that was asked for.
 */
export function showColumnsAsked(columns: InputColumns): string {
  const named = (names: readonly (RequestColumn | SeriesColumn)[]) =>
    names.map((name) =>
      columns[name] === undefined ? name : `${name} (as ${columns[name]})`
    ).join(",");
  return `${named(requestColumnsOf(columns))} or ${named(SERIES_COLUMNS)}`;
}
