/**
 * What a request log is made of, and how one is made of cells of text, whatever
 * format they come from.
 *
 * @module
 */

import { templateEndpoints } from "../endpoints.ts";
import {
  type Categories,
  categoriesOf,
  type RequestLog,
} from "../request_log.ts";
import type { ColumnNames } from "./csv_header.ts";
import type { ReadOptions } from "./input.ts";
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

/** Options for making a request log, whatever its format. */
export type RequestLogOptions = ReadOptions & {
  /**
   * The unit of response times in the input; the log's is milliseconds.
   * @default {"ms"} or, where the format has a unit, that
   */
  unit?: ResponseTimeUnit;
  /**
   * What becomes of endpoints: a template, so that `/users/1?a=b` and
   * `/users/2` are one, with the raw ones beside it; or nothing.
   * @default {"template"}
   */
  endpoints?: "template" | "raw";
};

/** Options for {@linkcode readRequestLog}. */
export type ReadRequestLogOptions = RequestLogOptions & {
  /**
   * What the header calls the columns: `{ timestamp: "TimeStamp" }`. A column
   * left out goes by its own name. A `response_time` of `""` says that the
   * input has none.
   */
  columns?: ColumnNames<RequestColumn>;
};

/** A log and what is to be said of its reading. */
export type ReadResult<T> = {
  /** The log, sorted by time. */
  log: T;
  /** What was kept, skipped and sorted. */
  report: ReadReport;
};

/** The rules of a request log's columns. */
export type RequestRules = {
  /** Milliseconds since 1970 UTC. */
  readonly timestamp: CellRule<number>;
  /** The HTTP method. */
  readonly method: CellRule<string>;
  /** The path or route. */
  readonly endpoint: CellRule<string>;
  /** The HTTP status. */
  readonly status_code: CellRule<number>;
  /** Bytes. */
  readonly size: CellRule<number>;
  /** Milliseconds. */
  readonly response_time: CellRule<number>;
};

/** The cells of a request log. */
export type RequestTable = CellTable & {
  /** Rules of the format's own, in place of the usual ones. */
  readonly rules?: Partial<RequestRules>;
};

/**
 * The columns that an input must have: all six, or all but the response time
 * where its name is given as `""`.
 *
 * @param columns What the header calls the columns.
 * @returns Their names in the schema.
 */
export function requestColumnsOf(
  columns: ColumnNames<RequestColumn>,
): readonly RequestColumn[] {
  return REQUEST_COLUMNS.filter((name) =>
    name !== "response_time" || columns[name]?.trim() !== ""
  );
}

/**
 * Makes a request log of cells of text, whatever format they come from.
 *
 * @param table The cells of the columns, n rows; without `response_time` the
 * log has none.
 * @param options Mode, zone, unit, endpoints and the name of the input.
 * @returns The log, and a report of what was kept, skipped and sorted.
 * @throws {SyntaxError} If there are no rows, or a row is bad in strict mode;
 * in lenient mode if every row is.
 * @throws {RangeError} If the zone or the unit is not known.
 */
export function requestLogFromCells(
  table: RequestTable,
  options: RequestLogOptions = {},
): ReadResult<RequestLog> {
  const { file = "input", mode = "strict", endpoints = "template" } = options;
  const { timeZone = "UTC", unit = "ms", part } = options;
  checkEndpoints(endpoints, file);
  const { response_time, ...rules }: RequestRules = {
    timestamp: timestampRule(timeZone),
    method: TEXT_RULE,
    endpoint: TEXT_RULE,
    status_code: STATUS_RULE,
    size: SIZE_RULE,
    response_time: responseTimeRule(unit),
    ...table.rules,
  };
  const hasTimes = Object.hasOwn(table.cells, "response_time");
  const { columns, sourceRow, report } = convertRows<
    typeof rules & { response_time?: CellRule<number> }
  >(table, hasTimes ? { ...rules, response_time } : rules, {
    file,
    mode,
    part,
  });
  const { response_time: responseTimes } = columns;
  const log: RequestLog = {
    timestampMs: Float64Array.from(columns.timestamp),
    method: categoriesOf(columns.method),
    ...endpointsOf(categoriesOf(columns.endpoint), endpoints),
    statusCode: Uint16Array.from(columns.status_code),
    sizeBytes: Float64Array.from(columns.size),
    ...(responseTimes
      ? { responseTimeMs: Float64Array.from(responseTimes) }
      : {}),
    sourceRow,
  };
  return { log, report };
}

/**
 * Checks what is to become of endpoints.
 *
 * @param endpoints The option.
 * @param file What messages call the input.
 * @throws {RangeError} If it is not known.
 */
export function checkEndpoints(
  endpoints: RequestLogOptions["endpoints"],
  file: string,
): void {
  if (endpoints === "template" || endpoints === "raw") return;
  throw new RangeError(
    `Cannot read ${file}: endpoints is ${
      JSON.stringify(endpoints)
    }, expected "template" or "raw"`,
  );
}

/** The endpoints, and as they were where templating changed one. */
function endpointsOf(
  raw: Categories,
  kind: "template" | "raw",
): { endpoint: Categories; rawEndpoint?: Categories } {
  if (kind === "raw") return { endpoint: raw };
  const endpoint = templateEndpoints(raw);
  const isSame = raw.codes.every((code, i) =>
    raw.names[code] === endpoint.names[endpoint.codes[i]]
  );
  return isSame ? { endpoint: raw } : { endpoint, rawEndpoint: raw };
}
