/**
 * Lines of text as they arrive on a pipe, one by one, in bounded memory.
 *
 * @module
 */

import { type Line, MAX_LINE_BYTES } from "../logs/readers/lines.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * Gives each line as soon as its end has arrived; lines end with `\n` or
 * `\r\n`. Empty lines are counted but not given. A line of more than 1 MiB is
 * cut to just over that, by which every reader rejects it.
 *
 * @param stream The bytes.
 * @returns The lines in order, numbered from 1; the last may lack its end.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeLine } from "lib/logs/readers/lines.ts";
 * import { liveLines } from "lib/monitor/live_lines.ts";
 *
 * const stream = new Blob(["a\r\n\nb"]).stream();
 * const lines = await Array.fromAsync(liveLines(stream));
 * assert.deepEqual(lines.map(({ number }) => number), [1, 3]);
 * assert.deepEqual(lines.map((line) => decodeLine(line)), ["a", "b"]);
 * ```
 */
export async function* liveLines(
  stream: AsyncIterable<Uint8Array>,
): AsyncGenerator<Line> {
  const pending = new PendingLine();
  let number = 1;
  for await (const bytes of stream) {
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(LINE_FEED, start);
      if (end < 0) break;
      pending.add(bytes.subarray(start, end));
      const line = { number: number++, bytes: pending.take() };
      if (line.bytes.length > 0) yield line;
      start = end + 1;
    }
    pending.add(bytes.subarray(start));
  }
  const last = { number, bytes: pending.take() };
  if (last.bytes.length > 0) yield last;
}

/** A line whose end has not come yet. */
class PendingLine {
  #pieces: Uint8Array[] = [];
  #length = 0;

  add(piece: Uint8Array): void {
    const room = MAX_LINE_BYTES + 2 - this.#length;
    if (room <= 0 || piece.length === 0) return;
    // Copied: whoever reads the stream may use its buffer again.
    this.#pieces.push(piece.slice(0, room));
    this.#length += Math.min(piece.length, room);
  }

  take(): Uint8Array {
    const line = new Uint8Array(this.#length);
    let at = 0;
    for (const piece of this.#pieces) {
      line.set(piece, at);
      at += piece.length;
    }
    this.#pieces = [];
    this.#length = 0;
    const end = line.at(-1) === CARRIAGE_RETURN ? -1 : undefined;
    return line.subarray(0, end);
  }
}
