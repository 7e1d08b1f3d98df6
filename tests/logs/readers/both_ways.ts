/**
 * Reads a request log whole and part by part, and compares.
 *
 * @module
 */

import assert from "node:assert/strict";
import {
  type ReadChunksOptions,
  readInput,
  type ReadReport,
  readRequestChunks,
} from "lib/logs/readers/mod.ts";
import { OTHER_ENDPOINTS } from "lib/logs/endpoints.ts";
import type { RequestLog } from "lib/logs/request_log.ts";
import { rowsOf } from "./log_rows.ts";

type Row = (string | number | undefined)[];

/** What is read of a request log. */
export type ReadLog = {
  /** Its rows by time, then by their place, the raw endpoint last. */
  readonly rows: Row[];
  /** What became of all rows. */
  readonly report: ReadReport;
  /** How many parts there were. */
  readonly parts: number;
};

/** Does something with a file that is gone afterwards. */
export async function withFile<T>(
  content: Uint8Array | string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const path = await Deno.makeTempFile();
  try {
    await (typeof content === "string"
      ? Deno.writeTextFile(path, content)
      : Deno.writeFile(path, content));
    return await use(path);
  } finally {
    await Deno.remove(path);
  }
}

/** Reads part by part. */
export async function readParts(
  path: string,
  options: ReadChunksOptions = {},
): Promise<ReadLog> {
  const rows: Row[] = [];
  let report: ReadReport | undefined;
  let parts = 0;
  for await (const chunk of readRequestChunks(path, options)) {
    for (const row of rowsWithRaw(chunk.log)) rows.push(row);
    report = chunk.report;
    parts++;
  }
  assert(report);
  rows.sort((a, b) =>
    Number(a[0]) - Number(b[0]) || Number(a[6]) - Number(b[6])
  );
  return { rows, report, parts };
}

/**
 * Fails unless a file gives the same rows, the same report and the same error
 * in both ways.
 *
 * @param path The file.
 * @param options How it is read.
 * @returns How many parts there were, 0 if it was refused.
 */
export async function assertSame(
  path: string,
  options: ReadChunksOptions,
): Promise<number> {
  const { blockBytes: _, ...whole } = options;
  const expected = await readInput(path, whole).catch((error: Error) => error);
  if (expected instanceof Error) {
    const { name, message } = expected;
    await assert.rejects(readParts(path, options), { name, message });
    return 0;
  }
  assert(expected.kind === "requests");
  const { rows, report, parts } = await readParts(path, options);
  assertSameRows(rows, rowsWithRaw(expected.log));
  // Parts are sorted each by itself.
  const { sorted, ...facts } = report;
  const { sorted: wasSorted, ...wholeFacts } = expected.report;
  assert.deepEqual(facts, wholeFacts);
  assert(!sorted || wasSorted);
  return parts;
}

/** As {@linkcode assertSame}, of bytes. */
export async function assertBytesSame(
  content: Uint8Array | string,
  options: ReadChunksOptions,
): Promise<number> {
  const file = "a.log";
  return await withFile(content, (path) => {
    return assertSame(path, { ...options, file });
  });
}

function rowsWithRaw(log: RequestLog): Row[] {
  const { codes, names } = log.rawEndpoint ?? log.endpoint;
  return rowsOf(log).map((row, i) => [...row, names[codes[i]]]);
}

/** A comparison that does not print millions of rows. Which endpoints are pooled
 * where they are many may differ; the raw ones may not. */
function assertSameRows(rows: readonly Row[], expected: readonly Row[]): void {
  assert.equal(rows.length, expected.length);
  for (let i = 0; i < rows.length; i++) {
    const isPooled = [rows[i][2], expected[i][2]].includes(OTHER_ENDPOINTS);
    const isSame = rows[i].every((cell, k) =>
      Object.is(cell, expected[i][k]) || (k === 2 && isPooled)
    );
    if (!isSame) assert.deepEqual(rows[i], expected[i], `row ${i}`);
  }
}
