import assert from "node:assert/strict";
import { intervalCoverage, quantileCrossings } from "lib/evaluate/forecasts.ts";
import { AdaptiveConformalForecaster } from "lib/forecast/adaptive_conformal.ts";
import {
  baselineFromJSON,
  lastValueForecaster,
  seasonalNaiveForecaster,
} from "lib/forecast/baselines.ts";
import { ConformalForecaster } from "lib/forecast/conformal.ts";
import {
  actualColumn,
  forecastColumn,
  type Forecaster,
  type ForecastInput,
} from "lib/forecast/forecaster.ts";
import { ResidualQuantileForecaster } from "lib/forecast/residual_quantiles.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";

function inputOf(target: Float64Array): ForecastInput {
  return { features: matrixFromColumns([target]), target };
}

/** A season of 6 and noise whose size may change with the row. */
function noisy(
  rows: number,
  seed: number,
  sizeAt: (row: number) => number = () => 1,
): Float64Array {
  const random = new Random(seed);
  return Float64Array.from(
    { length: rows },
    (_, i) => 10 * (i % 6) + sizeAt(i) * random.normal(),
  );
}

function originsOf(first: number, end: number): Uint32Array {
  return Uint32Array.from({ length: end - first }, (_, k) => first + k);
}

/** The share of values within the outermost quantiles, one step ahead. */
function coverage(
  model: Forecaster,
  target: Float64Array,
  origins: Uint32Array,
): number {
  const forecast = model.forecast(inputOf(target), origins);
  const [low, high] = [model.quantiles[0], model.quantiles.at(-1) ?? NaN];
  return intervalCoverage(actualColumn(target, origins, 1), {
    lower: forecastColumn(forecast, { quantile: low }),
    upper: forecastColumn(forecast, { quantile: high }),
  });
}

/** Trained where there is hardly any noise: intervals far too narrow. */
function overconfident(horizon = 2): Forecaster {
  return ResidualQuantileForecaster.fit(
    seasonalNaiveForecaster(6, { horizon }),
    inputOf(noisy(100, 99, () => 0.1)),
  );
}

function loadBase(json: unknown): Forecaster {
  return ResidualQuantileForecaster.fromJSON(json, baselineFromJSON);
}

const KNOWN = inputOf(noisy(600, 1));
const LATER = noisy(8000, 1);
const KINDS = [
  {
    fit: ConformalForecaster.fit,
    load: ConformalForecaster.fromJSON,
    name: "ConformalForecaster",
  },
  {
    fit: AdaptiveConformalForecaster.fit,
    load: AdaptiveConformalForecaster.fromJSON,
    name: "AdaptiveConformalForecaster",
  },
];

for (const { fit, load, name } of KINDS) {
  Deno.test(`${name} makes overconfident intervals cover what they promise`, () => {
    const origins = originsOf(2500, 7900);
    const base = overconfident();
    assert.ok(coverage(base, LATER, origins) < 0.3);
    const known = inputOf(LATER.slice(0, 2500));
    const covered = coverage(fit(base, known), LATER, origins);
    assert.ok(covered > 0.88 && covered < 0.92, `${covered}`);
  });

  Deno.test(`${name} does not look beyond the origin`, () => {
    const model = fit(overconfident(), KNOWN);
    const changed = LATER.map((value, i) => i > 700 ? 1e5 + i : value);
    const origins = Uint32Array.of(700, 650, 30);
    assert.deepEqual(
      model.forecast(inputOf(changed), origins).values,
      model.forecast(inputOf(LATER), origins).values,
    );
  });

  Deno.test(`${name} forecasts each origin alike, whatever their order`, () => {
    const model = fit(overconfident(), KNOWN);
    const together = model.forecast(
      inputOf(LATER),
      Uint32Array.of(5000, 599, 20, 640, 599),
    );
    [5000, 599, 20, 640, 599].forEach((origin, i) => {
      const { values } = model.forecast(
        inputOf(LATER),
        Uint32Array.of(origin),
      );
      assert.deepEqual(together.values.slice(6 * i, 6 * i + 6), values);
    });
  });

  Deno.test(`${name} never lets quantiles cross`, () => {
    const model = fit(overconfident(), KNOWN);
    const wild = noisy(2000, 3, (i) => i % 50 === 0 ? 1000 : 0.01);
    const forecast = model.forecast(inputOf(wild), originsOf(5, 1990));
    assert.equal(quantileCrossings(forecast), 0);
    assert.ok(forecast.values.every(Number.isFinite));
  });

  Deno.test(`${name} forecasts the same after a round trip through JSON`, () => {
    const model = fit(overconfident(), KNOWN);
    const loaded = load(JSON.parse(JSON.stringify(model)), loadBase);
    const origins = Uint32Array.of(20, 900, 599);
    assert.deepEqual(
      loaded.forecast(inputOf(LATER), origins),
      model.forecast(inputOf(LATER), origins),
    );
    for (const change of [{ kind: "lstm" }, { shifts: null }, { base: {} }]) {
      assert.throws(
        () => load({ ...model.toJSON(), ...change }, loadBase),
        SyntaxError,
      );
    }
  });

  Deno.test(`${name} stays finite on constants and on the largest doubles`, () => {
    const constant = new Float64Array(60).fill(7);
    const model = fit(overconfident(), inputOf(constant.slice(0, 40)));
    const { values } = model.forecast(
      inputOf(constant),
      originsOf(6, 60),
    );
    assert.ok(values.every((value) => Math.abs(value - 7) < 1), `${values}`);
    const huge = Float64Array.from(
      { length: 120 },
      (_, i) => (i * 7 % 3 - 1) * Number.MAX_VALUE,
    );
    const last = fit(overconfident(), inputOf(huge.slice(0, 60)));
    const forecast = last.forecast(inputOf(huge), originsOf(6, 120));
    assert.ok(forecast.values.every(Number.isFinite));
  });

  Deno.test(`${name} demands an error beyond each quantile`, () => {
    // Origins 5 to 23 of 26 rows with 2 steps: 19 forecasts.
    fit(overconfident(), inputOf(LATER.slice(0, 26)));
    assert.throws(
      () => fit(overconfident(), inputOf(LATER.slice(0, 25))),
      {
        name: "RangeError",
        message: /is 18, expected a finite number >= 19/,
      },
    );
  });

  Deno.test(`${name} disposes of the forecaster within`, () => {
    let disposed = 0;
    const base = lastValueForecaster();
    base.dispose = () => void disposed++;
    fit(ResidualQuantileForecaster.fit(base, KNOWN), KNOWN).dispose();
    assert.equal(disposed, 1);
  });
}

Deno.test("ConformalForecaster moves each quantile by that of its own errors", () => {
  // A base of 0, 0 and 0 in three quantiles; errors are 1 to 19.
  const target = Float64Array.from({ length: 20 }, (_, i) => i);
  const zeros: Forecaster = {
    kind: "zeros",
    historyLength: 1,
    horizon: 1,
    quantiles: [0.05, 0.5, 0.95],
    forecast: (_, origins) => ({
      quantiles: [0.05, 0.5, 0.95],
      horizon: 1,
      origins,
      values: new Float64Array(3 * origins.length),
    }),
    toJSON: () => ({}),
  };
  const model = ConformalForecaster.fit(zeros, inputOf(target));
  const { values } = model.forecast(inputOf(target), Uint32Array.of(3));
  assert.deepEqual([...values], [1, 10, 19]);
});

Deno.test("AdaptiveConformalForecaster follows noise that grows, split does not", () => {
  const growing = noisy(8000, 4, (row) => 1 + row / 500);
  const known = inputOf(growing.slice(0, 600));
  const origins = originsOf(600, 7900);
  const split = ConformalForecaster.fit(overconfident(), known);
  const adaptive = AdaptiveConformalForecaster.fit(overconfident(), known);
  assert.ok(coverage(split, growing, origins) < 0.5);
  const covered = coverage(adaptive, growing, origins);
  assert.ok(covered > 0.88 && covered < 0.92, `${covered}`);
});
