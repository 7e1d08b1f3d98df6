import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { kernelModule, kernelModules } from "../../.tasks/kernels.ts";
import { TextMemory } from "lib/kernels/text_memory.ts";

Deno.test("the text kernel is what its source compiles to", async () => {
  const path = fileURLToPath(
    import.meta.resolve(`lib/kernels/${kernelModules.text}`),
  );
  assert.equal(await readFile(path, "utf8"), await kernelModule("text"));
});

Deno.test("TextMemory counts and finds bytes wherever they stand", () => {
  const text = new TextMemory(200);
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200, max: 5 }),
      fc.nat(200),
      fc.nat(200),
      (bytes, one, other) => {
        text.bytes.fill(255).set(bytes);
        const [start, end] = one < other ? [one, other] : [other, one];
        const part = text.bytes.slice(start, end);
        for (const byte of [0, 3, 255]) {
          const count = part.filter((found) => found === byte).length;
          assert.equal(text.count(start, end, byte), count);
        }
        assert.equal(
          text.hasAny(start, end, [1, 4, 9]),
          part.some((byte) => [1, 4, 9].includes(byte)),
        );
      },
    ),
    { seed: 21, numRuns: 500 },
  );
});

Deno.test("TextMemory reads times at the beginnings of lines", () => {
  const text = new TextMemory(200);
  const read = (lines: string, options = { longest: 100, isZulu: true }) => {
    const { written } = new TextEncoder().encodeInto(lines, text.bytes);
    return text.readTimes(text.bytes.subarray(0, written), options);
  };
  const first = Date.UTC(2026, 0, 5, 8, 15, 0, 250);
  const line = "2026-01-05T08:15:00.250Z,a\n";
  assert.deepEqual(read(`${line}2026-03-01 00:00:59Z,é\n`), {
    wallMs: Float64Array.of(first, Date.UTC(2026, 2, 1, 0, 0, 59)),
    isTight: false,
  });
  assert.deepEqual(read(line), {
    wallMs: Float64Array.of(first),
    isTight: true,
  });
  assert.equal(read(`${line}a b\n`), undefined);
  assert.equal(read(`${line}2026-01-05T08:15:00Z`), undefined);
  assert.equal(
    read(line, { longest: line.length - 1, isZulu: true }),
    undefined,
  );
  assert.equal(read(line, { longest: 100, isZulu: false }), undefined);
  // Not in its memory.
  const options = { longest: 100, isZulu: true };
  assert.equal(text.readTimes(new Uint8Array(9), options), undefined);
});
