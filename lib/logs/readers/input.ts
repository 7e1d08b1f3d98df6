/**
 * The bytes of an input: read whole into memory, decompressed where they begin
 * like gzip, whatever the file's name, and bounded, so that a small file that
 * unpacks to terabytes is an error and not the end of the machine.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createReadStream } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import process from "node:process";
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
  /** Where the input stands in a longer one, if it is a part of it. */
  part?: InputPart;
};

/** A part of an input that is read piece by piece. Unlike a whole input, it may
 * hold no good row. */
export type InputPart = {
  /** Lines before the part, or rows in a format without lines. */
  readonly lineOffset: number;
  /** The start of the whole input, by which its layout is told. */
  readonly head: Uint8Array;
};

/** Most bytes of an input unless another limit is given: 1 GiB. */
export const DEFAULT_MAX_BYTES: number = 2 ** 30;

/** The path that stands for standard input. */
export const STANDARD_INPUT = "-";

/**
 * Reads a file, a pipe or standard input whole.
 *
 * @param path The file; `-` is standard input.
 * @param options The limit on its size and its name in messages.
 * @returns The bytes of the file, decompressed and without a byte order mark.
 * @throws {RangeError} If the file or what it unpacks to is over the limit.
 * @throws {SyntaxError} If it begins like gzip and is not.
 * @throws {SyntaxError} If the path is a folder.
 * @throws {Error} If the file does not exist or cannot be read.
 */
export async function readInputBytes(
  path: string,
  options: ReadOptions = {},
): Promise<Uint8Array> {
  const { maxBytes = DEFAULT_MAX_BYTES, file = inputName(path) } = options;
  if (path === STANDARD_INPUT) {
    const bytes = await readStream(process.stdin, { maxBytes, file });
    return openInput(bytes, { maxBytes, file });
  }
  const found = await stat(path);
  if (found.isDirectory()) {
    throw new SyntaxError(
      `Cannot read ${file}: it is a folder, expected a file`,
    );
  }
  if (!(found.size <= maxBytes)) throw overLimit(file, maxBytes);
  // A pipe or a device does not tell its size.
  const bytes = found.isFile()
    ? await readFile(path)
    : await readStream(createReadStream(path), { maxBytes, file });
  return openInput(bytes, { maxBytes, file });
}

/**
 * What messages call an input.
 *
 * @param path Its path; `-` is standard input.
 * @returns The path or "standard input".
 */
export function inputName(path: string): string {
  return path === STANDARD_INPUT ? "standard input" : path;
}

/**
 * Reads a stream to its end.
 *
 * @param stream The stream's chunks.
 * @param options The limit on its size and its name in messages.
 * @returns All its bytes.
 * @throws {RangeError} If there are more than the limit; no more are read.
 */
export async function readStream(
  stream: AsyncIterable<Uint8Array | string>,
  options: ReadOptions = {},
): Promise<Uint8Array> {
  const { maxBytes = DEFAULT_MAX_BYTES, file = "input" } = options;
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    length += bytes.length;
    if (!(length <= maxBytes)) throw overLimit(file, maxBytes);
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
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
  const { maxBytes = DEFAULT_MAX_BYTES, file = "input", part } = options;
  let bytes = typeof input === "string" ? Buffer.from(input) : input;
  // A part of an input was opened as it was cut off.
  if (part) return bytes;
  if (isGzip(bytes)) {
    bytes = decompress(bytes, file, maxBytes);
  }
  if (!(bytes.length <= maxBytes)) throw overLimit(file, maxBytes);
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return hasMark ? bytes.subarray(3) : bytes;
}

/**
 * Tells gzip by its first bytes.
 *
 * @param head The start of an input.
 * @returns Whether it begins like gzip.
 */
export function isGzip(head: Uint8Array): boolean {
  return head[0] === 0x1f && head[1] === 0x8b;
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

/**
 * The error of an input that is too large.
 *
 * @param file What messages call the input.
 * @param maxBytes The limit.
 * @returns The error.
 */
export function overLimit(file: string, maxBytes: number): RangeError {
  return new RangeError(
    `Cannot read ${file}: it holds more than ${maxBytes} bytes, expected at most maxBytes`,
  );
}
