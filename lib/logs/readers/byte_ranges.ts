/**
 * Bytes that are read range by range, so that a large file can be looked into
 * at some places without being read whole.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Bytes at rest: a file or an array. */
export type ByteRanges = {
  /** How many there are. */
  readonly size: number;
  /**
   * Reads a range.
   *
   * @param start Where it begins, from 0.
   * @param end Where it ends, exclusive.
   * @returns Its bytes, fewer where the whole ends before.
   */
  readonly read: (start: number, end: number) => Uint8Array;
};

/**
 * Gives the ranges of an array.
 *
 * @param bytes The array.
 * @returns Its ranges, which are views of it.
 */
export function rangesOfBytes(bytes: Uint8Array): ByteRanges {
  return {
    size: bytes.length,
    read: (start, end) => bytes.subarray(start, end),
  };
}

/**
 * Opens a file, and closes it when its ranges have been used.
 *
 * @param path The file.
 * @param use Reads what it wants of the ranges.
 * @returns What `use` returns.
 * @throws {Error} If the file does not exist or cannot be read.
 */
export function withRangesOfFile<T>(
  path: string,
  use: (ranges: ByteRanges) => T,
): T {
  const handle = openSync(path, "r");
  try {
    const { size } = fstatSync(handle);
    return use({ size, read: (start, end) => readRange(handle, start, end) });
  } finally {
    closeSync(handle);
  }
}

function readRange(handle: number, start: number, end: number): Uint8Array {
  const buffer = Buffer.alloc(end - start);
  let length = 0;
  while (length < buffer.length) {
    const count = readSync(
      handle,
      buffer,
      length,
      buffer.length - length,
      start + length,
    );
    if (count === 0) break;
    length += count;
  }
  return buffer.subarray(0, length);
}
