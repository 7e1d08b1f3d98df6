import assert from "node:assert/strict";
import { checkChecksums, withChecksums } from "lib/numeric/field_checksums.ts";

Deno.test("withChecksums() adds the published FNV-1a hashes of the fields' JSON", () => {
  // FNV-1a of "1": (0x811c9dc5 ^ 0x31) * 0x01000193 mod 2^32 = 0x340ca71c.
  assert.deepEqual(withChecksums({ a: 1 }), {
    a: 1,
    checksums: { a: 0x340ca71c },
  });
});

Deno.test("checkChecksums() names the field that changed, is missing, or has no number", () => {
  const json = withChecksums({ kind: "x", weights: [1, 2.5] });
  checkChecksums(json, ["kind", "weights"]);
  for (
    const [message, damaged] of [
      [/kind does not agree/, { ...json, kind: "y" }],
      [/weights does not agree/, { ...json, weights: [1, 2.4] }],
      [/weights is missing/, { ...json, weights: undefined }],
      [/weights does not agree/, { ...json, checksums: { kind: 0x1 } }],
      [/checksums is not an object/, { ...json, checksums: undefined }],
    ] as const
  ) {
    const fields = message.source.startsWith("kind") ? ["kind"] : ["weights"];
    assert.throws(() => checkChecksums(damaged, fields), {
      name: "SyntaxError",
      message,
    });
  }
});

Deno.test("checkChecksums() looks at what is read of an encoded array, nothing else", () => {
  const array = { type: "uint8", length: 1, base64: "AA==" };
  const { checksums } = withChecksums({ array });
  checkChecksums({ array: { ...array, note: 1 }, checksums }, ["array"]);
  const other = { ...array, base64: "AQ==" };
  assert.throws(() => checkChecksums({ array: other, checksums }, ["array"]));
});
