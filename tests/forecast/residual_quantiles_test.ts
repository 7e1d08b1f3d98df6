import assert from "node:assert/strict";
import { quantileCrossings } from "lib/evaluate/forecasts.ts";
import {
  baselineFromJSON,
  constantForecaster,
  lastValueForecaster,
  rollingMedianForecaster,
  seasonalNaiveForecaster,
} from "lib/forecast/baselines.ts";
import { ExponentialSmoothing } from "lib/forecast/exponential_smoothing.ts";
import type { Forecaster, ForecastInput } from "lib/forecast/forecaster.ts";
import { ResidualQuantileForecaster } from "lib/forecast/residual_quantiles.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";

function inputOf(target: Float64Array): ForecastInput {
  return { features: matrixFromColumns([target]), target };
}

const RANDOM = new Random(5);
const TARGET = Float64Array.from(
  { length: 300 },
  (_, i) => 10 * Math.sin(i * Math.PI / 4) + RANDOM.normal(),
);
const TRAIN = inputOf(TARGET.slice(0, 200));
const QUANTILES = [0.05, 0.25, 0.5, 0.75, 0.95];
const BASES: readonly Forecaster[] = [
  lastValueForecaster({ horizon: 3 }),
  seasonalNaiveForecaster(8, { horizon: 10 }),
  rollingMedianForecaster(5, { horizon: 2 }),
  constantForecaster(TRAIN.target),
  ExponentialSmoothing.fit(TRAIN, { season: 8, horizon: 9 }),
];

function loadBase(json: unknown): Forecaster {
  const { kind } = json as { kind: string };
  return kind === "exponential_smoothing"
    ? ExponentialSmoothing.fromJSON(json)
    : baselineFromJSON(json);
}

Deno.test("ResidualQuantileForecaster adds the quantiles of its own errors by step", () => {
  // 0, 1, 4, 9, …: at origin i the last value errs by 2 i + 1 one step ahead
  // and by 4 i + 4 two steps ahead, i from 0 to 10.
  const squares = inputOf(Float64Array.from({ length: 13 }, (_, i) => i * i));
  const model = ResidualQuantileForecaster.fit(
    lastValueForecaster({ horizon: 2 }),
    squares,
    { quantiles: [0.1, 0.5, 0.9] },
  );
  const { values } = model.forecast(squares, Uint32Array.of(12));
  assert.deepEqual([...values].map((value) => value - 144), [
    ...[3, 11, 19],
    ...[8, 24, 40],
  ]);
});

for (const base of BASES) {
  const model = ResidualQuantileForecaster.fit(base, TRAIN, {
    quantiles: QUANTILES,
  });

  Deno.test(`quantiles of ${base.kind} hold what they promise on its training rows`, () => {
    const { horizon, historyLength } = base;
    const origins = Uint32Array.from(
      { length: 201 - historyLength - horizon },
      (_, k) => historyLength - 1 + k,
    );
    const forecast = model.forecast(TRAIN, origins);
    assert.equal(quantileCrossings(forecast), 0);
    QUANTILES.forEach((q, k) => {
      for (let step = 1; step <= horizon; step++) {
        const below = origins.filter((origin, i) =>
          TARGET[origin + step] <=
            forecast.values[(i * horizon + step - 1) * 5 + k]
        ).length / origins.length;
        // Type 7 between two of n errors; ties cannot be told apart.
        assert.ok(Math.abs(below - q) < 0.02, `${q}, step ${step}: ${below}`);
      }
    });
  });

  Deno.test(`quantiles of ${base.kind} do not look beyond the origin`, () => {
    const changed = TARGET.map((value, i) => i > 250 ? 1000 + i : value);
    const origins = Uint32Array.of(250, 220);
    assert.deepEqual(
      model.forecast(inputOf(changed), origins).values,
      model.forecast(inputOf(TARGET), origins).values,
    );
  });

  Deno.test(`quantiles of ${base.kind} are the same after a round trip through JSON`, () => {
    const loaded = ResidualQuantileForecaster.fromJSON(
      JSON.parse(JSON.stringify(model)),
      loadBase,
    );
    const origins = Uint32Array.of(299, 230);
    assert.deepEqual(
      loaded.forecast(inputOf(TARGET), origins),
      model.forecast(inputOf(TARGET), origins),
    );
  });
}

Deno.test("ResidualQuantileForecaster stays finite at the largest doubles", () => {
  const huge = inputOf(
    Float64Array.from(
      { length: 60 },
      (_, i) => (i % 3 - 1) * Number.MAX_VALUE / 2,
    ),
  );
  const model = ResidualQuantileForecaster.fit(lastValueForecaster(), huge);
  const { values } = model.forecast(huge, Uint32Array.of(58, 59));
  assert.ok(values.every(Number.isFinite));
});

Deno.test("ResidualQuantileForecaster demands an error beyond each quantile", () => {
  const fit = (rows: number, quantiles: number[]) =>
    ResidualQuantileForecaster.fit(
      lastValueForecaster({ horizon: 2 }),
      inputOf(TARGET.slice(0, rows)),
      { quantiles },
    );
  fit(22, [0.05, 0.5, 0.95]);
  assert.throws(() => fit(21, [0.05, 0.5, 0.95]), {
    name: "RangeError",
    message:
      /the number of forecasts on 21 training rows is 19, expected a finite number >= 20/,
  });
  fit(12, [0.1]);
  assert.throws(() => fit(100, [0.9, 0.1]), RangeError);
});

Deno.test("ResidualQuantileForecaster.fromJSON() rejects what is no such model", () => {
  const json = ResidualQuantileForecaster.fit(BASES[0], TRAIN).toJSON();
  for (
    const change of [
      { kind: "lstm" },
      { quantiles: [0.5] },
      { quantiles: "0.5" },
      { offsets: [1, 2, 3] },
      { base: {} },
    ]
  ) {
    assert.throws(
      () =>
        ResidualQuantileForecaster.fromJSON({ ...json, ...change }, loadBase),
      SyntaxError,
    );
  }
});
