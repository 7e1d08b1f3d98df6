/**
 * What a series of timed values is made of, and how one is made of cells of
 * text, whatever format they come from.
 *
 * @module
 */

import type { Observations } from "../request_log.ts";
import type { ReadOptions } from "./input.ts";
import type { ReadReport } from "./report.ts";
import { type CellTable, convertRows } from "./rows.ts";
import { timestampRule, VALUE_RULE } from "./rules.ts";

/** The columns of a series, as the schema names them. */
export const SERIES_COLUMNS = ["timestamp", "value"] as const;

/** The name of a column of a series. */
export type SeriesColumn = typeof SERIES_COLUMNS[number];

/** Timed values and what is to be said of their reading. */
export type ReadObservationsResult = {
  /** The values, sorted by time. */
  observations: Observations;
  /** What was kept, skipped and sorted. */
  report: ReadReport;
};

/**
 * Makes timed values of cells of text, whatever format they come from.
 *
 * @param table The cells of the columns `timestamp` and `value`, n rows.
 * @param options Mode, zone and the name of the input.
 * @returns The values, and a report of what was kept, skipped and sorted.
 * @throws {SyntaxError} If there are no rows, or a row is bad in strict mode;
 * in lenient mode if every row is.
 * @throws {RangeError} If the zone is not known.
 */
export function observationsFromCells(
  table: CellTable,
  options: ReadOptions = {},
): ReadObservationsResult {
  const { file = "input", mode = "strict", timeZone = "UTC", part } = options;
  const { columns, sourceRow, report } = convertRows(
    table,
    { timestamp: timestampRule(timeZone), value: VALUE_RULE },
    { file, mode, part },
  );
  const observations: Observations = {
    timestampMs: Float64Array.from(columns.timestamp),
    value: Float64Array.from(columns.value),
    sourceRow,
  };
  return { observations, report };
}
