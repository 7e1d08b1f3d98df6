import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { damaged, EDIT_KINDS, readChecked, splitLines } from "./damage.ts";
import { SAMPLES } from "./samples.ts";

const edit = fc.record({
  kind: fc.constantFrom(...EDIT_KINDS),
  at: fc.nat(),
  value: fc.nat(),
});
const edits = fc.array(edit, { minLength: 1, maxLength: 3 });
const mode = fc.constantFrom<("strict" | "lenient")[]>("strict", "lenient");

for (const { name, text, rows } of SAMPLES) {
  const lines = splitLines(new TextEncoder().encode(text));

  Deno.test(`${name}: damaged lines are read or counted, and the whole ones read`, () => {
    let refused = 0;
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(), edits)), (changes) => {
        const changed = [...lines];
        // Not the header, without which nothing is read.
        const first = lines.length - rows;
        for (const [at, list] of changes) {
          const k = first + at % rows;
          changed[k] = damaged(changed[k], list);
        }
        // A good line at each end, so that there is one to read.
        const input = Buffer.concat([
          ...lines.slice(0, first + 1),
          ...changed.slice(first),
          Buffer.from("\n"),
          lines[lines.length - 1],
        ]);
        const lenient = readChecked(input, { format: name, mode: "lenient" });
        assert(lenient.result, `${lenient.error}`);
        const strict = readChecked(input, { format: name, mode: "strict" });
        const { rowsRejected } = lenient.result.report;
        // Irregular quotes are the CSV's own: strictly they end the reading.
        assert.equal(strict.result === undefined, rowsRejected > 0);
        if (strict.error) {
          refused++;
          assert.match(strict.error, /^Cannot read fuzz\.log at line \d+: /);
        }
      }),
      { seed: 11, numRuns: 150 },
    );
    assert(refused > 20, "the edits do damage");
  });

  Deno.test(`${name}: an input damaged anywhere is read or refused`, () => {
    const bytes = new TextEncoder().encode(text);
    fc.assert(
      fc.property(edits, mode, (list, mode) => {
        readChecked(damaged(bytes, list), { mode });
      }),
      { seed: 12, numRuns: 200 },
    );
  });
}

Deno.test("any bytes are read or refused, as any format", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.constantFrom(undefined, ...SAMPLES.map(({ name }) => name)),
      mode,
      (bytes, format, mode) => {
        readChecked(bytes, { mode, ...(format ? { format } : {}) });
      },
    ),
    { seed: 13, numRuns: 1000 },
  );
});
