import assert from "node:assert/strict";
import fc from "fast-check";
import {
  adaptiveLimit,
  exceedanceProbability,
  exceededWithin,
  fitDependence,
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

Deno.test("spikeProbabilities() rises with the horizon, within 0 and 1", () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0, max: 100, noNaN: true }), {
        minLength: 6,
        maxLength: 6,
      }),
      fc.double({ min: -10, max: 110, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (drawn, limit, dependence) => {
        const values = Float64Array.from([
          ...drawn.slice(0, 3).sort((a, b) => a - b),
          ...drawn.slice(3).sort((a, b) => a - b),
        ]);
        const over = (horizon: number) =>
          spikeProbabilities(
            {
              quantiles: [0.1, 0.5, 0.9],
              horizon,
              origins: Uint32Array.of(0),
              values: values.subarray(0, 3 * horizon),
            },
            limit,
            { dependence },
          );
        const [one, two] = [over(1).probability[0], over(2).probability[0]];
        assert.ok(one >= 0 && two <= 1 && two >= one - 1e-12);
        assert.ok(over(2).leadSteps[0] >= 1 && over(2).leadSteps[0] <= 2);
      },
    ),
    { seed: 5, numRuns: 100 },
  );
});

Deno.test("fitDependence() finds steps that know nothing of each other", () => {
  // Each of two steps exceeds 10 with probability 1 / 2: three of four do.
  const count = 400;
  const forecast = {
    quantiles: [0.5, 0.9],
    horizon: 2,
    origins: Uint32Array.from({ length: count }, (_, i) => i),
    values: Float64Array.from({ length: 4 * count }, (_, i) => i % 2 ? 20 : 10),
  };
  const shareOf = (share: number) =>
    Uint8Array.from({ length: count }, (_, i) => i % 4 < 4 * share ? 1 : 0);
  assert.equal(fitDependence(forecast, 10, shareOf(0.75)), 1);
  // One of two: both rise and fall together.
  assert.equal(fitDependence(forecast, 10, shareOf(0.5)), 0);
});

Deno.test("adaptiveLimit() is a quantile of the rows before, by hand", () => {
  const limit = adaptiveLimit(Float64Array.of(1, 3, 5, 100, 1), {
    quantile: 0.5,
    window: 3,
  });
  // 1; of 1; of 1, 3; of 1, 3, 5; of 3, 5, 100.
  assert.deepEqual([...limit], [1, 1, 2, 3, 5]);
});

Deno.test("spikes refuse limits that are not numbers, and rows that never came", () => {
  const values = Float64Array.of(1, 2);
  assert.throws(
    () => exceedanceProbability([0.1, 0.9], values, NaN),
    RangeError,
  );
  assert.throws(
    () => exceededWithin(values, Uint32Array.of(1), { limits: 1, horizon: 1 }),
    /row 2 is wanted of 2 rows/,
  );
});
