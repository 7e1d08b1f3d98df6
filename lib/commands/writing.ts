/**
 * Writing results: to a file or to standard output, piece by piece.
 *
 * @module
 */

import { statSync } from "node:fs";
import { resolve } from "node:path";
import { type Output, UsageError } from "./command.ts";

/**
 * Writes pieces of text one after the other.
 *
 * @param path The file, or undefined for standard output. It is left as it was
 * until there is a first piece.
 * @param pieces The text; made as it is written, so that it may be long.
 * @param output Standard output.
 */
export async function writeTo(
  path: string | undefined,
  pieces: Iterable<string> | AsyncIterable<string>,
  output: Output,
): Promise<void> {
  if (path === undefined) {
    for await (const piece of pieces) await output.write(piece);
    return;
  }
  // Piece by piece and each to its end: a stream into the file would lose the
  // error of a full disk.
  const encoder = new TextEncoder();
  const options = { write: true, create: true, truncate: true };
  let file: Deno.FsFile | undefined;
  try {
    for await (const piece of pieces) {
      file ??= await Deno.open(path, options);
      let bytes = encoder.encode(piece);
      while (bytes.length > 0) bytes = bytes.subarray(await file.write(bytes));
    }
  } finally {
    file?.close();
  }
}

/**
 * Checks that no file is written over another one that a command reads or
 * writes.
 *
 * @param written The files to write, by the names of their options.
 * @param read The files to read.
 * @throws {UsageError} If two are the same file.
 */
export function checkDistinctFiles(
  written: Readonly<Record<string, string | undefined>>,
  read: readonly (string | undefined)[],
): void {
  const taken = new Set(read.map((path) => path && identityOf(path)));
  for (const [option, path] of Object.entries(written)) {
    if (path === undefined) continue;
    const identity = identityOf(path);
    if (taken.has(identity)) {
      throw new UsageError(
        `--${option} is "${path}", expected a file that nothing else reads or writes`,
      );
    }
    taken.add(identity);
  }
}

/** The same for all paths and links that lead to a file. */
function identityOf(path: string): string {
  try {
    const { dev, ino } = statSync(path, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    // What does not exist yet has its path alone.
    return resolve(path);
  }
}
