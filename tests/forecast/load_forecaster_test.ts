import assert from "node:assert/strict";
import {
  constantForecaster,
  lastValueForecaster,
  rollingMedianForecaster,
  seasonalNaiveForecaster,
} from "lib/forecast/baselines.ts";
import { ConformalForecaster } from "lib/forecast/conformal.ts";
import { ExponentialSmoothing } from "lib/forecast/exponential_smoothing.ts";
import type { Forecaster } from "lib/forecast/forecaster.ts";
import { loadForecaster } from "lib/forecast/load_forecaster.ts";
import { ResidualQuantileForecaster } from "lib/forecast/residual_quantiles.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";

const random = new Random(1);
const target = Float64Array.from({ length: 120 }, () => random.normal());
const input = { features: matrixFromColumns([target]), target };

Deno.test("loadForecaster() gives equal forecasts for every kind, nested ones too", () => {
  const horizon = 2;
  const points: Forecaster[] = [
    lastValueForecaster({ horizon }),
    rollingMedianForecaster(5, { horizon }),
    seasonalNaiveForecaster(4, { horizon }),
    constantForecaster(target, { horizon }),
    ExponentialSmoothing.fit(input, { season: 4, horizon }),
  ];
  const origins = Uint32Array.of(60, 119);
  for (const point of points) {
    const residual = ResidualQuantileForecaster.fit(point, input);
    const conformal = ConformalForecaster.fit(residual, input, { start: 80 });
    for (const model of [point, residual, conformal]) {
      const loaded = loadForecaster(JSON.parse(JSON.stringify(model)));
      assert.equal(loaded.kind, model.kind);
      assert.deepEqual(
        loaded.forecast(input, origins),
        model.forecast(input, origins),
      );
    }
  }
});

Deno.test("loadForecaster() refuses unknown kinds", () => {
  for (const json of [null, {}, { kind: "oracle" }, { kind: "toString" }]) {
    assert.throws(() => loadForecaster(json), SyntaxError);
  }
});
