import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { type Block, piecesOf, readBlocks } from "lib/logs/readers/blocks.ts";
import { scanCsv } from "lib/logs/readers/csv_scan.ts";
import { openInput } from "lib/logs/readers/input.ts";
import { countLines, factsOf, MAX_LINE_BYTES } from "lib/logs/readers/lines.ts";

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

/** What a tokenizer stumbles on, among ordinary characters. */
const pieceOfText = fc.oneof(
  { weight: 6, arbitrary: fc.stringMatching(/^[a-c,]{0,9}$/) },
  fc.constantFrom("\n", "\r\n", "\r", "\n\n", '"', '""', "\0", "\xff", "+"),
);
const someText = fc.array(pieceOfText, { maxLength: 60 })
  .map((pieces) => pieces.join(""));

/** The longest stretch between line feeds outside of quotes. */
function longestOf(text: Uint8Array): number {
  let longest = 0, start = 0, isOpen = false;
  for (let i = 0; i <= text.length; i++) {
    if (text[i] === 0x22) isOpen = !isOpen;
    if (i < text.length && (text[i] !== 0x0a || isOpen)) continue;
    longest = Math.max(longest, i + 1 - start);
    start = i + 1;
  }
  return longest;
}

/** Checks blocks against the text that they were cut from. */
function assertCut(
  blocks: readonly { bytes: Uint8Array; lineOffset: number }[],
  text: Uint8Array,
  longestRecord = Infinity,
): void {
  const isRegular = !scanCsv(text).problem &&
    longestOf(text) <= longestRecord;
  let at = 0, lines = 0;
  for (const { bytes, lineOffset } of blocks) {
    assert(bytes.length > 0);
    assert.ok(
      Buffer.compare(bytes, text.subarray(at, at + bytes.length)) === 0,
    );
    assert.equal(lineOffset, lines);
    at += bytes.length;
    lines += countLines(bytes);
    const isEnd = at === text.length;
    const [last, next] = [text[at - 1], text[at]];
    // Each but the last ends where a line does, not amid a CRLF.
    assert(isEnd || last === 0x0a || (last === 0x0d && next !== 0x0a));
    // And outside of quotes, where these are regular.
    if (isRegular) assert.equal(scanCsv(bytes).problem, undefined);
  }
  assert.equal(at, text.length);
  assert.equal(lines, countLines(text));
}

Deno.test("readBlocks() gives back any bytes, cut where records end, whatever the size", async () => {
  const path = await Deno.makeTempFile();
  // Lines that fill a block but for what is drawn, so that it is cut amid that.
  const filler = Buffer.alloc(LEAST - 300, `${"a".repeat(59)}\n`);
  try {
    await fc.assert(
      fc.asyncProperty(
        fc.array(someText, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 0, max: 700 }),
        fc.boolean(),
        async (texts, more, isPacked) => {
          const parts = [
            Buffer.alloc(LEAST - 300, filler).subarray(0, -(more % 300)),
            ...texts.map((text) => Buffer.from(text, "latin1")),
            filler.subarray(0, 1000),
          ];
          const text = Buffer.concat(parts);
          await Deno.writeFile(
            path,
            isPacked ? gzipSync(text, { level: 1 }) : text,
          );
          const blocks: { bytes: Uint8Array; lineOffset: number }[] = [];
          const options = { blockBytes: LEAST + more % 50 };
          for await (const block of readBlocks(path, options)) {
            const { bytes, lineOffset, facts } = block;
            const { isPlain, lineFeeds } = factsOf(bytes);
            assert.equal(facts.lineFeeds, lineFeeds);
            assert(isPlain || !facts.isPlain);
            blocks.push({ bytes: bytes.slice(), lineOffset });
          }
          assertCut(blocks, text);
        },
      ),
      { seed: 71, numRuns: 40 },
    );
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("readBlocks() cuts at each byte of records with quoted line ends", async () => {
  const records = Buffer.from(
    '1,"a\nb",c\r\n2,"x""\r\n""y",d\n\n3,e,f\r4,"g\rh",i\n',
  );
  const path = await Deno.makeTempFile();
  try {
    for (let shift = 0; shift <= records.length; shift++) {
      const line = Buffer.from(`${"a".repeat(shift)}\n`);
      const text = Buffer.concat([
        line,
        Buffer.alloc(LEAST - records.length, "b\n"),
        records,
        records,
      ]);
      await Deno.writeFile(path, text);
      const blocks: { bytes: Uint8Array; lineOffset: number }[] = [];
      for await (const block of readBlocks(path, { blockBytes: LEAST })) {
        const { bytes, lineOffset } = block;
        blocks.push({ bytes: bytes.slice(), lineOffset });
      }
      assert(blocks.length === 2);
      assertCut(blocks, text);
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("piecesOf() cuts any block where records end", () => {
  fc.assert(
    fc.property(
      fc.array(someText, { minLength: 1, maxLength: 12 }),
      fc.integer({ min: 1, max: 200 }),
      fc.integer({ min: 1, max: 30 }),
      fc.nat(1000),
      (texts, pieceBytes, lines, linesBefore) => {
        const bytes = Buffer.from(texts.join("\n"), "latin1");
        const block: Block = {
          bytes,
          lineOffset: linesBefore,
          facts: factsOf(bytes),
          bytesRead: 7,
          fileBytes: 9,
        };
        const pieces = [...piecesOf(block, { bytes: pieceBytes, lines })];
        for (const { bytes, facts, bytesRead, fileBytes } of pieces) {
          assert.deepEqual(facts, factsOf(bytes));
          assert.deepEqual([bytesRead, fileBytes], [7, 9]);
        }
        assert.equal(pieces.at(0)?.lineOffset ?? linesBefore, linesBefore);
        assertCut(
          pieces.map(({ bytes, lineOffset }) => ({
            bytes,
            lineOffset: lineOffset - linesBefore,
          })),
          bytes,
        );
      },
    ),
    { seed: 72, numRuns: 2000 },
  );
});

/** The pieces of a text, each with the lines before it. */
function piecesOfText(
  text: string,
  size: { bytes: number; lines: number },
): [string, number][] {
  const bytes = Buffer.from(text);
  const block = { bytes, lineOffset: 3, facts: factsOf(bytes), bytesRead: 0 };
  return Array.from(piecesOf(block, size), ({ bytes, lineOffset }) => [
    Buffer.from(bytes).toString(),
    lineOffset,
  ]);
}

Deno.test("piecesOf() leaves whole what is longer than a piece", () => {
  const long = `${"b".repeat(50)}\n`;
  const rest = "c\n".repeat(80);
  const pieces = piecesOfText(`a\n${long}${rest}`, { bytes: 10, lines: 99 });
  // 10 bytes are doubled until a line ends: 80 of them.
  assert.deepEqual(pieces.slice(0, 3), [
    ["a\n", 3],
    [long + "c\n".repeat(14), 4],
    ["c\n".repeat(5), 19],
  ]);
  const quoted = '"b\n\nb\n\nb\n"\n';
  assert.deepEqual(
    piecesOfText(`a\n${quoted}d\n`, { bytes: 4, lines: 99 }),
    [["a\n", 3], [`${quoted}d\n`, 4]],
  );
});

Deno.test("piecesOf() gives no piece more lines than it may have", () => {
  const size = { bytes: 99, lines: 2 };
  assert.deepEqual(
    piecesOfText("a\nb\n\n\nc\n", size),
    [["a\nb\n", 3], ["\n\n", 5], ["c\n", 7]],
  );
  // Both ends of a CRLF count, and none is cut.
  assert.deepEqual(
    piecesOfText("a\r\nb\rc\rd\n", size),
    [["a\r\n", 3], ["b\r", 4], ["c\rd\n", 5]],
  );
});

Deno.test("readBlocks() refuses gzip with garbage behind, or cut off anywhere", async () => {
  const text = "a,b\n".repeat(3e5);
  const whole = gzipSync(text);
  const message =
    /^Cannot read a\.log: it begins like gzip but does not unpack \(.+\)$/;
  for (const at of [2, 9, 10, whole.length >> 1, whole.length - 1]) {
    await assert.rejects(blocksOf(whole.subarray(0, at)), {
      name: "SyntaxError",
      message,
    });
  }
  const damaged = whole.slice();
  damaged[whole.length >> 1] ^= 0xff;
  damaged[whole.length - 5] ^= 0xff;
  await assert.rejects(blocksOf(damaged), { name: "SyntaxError", message });
  for (const rest of ["garbage", "\x1f", "\x1f\x8b", "\n"]) {
    const bytes = Buffer.concat([whole, Buffer.from(rest, "latin1")]);
    await assert.rejects(blocksOf(bytes), { name: "SyntaxError", message });
    assert.throws(() => openInput(bytes, { file: "a.log" }), { message });
  }
});

Deno.test("readBlocks() passes over zeros behind gzip, and nothing else in silence", async () => {
  const text = "a,b\n".repeat(3e5);
  const whole = gzipSync(text);
  for (const zeros of [1, 700, 1e6]) {
    const padded = Buffer.concat([whole, Buffer.alloc(zeros)]);
    const blocks = await blocksOf(padded);
    assert.equal(blocks.map((block) => block.text).join(""), text);
    assert.equal(openInput(padded).length, text.length);
    // Another member behind zeros, and anything else.
    for (const rest of [whole, Buffer.from("a,b\n")]) {
      const bytes = Buffer.concat([padded, rest]);
      const error = {
        name: "SyntaxError",
        message:
          "Cannot read a.log: it begins like gzip but goes on with something else behind zeros, expected gzip up to the end",
      };
      await assert.rejects(blocksOf(bytes), error);
      assert.throws(() => openInput(bytes, { file: "a.log" }), error);
    }
  }
});

Deno.test("readBlocks() does not wait for the rest of a pipe that does not unpack", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--quiet",
      `import { readBlocks } from "lib/logs/readers/blocks.ts";
      const first = readBlocks("-").next();
      await first.catch((error) => console.log(error.message));
      Deno.exit();`,
    ],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(Buffer.concat([gzipSync("a\n"), Buffer.from("garbage")]));
  // The pipe stays open.
  const { stdout } = await child.output();
  assert.match(
    new TextDecoder().decode(stdout),
    /^Cannot read standard input: it begins like gzip but does not unpack/,
  );
  await writer.close().catch(() => {});
});

Deno.test("readBlocks() reads standard input and pipes, packed or not", async () => {
  const text = Buffer.alloc(3 * LEAST, `${"a".repeat(99)}\r\n`);
  const program = `
    import { readBlocks } from "lib/logs/readers/blocks.ts";
    let bytes = 0, blocks = 0, lines = 0;
    for await (const block of readBlocks("-", { blockBytes: ${LEAST} })) {
      if (block.fileBytes !== undefined) throw new Error("it has no size");
      bytes += block.bytes.length;
      lines = block.lineOffset;
      blocks++;
    }
    console.log(bytes, blocks, lines);
  `;
  for (const input of [text, gzipSync(text), Buffer.alloc(0)]) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", "--quiet", program],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(input);
    await writer.close();
    const { code, stdout } = await child.output();
    assert.equal(code, 0);
    assert.equal(
      new TextDecoder().decode(stdout),
      input.length === 0
        ? "0 0 0\n"
        : `${text.length} 4 ${3 * Math.floor(LEAST / 101)}\n`,
    );
  }
});
