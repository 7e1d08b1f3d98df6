import assert from "node:assert/strict";
import fc from "fast-check";
import { histogram } from "lib/show/histogram.ts";

Deno.test("histogram() counts in bins of equal ratio on a logarithmic axis", () => {
  // 60 bins from 1 to 10^6: ten a decade, so 10 opens the 11th bin.
  const values = Float64Array.of(1, 1.2, 10.01, 1e6);
  const bins = histogram(values, [1, 1e6], { log: true });
  assert.deepEqual(bins.map(({ count }) => count), [2, 1, 1]);
  const borders = bins.flatMap(({ from, to }) => [from, to]).map(Math.log10);
  for (const [k, border] of [0, 0.1, 1, 1.1, 5.9, 6].entries()) {
    assert.ok(Math.abs(borders[k] - border) < 1e-9, `${borders[k]}`);
  }
});

Deno.test("histogram() counts every value once", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1 }),
      (list) => {
        const domain: [number, number] = [Math.min(...list), Math.max(...list)];
        const bins = histogram(Float64Array.from(list), domain);
        const total = bins.reduce((sum, { count }) => sum + count, 0);
        assert.equal(total, list.length);
      },
    ),
    { seed: 1 },
  );
});

Deno.test("histogram() makes one bin of equal values", () => {
  const bins = histogram(Float64Array.of(5, 5), [5, 5]);
  assert.deepEqual(bins, [{ from: 5, to: 6, count: 2 }]);
});
