import assert from "node:assert/strict";
import { backtest } from "lib/evaluate/backtest.ts";
import { calibratedModel } from "lib/evaluate/calibrated_model.ts";
import { lastValueForecaster } from "lib/forecast/baselines.ts";
import type { ForecastInput } from "lib/forecast/forecaster.ts";
import { ResidualQuantileForecaster } from "lib/forecast/residual_quantiles.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";

/** Noise that is four times as large in the newer half. */
function noise(rows: number): ForecastInput {
  const random = new Random(2);
  const target = Float64Array.from(
    { length: rows },
    (_, i) => (i < rows / 2 ? 1 : 4) * random.normal(),
  );
  return { features: matrixFromColumns([target]), target };
}

const MODEL = {
  name: "last",
  fit: (train: ForecastInput) =>
    ResidualQuantileForecaster.fit(
      lastValueForecaster({ horizon: 4 }),
      // Of the older half only, so that intervals are too narrow.
      { ...train, ...noise(100) },
    ),
};

Deno.test("calibratedModel() covers what its model does not", async () => {
  const input = noise(3000);
  const source = { target: input.target, inputAt: () => input };
  const { scores } = await backtest(
    source,
    [MODEL, { ...calibratedModel(MODEL), name: "calibrated" }],
    { horizon: 4, cutoffs: 200, retrain: 50 },
  );
  const [raw, calibrated] = scores.map(({ coverage }) => Number(coverage));
  assert.ok(raw < 0.8, `${raw}`);
  assert.ok(calibrated > 0.87 && calibrated < 0.93, `${calibrated}`);
});

Deno.test("calibratedModel() trains on the older rows and disposes where it fails", async () => {
  const trained: number[] = [];
  let disposed = 0;
  const spied = {
    name: "spied",
    fit: (train: ForecastInput) => {
      trained.push(train.target.length);
      const model = MODEL.fit(train);
      model.dispose = () => void disposed++;
      return model;
    },
  };
  await calibratedModel(spied).fit(noise(200));
  await calibratedModel(spied, { calibrationShare: 0.5 }).fit(noise(200));
  assert.deepEqual(trained, [160, 100]);
  assert.equal(disposed, 0);
  // 20 rows to calibrate on hold 17 forecasts of 4 steps, of the 19 needed.
  await assert.rejects(
    async () => await calibratedModel(spied).fit(noise(100)),
    RangeError,
  );
  assert.equal(disposed, 1);
  for (const calibrationShare of [0, 1, NaN]) {
    assert.throws(
      () => calibratedModel(spied, { calibrationShare }),
      RangeError,
    );
  }
});
