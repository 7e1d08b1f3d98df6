/**
 * The bytes of an input: read whole into memory, decompressed where they begin
 * like gzip, whatever the file's name, and bounded, so that a small file that
 * unpacks to terabytes is an error and not the end of the machine.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { readFile, stat } from "node:fs/promises";
import { gunzipSync } from "node:zlib";

/** Options that all readers share. */
export type ReadOptions = {
  /**
   * What a bad row does: stop the reading with an error that says where it
   * stands, or be left out and counted in the report.
   * @default {"strict"}
   */
  mode?: "strict" | "lenient";
  /**
   * The IANA time zone of timestamps that name none.
   * @default {"UTC"}
   */
  timeZone?: string;
  /**
   * The most bytes that an input may have, decompressed.
   * @default {1073741824}
   */
  maxBytes?: number;
  /**
   * What messages call the input; if left out, its path, or "input" where
   * there is none.
   */
  file?: string;
};

/** Most bytes of an input unless another limit is given: 1 GiB. */
export const DEFAULT_MAX_BYTES: number = 2 ** 30;

/**
 * Reads a file whole.
 *
 * @param path The file.
 * @param options The limit on its size and its name in messages.
 * @returns The bytes of the file, decompressed and without a byte order mark.
 * @throws {RangeError} If the file or what it unpacks to is over the limit.
 * @throws {SyntaxError} If it begins like gzip and is not.
 * @throws {TypeError} If the path is a folder.
 * @throws {Error} If the file does not exist or cannot be read.
 */
export async function readInputBytes(
  path: string,
  options: ReadOptions = {},
): Promise<Uint8Array> {
  const { maxBytes = DEFAULT_MAX_BYTES, file = path } = options;
  const found = await stat(path);
  if (found.isDirectory()) {
    throw new TypeError(`Cannot read ${file}: it is a folder, expected a file`);
  }
  if (!(found.size <= maxBytes)) throw overLimit(file, maxBytes);
  return openInput(await readFile(path), { ...options, file });
}

/**
 * Decompresses an input if it is gzip, and drops a byte order mark.
 *
 * @param input The input as it stands, bytes or text.
 * @param options The limit on its size and its name in messages.
 * @returns Its bytes.
 * @throws {RangeError} If the input or what it unpacks to is over the limit.
 * @throws {SyntaxError} If it begins like gzip and is not.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { gzipSync } from "node:zlib";
 * import { openInput } from "lib/logs/readers/input.ts";
 *
 * const bytes = openInput(gzipSync("a,b\n"));
 * assert.equal(new TextDecoder().decode(bytes), "a,b\n");
 * ```
 */
export function openInput(
  input: Uint8Array | string,
  options: ReadOptions = {},
): Uint8Array {
  const { maxBytes = DEFAULT_MAX_BYTES, file = "input" } = options;
  let bytes = typeof input === "string" ? Buffer.from(input) : input;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    bytes = decompress(bytes, file, maxBytes);
  }
  if (!(bytes.length <= maxBytes)) throw overLimit(file, maxBytes);
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return hasMark ? bytes.subarray(3) : bytes;
}

function decompress(
  bytes: Uint8Array,
  file: string,
  maxBytes: number,
): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: Math.max(1, maxBytes) });
  } catch (error) {
    // The one RangeError of zlib is the output over its limit.
    if (error instanceof RangeError) throw overLimit(file, maxBytes);
    throw new SyntaxError(
      `Cannot read ${file}: it begins like gzip but does not unpack (${
        error instanceof Error ? error.message : error
      })`,
    );
  }
}

function overLimit(file: string, maxBytes: number): RangeError {
  return new RangeError(
    `Cannot read ${file}: it holds more than ${maxBytes} bytes, expected at most maxBytes`,
  );
}
