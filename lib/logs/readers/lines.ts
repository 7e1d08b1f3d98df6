/**
 * Lines of an input, ended by `\n`, `\r\n` or a lone `\r`, in any mixture, as
 * bytes, so that no line is decoded before its length is known; and the way
 * from lines to rows that all formats of lines share.
 *
 * @module
 */

import type { InputPart } from "./input.ts";
import {
  addRejectionInPlace,
  type Rejection,
  type RowProblem,
} from "./report.ts";
import type { CellTable } from "./rows.ts";

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

/**
 * What a line holds: the cells of a row in the order of the columns, a problem
 * that makes it a bad row, or something well that the log does not hold.
 */
export type LineContent =
  | readonly string[]
  | RowProblem
  | { readonly ignored: RowProblem };

/**
 * Takes each line for a row. Empty lines are counted, lines longer than 1 MiB
 * are bad rows. The source of a row is its line, from 0.
 *
 * @param bytes The input.
 * @param names The columns, by their names in the schema.
 * @param readLine Tells what a line holds, in time linear in its length.
 * @param part Where the input stands in a longer one, if it is a part of it.
 * @returns The cells of the lines that are neither empty nor ignored.
 */
export function readLineCells(
  bytes: Uint8Array,
  names: readonly string[],
  readLine: (text: string) => LineContent,
  part?: InputPart,
): CellTable {
  const lineOffset = part?.lineOffset ?? 0;
  const columns = names.map(() => [] as string[]);
  const places: number[] = [];
  const broken = new Map<number, RowProblem>();
  const ignored: Rejection[] = [];
  let filledLines = 0;
  for (const line of linesOf(bytes)) {
    filledLines++;
    const content = lineProblem(line) ?? readLine(decodeLine(line));
    if ("ignored" in content) {
      addRejectionInPlace(ignored, line.number + lineOffset, content.ignored);
      continue;
    }
    const row = places.push(line.number) - 1;
    const isBroken = "reason" in content;
    if (isBroken) broken.set(row, content);
    columns.forEach((cells, k) => cells.push(isBroken ? "" : content[k]));
  }
  return {
    places,
    sourceRow: Uint32Array.from(places, (line) => line - 1),
    cells: Object.fromEntries(names.map((name, k) => [name, columns[k]])),
    broken,
    ignored,
    emptyLines: countLines(bytes) - filledLines,
  };
}

/**
 * Says of a line that it is too long.
 *
 * @param line The line.
 * @returns The problem, `undefined` if the line may be read.
 */
export function lineProblem(line: Line): RowProblem | undefined {
  return lengthProblem(line.bytes.length, "line");
}

/**
 * Says of a line or a record that it is too long.
 *
 * @param length Its length in bytes.
 * @param what What it is called.
 * @returns The problem, `undefined` if it is not longer than 1 MiB.
 */
export function lengthProblem(
  length: number,
  what: "line" | "record",
): RowProblem | undefined {
  return length <= MAX_LINE_BYTES ? undefined : {
    reason: `${what} too long`,
    // Not how long it is: of a line that is cut nobody knows.
    detail:
      `the ${what} is longer than 1 MiB, expected at most ${MAX_LINE_BYTES} bytes`,
  };
}

/**
 * The first lines of an input as texts, to tell its format by.
 *
 * @param bytes The input.
 * @param count How many lines that are not empty, at most.
 * @returns Their texts; a line that is too long is left out.
 */
export function firstLines(bytes: Uint8Array, count: number): string[] {
  const texts: string[] = [];
  let seen = 0;
  for (const line of linesOf(bytes)) {
    if (lineProblem(line) === undefined) texts.push(decodeLine(line));
    if (++seen >= count) break;
  }
  return texts;
}

/**
 * Counts lines.
 *
 * @param bytes The input.
 * @returns How many lines there are, empty ones among them.
 */
export function countLines(bytes: Uint8Array): number {
  let count = 0;
  let start = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] !== LINE_FEED && bytes[i] !== CARRIAGE_RETURN) continue;
    if (bytes[i] === CARRIAGE_RETURN && bytes[i + 1] === LINE_FEED) i++;
    count++;
    start = i + 1;
  }
  return start < bytes.length ? count + 1 : count;
}

/** What stands in a text, as far as lines and quotes go. */
export type TextFacts = {
  /** How many `\n` there are. */
  readonly lineFeeds: number;
  /** Whether there is any of `\r`, `"` and `+`, which want a closer look. */
  readonly isPlain: boolean;
};

/** Bytes that want a closer look: `\r`, `"` and `+`. */
export const ODD_BYTES: readonly [number, number, number] = [
  CARRIAGE_RETURN,
  0x22,
  0x2b,
];

/**
 * Looks at a text once.
 *
 * @param bytes The text.
 * @returns What stands in it.
 */
export function factsOf(bytes: Uint8Array): TextFacts {
  let lineFeeds = 0;
  for (let i = 0; i < bytes.length; i++) {
    if (bytes[i] === LINE_FEED) lineFeeds++;
  }
  const isPlain = ODD_BYTES.every((byte) => bytes.indexOf(byte) < 0);
  return { lineFeeds, isPlain };
}
