import assert from "node:assert/strict";
import {
  constantForecaster,
  lastValueForecaster,
} from "lib/forecast/baselines.ts";
import { ExponentialSmoothing } from "lib/forecast/exponential_smoothing.ts";
import type { Forecaster, ForecastInput } from "lib/forecast/forecaster.ts";
import { loadForecaster } from "lib/forecast/load_forecaster.ts";
import { LstmForecaster } from "lib/forecast/lstm.ts";
import { ResidualQuantileForecaster } from "lib/forecast/residual_quantiles.ts";
import { ForecastResiduals } from "lib/forecast_residuals.ts";
import { tf } from "lib/numeric/tensors.ts";
import { checkSeriesDetector } from "./series_detector_contract.ts";

const QUANTILES = [0.1, 0.5, 0.9];

function smoothing(train: ForecastInput): Forecaster {
  const base = ExponentialSmoothing.fit(train, { season: 12 });
  return ResidualQuantileForecaster.fit(base, train);
}

function network(train: ForecastInput): Promise<Forecaster> {
  return LstmForecaster.fit(train, {
    windowLength: 12,
    units: 4,
    denseUnits: 4,
    epochs: 2,
    quantiles: QUANTILES,
  });
}

for (const [name, fit] of Object.entries({ smoothing, network })) {
  Deno.test(`ForecastResiduals of ${name} keeps the contract and no tensors`, async (t) => {
    const before = tf.memory().numTensors;
    await checkSeriesDetector(t, {
      fit: (values) => ForecastResiduals.fit(values, fit),
      load: (json) => ForecastResiduals.fromJSON(json, loadForecaster),
      isCausal: true,
      freeFields: ["errorLimit"],
      dispose: (detector) => (detector as ForecastResiduals).dispose(),
    });
    assert.equal(tf.memory().numTensors, before);
  });
}

Deno.test("ForecastResiduals measures in widths of the interval on the same side", async () => {
  // A forecaster of 10, from 8 to 14, whatever came before.
  const fixed: Forecaster = {
    kind: "fixed",
    historyLength: 2,
    horizon: 1,
    quantiles: QUANTILES,
    forecast: (_, origins) => ({
      quantiles: QUANTILES,
      horizon: 1,
      origins,
      values: Float64Array.from(
        { length: 3 * origins.length },
        (_, k) => [8, 10, 14][k % 3],
      ),
    }),
    toJSON: () => ({}),
  };
  const values = Float64Array.of(9, 99, 10, 14, 8, 18, 4);
  const detector = await ForecastResiduals.fit(values, () => fixed);
  assert.deepEqual([...detector.score(values)], [0, 0, 0, 1, 1, 2, 3]);
  assert.equal(detector.warmUpRows, 2);
  // Shorter than the history: nothing is known yet.
  assert.deepEqual([...detector.score(values.slice(0, 2))], [0, 0]);
});

Deno.test("ForecastResiduals rejects a forecaster without an interval, and frees it", async () => {
  let freed = 0;
  const point = (): Forecaster =>
    Object.assign(lastValueForecaster(), { dispose: () => freed++ });
  const values = Float64Array.of(1, 2, 3, 4);
  await assert.rejects(() => ForecastResiduals.fit(values, point), {
    name: "RangeError",
    message: /quantiles on each side of the median is 0, expected .*1/,
  });
  assert.equal(freed, 1);
  const detector = await ForecastResiduals.fit(
    Float64Array.from({ length: 40 }, (_, i) => i % 3),
    (train) => ResidualQuantileForecaster.fit(lastValueForecaster(), train),
  );
  const json = JSON.parse(JSON.stringify(detector));
  const alone = constantForecaster(values).toJSON();
  for (
    const damage of [{ forecaster: alone }, { spread: 0 }, { center: null }]
  ) {
    assert.throws(
      () => ForecastResiduals.fromJSON({ ...json, ...damage }, loadForecaster),
      SyntaxError,
    );
  }
});
