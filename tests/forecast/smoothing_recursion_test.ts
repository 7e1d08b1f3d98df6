import assert from "node:assert/strict";
import {
  type SmoothingParameters,
  SmoothingRecursion,
  type SmoothingState,
} from "lib/forecast/smoothing_recursion.ts";
import golden from "../golden/exponential_smoothing.json" with { type: "json" };

const TARGET = Float64Array.from(golden.target);

function stateOf(
  start: { level: number; trend: number; season: number[] },
): SmoothingState {
  return { ...start, season: Float64Array.from(start.season) };
}

function run(start: SmoothingState, parameters: SmoothingParameters) {
  const recursion = new SmoothingRecursion(start, parameters);
  const errors = TARGET.map((value) => recursion.step(value));
  return {
    fitted: TARGET.map((value, i) => value - errors[i]),
    forecast: recursion.ahead(golden.horizon),
  };
}

function assertClose(actual: Float64Array, expected: number[]): void {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    const allowed = golden.tolerance.relative * Math.abs(value);
    assert.ok(Math.abs(actual[i] - value) <= allowed, `row ${i}: ${actual[i]}`);
  });
}

Deno.test("SmoothingRecursion goes by its equations", () => {
  const recursion = new SmoothingRecursion(
    { level: 10, trend: 2, season: Float64Array.of(1, -1) },
    { level: 0.5, trend: 0.25, season: 0.1, damping: 0.5 },
  );
  // Expected 10 + 0.5 * 2 + 1 = 12; error 4: level 13, trend 2, season 1.4.
  assert.equal(recursion.step(16), 4);
  // Next: season -1 and 1.4 again, trend 1 and 0.5 on top.
  assert.deepEqual([...recursion.ahead(3)], [13, 15.9, 13.75]);
});

for (const expected of golden.cases) {
  Deno.test(`SmoothingRecursion agrees with statsmodels: ${expected.trend}, season of ${expected.start.season.length}`, () => {
    const start = stateOf(expected.start);
    const { fitted, forecast } = run(start, expected.parameters);
    assertClose(fitted, expected.fitted);
    assertClose(forecast, expected.forecast);
  });
}

Deno.test("SmoothingRecursion agrees with statsmodels' Holt-Winters class", () => {
  const { start, parameters, fitted } = golden.holtWinters;
  assertClose(run(stateOf(start), parameters).fitted, fitted);
});

Deno.test("SmoothingRecursion follows an error only as far as its limit", () => {
  const start = { level: 0, trend: 0, season: new Float64Array(1), scale: 1 };
  const recursion = new SmoothingRecursion(
    start,
    { level: 0.5, trend: 0, season: 0, damping: 0 },
    { errorLimit: 3 },
  );
  assert.equal(recursion.step(100), 100);
  assert.deepEqual([...recursion.ahead(1)], [1.5]);
  // σ² has become 0.95 + 0.05 2.52 = 1.076; the next goes 3 σ further.
  recursion.step(100);
  const expected = 1.5 + 1.5 * Math.sqrt(1.076);
  assert.ok(Math.abs(recursion.ahead(1)[0] - expected) < 1e-12);
  // Errors of 0 let σ² shrink by 0.95 each.
  const calm = new SmoothingRecursion(
    start,
    { level: 0.5, trend: 0, season: 0, damping: 0 },
    { errorLimit: 3 },
  );
  calm.step(0);
  calm.step(100);
  assert.ok(
    Math.abs(calm.ahead(1)[0] - 1.5 * Math.sqrt(0.95)) < 1e-12,
  );
});
