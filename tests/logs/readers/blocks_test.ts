import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import { readBlocks } from "lib/logs/readers/blocks.ts";
import { countLines, MAX_LINE_BYTES } from "lib/logs/readers/lines.ts";

const LEAST = 2 * MAX_LINE_BYTES;

type Copy = { readonly text: string; readonly lineOffset: number };

async function blocksOf(content: Uint8Array | string): Promise<Copy[]> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, Buffer.from(content));
    const copies: Copy[] = [];
    const options = { blockBytes: LEAST, file: "a.log" };
    for await (const { bytes, lineOffset } of readBlocks(path, options)) {
      copies.push({ text: Buffer.from(bytes).toString("latin1"), lineOffset });
    }
    return copies;
  } finally {
    await Deno.remove(path);
  }
}

/** Checks that blocks give back a text and know the lines before them. */
function assertWhole(blocks: readonly Copy[], text: string): void {
  assert.ok(blocks.map((block) => block.text).join("") === text);
  let before = 0;
  for (const { text, lineOffset } of blocks) {
    assert.equal(lineOffset, before);
    before += countLines(Buffer.from(text, "latin1"));
  }
}

for (const end of ["\n", "\r\n", "\r"]) {
  for (const shift of [0, 1, 2]) {
    Deno.test(`readBlocks() gives back lines ended by ${JSON.stringify(end)}, shifted by ${shift}`, async () => {
      const line = "a".repeat(998) + end;
      const text = "b".repeat(shift) + line.repeat(5000);
      const blocks = await blocksOf(text);
      assert.ok(blocks.length > 2);
      for (const block of blocks) assert.ok(block.text.endsWith(end));
      assertWhole(blocks, text);
    });
  }
  // The end of the long line falls on each side of the end of a filled buffer.
  for (
    const length of [-2, -1, 0, 1].flatMap((d) => [LEAST + d, 2 * LEAST + d])
  ) {
    Deno.test(`readBlocks() cuts a line of ${length} bytes ended by ${JSON.stringify(end)}`, async () => {
      const rest = `c${end}d${end}`;
      const blocks = await blocksOf("a".repeat(length) + end + rest);
      assert.equal(blocks.at(-1)?.text, rest);
      assert.equal(blocks.at(-1)?.lineOffset, 1);
      assert.ok(blocks[0].text.length > MAX_LINE_BYTES);
    });
  }
}

Deno.test("readBlocks() ends no block within quotes", async () => {
  const record = `1,"a\nb ""c"""\n`;
  const text = record.repeat(400_000);
  const blocks = await blocksOf(text);
  for (const block of blocks) {
    assert.equal(block.text.length % record.length, 0);
  }
  assertWhole(blocks, text);
});

Deno.test("readBlocks() drops a byte order mark, and gives nothing of nothing", async () => {
  assert.deepEqual(await blocksOf(""), []);
  assert.deepEqual(await blocksOf("\ufeff"), []);
  assert.deepEqual(await blocksOf("\ufeffa\n"), [{
    text: "a\n",
    lineOffset: 0,
  }]);
});

Deno.test("readBlocks() unpacks gzip of several members, refuses what is cut off", async () => {
  const members = Buffer.concat([gzipSync("a\n"), gzipSync("b\n")]);
  assert.deepEqual(await blocksOf(members), [{
    text: "a\nb\n",
    lineOffset: 0,
  }]);
  await assert.rejects(
    blocksOf(gzipSync("a\n".repeat(100)).subarray(0, -6)),
    /^SyntaxError: Cannot read a\.log: it begins like gzip but does not unpack/,
  );
});

Deno.test("readBlocks() refuses folders, missing files and sizes out of range", async () => {
  const folder = await Deno.makeTempDir();
  await assert.rejects(readBlocks(folder).next(), /it is a folder/);
  await assert.rejects(readBlocks(`${folder}/none`).next(), { code: "ENOENT" });
  for (const blockBytes of [LEAST - 1, NaN, Infinity]) {
    await assert.rejects(readBlocks(folder, { blockBytes }).next(), RangeError);
  }
  await Deno.remove(folder);
});

Deno.test("readBlocks() closes the file when its consumer stops", async () => {
  const path = await Deno.makeTempFile();
  for (
    const content of [
      Buffer.alloc(5e6, "a\n"),
      gzipSync(Buffer.alloc(5e6, "a\n")),
    ]
  ) {
    await Deno.writeFile(path, content);
    for await (const _ of readBlocks(path, { blockBytes: LEAST })) break;
  }
  await Deno.remove(path);
});
