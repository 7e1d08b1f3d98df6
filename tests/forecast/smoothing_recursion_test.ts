import assert from "node:assert/strict";
import {
  type SmoothingParameters,
  smoothingParameters,
  SmoothingRecursion,
  type SmoothingState,
  type SmoothingTrend,
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
    squaredError: errors.reduce((sum, error) => sum + error ** 2, 0),
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

for (const expected of golden.cases) {
  Deno.test(`smoothingParameters() come as low as statsmodels: ${expected.trend}, season of ${expected.start.season.length}`, () => {
    const start = stateOf(expected.start);
    const trend = expected.trend as SmoothingTrend;
    const parameters = smoothingParameters(TARGET, start, { trend });
    const { squaredError } = run(start, parameters);
    const ratio = squaredError / expected.leastSquaredError;
    assert.ok(ratio <= golden.tolerance.leastSquaredError, `ratio ${ratio}`);
    const { level, trend: slope, season, damping } = parameters;
    assert.ok(level > 0 && level < 1 && slope >= 0 && slope <= level);
    assert.ok(season >= 0 && season <= 1 - level);
    if (expected.start.season.length === 1) assert.equal(season, 0);
    assert.ok(damping >= 0 && damping <= 1);
  });
}

Deno.test("smoothingParameters() reject values that are not finite", () => {
  const start = { level: 0, trend: 0, season: new Float64Array(1) };
  assert.throws(
    () => smoothingParameters(Float64Array.of(1, NaN), start),
    RangeError,
  );
});
