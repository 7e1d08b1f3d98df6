import assert from "node:assert/strict";
import {
  smoothingParameters,
  startingState,
} from "lib/forecast/smoothing_parameters.ts";
import {
  type SmoothingParameters,
  SmoothingRecursion,
  type SmoothingState,
  type SmoothingTrend,
} from "lib/forecast/smoothing_recursion.ts";
import { metricSeries } from "lib/logs/series.ts";
import { generateLog } from "lib/logs/synthetic.ts";
import golden from "../golden/exponential_smoothing.json" with { type: "json" };

const TARGET = Float64Array.from(golden.target);

function squaredError(
  start: SmoothingState,
  parameters: SmoothingParameters,
): number {
  const recursion = new SmoothingRecursion(start, parameters);
  return TARGET.reduce((sum, value) => sum + recursion.step(value) ** 2, 0);
}

Deno.test("startingState() finds level, trend and season without noise", () => {
  // 2 a row, and 0, 9, -9 in turn: before row 0 the level of row -1.
  const target = Float64Array.from(
    { length: 9 },
    (_, i) => 2 * i + [0, 9, -9][i % 3],
  );
  const state = startingState(target, 3, { count: 3, trend: "additive" });
  assert.equal(state.trend, 2);
  state.season.forEach((value, k) => {
    const expected = target[k] - (state.level + 2 * (k + 1));
    assert.ok(Math.abs(value - expected) < 1e-12);
  });
  assert.ok(Number(state.scale) < 1e-12);
});

Deno.test("startingState() takes medians over seasons, so that one outage is none", () => {
  // Seasons 1 5 9, 1 5 9, 1 500 9: middles 5, 5, 9.
  const target = Float64Array.of(1, 5, 9, 1, 5, 9, 1, 500, 9);
  const state = startingState(target, 3, { count: 3, trend: "none" });
  assert.equal(state.trend, 0);
  assert.equal(state.level, 5);
  assert.deepEqual([...state.season], [-4, 0, 4]);
});

Deno.test("startingState() without a season is the median of the first rows", () => {
  const state = startingState(Float64Array.of(4, 9, 5), 1, {
    count: 3,
    trend: "damped",
  });
  // |4 - 5|, |9 - 5|, 0 have the median 1.
  const { scale, ...rest } = state;
  assert.deepEqual(rest, { level: 5, trend: 0, season: new Float64Array(1) });
  assert.ok(Math.abs(Number(scale) - 1.4826) < 1e-3);
});

for (const expected of golden.cases) {
  Deno.test(`smoothingParameters() come as low as statsmodels: ${expected.trend}, season of ${expected.start.season.length}`, () => {
    const start = {
      ...expected.start,
      season: Float64Array.from(expected.start.season),
    };
    const trend = expected.trend as SmoothingTrend;
    const parameters = smoothingParameters(TARGET, start, { trend });
    const ratio = squaredError(start, parameters) /
      expected.leastSquaredError;
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

Deno.test("smoothingParameters() weigh the steps that are to be forecast", () => {
  // Noise on a constant with short echoes: one step ahead the last value helps,
  // ten steps ahead only the mean does.
  let echo = 0;
  const target = Float64Array.from({ length: 600 }, (_, i) => {
    echo = 0.7 * echo + Math.sin(i * i);
    return echo;
  });
  const start = { level: 0, trend: 0, season: new Float64Array(1) };
  const [near, far] = [1, 10].map((horizon) =>
    smoothingParameters(target, start, { trend: "none", horizon }).level
  );
  assert.ok(near > 0.4 && far < 0.2, `${near}, ${far}`);
});

Deno.test("smoothingParameters() keep to where the states settle", () => {
  // On these error rates the least error within the usual bounds alone is that
  // of states which swing up, within two weeks to ten times any rate.
  const { log } = generateLog({ rows: 600_000, days: 28, seed: 4 });
  const { value } = metricSeries(log, {
    metric: "error_rate",
    bucketMs: 300_000,
  });
  const train = value.slice(0, 7 * 288);
  const start = startingState(train, 288, { count: 3, trend: "damped" });
  const parameters = smoothingParameters(train, start, {
    horizon: 12,
    errorLimit: 2,
    skip: 3 * 288,
  });
  const recursion = new SmoothingRecursion(start, parameters, {
    errorLimit: 2,
  });
  for (const rate of value) {
    recursion.step(rate);
    assert.ok(Math.abs(recursion.ahead(1)[0]) < 1);
  }
});
