/**
 * Reads Parquet files of requests or timed values by Polars. Times are
 * datetimes, dates, texts or numbers (seconds or milliseconds since 1970), those
 * without a zone in the zone that is asked for; methods and endpoints are texts;
 * the rest are numbers or texts. A null makes its row bad.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import pl from "nodejs-polars";
import { type Column, locateColumns, showHeader } from "./csv_header.ts";
import { DEFAULT_MAX_BYTES, openInput } from "./input.ts";
import {
  detectInputKind,
  type ReadInputOptions,
  type ReadInputResult,
  showColumnsAsked,
} from "./input_kind.ts";
import { type Cell, cellsOf, ParquetCells, unpacked } from "./parquet_cells.ts";
import { beginsLikeParquet, checkParquet } from "./parquet_check.ts";
import { showText } from "./report.ts";
import { requestColumnsOf, requestLogFromCells } from "./request_rows.ts";
import { observationsFromCells, SERIES_COLUMNS } from "./series_rows.ts";

/** A file of a table. */
export type ParquetPart = {
  /** The file. */
  readonly bytes: Uint8Array;
  /** What messages call it. */
  readonly file: string;
  /** Values of columns that stand in its path; null is no value. */
  readonly partition: ReadonlyMap<string, string | null>;
};

/**
 * Tells Parquet by its first bytes.
 *
 * @param head The start of the input.
 * @returns Whether it begins like Parquet.
 */
export function isParquet(head: Uint8Array): boolean {
  return beginsLikeParquet(head);
}

/**
 * Reads a Parquet file in memory.
 *
 * @param input The file, gzipped or not.
 * @param options Mode, zone, unit, names of the columns, limit on what it
 * unpacks to.
 * @returns The log or the series, and a report of its reading, whose lines are
 * the rows, from 1.
 * @throws {SyntaxError} If it is damaged, has no such columns or no rows, a
 * column is of a wrong type, or a row is bad in strict mode; in lenient mode if
 * every row is.
 * @throws {RangeError} If an option or the size of the input is out of range.
 */
export function parseParquet(
  input: Uint8Array,
  options: ReadInputOptions = {},
): ReadInputResult {
  const { file = "input" } = options;
  const bytes = openInput(input, options);
  return parseParquetParts([{ bytes, file, partition: new Map() }], options);
}

/**
 * Reads the files of one table, one after the other.
 *
 * @param parts The files, at least one.
 * @param options As {@linkcode parseParquet} takes them.
 * @returns The log or the series, and a report of its reading.
 * @throws {SyntaxError} As {@linkcode parseParquet} does.
 * @throws {RangeError} As {@linkcode parseParquet} does.
 */
export function parseParquetParts(
  parts: Iterable<ParquetPart>,
  options: ReadInputOptions = {},
): ReadInputResult {
  const { file = "input", columns = {} } = options;
  let maxBytes = options.maxBytes ?? DEFAULT_MAX_BYTES;
  let names: readonly string[] | undefined;
  const cells = new ParquetCells();
  let rows = 0;
  for (const part of parts) {
    const { file } = part;
    const { rows: height } = checkParquet(part.bytes, { file, maxBytes });
    maxBytes -= part.bytes.length;
    const header = headerOf(part);
    names ??= schemaOf(header, options);
    for (const column of locateColumns(header, names, columns, file)) {
      cells.add(column, readColumn(part, column, { height, maxBytes }), rows);
    }
    rows += height;
  }
  const table = cells.table(rows, columns);
  return names?.includes("value")
    ? { kind: "series", ...observationsFromCells(table, { ...options, file }) }
    : { kind: "requests", ...requestLogFromCells(table, { ...options, file }) };
}

/**
 * The columns to read.
 *
 * @param header The names of the columns that there are.
 * @param options What the input calls the columns, and what messages call it.
 * @returns Their names in the schema.
 * @throws {SyntaxError} If there are neither requests nor values.
 */
export function schemaOf(
  header: readonly string[],
  options: ReadInputOptions,
): readonly string[] {
  const { file = "input", columns = {} } = options;
  const kind = detectInputKind(header, columns);
  if (kind === "series") return SERIES_COLUMNS;
  if (kind === "requests") return requestColumnsOf(columns);
  throw new SyntaxError(
    `Cannot read ${file}: it has the columns ${showHeader(header)}, expected ${
      showColumnsAsked(columns)
    }; name the columns that stand for these`,
  );
}

/** The columns of a file, those of its path after its own. */
function headerOf(part: ParquetPart): string[] {
  const { columns } = unpacked(part.file, () => readFrame(part, { nRows: 0 }));
  return [...columns, ...part.partition.keys()];
}

/** The cells of a column, which must be as many as the file says. */
function readColumn(
  part: ParquetPart,
  column: Column,
  limits: { height: number; maxBytes: number },
): Cell[] {
  const { file } = part;
  const { heading } = column;
  const { height, maxBytes } = limits;
  const inPath = part.partition.get(heading);
  if (inPath !== undefined) return new Array<Cell>(height).fill(inPath);
  const cells = unpacked(file, () => {
    const frame = readFrame(part, { columns: [heading] });
    return cellsOf(frame.getColumn(heading), column, { file, maxBytes });
  });
  if (cells.length === height) return cells;
  throw new SyntaxError(
    `Cannot read ${file}: ${
      showText(heading)
    } has ${cells.length} rows, expected ${height} as the file says`,
  );
}

function readFrame(
  { bytes }: ParquetPart,
  options: { nRows?: number; columns?: string[] },
): pl.DataFrame {
  return pl.readParquet(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    options,
  );
}
