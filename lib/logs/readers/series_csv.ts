/**
 * Reads timed values from any CSV that has a column of times and a column of
 * numbers. The whole input is held in memory.
 *
 * @module
 */

import { readCsvCells } from "./csv.ts";
import type { ColumnNames } from "./csv_header.ts";
import { openInput, readInputBytes, type ReadOptions } from "./input.ts";
import {
  observationsFromCells,
  type ReadObservationsResult,
  SERIES_COLUMNS,
  type SeriesColumn,
} from "./series_rows.ts";

/** Options for {@linkcode readObservations}. */
export type ReadObservationsOptions = ReadOptions & {
  /**
   * What the header calls the columns: `{ value: "Value" }`. A column left out
   * goes by its own name.
   */
  columns?: ColumnNames<SeriesColumn>;
};

/**
 * Reads timed values from a CSV file, gzipped or not. A value is a finite
 * number of any sign.
 *
 * @param path The file.
 * @param options Mode, zone, names of the columns, limit on the size.
 * @returns The values, and a report of what was kept, skipped and sorted.
 * @throws {SyntaxError} If a column is missing, there are no rows, or a row is
 * bad in strict mode; in lenient mode if every row is.
 * @throws {RangeError} If an option or the size of the file is out of range.
 * @throws {Error} If the file does not exist or cannot be read.
 */
export async function readObservations(
  path: string,
  options: ReadObservationsOptions = {},
): Promise<ReadObservationsResult> {
  const { file = path } = options;
  const bytes = await readInputBytes(path, options);
  return parseObservations(bytes, { ...options, file });
}

/**
 * Reads timed values from a CSV in memory, as {@linkcode readObservations} does
 * from a file.
 *
 * @param input The CSV, gzipped or not.
 * @param options Mode, zone, names of the columns, limit on the size.
 * @returns The values, and a report of what was kept, skipped and sorted.
 * @throws {SyntaxError} If a column is missing, there are no rows, or a row is
 * bad in strict mode; in lenient mode if every row is.
 * @throws {RangeError} If an option or the size of the input is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseObservations } from "lib/logs/readers/mod.ts";
 *
 * const { observations } = parseObservations(
 *   "TimeStamp,Value,Label\n60,-2.5,0\n0,1,0\n",
 *   { columns: { timestamp: "TimeStamp", value: "Value" } },
 * );
 * assert.deepEqual([...observations.timestampMs], [0, 60_000]);
 * assert.deepEqual([...observations.value], [1, -2.5]);
 * assert.deepEqual([...observations.sourceRow], [1, 0]);
 * ```
 */
export function parseObservations(
  input: Uint8Array | string,
  options: ReadObservationsOptions = {},
): ReadObservationsResult {
  const { file = "input", mode = "strict" } = options;
  const { columns: names = {} } = options;
  const bytes = openInput(input, options);
  const table = readCsvCells(bytes, SERIES_COLUMNS, {
    file,
    mode,
    columns: names,
  });
  return observationsFromCells(
    { ...table, format: "series-csv" },
    { ...options, file },
  );
}
