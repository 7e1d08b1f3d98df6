import assert from "node:assert/strict";
import fc from "fast-check";
import { factsOf } from "lib/logs/readers/lines.ts";

Deno.test("factsOf() counts as a loop over the bytes does, at any alignment", () => {
  const byte = fc.oneof(
    fc.constantFrom(0x0a, 0x0d, 0x22, 0x2b, 0x0b, 0x8a, 0, 0xff),
    fc.constantFrom(0x0a, 0x61),
    fc.nat({ max: 255 }),
  );
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 24 }), (list) => {
      const odd = [0x0d, 0x22, 0x2b];
      for (let start = 0; start <= Math.min(list.length, 8); start++) {
        const bytes = Uint8Array.from(list).subarray(start);
        assert.deepEqual(factsOf(bytes), {
          lineFeeds: bytes.filter((byte) => byte === 0x0a).length,
          isPlain: !bytes.some((byte) => odd.includes(byte)),
        });
      }
    }),
    { seed: 61, numRuns: 2000 },
  );
});
