/**
 * Damages lines of logs, and checks what readers make of them.
 *
 * @module
 */

import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { Categories } from "lib/logs/request_log.ts";
import {
  type FormatName,
  parseInput,
  type ReadInputResult,
} from "lib/logs/readers/mod.ts";

/** One change of a line. */
export type Edit = {
  /** What is done: a byte flipped or deleted, some bytes inserted, and so on. */
  readonly kind: "flip" | "delete" | "insert" | "cut" | "double";
  /** Where, taken modulo the line's length. */
  readonly at: number;
  /** The byte or, of {@linkcode INSERTED}, the text. */
  readonly value: number;
};

/** The kinds of edits. */
export const EDIT_KINDS: readonly Edit["kind"][] = [
  "flip",
  "delete",
  "insert",
  "cut",
  "double",
];

/** What is inserted: all that a tokenizer might stumble on. */
export const INSERTED: readonly Uint8Array[] = [
  ...['"', "\\", "[", "]", "{", "}", ",", " ", "\0", "\ufeff", "-", "%22"],
  ...["\r", "\n", "\r\n", "\n\n", '"\n"', '\\"', "NaN", "null", "1e999"],
  ...["\u2028", "9999-12-31", "1969-12-31", "23:59:60", "é"],
].map((text) => new TextEncoder().encode(text)).concat(
  Uint8Array.of(0xff),
  Uint8Array.of(0xc3),
  Uint8Array.of(0xed, 0xa0, 0x80),
);

/** A line with edits, one after the other. */
export function damaged(line: Uint8Array, edits: readonly Edit[]): Uint8Array {
  let bytes = [...line];
  for (const { kind, at, value } of edits) {
    const i = at % (bytes.length + 1);
    if (kind === "flip") bytes[i] = value & 255;
    else if (kind === "delete") bytes.splice(i, 1);
    else if (kind === "insert") {
      bytes.splice(i, 0, ...INSERTED[value % INSERTED.length]);
    } else if (kind === "cut") bytes = bytes.slice(0, i);
    else bytes.push(...bytes.slice(0, i));
  }
  return Uint8Array.from(bytes);
}

/** Lines, with their ends, of a text. */
export function splitLines(bytes: Uint8Array): Uint8Array[] {
  const text = Buffer.from(bytes).toString("latin1");
  return (text.match(/[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+$/g) ?? [])
    .map((line) => Buffer.from(line, "latin1"));
}

/** What is read of damaged input. */
export type Outcome = {
  /** The result, if it was read. */
  readonly result?: ReadInputResult;
  /** The error, if it was refused. */
  readonly error?: string;
};

/**
 * Reads an input and checks what must hold whatever it is: errors of the known
 * kinds that name the file, no value that a log must not have, and no line that
 * is neither read nor counted.
 */
export function readChecked(
  input: Uint8Array,
  options: { format?: FormatName; mode?: "strict" | "lenient" } = {},
): Outcome {
  let result: ReadInputResult;
  try {
    result = parseInput(input, { file: "fuzz.log", ...options });
  } catch (error) {
    assert(error instanceof Error);
    assert(
      ["SyntaxError", "RangeError", "TypeError"].includes(error.name),
      `${error.stack}`,
    );
    assert.match(error.message, /^Cannot read fuzz\.log/);
    assert(error.message.length < 2000, "the message is bounded");
    // deno-lint-ignore no-control-regex -- what a terminal would obey
    assert.doesNotMatch(error.message, /[\0-\x1f]/);
    return { error: error.message };
  }
  checkCounts(result, input);
  checkValues(result);
  return { result };
}

function checkCounts({ report }: ReadInputResult, input: Uint8Array): void {
  const { rowsRead, rowsRejected, rowsIgnored, emptyLines } = report;
  const sum = (list: readonly { count: number }[]) =>
    list.reduce((total, { count }) => total + count, 0);
  assert.equal(sum(report.rejections), rowsRejected);
  assert.equal(sum(report.ignored), rowsIgnored);
  const isPacked = input[0] === 0x1f && input[1] === 0x8b;
  if (isPacked || report.format === "parquet") return;
  const isCsv = report.format.endsWith("-csv");
  // A record of a CSV may have many lines where it is quoted.
  if (isCsv && input.includes(0x22)) return;
  const header = isCsv ? 1 : 0;
  const lines = splitLines(withoutMark(input)).length;
  assert.equal(
    header + rowsRead + rowsRejected + rowsIgnored + emptyLines,
    lines,
  );
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  const hasMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
  return hasMark ? bytes.subarray(3) : bytes;
}

function checkValues(result: ReadInputResult): void {
  const { rowsRead } = result.report;
  const { timestampMs, sourceRow } = result.kind === "series"
    ? result.observations
    : result.log;
  assert.equal(timestampMs.length, rowsRead);
  assert.equal(new Set(sourceRow).size, rowsRead);
  for (let i = 0; i < rowsRead; i++) {
    assert(Number.isSafeInteger(timestampMs[i]));
    if (i > 0) assert(timestampMs[i] >= timestampMs[i - 1]);
  }
  if (result.kind === "series") {
    const { value } = result.observations;
    assert.equal(value.length, rowsRead);
    assert(value.every(Number.isFinite));
  } else if (result.kind === "events") {
    assert.equal(result.log.message.length, rowsRead);
    checkTexts(result.log.message);
    checkCategories(result.log.level, rowsRead);
  } else {
    const { method, endpoint, statusCode, sizeBytes, responseTimeMs } =
      result.log;
    checkCategories(method, rowsRead);
    checkCategories(endpoint, rowsRead);
    assert.equal(statusCode.length, rowsRead);
    assert(statusCode.every((code) => code >= 100 && code <= 599));
    assert.equal(sizeBytes.length, rowsRead);
    assert(sizeBytes.every((size) => Number.isSafeInteger(size) && size >= 0));
    if (responseTimeMs === undefined) return;
    assert.equal(responseTimeMs.length, rowsRead);
    assert(responseTimeMs.every((time) => Number.isFinite(time) && time >= 0));
  }
}

function checkCategories({ codes, names }: Categories, rows: number): void {
  assert.equal(codes.length, rows);
  assert(codes.every((code) => code < names.length));
  assert(names.every((name) => name !== ""));
  checkTexts(names);
}

function checkTexts(texts: readonly string[]): void {
  assert(texts.every((text) => !text.includes("\ufffd")));
}
