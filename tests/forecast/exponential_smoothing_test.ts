import assert from "node:assert/strict";
import { meanAbsoluteError } from "lib/evaluate/forecasts.ts";
import {
  ExponentialSmoothing,
  type ExponentialSmoothingOptions,
} from "lib/forecast/exponential_smoothing.ts";
import {
  actualColumn,
  forecastColumn,
  type ForecastInput,
  originsBetween,
} from "lib/forecast/forecaster.ts";
import { seasonalNaiveForecaster } from "lib/forecast/baselines.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";

function inputOf(target: Float64Array): ForecastInput {
  return { features: matrixFromColumns([target]), target };
}

/** A season of 8 rows on a level that wanders. */
function wandering(rows: number, seed: number): Float64Array {
  const random = new Random(seed);
  let level = 100;
  return Float64Array.from({ length: rows }, (_, i) => {
    level += random.normal();
    return level + 20 * Math.sin(2 * Math.PI * i / 8) + 2 * random.normal();
  });
}

const TARGET = wandering(200, 1);
const TRAIN = inputOf(TARGET.slice(0, 120));
const SETTINGS: ExponentialSmoothingOptions[] = [
  { season: 8, horizon: 20, trend: "none" },
  { season: 8, horizon: 5, trend: "additive" },
  { season: 8, horizon: 5 },
  { season: 8, horizon: 5, errorLimit: Infinity },
  { horizon: 3 },
  { trend: "none" },
];

for (const options of SETTINGS) {
  const { season = 1, trend = "damped", errorLimit = 2 } = options;
  const title =
    `ExponentialSmoothing (${trend}, season of ${season}, limit of ${errorLimit})`;
  const model = ExponentialSmoothing.fit(TRAIN, options);

  Deno.test(`${title} does not look beyond the origin`, () => {
    const changed = TARGET.map((value, i) => i > 150 ? 1000 + i : value);
    const origins = Uint32Array.of(150, 130);
    assert.deepEqual(
      model.forecast(inputOf(changed), origins).values,
      model.forecast(inputOf(TARGET), origins).values,
    );
  });

  Deno.test(`${title} forecasts each origin alike, whatever their order`, () => {
    const { horizon } = model;
    const forecast = model.forecast(
      inputOf(TARGET),
      Uint32Array.of(150, 130, 150),
    );
    const alone = model.forecast(inputOf(TARGET), Uint32Array.of(130)).values;
    assert.deepEqual(forecast.values.subarray(horizon, 2 * horizon), alone);
    assert.deepEqual(
      forecast.values.subarray(0, horizon),
      forecast.values.subarray(2 * horizon),
    );
    assert.notDeepEqual(forecast.values.subarray(0, horizon), alone);
  });

  Deno.test(`${title} forecasts the same after a round trip through JSON`, () => {
    const loaded = ExponentialSmoothing.fromJSON(
      JSON.parse(JSON.stringify(model)),
    );
    const origins = Uint32Array.of(model.historyLength - 1, 199);
    assert.deepEqual(
      loaded.forecast(inputOf(TARGET), origins),
      model.forecast(inputOf(TARGET), origins),
    );
  });

  Deno.test(`${title} keeps a constant`, () => {
    const constant = inputOf(new Float64Array(60).fill(7));
    const fitted = ExponentialSmoothing.fit(constant, options);
    const { values } = fitted.forecast(constant, Uint32Array.of(59));
    for (const value of values) assert.ok(Math.abs(value - 7) < 1e-12);
  });
}

Deno.test("ExponentialSmoothing continues a trend and a season without noise", () => {
  // 2 a row, and 0, 9, -9 in turn; the states start right, errors are 0.
  const exact = Float64Array.from(
    { length: 33 },
    (_, i) => 2 * i + [0, 9, -9][i % 3],
  );
  const model = ExponentialSmoothing.fit(inputOf(exact.slice(0, 20)), {
    season: 3,
    horizon: 5,
    trend: "additive",
  });
  const { values } = model.forecast(inputOf(exact), Uint32Array.of(27));
  values.forEach((value, k) => {
    assert.ok(Math.abs(value - exact[28 + k]) < 1e-9, `step ${k + 1}`);
  });
});

Deno.test("ExponentialSmoothing beats the seasonal naive forecast where levels wander", () => {
  for (let seed = 0; seed < 5; seed++) {
    const target = wandering(400, seed);
    const options = { season: 8, horizon: 4 };
    const model = ExponentialSmoothing.fit(
      inputOf(target.slice(0, 200)),
      options,
    );
    const naive = seasonalNaiveForecaster(8, options);
    const origins = originsBetween(200, { start: 200, end: 396 });
    const [own, other] = [model, naive].map((forecaster) =>
      meanAbsoluteError(
        actualColumn(target, origins, 4),
        forecastColumn(forecaster.forecast(inputOf(target), origins), {
          step: 4,
        }),
      )
    );
    assert.ok(own < 0.9 * other, `seed ${seed}: ${own} of ${other}`);
  }
});

Deno.test("ExponentialSmoothing is not led astray by an outage, without a limit it is", () => {
  const target = wandering(400, 7);
  const origins = originsBetween(200, { start: 200, end: 380 });
  const disturbed = target.map((value, i) =>
    [40, 41, 150, 151, 299, 300].includes(i) ? value + 5000 : value
  );
  const errorOf = (errorLimit: number) => {
    const options = { season: 8, horizon: 8, errorLimit };
    const model = ExponentialSmoothing.fit(
      inputOf(disturbed.slice(0, 200)),
      options,
    );
    const forecast = model.forecast(inputOf(disturbed), origins);
    const ahead = { step: 8 };
    return meanAbsoluteError(
      actualColumn(target, origins, 8),
      forecastColumn(forecast, ahead),
    );
  };
  assert.ok(errorOf(2) < 6, `${errorOf(2)}`);
  assert.ok(errorOf(Infinity) > 20, `${errorOf(Infinity)}`);
});

Deno.test("ExponentialSmoothing demands three seasons, finite values, valid options", () => {
  const fit = (rows: number, options: ExponentialSmoothingOptions) =>
    ExponentialSmoothing.fit(inputOf(TARGET.slice(0, rows)), options);
  fit(24, { season: 8 });
  assert.throws(() => fit(23, { season: 8 }), {
    name: "RangeError",
    message: /the number of rows is 23, expected a finite number >= 24/,
  });
  for (const bad of [0, 1.5, NaN, 1e9]) {
    assert.throws(() => fit(100, { season: bad }), RangeError);
    assert.throws(() => fit(100, { horizon: bad }), RangeError);
  }
  for (const errorLimit of [0, -1, NaN]) {
    assert.throws(() => fit(100, { errorLimit }), RangeError);
  }
  assert.throws(
    () => ExponentialSmoothing.fit(inputOf(Float64Array.of(1, 2, NaN))),
    RangeError,
  );
  // Half of the seasons to start from, at least two, at most seven.
  assert.equal(fit(80, { season: 8 }).historyLength, 40);
  assert.equal(fit(160, { season: 8 }).historyLength, 56);
  const model = fit(24, { season: 8 });
  const forecast = (origin: number) =>
    model.forecast(inputOf(TARGET), Uint32Array.of(origin));
  forecast(15);
  assert.throws(() => forecast(14), RangeError);
  assert.throws(() => forecast(200), RangeError);
});

Deno.test("ExponentialSmoothing never gives what is not finite, it refuses", () => {
  const huge = inputOf(
    Float64Array.from(
      { length: 40 },
      (_, i) => i % 2 ? Number.MAX_VALUE : -Number.MAX_VALUE,
    ),
  );
  try {
    const model = ExponentialSmoothing.fit(huge, { trend: "additive" });
    const { values } = model.forecast(huge, Uint32Array.of(39));
    assert.ok(values.every(Number.isFinite));
  } catch (error) {
    assert.ok(error instanceof RangeError);
  }
});

Deno.test("ExponentialSmoothing.fromJSON() rejects what is no such model", () => {
  const json = ExponentialSmoothing.fit(TRAIN, { season: 8 }).toJSON();
  for (
    const change of [
      { kind: "lstm" },
      { season: 0 },
      { horizon: 1.5 },
      { levelRate: 2 },
      { trendRate: "0" },
      { seasonRate: -1 },
      { damping: null },
      { startingSeasons: 1 },
      { startingSeasons: 8 },
      { errorLimit: 0 },
      { errorLimit: "2" },
    ]
  ) {
    assert.throws(
      () => ExponentialSmoothing.fromJSON({ ...json, ...change }),
      SyntaxError,
    );
  }
  assert.throws(() => ExponentialSmoothing.fromJSON(null), SyntaxError);
});
