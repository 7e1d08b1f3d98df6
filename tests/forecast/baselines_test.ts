import assert from "node:assert/strict";
import {
  baselineFromJSON,
  constantForecaster,
  lastValueForecaster,
  rollingMedianForecaster,
  seasonalNaiveForecaster,
} from "lib/forecast/baselines.ts";
import type { Forecaster, ForecastInput } from "lib/forecast/forecaster.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";

const TARGET = Float64Array.of(3, 1, 4, 1, 5, 9, 2, 6);

function inputOf(target: Float64Array): ForecastInput {
  return { features: matrixFromColumns([target]), target };
}

function valuesOf(forecaster: Forecaster, ...origins: number[]): number[] {
  const { values } = forecaster.forecast(
    inputOf(TARGET),
    Uint32Array.from(origins),
  );
  return [...values];
}

Deno.test("lastValueForecaster() repeats the value at the origin", () => {
  assert.deepEqual(
    valuesOf(lastValueForecaster({ horizon: 2 }), 5, 0, 7),
    [9, 9, 3, 3, 6, 6],
  );
});

Deno.test("seasonalNaiveForecaster() repeats the last season known", () => {
  // Season 3 at origin 4: rows 2, 3, 4 are 4, 1, 5; then they come again.
  assert.deepEqual(
    valuesOf(seasonalNaiveForecaster(3, { horizon: 7 }), 4),
    [4, 1, 5, 4, 1, 5, 4],
  );
  assert.deepEqual(valuesOf(seasonalNaiveForecaster(1), 4), [5]);
});

Deno.test("rollingMedianForecaster() takes the median of the last rows", () => {
  // Rows 3-5: 1, 5, 9. Rows 5-7: 9, 2, 6.
  assert.deepEqual(valuesOf(rollingMedianForecaster(3), 5, 7), [5, 6]);
  assert.deepEqual(
    valuesOf(rollingMedianForecaster(2, { horizon: 2 }), 1),
    [2, 2],
  );
});

Deno.test("constantForecaster() gives the median or the mean of training", () => {
  const train = Float64Array.of(1, 2, 9);
  assert.deepEqual(valuesOf(constantForecaster(train), 0, 7), [2, 2]);
  assert.deepEqual(
    valuesOf(constantForecaster(train, { statistic: "mean", horizon: 2 }), 3),
    [4, 4],
  );
});

const ALL: Forecaster[] = [
  lastValueForecaster({ horizon: 3 }),
  seasonalNaiveForecaster(4, { horizon: 6 }),
  rollingMedianForecaster(3, { horizon: 2 }),
  constantForecaster(TARGET, { horizon: 2 }),
];

for (const forecaster of ALL) {
  const { kind, historyLength, horizon } = forecaster;

  Deno.test(`${kind} gives one median a step and origin, in order`, () => {
    const origins = Uint32Array.of(7, 4, 7);
    const forecast = forecaster.forecast(inputOf(TARGET), origins);
    assert.deepEqual(forecast.quantiles, [0.5]);
    assert.equal(forecast.horizon, horizon);
    assert.deepEqual(forecast.origins, origins);
    assert.deepEqual([...forecast.values], valuesOf(forecaster, 7, 4, 7));
    assert.deepEqual(
      [...forecast.values.subarray(0, horizon)],
      valuesOf(forecaster, 7),
    );
  });

  Deno.test(`${kind} does not look beyond the origin`, () => {
    const changed = TARGET.map((value, i) => i > 4 ? 1000 + i : value);
    const origins = Uint32Array.of(4);
    assert.deepEqual(
      forecaster.forecast(inputOf(changed), origins).values,
      forecaster.forecast(inputOf(TARGET), origins).values,
    );
  });

  Deno.test(`${kind} demands its history and a row that exists`, () => {
    valuesOf(forecaster, historyLength - 1);
    assert.throws(() => valuesOf(forecaster, TARGET.length), RangeError);
    if (historyLength > 1) {
      assert.throws(() => valuesOf(forecaster, historyLength - 2), RangeError);
    }
  });

  Deno.test(`${kind} forecasts the same after a round trip through JSON`, () => {
    const loaded = baselineFromJSON(JSON.parse(JSON.stringify(forecaster)));
    assert.equal(loaded.kind, kind);
    assert.equal(loaded.historyLength, historyLength);
    assert.deepEqual(valuesOf(loaded, 7, 5), valuesOf(forecaster, 7, 5));
  });
}

Deno.test("baselines reject steps, windows and rows out of range", () => {
  for (const steps of [0, -1, 1.5, NaN]) {
    assert.throws(() => lastValueForecaster({ horizon: steps }), RangeError);
    assert.throws(() => seasonalNaiveForecaster(steps), RangeError);
    assert.throws(() => rollingMedianForecaster(steps), RangeError);
  }
  assert.throws(() => constantForecaster(new Float64Array(0)), RangeError);
  assert.throws(() => constantForecaster(Float64Array.of(NaN)), RangeError);
});

Deno.test("baselineFromJSON() rejects what is no baseline", () => {
  for (
    const json of [
      null,
      {},
      { kind: "lstm", horizon: 1 },
      { kind: "last_value" },
      { kind: "seasonal_naive", horizon: 1 },
      { kind: "seasonal_naive", horizon: 1, season: 0 },
      { kind: "rolling_median", horizon: 1, window: "3" },
      { kind: "constant", horizon: 1, value: null },
      { kind: "constant", horizon: 1e12, value: 1 },
    ]
  ) {
    assert.throws(() => baselineFromJSON(json), SyntaxError);
  }
});
