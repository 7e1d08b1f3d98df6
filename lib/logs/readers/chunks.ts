/**
 * Request logs of any size, part by part: from a file, a folder of Parquet files
 * or standard input, gzipped or not, in every format that holds requests. Each
 * part is a log of its own; memory holds one part at a time.
 *
 * Regular rows of CSV and Parquet are parsed by Polars (`csv_columns.ts`), all
 * others by the readers of their formats, which say what is wrong with a row.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { stat } from "node:fs/promises";
import { EndpointTemplates } from "../endpoints.ts";
import type { MeasuredRequests } from "../request_metrics.ts";
import { type RequestLog, selectRequests } from "../request_log.ts";
import { checkColumns } from "./any_input.ts";
import { type Block, piecesOf, readBlocks } from "./blocks.ts";
import { withRangesOfFile } from "./byte_ranges.ts";
import { readRegularColumns, type RegularLayout } from "./csv_columns.ts";
import { locateColumns, readHeader } from "./csv_header.ts";
import { findFormat, type InputFormat } from "./formats.ts";
import type { RegularColumns } from "./frame_columns.ts";
import { inputName, STANDARD_INPUT } from "./input.ts";
import type { ReadInputOptions, ReadInputResult } from "./input_kind.ts";
import { countLines, factsOf } from "./lines.ts";
import { garbageCollector } from "./native_memory.ts";
import { isParquet } from "./parquet.ts";
import { type ParquetFile, parquetFilesIn } from "./parquet_folder.ts";
import { readParquetSlices } from "./parquet_slices.ts";
import { addReports, type ReadReport } from "./report.ts";
import { checkEndpoints, requestColumnsOf } from "./request_rows.ts";
import { noGoodRow, noRows, orderByTime } from "./rows.ts";

/** Options for {@linkcode readRequestChunks}. */
export type ReadChunksOptions = Omit<ReadInputOptions, "maxBytes" | "part"> & {
  /**
   * Bytes of a part, unpacked; at least 2 MiB but for Parquet.
   * @default {33554432}
   */
  blockBytes?: number;
};

/** The error of an input that is well, but holds something else than requests. */
export class NoRequestsError extends SyntaxError {}

/** A part of a request log. */
export type RequestChunk<Log = RequestLog> = {
  /** The requests of the part; endpoints have the same codes in all parts. */
  readonly log: Log;
  /** What became of all rows up to here. */
  readonly report: ReadReport;
  /** Bytes behind us, as they are stored; for progress. */
  readonly bytesRead: number;
  /** Bytes of all; absent for standard input and other pipes. */
  readonly fileBytes?: number;
};

/** Options with the name of the input. */
type NamedOptions = ReadChunksOptions & { file: string };

/** What is read of a part: all columns, or those that metrics are made of. */
type Scope = RegularLayout["scope"];

/** A part as it was read, before its endpoints are named. */
type Part<Log> = { readonly log: Log; readonly report: ReadReport };

/** Reads the parts of a block. */
type BlockReader<Log> = (block: Block) => Iterable<Part<Log>>;

/** The careful way holds its cells as texts: a GB for a million rows. */
const CAREFUL_SIZE = { bytes: 4 * 2 ** 20, lines: 50_000 };
const HEAD_BYTES = 2 ** 18;
const BLOCKS_A_COLLECTION = 8;
/** Parts of the careful way, of which a block has many. */
const PARTS_A_COLLECTION = 20;
const SLICES_A_COLLECTION = 2;

/**
 * Reads a request log part by part.
 *
 * Parquet is read from files alone, slice by slice of some row groups; a row
 * group may unpack to 1 GiB at most.
 *
 * Rows are sorted by time within a part, not beyond; the report counts all that
 * came later than a row with a later time, as that of a whole log does.
 * `sourceRow` counts from the start of the input. Nothing limits the size of the
 * input but the number of its rows, 2^32.
 *
 * @param path The file or folder; `-` is standard input.
 * @param options Mode, zone, unit, format, names of the columns, size of a part.
 * @returns The parts in order; one may be empty.
 * @throws {NoRequestsError} If the input holds something else than requests.
 * @throws {SyntaxError} If no format fits, or a row is bad in strict mode; in
 * lenient mode if every row is.
 * @throws {RangeError} If an option is out of range.
 * @throws {Error} If the file does not exist or cannot be read.
 */
export function readRequestChunks(
  path: string,
  options: ReadChunksOptions = {},
): AsyncGenerator<RequestChunk> {
  return chunksOf(path, options, {
    scope: "all",
    ofColumns: requestLogOf,
    name: (log, templates) => {
      const endpoint = templates.next(log.endpoint);
      return options.endpoints === "raw"
        ? { ...log, endpoint }
        : { ...log, endpoint, rawEndpoint: log.endpoint };
    },
  });
}

/**
 * Reads of a request log what its metrics are made of, part by part and as fast
 * as it goes. Times of regular rows may be those of the start of their minute,
 * in the report too, so that rows out of order within a minute are not counted;
 * every cell is checked all the same.
 *
 * @param path The file or folder; `-` is standard input.
 * @param options As {@linkcode readRequestChunks} takes them.
 * @returns The parts in order, their rows in the order of the input.
 * @throws {SyntaxError} As {@linkcode readRequestChunks} does.
 * @throws {RangeError} As {@linkcode readRequestChunks} does.
 * @throws {Error} As {@linkcode readRequestChunks} does.
 */
export function readMeasuredChunks(
  path: string,
  options: ReadChunksOptions = {},
): AsyncGenerator<RequestChunk<MeasuredRequests>> {
  return chunksOf<MeasuredRequests>(path, options, {
    scope: "metrics",
    ofColumns: (columns) => columns,
    name: (log, templates) => ({
      ...log,
      endpoint: templates.next(log.endpoint),
    }),
  });
}

/** What the two ways of reading differ in. */
type Reading<Log> = {
  readonly scope: Scope;
  /** Makes a log of regular columns. */
  readonly ofColumns: (columns: RegularColumns, rowOffset: number) => Log;
  /** Names the endpoints of a log. */
  readonly name: (log: Log, templates: EndpointTemplates) => Log;
};

async function* chunksOf<Log extends MeasuredRequests>(
  path: string,
  options: ReadChunksOptions,
  reading: Reading<Log>,
): AsyncGenerator<RequestChunk<Log>> {
  const { file = inputName(path), endpoints = "template" } = options;
  const named = { ...options, file };
  checkColumns(options, file);
  checkEndpoints(endpoints, file);
  const templates = new EndpointTemplates({ isRaw: endpoints === "raw" });
  const parquet = await parquetFilesOf(path, named);
  const parts = parquet
    ? parquetParts(parquet, named, reading)
    : blockParts(path, named, reading);
  let report: ReadReport | undefined;
  for await (const part of parts) {
    report = report
      ? addReports(report, part.report, rowsOutOfOrder(part, report))
      : part.report;
    yield { ...part, log: reading.name(part.log, templates), report };
  }
  checkAnyRow(report, file);
}

/** Rows of a part that came later than a row with a later time. */
function rowsOutOfOrder<Log extends MeasuredRequests>(
  { log, report }: Part<Log>,
  before: ReadReport,
): number {
  let latest = before.span.endMs;
  if (!(report.span.startMs < latest)) return report.rowsOutOfOrder;
  const times = timesInOrder(log);
  let count = 0;
  for (let i = 0; i < times.length; i++) {
    if (times[i] < latest) count++;
    else if (times[i] > latest) latest = times[i];
  }
  return count;
}

/** Times in the order of the input; NaN where a row of it is not in the log. */
function timesInOrder(
  { timestampMs, sourceRow }: Pick<RequestLog, "timestampMs"> & {
    readonly sourceRow?: Uint32Array;
  },
): Float64Array {
  if (!sourceRow) return timestampMs;
  let first = Infinity, last = -Infinity;
  for (let i = 0; i < sourceRow.length; i++) {
    if (sourceRow[i] < first) first = sourceRow[i];
    if (sourceRow[i] > last) last = sourceRow[i];
  }
  const times = new Float64Array(last - first + 1).fill(NaN);
  for (let i = 0; i < sourceRow.length; i++) {
    times[sourceRow[i] - first] = timestampMs[i];
  }
  return times;
}

/** The parts of bytes that are read in their order. */
async function* blockParts<Log extends MeasuredRequests>(
  path: string,
  options: NamedOptions,
  reading: Reading<Log>,
): AsyncGenerator<RequestChunk<Log>> {
  const collectGarbage = garbageCollector();
  let read: BlockReader<Log> | undefined;
  let blocks = 0, parts = 0;
  for await (const block of readBlocks(path, options)) {
    read ??= blockReader(block, options, reading);
    const { bytesRead, fileBytes } = block;
    const progress = fileBytes === undefined
      ? { bytesRead }
      : { bytesRead, fileBytes };
    blocks++;
    for (const part of read(block)) {
      yield { ...part, ...progress };
      parts++;
      if (blocks < BLOCKS_A_COLLECTION && parts < PARTS_A_COLLECTION) continue;
      await collectGarbage();
      blocks = parts = 0;
    }
  }
  // What is wrong with nothing at all, each format says in its words.
  if (!read) {
    const nothing = new Uint8Array(0);
    findFormat(nothing, options).parse(nothing, options);
  }
}

/** The files of an input that is Parquet on disk, a folder or a file. */
async function parquetFilesOf(
  path: string,
  options: NamedOptions,
): Promise<ParquetFile[] | undefined> {
  const { file, logFormat } = options;
  const { format = logFormat === undefined ? "parquet" : undefined } = options;
  if (path === STANDARD_INPUT || format !== "parquet") return undefined;
  const found = await stat(path);
  if (found.isDirectory()) return parquetFilesIn(path, file);
  // Only what is at rest can be read at its end first.
  if (!found.isFile()) return undefined;
  const head = withRangesOfFile(path, ({ read }) => read(0, HEAD_BYTES));
  if (!isParquet(head)) return undefined;
  return [{ path, size: found.size, partition: new Map() }];
}

async function* parquetParts<Log extends MeasuredRequests>(
  files: readonly ParquetFile[],
  options: NamedOptions,
  reading: Reading<Log>,
): AsyncGenerator<RequestChunk<Log>> {
  const collectGarbage = garbageCollector();
  const { scope } = reading;
  const fileBytes = files.reduce((sum, { size }) => sum + size, 0);
  let slices = 0;
  for (const slice of readParquetSlices(files, { ...options, scope })) {
    const { regular, pieces = [], rowsBefore, bytesRead } = slice;
    const progress = { bytesRead, fileBytes };
    if (regular) {
      const log = reading.ofColumns(regular, rowsBefore);
      const names = { file: options.file, format: "parquet" };
      yield { log, report: reportOf(regular, names), ...progress };
    }
    let offset = rowsBefore;
    for (const { log, report } of pieces) {
      yield { log: shifted<Log>(log, offset), report, ...progress };
      offset += report.rowsRead + report.rowsRejected;
    }
    if (++slices % SLICES_A_COLLECTION === 0) await collectGarbage();
  }
}

/** A whole request log, which is whatever part of one is wanted, with rows
 * counted from the start of the input. */
function shifted<Log extends MeasuredRequests>(
  log: RequestLog,
  rowOffset: number,
): RequestLog & Log {
  const sourceRow = log.sourceRow.map((row) => row + rowOffset);
  return { ...log, sourceRow } as RequestLog & Log;
}

/** Every format has its reader; regular CSV has a faster one. */
function blockReader<Log extends MeasuredRequests>(
  first: Block,
  options: NamedOptions,
  reading: Reading<Log>,
): BlockReader<Log> {
  const head = first.bytes.slice(0, HEAD_BYTES);
  const format = findFormat(head, options);
  if (format.name === "parquet") throw notAtRest(options.file);
  if (format.name === "requests-csv") {
    return csvReader(first, format, options, reading);
  }
  return (block) =>
    carefulParts(block, { format, head, prefix: new Uint8Array(0), options });
}

function csvReader<Log extends MeasuredRequests>(
  first: Block,
  format: InputFormat,
  options: NamedOptions,
  reading: Reading<Log>,
): BlockReader<Log> {
  const { file, columns = {}, timeZone = "UTC", unit = "ms" } = options;
  const start = headerStart(first.bytes);
  const end = headerEnd(first.bytes, start);
  const prefix = first.bytes.slice(start, end);
  const head = prefix;
  const header = readHeader(prefix, file);
  const layout: RegularLayout = {
    width: header.length,
    columns: locateColumns(header, requestColumnsOf(columns), columns, file),
    timeZone,
    unit,
    scope: reading.scope,
  };
  let rowOffset = 0;
  let blankLines = countLines(first.bytes.subarray(0, start));
  return function* (block) {
    const body = block.lineOffset > 0 ? block : bodyOf(block, end);
    const { bytes, facts, memory } = body;
    const regular = readRegularColumns(bytes, facts, layout, memory);
    if (regular) {
      const log = reading.ofColumns(regular, rowOffset);
      rowOffset += regular.timestampMs.length;
      const names = { file, format: format.name };
      const report = { ...reportOf(regular, names), emptyLines: blankLines };
      blankLines = 0;
      yield { log, report };
      return;
    }
    const careful = { format, head, prefix, options };
    for (const { log, report } of carefulParts<Log>(body, careful, rowOffset)) {
      rowOffset += report.rowsRead + report.rowsRejected;
      const emptyLines = report.emptyLines + blankLines;
      blankLines = 0;
      yield { log, report: { ...report, emptyLines } };
    }
  };
}

/** Where the first line begins that is not empty. */
function headerStart(bytes: Uint8Array): number {
  const start = bytes.findIndex((byte) => byte !== 0x0a && byte !== 0x0d);
  return start < 0 ? bytes.length : start;
}

/** Where the first record ends. */
function headerEnd(bytes: Uint8Array, start: number): number {
  let isQuoted = false;
  for (let i = start; i < bytes.length; i++) {
    const isEnd = bytes[i] === 0x0a ||
      (bytes[i] === 0x0d && bytes[i + 1] !== 0x0a);
    if (isEnd && !isQuoted) return i + 1;
    if (bytes[i] === 0x22) isQuoted = !isQuoted;
  }
  return bytes.length;
}

/** A block without its first bytes, the header. */
function bodyOf(block: Block, headerBytes: number): Block {
  const { bytes, facts } = block;
  const header = bytes.subarray(0, headerBytes);
  const lineFeeds = facts.lineFeeds - factsOf(header).lineFeeds;
  return {
    ...block,
    bytes: bytes.subarray(headerBytes),
    lineOffset: countLines(header),
    facts: { ...facts, lineFeeds },
  };
}

/** What the careful way needs to know beside the bytes. */
type CarefulOptions = {
  readonly format: InputFormat;
  /** The start of the input, by which its layout is told. */
  readonly head: Uint8Array;
  /** What each piece must begin with: the header of a CSV. */
  readonly prefix: Uint8Array;
  readonly options: NamedOptions;
};

/** Reads a block by the reader of its format, in pieces. */
function* carefulParts<Log extends MeasuredRequests>(
  block: Block,
  careful: CarefulOptions,
  rowsBefore = 0,
): Generator<Part<Log>> {
  const { format, head, prefix, options } = careful;
  const isTable = prefix.length > 0;
  const prefixLines = countLines(prefix);
  let rowOffset = rowsBefore;
  for (const piece of piecesOf(block, CAREFUL_SIZE)) {
    const bytes = isTable ? Buffer.concat([prefix, piece.bytes]) : piece.bytes;
    const lineOffset = piece.lineOffset - prefixLines;
    const result = format.parse(bytes, {
      ...options,
      endpoints: "raw",
      part: { lineOffset, head },
    });
    if (result.kind !== "requests") throw notRequests(options.file, result);
    const { log, report } = result;
    // Lines stand for the rows of formats without a header.
    const offset = isTable ? rowOffset : piece.lineOffset;
    rowOffset += report.rowsRead + report.rowsRejected;
    yield { log: shifted<Log>(log, offset), report };
  }
}

function notRequests(file: string, result: ReadInputResult): SyntaxError {
  return new NoRequestsError(
    `Cannot read ${file} part by part: it holds ${result.kind}, expected requests`,
  );
}

function notAtRest(file: string): SyntaxError {
  return new SyntaxError(
    `Cannot read ${file} part by part as Parquet, which is read from its end: expected a Parquet file that is not gzipped, or a folder of them; write it to a file first`,
  );
}

function reportOf(
  { timestampMs }: RegularColumns,
  names: { file: string; format: string },
): ReadReport {
  let startMs = Infinity, endMs = -Infinity, rowsOutOfOrder = 0;
  for (let i = 0; i < timestampMs.length; i++) {
    const time = timestampMs[i];
    if (time < startMs) startMs = time;
    if (time < endMs) rowsOutOfOrder++;
    else endMs = time;
  }
  return {
    file: names.file,
    format: names.format,
    rowsRead: timestampMs.length,
    rowsRejected: 0,
    rejections: [],
    rowsIgnored: 0,
    ignored: [],
    emptyLines: 0,
    notes: [],
    duplicatesDropped: 0,
    rowsOutOfOrder,
    sorted: rowsOutOfOrder > 0,
    span: { startMs, endMs },
  };
}

/** A request log of all columns, sorted by time. */
function requestLogOf(columns: RegularColumns, rowOffset: number): RequestLog {
  const { timestampMs, method, sizeBytes } = columns;
  if (!method || !sizeBytes) {
    throw new TypeError("Cannot make a log: not all columns were asked for");
  }
  const sourceRow = new Uint32Array(timestampMs.length);
  for (let i = 0; i < sourceRow.length; i++) sourceRow[i] = rowOffset + i;
  const log = { ...columns, method, sizeBytes, sourceRow };
  const { order, rowsOutOfOrder } = orderByTime(timestampMs);
  return rowsOutOfOrder > 0 ? selectRequests(log, order) : log;
}

function checkAnyRow(report: ReadReport | undefined, file: string): void {
  const { rowsRead = 0, rejections = [], ignored = [] } = report ?? {};
  if (rowsRead > 0) return;
  throw rejections.length > 0
    ? noGoodRow(file, rejections)
    : noRows(file, ignored);
}
