/**
 * Reads a log or a series of any format, told by its content.
 *
 * @module
 */

import { stat } from "node:fs/promises";
import { findFormat } from "./formats.ts";
import {
  inputName,
  openInput,
  readInputBytes,
  STANDARD_INPUT,
} from "./input.ts";
import type { ReadInputOptions, ReadInputResult } from "./input_kind.ts";
import { readParquetFolder } from "./parquet_folder.ts";
import { showText } from "./report.ts";
import { REQUEST_COLUMNS } from "./request_rows.ts";
import { SERIES_COLUMNS } from "./series_rows.ts";

/**
 * Reads a file of any format, gzipped or not, a folder of Parquet files, or
 * standard input.
 *
 * @param path The file or folder; `-` is standard input.
 * @param options Mode, zone, unit, format, names of the columns, limit on the
 * size.
 * @returns The log or the series, and a report of its reading, which says the
 * format.
 * @throws {SyntaxError} If no format fits, there are no rows, or a row is bad
 * in strict mode; in lenient mode if every row is.
 * @throws {RangeError} If an option or the size of the file is out of range.
 * @throws {TypeError} If a folder is asked for as anything but Parquet.
 * @throws {Error} If the file does not exist or cannot be read.
 */
export async function readInput(
  path: string,
  options: ReadInputOptions = {},
): Promise<ReadInputResult> {
  const { file = inputName(path), format = "parquet" } = options;
  checkColumns(options, file);
  if (
    format === "parquet" && path !== STANDARD_INPUT &&
    (await stat(path)).isDirectory()
  ) return readParquetFolder(path, { ...options, file });
  const bytes = await readInputBytes(path, options);
  return parseInput(bytes, { ...options, file });
}

/**
 * Reads an input in memory, as {@linkcode readInput} does from a file.
 *
 * @param input The input, gzipped or not.
 * @param options Mode, zone, unit, format, names of the columns, limit on the
 * size.
 * @returns The log or the series, and a report of its reading, which says the
 * format.
 * @throws {SyntaxError} If no format fits, there are no rows, or a row is bad
 * in strict mode; in lenient mode if every row is.
 * @throws {RangeError} If an option or the size of the input is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseInput } from "lib/logs/readers/mod.ts";
 *
 * const result = parseInput("timestamp,value\n60,0.5\n");
 * assert.equal(result.kind, "series");
 * assert.equal(result.report.format, "series-csv");
 * ```
 */
export function parseInput(
  input: Uint8Array | string,
  options: ReadInputOptions = {},
): ReadInputResult {
  const { file = "input" } = options;
  checkColumns(options, file);
  const bytes = openInput(input, options);
  return findFormat(bytes, options).parse(bytes, { ...options, file });
}

/**
 * Checks that the columns that are named are columns of a schema.
 *
 * @param options The names that the input has for them.
 * @param file What messages call the input.
 * @throws {RangeError} If one is not.
 */
export function checkColumns(
  { columns = {} }: Pick<ReadInputOptions, "columns">,
  file: string,
): void {
  const names: readonly string[] = [...REQUEST_COLUMNS, ...SERIES_COLUMNS];
  const unknown = Object.keys(columns).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new RangeError(
    `Cannot read ${file}: columns holds ${
      showText(unknown)
    }, expected names among ${REQUEST_COLUMNS.join(",")},value`,
  );
}
