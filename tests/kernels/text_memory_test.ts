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
