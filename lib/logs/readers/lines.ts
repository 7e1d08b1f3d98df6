/**
 * Lines of an input, ended by `\n`, `\r\n` or a lone `\r`, in any mixture, as
 * bytes, so that no line is decoded before its length is known.
 *
 * @module
 */

/** A line of an input. */
export type Line = {
  /** The line's number, from 1. */
  number: number;
  /** The bytes of the line, without its end; a view, not a copy. */
  bytes: Uint8Array;
};

/** Longest line that is read, in bytes: 1 MiB. A longer one is rejected. */
export const MAX_LINE_BYTES: number = 2 ** 20;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const UTF_8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Walks over the lines of an input that are not empty.
 *
 * @param bytes The input.
 * @returns The lines in order; empty ones are counted but not given.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeLine, linesOf } from "lib/logs/readers/lines.ts";
 *
 * const lines = [...linesOf(new TextEncoder().encode("a\r\n\rb"))];
 * assert.deepEqual(lines.map((line) => line.number), [1, 3]);
 * assert.deepEqual(lines.map((line) => decodeLine(line)), ["a", "b"]);
 * ```
 */
export function* linesOf(bytes: Uint8Array): Generator<Line> {
  let number = 1;
  let start = 0;
  for (let i = 0; i <= bytes.length; i++) {
    const isEnd = i === bytes.length || bytes[i] === LINE_FEED ||
      bytes[i] === CARRIAGE_RETURN;
    if (!isEnd) continue;
    if (i > start) yield { number, bytes: bytes.subarray(start, i) };
    if (bytes[i] === CARRIAGE_RETURN && bytes[i + 1] === LINE_FEED) i++;
    number++;
    start = i + 1;
  }
}

/**
 * Decodes a line.
 *
 * @param line The line.
 * @returns Its text; bytes that are not UTF-8 become U+FFFD.
 */
export function decodeLine(line: Line): string {
  return UTF_8.decode(line.bytes);
}
