/**
 * Checks the metadata of a Parquet file before its pages are unpacked. Polars
 * trusts what they say of their sizes: it ends the whole process when it is told
 * to take more memory than there is. So the sizes of row groups, columns and
 * pages must agree with each other and with the file, and what they unpack to
 * must keep to a limit. Only the metadata are read, a few bytes of each page.
 *
 * @see https://parquet.apache.org/docs/file-format/metadata/
 *
 * @module
 */

import { type ByteRanges, rangesOfBytes } from "./byte_ranges.ts";
import { overLimit } from "./input.ts";
import {
  readThriftStruct,
  type ThriftStruct,
  type ThriftValue,
} from "./thrift.ts";

/** What a Parquet file begins and ends with. */
const MAGIC = [0x50, 0x41, 0x52, 0x31];
/** The footer's length and the magic. */
const TAIL_BYTES = 8;
/** What a value takes in memory at the least, dictionary or not. */
const VALUE_BYTES = 4;
/** Headers are some dozen bytes, but for the statistics of long texts. */
const PAGE_HEADER_BYTES = 256;
const PAGE_HEADER_GROWTH = 16;

// Numbers of the fields in parquet.thrift.
const FILE = { rows: 3, groups: 4 };
const GROUP = { columns: 1, rows: 3 };
const CHUNK = { metadata: 3 };
const COLUMN = { values: 5, unpacked: 6, packed: 7, data: 9, dictionary: 11 };
const PAGE = { unpacked: 2, packed: 3, data: 5, dictionary: 7, data2: 8 };
const HEADER = { values: 1 };

/**
 * Tells whether bytes begin like a Parquet file.
 *
 * @param bytes The start of a file.
 * @returns Whether they do.
 */
export function beginsLikeParquet(bytes: Uint8Array): boolean {
  return MAGIC.every((byte, i) => bytes[i] === byte);
}

/** A row group of a Parquet file. */
export type RowGroup = {
  /** How many rows it has. */
  readonly rows: number;
  /** What all its columns unpack to, in bytes, at the least. */
  readonly bytes: number;
};

/** What is known of a Parquet file that passed the check. */
export type ParquetSizes = {
  /** How many rows it has. */
  readonly rows: number;
  /** The row groups, in order. */
  readonly groups: readonly RowGroup[];
};

/** Options for {@linkcode checkParquet}. */
export type CheckParquetOptions = {
  /** What messages call the file. */
  file: string;
  /** The most bytes that `limitOf` may unpack to, all columns together. */
  maxBytes: number;
  /**
   * What keeps to the limit: the file, or each of its row groups where they
   * are read one after the other.
   * @default {"file"}
   */
  limitOf?: "file" | "row group";
};

/**
 * Checks a Parquet file.
 *
 * @param input The file, in memory or not.
 * @param options What messages call it, and the most that it may unpack to.
 * @returns How many rows it and its row groups have.
 * @throws {SyntaxError} If its metadata do not parse or do not agree.
 * @throws {RangeError} If it unpacks to more bytes than the limit.
 */
export function checkParquet(
  input: Uint8Array | ByteRanges,
  options: CheckParquetOptions,
): ParquetSizes {
  const { file, maxBytes, limitOf = "file" } = options;
  const ranges = input instanceof Uint8Array ? rangesOfBytes(input) : input;
  try {
    return checkFile(ranges, maxBytes, limitOf);
  } catch (error) {
    if (error instanceof RangeError) {
      throw overLimit(
        limitOf === "file" ? file : `${file}: a row group`,
        maxBytes,
      );
    }
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(
      `Cannot read ${file}: it begins like Parquet but ${error.message}`,
    );
  }
}

function checkFile(
  ranges: ByteRanges,
  maxBytes: number,
  limitOf: "file" | "row group",
): ParquetSizes {
  const { end, struct } = readFooter(ranges, maxBytes);
  const rows = sizeOf(struct, FILE.rows);
  const groups: RowGroup[] = [];
  let inFile = 0;
  let groupRows = 0;
  for (const group of structsOf(struct.get(FILE.groups))) {
    const inGroup = sizeOf(group, GROUP.rows);
    let bytes = 0;
    for (const chunk of structsOf(group.get(GROUP.columns))) {
      const column = structOf(chunk.get(CHUNK.metadata));
      bytes += sizeOf(column, COLUMN.unpacked) +
        VALUE_BYTES * sizeOf(column, COLUMN.values);
      if (!(bytes + (limitOf === "file" ? inFile : 0) <= maxBytes)) {
        throw new RangeError();
      }
      expect(
        sizeOf(column, COLUMN.values) >= inGroup,
        "a column has fewer values than rows",
      );
      checkPages({ ...ranges, size: end }, column);
    }
    groups.push({ rows: inGroup, bytes });
    inFile += bytes;
    groupRows += inGroup;
  }
  expect(groupRows === rows, "its row groups have other rows than it says");
  return { rows, groups };
}

/** The metadata of the file, and where what stands before them ends. */
function readFooter(
  { size, read }: ByteRanges,
  maxBytes: number,
): { struct: ThriftStruct; end: number } {
  const tail = size - TAIL_BYTES;
  const tailBytes = tail >= MAGIC.length ? read(tail, size) : new Uint8Array(0);
  expect(
    tailBytes.length === TAIL_BYTES && beginsLikeParquet(tailBytes.subarray(4)),
    "does not end like it",
  );
  const { buffer, byteOffset } = tailBytes;
  const length = new DataView(buffer, byteOffset).getUint32(0, true);
  const end = tail - length;
  expect(end >= MAGIC.length, "its footer is longer than the file");
  if (!(length <= maxBytes)) throw new RangeError();
  return { struct: readThriftStruct(read(end, tail), 0).struct, end };
}

/** Walks over the pages of a column from header to header. */
function checkPages(ranges: ByteRanges, column: ThriftStruct): void {
  const dictionary = column.has(COLUMN.dictionary)
    ? sizeOf(column, COLUMN.dictionary)
    : 0;
  const data = sizeOf(column, COLUMN.data);
  // An offset of 0 is that of the magic: some writers so say "none".
  let at = dictionary > 0 ? Math.min(dictionary, data) : data;
  const end = at + sizeOf(column, COLUMN.packed);
  expect(at >= MAGIC.length && end <= ranges.size, "a column is not in it");
  const chunk = { ...ranges, size: end };
  let values = 0;
  let unpacked = 0;
  while (at < end) {
    const { struct: page, end: body } = readPageHeader(chunk, at);
    const size = sizeOf(page, PAGE.unpacked);
    unpacked += size + body - at;
    expect(
      unpacked <= sizeOf(column, COLUMN.unpacked),
      "a page unpacks to more than its column",
    );
    const header = page.get(PAGE.data) ?? page.get(PAGE.data2);
    if (header !== undefined) values += sizeOf(structOf(header), HEADER.values);
    else if (page.has(PAGE.dictionary)) {
      const count = sizeOf(structOf(page.get(PAGE.dictionary)), HEADER.values);
      // A value of no byte at all would be one that stands there twice.
      expect(
        count <= Math.max(size, 1),
        "a dictionary is longer than its page",
      );
    }
    at = body + sizeOf(page, PAGE.packed);
  }
  expect(at === end, "a page runs over the end of its column");
  expect(
    values === sizeOf(column, COLUMN.values),
    "the pages of a column have other values than it says",
  );
}

/** Reads a header whose length nobody says: more and more, until it parses. */
function readPageHeader(
  { size, read }: ByteRanges,
  at: number,
): { struct: ThriftStruct; end: number } {
  for (let length = PAGE_HEADER_BYTES;; length *= PAGE_HEADER_GROWTH) {
    const end = Math.min(size, at + length);
    try {
      const page = readThriftStruct(read(at, end), 0);
      return { struct: page.struct, end: at + page.end };
    } catch (error) {
      if (!(error instanceof SyntaxError) || end === size) throw error;
    }
  }
}

function sizeOf(struct: ThriftStruct, field: number): number {
  const value = struct.get(field);
  if (typeof value === "number" && value >= 0) return value;
  throw new SyntaxError("the metadata lacks a size");
}

function structsOf(value: ThriftValue): ThriftStruct[] {
  if (!Array.isArray(value)) throw new SyntaxError("the metadata lacks a list");
  return value.map(structOf);
}

function structOf(value: ThriftValue): ThriftStruct {
  if (value instanceof Map) return value;
  throw new SyntaxError("the metadata lacks a part");
}

function expect(isTrue: boolean, otherwise: string): void {
  if (!isTrue) throw new SyntaxError(otherwise);
}
