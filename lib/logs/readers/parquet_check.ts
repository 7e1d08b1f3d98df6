/**
 * Checks the metadata of a Parquet file before its pages are unpacked. Polars
 * trusts what they say of their sizes: it ends the whole process when it is told
 * to take more memory than there is. So the sizes of row groups, columns and
 * pages must agree with each other and with the file, and what they unpack to
 * must keep to a limit.
 *
 * @see https://parquet.apache.org/docs/file-format/metadata/
 *
 * @module
 */

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

/**
 * Checks a Parquet file.
 *
 * @param bytes The file.
 * @param options What messages call it, and the most that it may unpack to.
 * @returns How many rows it has.
 * @throws {SyntaxError} If its metadata do not parse or do not agree.
 * @throws {RangeError} If it unpacks to more bytes than the limit.
 */
export function checkParquet(
  bytes: Uint8Array,
  options: { file: string; maxBytes: number },
): number {
  const { file, maxBytes } = options;
  try {
    return checkFile(bytes, maxBytes);
  } catch (error) {
    if (error instanceof RangeError) throw overLimit(file, maxBytes);
    if (!(error instanceof SyntaxError)) throw error;
    throw new SyntaxError(
      `Cannot read ${file}: it begins like Parquet but ${error.message}`,
    );
  }
}

function checkFile(bytes: Uint8Array, maxBytes: number): number {
  const tail = bytes.length - TAIL_BYTES;
  expect(
    tail >= MAGIC.length && beginsLikeParquet(bytes.subarray(tail + 4)),
    "does not end like it",
  );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const footer = tail - view.getUint32(tail, true);
  expect(footer >= MAGIC.length, "its footer is longer than the file");
  const { struct } = readThriftStruct(bytes.subarray(footer, tail), 0);
  const rows = sizeOf(struct, FILE.rows);
  let groupRows = 0;
  let unpacked = 0;
  for (const group of structsOf(struct.get(FILE.groups))) {
    const inGroup = sizeOf(group, GROUP.rows);
    groupRows += inGroup;
    for (const chunk of structsOf(group.get(GROUP.columns))) {
      const column = structOf(chunk.get(CHUNK.metadata));
      unpacked += sizeOf(column, COLUMN.unpacked) +
        VALUE_BYTES * sizeOf(column, COLUMN.values);
      if (!(unpacked <= maxBytes)) throw new RangeError();
      expect(
        sizeOf(column, COLUMN.values) >= inGroup,
        "a column has fewer values than rows",
      );
      checkPages(bytes.subarray(0, footer), column);
    }
  }
  expect(groupRows === rows, "its row groups have other rows than it says");
  return rows;
}

/** Walks over the pages of a column from header to header. */
function checkPages(bytes: Uint8Array, column: ThriftStruct): void {
  const dictionary = column.has(COLUMN.dictionary)
    ? sizeOf(column, COLUMN.dictionary)
    : 0;
  const data = sizeOf(column, COLUMN.data);
  // An offset of 0 is that of the magic: some writers so say "none".
  let at = dictionary > 0 ? Math.min(dictionary, data) : data;
  const end = at + sizeOf(column, COLUMN.packed);
  expect(at >= MAGIC.length && end <= bytes.length, "a column is not in it");
  const chunk = bytes.subarray(0, end);
  let values = 0;
  let unpacked = 0;
  while (at < end) {
    const { struct: page, end: body } = readThriftStruct(chunk, at);
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
