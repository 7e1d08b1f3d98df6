import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeLine } from "lib/logs/readers/lines.ts";
import { liveLines } from "lib/monitor/live_lines.ts";

async function* piecesOf(
  bytes: Uint8Array,
  sizes: readonly number[],
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(bytes.length + 1);
  let at = 0;
  for (let k = 0; at < bytes.length; k++) {
    const size = sizes[k % sizes.length];
    // One buffer for all pieces, as a stream of files has.
    const piece = bytes.subarray(at, at + size);
    buffer.set(piece);
    at += size;
    yield await Promise.resolve(buffer.subarray(0, piece.length));
  }
}

Deno.test("liveLines() gives the lines of a text however it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.stringMatching(/^[ab"é\r]{0,5}$/), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 4 }),
      async (lines, sizes) => {
        const bytes = new TextEncoder().encode(lines.join("\n"));
        const got = await Array.fromAsync(liveLines(piecesOf(bytes, sizes)));
        const expected = lines
          .map((text, k) => ({ number: k + 1, text: text.replace(/\r$/, "") }))
          .filter(({ text }) => text !== "");
        assert.deepEqual(
          got.map((line) => ({ number: line.number, text: decodeLine(line) })),
          expected,
        );
      },
    ),
    { seed: 21, numRuns: 400 },
  );
});

Deno.test("liveLines() gives a line before the next one has come", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const lines = liveLines(readable);
  const first = lines.next();
  await writer.write(new TextEncoder().encode("one\ntw"));
  assert.equal(decodeLine((await first).value!), "one");
  await writer.close();
  assert.equal(decodeLine((await lines.next()).value!), "tw");
});

Deno.test("liveLines() keeps little of a line without an end", async () => {
  async function* endless() {
    const piece = new Uint8Array(2 ** 16).fill(0x61);
    for (let k = 0; k < 2000; k++) yield await Promise.resolve(piece);
    yield new TextEncoder().encode("\nnext\n");
  }
  const lines = await Array.fromAsync(liveLines(endless()));
  assert.deepEqual(
    lines.map(({ number, bytes }) => [number, bytes.length]),
    [[1, 2 ** 20 + 2], [2, 4]],
  );
});
