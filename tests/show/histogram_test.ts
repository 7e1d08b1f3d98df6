import assert from "node:assert/strict";
import fc from "fast-check";
import { histogram } from "lib/show/histogram.ts";

Deno.test("histogram() counts in bins of equal ratio on a logarithmic axis", () => {
  // Borders 1, 10, 100: 10 belongs to the upper bin.
  const values = Float64Array.of(1, 9, 10, 50, 100);
  const { edges, counts } = histogram(values, {
    domain: [1, 100],
    binCount: 2,
    log: true,
  });
  assert.deepEqual([...edges].map((edge) => Number(edge.toFixed(9))), [
    1,
    10,
    100,
  ]);
  assert.deepEqual([...counts], [2, 3]);
});

Deno.test("histogram() counts every value once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1 }),
      fc.integer({ min: 1, max: 50 }),
      (list, binCount) => {
        const values = Float64Array.from(list);
        const { counts } = histogram(values, { domain: [-5, 5], binCount });
        assert.equal(counts.reduce((a, b) => a + b), values.length);
      },
    ),
    { seed: 1 },
  );
});

Deno.test("histogram() rejects values outside the domain", () => {
  assert.throws(
    () => histogram(Float64Array.of(3), { domain: [0, 2], binCount: 2 }),
    {
      name: "RangeError",
      message:
        "Cannot count values in bins: a value is 3, expected a finite number >= 0 and <= 2",
    },
  );
});
