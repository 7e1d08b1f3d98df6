import assert from "node:assert/strict";
import {
  exceedanceProbability,
  exceededWithin,
  spikeProbabilities,
} from "lib/forecast/spikes.ts";

Deno.test("exceedanceProbability() has an exponential tail by hand", () => {
  // b = 100 / ln(0.5 / 0.1), so 100 beyond the last is a factor 5 less.
  const p = exceedanceProbability([0.5, 0.9], Float64Array.of(100, 200), 300);
  assert.ok(Math.abs(p - 0.1 / 5) < 1e-12);
});

Deno.test("exceedanceProbability() falls with the limit, within 0 and 1", () => {
  const values = Float64Array.of(1, 1, 3);
  let before = 1;
  for (let limit = -20; limit < 20; limit += 0.25) {
    const p = exceedanceProbability([0.1, 0.5, 0.9], values, limit);
    assert.ok(p >= 0 && p <= before);
    before = p;
  }
});

Deno.test("exceedanceProbability() takes equal quantiles as certain", () => {
  const values = Float64Array.of(2, 2);
  assert.equal(exceedanceProbability([0.1, 0.9], values, 1), 1);
  assert.equal(exceedanceProbability([0.1, 0.9], values, 2), 0);
});

Deno.test("spikeProbabilities() goes from the greatest to independence", () => {
  const forecast = {
    quantiles: [0.5, 0.9],
    horizon: 2,
    origins: Uint32Array.of(0),
    values: Float64Array.of(10, 20, 10, 20),
  };
  const at = (dependence: number) =>
    spikeProbabilities(forecast, 10, { dependence }).probability[0];
  assert.ok(Math.abs(at(0) - 0.5) < 1e-12);
  assert.ok(Math.abs(at(1) - 0.75) < 1e-12);
});

Deno.test("exceededWithin() looks at the next rows only", () => {
  const found = exceededWithin(
    Float64Array.of(9, 1, 1, 9),
    Uint32Array.of(0, 1),
    { limits: 5, horizon: 2 },
  );
  assert.deepEqual([...found], [0, 1]);
});
