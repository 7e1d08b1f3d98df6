/**
 * Writing results: to a file or to standard output, piece by piece.
 *
 * @module
 */

import type { Output } from "./command.ts";

/**
 * Writes pieces of text one after the other.
 *
 * @param path The file, or undefined for standard output.
 * @param pieces The text; made as it is written, so that it may be long.
 * @param output Standard output.
 */
export async function writeTo(
  path: string | undefined,
  pieces: Iterable<string>,
  output: Output,
): Promise<void> {
  if (path === undefined) {
    for (const piece of pieces) await output.write(piece);
    return;
  }
  const file = await Deno.open(path, {
    write: true,
    create: true,
    truncate: true,
  });
  await ReadableStream.from(pieces)
    .pipeThrough(new TextEncoderStream())
    .pipeTo(file.writable);
}
