/**
 * Reads Parquet files of requests slice by slice, so that memory holds some
 * hundred thousand rows at a time: each file is checked by its metadata, then
 * Polars' streaming engine unpacks the row groups that a slice is made of.
 * Regular columns go the fast way (`frame_columns.ts`), others cell by cell.
 *
 * @module
 */

import { resolve } from "node:path";
import pl from "nodejs-polars";
import type { RequestLog } from "../request_log.ts";
import { withRangesOfFile } from "./byte_ranges.ts";
import { type Column, locateColumns } from "./csv_header.ts";
import {
  type FrameLayout,
  isOfKind,
  type RegularColumns,
  regularColumnsOf,
} from "./frame_columns.ts";
import { DEFAULT_MAX_BYTES } from "./input.ts";
import type { ReadInputOptions } from "./input_kind.ts";
import { schemaOf } from "./parquet.ts";
import {
  type Cell,
  cellsOf,
  checkType,
  lengthOf,
  ParquetCells,
  unpacked,
} from "./parquet_cells.ts";
import { checkParquet, type RowGroup } from "./parquet_check.ts";
import type { ParquetFile } from "./parquet_folder.ts";
import { type ReadResult, requestLogFromCells } from "./request_rows.ts";
import {
  responseTimeRule,
  SIZE_RULE,
  STATUS_RULE,
  TEXT_RULE,
} from "./rules.ts";

/** Rows that were read together. */
export type ParquetSlice = {
  /** Rows of all files before it. */
  readonly rowsBefore: number;
  /** Its rows, if they are regular. */
  readonly regular?: RegularColumns;
  /** Its rows piece by piece, if they are not; `sourceRow` counts from the
   * start of the piece, endpoints are raw. */
  readonly pieces?: Iterable<ReadResult<RequestLog>>;
  /** Bytes behind us, by the share of the file's rows. */
  readonly bytesRead: number;
};

/** Options for {@linkcode readParquetSlices}. */
export type ParquetSliceOptions = ReadInputOptions & {
  /** What messages call all files together. */
  file: string;
  /** `metrics` leaves out methods and sizes where all is regular. */
  scope: FrameLayout["scope"];
  /**
   * What the row groups of a slice unpack to, about, in bytes; a larger one is
   * cut.
   * @default {33554432}
   */
  blockBytes?: number;
};

/** A file that passed the check. */
type OpenFile = ParquetFile & {
  /** What messages call it. */
  readonly file: string;
  readonly columns: readonly Column[];
  /** The types of its own columns, by heading. */
  readonly types: ReadonlyMap<string, string>;
};

/** Rows of a file. */
type Span = { readonly at: number; readonly rows: number };

const DEFAULT_BLOCK_BYTES = 32 * 2 ** 20;
/** Few bytes of a file may be many rows. */
const MOST_ROWS = 2 ** 20;
/** Few bytes of a dictionary may be many of a text. */
const MOST_TEXT_BYTES = 2 ** 28;
/** The careful way holds its cells as texts: a GB for a million rows. */
const CAREFUL_ROWS = 50_000;

/**
 * Reads files of one table slice by slice. What a row group unpacks to is
 * limited to 1 GiB, whatever the size of the file.
 *
 * @param files The files, read in their order.
 * @param options Mode, zone, unit, names of the columns, what is wanted.
 * @returns The slices in order.
 * @throws {SyntaxError} If a file is damaged, has no such columns, a column is
 * of a wrong type, or a row is bad in strict mode.
 * @throws {RangeError} If an option or the size of a row group is out of range.
 * @throws {Error} If a file cannot be read.
 */
export function* readParquetSlices(
  files: readonly ParquetFile[],
  options: ParquetSliceOptions,
): Generator<ParquetSlice> {
  const { timeZone = "UTC", unit = "ms", scope } = options;
  const { blockBytes = DEFAULT_BLOCK_BYTES } = options;
  if (!(blockBytes >= 1)) {
    throw new RangeError(
      `Cannot read ${options.file}: blockBytes is ${blockBytes}, expected at least 1`,
    );
  }
  const layout: FrameLayout = { timeZone, unit, scope };
  let names: readonly string[] | undefined;
  let rowsBefore = 0;
  let bytesBefore = 0;
  for (const one of files) {
    const file = files.length > 1 ? one.path : options.file;
    const limit = { file, maxBytes: DEFAULT_MAX_BYTES };
    const { rows, groups } = withRangesOfFile(
      one.path,
      (ranges) => checkParquet(ranges, { ...limit, limitOf: "row group" }),
    );
    const types = typesOf(one, file);
    const header = [...types.keys(), ...one.partition.keys()];
    names ??= schemaOf(header, options);
    if (names.includes("value")) throw holdsSeries(options.file);
    const columns = locateColumns(header, names, options.columns ?? {}, file);
    const open: OpenFile = { ...one, file, columns, types };
    checkTypes(open);
    for (const span of spansOf(groups, blockBytes)) {
      const bytesRead = bytesBefore + one.size * (span.at + span.rows) / rows;
      const regular = readRegular(open, span, layout);
      const rest = { rowsBefore: rowsBefore + span.at, bytesRead };
      yield regular
        ? { ...rest, regular }
        : { ...rest, pieces: readPieces(open, span, rest.rowsBefore, options) };
    }
    rowsBefore += rows;
    bytesBefore += one.size;
  }
}

/** Joins small row groups and cuts large ones. */
function* spansOf(
  groups: readonly RowGroup[],
  blockBytes: number,
): Generator<Span> {
  let at = 0, rows = 0, bytes = 0;
  for (const group of groups) {
    const isFull = rows + group.rows > MOST_ROWS ||
      bytes + group.bytes > blockBytes;
    if (rows > 0 && isFull) {
      yield* cut({ at, rows }, bytes / blockBytes);
      [at, rows, bytes] = [at + rows, 0, 0];
    }
    rows += group.rows;
    bytes += group.bytes;
  }
  if (rows > 0) yield* cut({ at, rows }, bytes / blockBytes);
}

/** Cuts rows into about as many spans, none of them empty or too long. */
function* cut({ at, rows }: Span, spans: number): Generator<Span> {
  const count = Math.ceil(Math.max(rows / MOST_ROWS, Math.min(rows, spans)));
  for (let i = 0; i < count; i++) {
    const start = Math.floor(rows * i / count);
    const end = Math.floor(rows * (i + 1) / count);
    yield { at: at + start, rows: end - start };
  }
}

function scan(path: string): pl.LazyDataFrame {
  // The path is that of one file, whatever characters it is made of.
  return pl.scanParquet(resolve(path), {
    glob: false,
    hivePartitioning: false,
    cache: false,
  });
}

function typesOf({ path }: ParquetFile, file: string): Map<string, string> {
  const frame = unpacked(
    file,
    () => scan(path).head(0).collectSync({ engine: "streaming" }),
  );
  return new Map(
    frame.getColumns().map((column) => [column.name, String(column.dtype)]),
  );
}

function checkTypes({ columns, partition, types, file }: OpenFile): void {
  for (const column of columns) {
    const { heading } = column;
    if (partition.has(heading)) continue;
    checkType(types.get(heading) ?? "none", column, file);
  }
}

/** Reads the file's own columns under their names in the schema. */
function readFrame(
  { path, file, partition }: OpenFile,
  { at, rows }: Span,
  columns: readonly Column[],
): pl.DataFrame {
  const own = columns.filter(({ heading }) => !partition.has(heading));
  if (own.length === 0) {
    return pl.DataFrame([pl.Series("row", new Uint32Array(rows))]);
  }
  const frame = unpacked(file, () =>
    scan(path).slice(at, rows)
      .select(
        ...own.map(({ name, heading }) => columnNamed(heading).alias(name)),
      )
      .collectSync({ engine: "streaming" }));
  if (frame.height === rows) return frame;
  throw new SyntaxError(
    `Cannot read ${file}: rows ${at + 1} to ${
      at + rows
    } are ${frame.height}, expected ${rows} as the file says`,
  );
}

/** A column by its very name: Polars takes `*` and `^…$` for patterns. */
function columnNamed(name: string): pl.Expr {
  const isPattern = name === "*" ||
    (name.startsWith("^") && name.endsWith("$"));
  return pl.col(
    isPattern ? `^${name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}$` : name,
  );
}

function readRegular(
  open: OpenFile,
  span: Span,
  layout: FrameLayout,
): RegularColumns | undefined {
  const wanted = open.columns;
  const constants = constantsOf(open, wanted);
  if (!constants) return undefined;
  const frame = readFrame(open, span, wanted);
  try {
    const texts = frame.getColumns().filter((one) => isOfKind(one, "text"));
    const typed = frame.withColumns(
      ...texts.map((text) => text.cast(pl.Utf8)),
      ...constants,
    );
    const isLong = texts.some(({ name }) =>
      !(lengthOf(typed.getColumn(name)) <= MOST_TEXT_BYTES)
    );
    return isLong ? undefined : regularColumnsOf(typed, layout);
  } catch {
    // A value that Polars refuses: the careful way says which.
    return undefined;
  }
}

/** Columns that stand in the file's path, undefined if a value is not good. */
function constantsOf(
  { partition }: OpenFile,
  columns: readonly Column[],
): pl.Expr[] | undefined {
  const constants: pl.Expr[] = [];
  for (const { name, heading } of columns) {
    if (!partition.has(heading)) continue;
    const value = constantOf(name, partition.get(heading)?.trim() ?? "");
    if (value === undefined) return undefined;
    constants.push(pl.lit(value).alias(name));
  }
  return constants;
}

function constantOf(name: string, text: string): number | string | undefined {
  if (name === "status_code") return STATUS_RULE.parse(text);
  if (name === "size") return SIZE_RULE.parse(text);
  // In the unit of the input, as its columns are.
  if (name === "response_time") return responseTimeRule("ms").parse(text);
  return TEXT_RULE.parse(text);
}

/** Reads all columns cell by cell, some rows at a time. */
function* readPieces(
  open: OpenFile,
  span: Span,
  rowsBefore: number,
  options: ParquetSliceOptions,
): Generator<ReadResult<RequestLog>> {
  const { file, partition, columns } = open;
  const limits = { file, maxBytes: MOST_TEXT_BYTES };
  const frame = readFrame(open, span, columns);
  for (let at = 0; at < span.rows; at += CAREFUL_ROWS) {
    const rows = Math.min(CAREFUL_ROWS, span.rows - at);
    const piece = frame.slice(at, rows);
    const cells = new ParquetCells();
    for (const column of columns) {
      const inPath = partition.get(column.heading);
      const found = inPath === undefined
        ? unpacked(
          file,
          () => cellsOf(piece.getColumn(column.name), column, limits),
        )
        : new Array<Cell>(rows).fill(inPath);
      cells.add(column, found, 0);
    }
    yield requestLogFromCells(cells.table(rows, options.columns ?? {}), {
      ...options,
      endpoints: "raw",
      part: { lineOffset: rowsBefore + at, head: new Uint8Array(0) },
    });
  }
}

function holdsSeries(file: string): SyntaxError {
  return new SyntaxError(
    `Cannot read ${file} part by part: it holds series, expected requests`,
  );
}
