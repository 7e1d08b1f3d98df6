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
import { DEFAULT_MAX_BYTES, openInput, overLimit } from "./input.ts";
import {
  detectInputKind,
  type ReadInputOptions,
  type ReadInputResult,
  showColumnsAsked,
} from "./input_kind.ts";
import { beginsLikeParquet, checkParquet } from "./parquet_check.ts";
import { type RowProblem, showText } from "./report.ts";
import { requestColumnsOf, requestLogFromCells } from "./request_rows.ts";
import type { CellTable } from "./rows.ts";
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

/** A cell, null where there is no value. */
type Cell = string | null;

const INTEGERS = /^DataType\(U?Int(?:8|16|32|64)\)$/;
const TEXTS = /^DataType\((?:Utf8|String|Categorical|Enum)/;
const NUMBERS =
  /^DataType\((?:U?Int(?:8|16|32|64)|Float(?:32|64)|Decimal|Utf8|String)/;
const TEXT_COLUMNS: readonly string[] = ["method", "endpoint"];

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
  const cells = new Map<string, string[]>();
  const broken = new Map<number, RowProblem>();
  let rows = 0;
  for (const part of parts) {
    const { file: name } = part;
    const height = checkParquet(part.bytes, { file: name, maxBytes }).rows;
    maxBytes -= part.bytes.length;
    const header = headerOf(part);
    names ??= schemaOf(header, options);
    for (const column of locateColumns(header, names, columns, part.file)) {
      const { name, heading } = column;
      const all = cells.get(name) ?? [];
      readColumn(part, column, { height, maxBytes }).forEach((cell, row) => {
        if (cell === null && !broken.has(rows + row)) {
          broken.set(rows + row, nullIn(heading));
        }
        all.push(cell ?? "");
      });
      cells.set(name, all);
    }
    rows += height;
  }
  const table: CellTable = {
    places: Uint32Array.from({ length: rows }, (_, row) => row + 1),
    placeName: "row",
    cells: Object.fromEntries(cells),
    headings: Object.fromEntries(
      Object.entries(columns).filter(([, heading]) => heading !== ""),
    ),
    broken,
    format: "parquet",
  };
  return names?.includes("value")
    ? { kind: "series", ...observationsFromCells(table, { ...options, file }) }
    : { kind: "requests", ...requestLogFromCells(table, { ...options, file }) };
}

/** The columns to read, by their names in the schema. */
function schemaOf(
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
  const { columns } = unpacked(part, () => readFrame(part, { nRows: 0 }));
  return [...columns, ...part.partition.keys()];
}

/** The cells of a column, which must be as many as the file says. */
function readColumn(
  part: ParquetPart,
  { name, heading }: Column,
  limits: { height: number; maxBytes: number },
): Cell[] {
  const { height, maxBytes } = limits;
  const inPath = part.partition.get(heading);
  if (inPath !== undefined) return new Array<Cell>(height).fill(inPath);
  const cells = unpacked(part, () => {
    const frame = readFrame(part, { columns: [heading] });
    return cellsOf(frame.getColumn(heading), name, part.file, maxBytes);
  });
  if (cells.length === height) return cells;
  throw new SyntaxError(
    `Cannot read ${part.file}: ${
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

/** What a reading returns, whose errors of Polars become our own. */
function unpacked<T>({ file }: ParquetPart, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) {
      throw error;
    }
    const message = error instanceof Error ? error.message : String(error);
    throw new SyntaxError(
      `Cannot read ${file}: it begins like Parquet but does not unpack (${
        showText(message)
      })`,
    );
  }
}

/** A column as the cells of a CSV would have it. */
function cellsOf(
  column: pl.Series,
  name: string,
  file: string,
  maxBytes: number,
): Cell[] {
  const type = String(column.dtype);
  if (name === "timestamp" && /^DataType\(Date/.test(type)) {
    return timesOf(column, type);
  }
  const wanted = TEXT_COLUMNS.includes(name) ? TEXTS : NUMBERS;
  if (!wanted.test(type)) {
    throw new SyntaxError(
      `Cannot read ${file}: ${column.name} is of type ${
        type.replace(/^DataType\((.*)\)$/, "$1")
      }, expected ${
        wanted === TEXTS
          ? "texts"
          : name === "timestamp"
          ? "datetimes, numbers or texts"
          : "numbers or texts"
      }`,
    );
  }
  const isText = TEXTS.test(type);
  const texts = isText ? column.cast(pl.Utf8) : column;
  if (isText && !(texts.str.lengths().sum() <= maxBytes)) {
    throw overLimit(file, maxBytes);
  }
  // Integers as texts by Polars: beyond 2^53 a double would not be the same.
  const values = INTEGERS.test(type) ? texts.cast(pl.Utf8) : texts;
  return values.toArray().map((value: unknown) =>
    value === null || value === undefined ? null : String(value)
  );
}

/** Dates and datetimes as ISO 8601, those of no zone without one. */
function timesOf(column: pl.Series, type: string): Cell[] {
  const hasZone = /^DataType\(Datetime\([a-z]+, ?[^)]+\)/.test(type);
  const milliseconds = column.cast(pl.Datetime("ms")).cast(pl.Int64);
  return milliseconds.toArray().map((value: unknown) => {
    if (typeof value !== "number") return null;
    const time = new Date(value);
    // Years beyond 9999 have a sign, which no rule takes for a time.
    const text = Number.isNaN(time.getTime())
      ? String(value)
      : time.toISOString();
    return hasZone ? text : text.slice(0, -1);
  });
}

function nullIn(heading: string): RowProblem {
  return {
    reason: `${heading} is null`,
    detail: `${heading} is null, expected a value`,
  };
}
