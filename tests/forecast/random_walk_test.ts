import assert from "node:assert/strict";
import { randomWalkForecaster } from "lib/forecast/random_walk.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";

function forecastAt(target: Float64Array, horizon: number) {
  const model = randomWalkForecaster(target, {
    horizon,
    quantiles: [0.1, 0.5, 0.9],
  });
  return model.forecast(
    { features: matrixFromColumns([target]), target },
    Uint32Array.of(target.length - 1),
  ).values;
}

Deno.test("randomWalkForecaster() widens with the root of the steps ahead", () => {
  // Changes of 3 and -4: the root of their mean square is sqrt(12.5).
  const values = forecastAt(Float64Array.of(1, 4, 0), 4);
  const width = Math.sqrt(12.5) * Math.log(9) / 1.702;
  [1, 2, 3, 4].forEach((step, k) => {
    const [low, middle, high] = values.subarray(3 * k, 3 * k + 3);
    assert.equal(middle, 0);
    assert.ok(Math.abs(high - Math.sqrt(step) * width) < 1e-9);
    assert.ok(Math.abs(low + Math.sqrt(step) * width) < 1e-9);
  });
});

Deno.test("randomWalkForecaster() is finite for one row and for the largest doubles", () => {
  assert.deepEqual([...forecastAt(Float64Array.of(7), 2)], Array(6).fill(7));
  const huge = Float64Array.of(-1.7e308, 1.7e308, -1.7e308);
  assert.ok(forecastAt(huge, 9).every(Number.isFinite));
});

Deno.test("randomWalkForecaster() rejects no rows and options out of range", () => {
  assert.throws(() => randomWalkForecaster(new Float64Array(0)), RangeError);
  const row = Float64Array.of(1);
  assert.throws(() => randomWalkForecaster(row, { horizon: 0 }), RangeError);
  assert.throws(
    () => randomWalkForecaster(row, { quantiles: [0.9, 0.1] }),
    RangeError,
  );
});
