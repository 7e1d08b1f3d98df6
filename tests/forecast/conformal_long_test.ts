import assert from "node:assert/strict";
import { intervalCoverage } from "lib/evaluate/forecasts.ts";
import { AdaptiveConformalForecaster } from "lib/forecast/adaptive_conformal.ts";
import {
  rollingMedianForecaster,
  seasonalNaiveForecaster,
} from "lib/forecast/baselines.ts";
import { ExponentialSmoothing } from "lib/forecast/exponential_smoothing.ts";
import {
  actualColumn,
  forecastColumn,
  type Forecaster,
  type ForecastInput,
} from "lib/forecast/forecaster.ts";
import { ResidualQuantileForecaster } from "lib/forecast/residual_quantiles.ts";
import { metricSeries } from "lib/logs/series.ts";
import { generateLog } from "lib/logs/synthetic.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";

const SEEDS = 10;
const DAYS = 28;
const DAY_STEPS = 288;
const TRAIN_END = 7 * DAY_STEPS;
const KNOWN_END = 10 * DAY_STEPS - 20;
const HORIZON = 12;

function firstRows(value: Float64Array, rows: number): ForecastInput {
  const target = value.slice(0, rows);
  return { features: matrixFromColumns([target]), target };
}

function pointForecasters(train: ForecastInput): Forecaster[] {
  const options = { season: DAY_STEPS, horizon: HORIZON };
  return [
    seasonalNaiveForecaster(DAY_STEPS, options),
    ExponentialSmoothing.fit(train, options),
    rollingMedianForecaster(12, options),
  ];
}

for (const metric of ["p50", "p95", "count"] as const) {
  Deno.test(`adaptive 90 % intervals of ${metric} cover 88 to 92 % of 5,000 later points, on every seed`, () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const { log } = generateLog({ rows: 600_000, days: DAYS, seed });
      const { value } = metricSeries(log, { metric, bucketMs: 300_000 });
      const train = firstRows(value, TRAIN_END);
      const count = value.length - HORIZON - KNOWN_END;
      assert.ok(count >= 5000);
      const origins = Uint32Array.from(
        { length: count },
        (_, k) => KNOWN_END - 1 + k,
      );
      for (const point of pointForecasters(train)) {
        const model = AdaptiveConformalForecaster.fit(
          ResidualQuantileForecaster.fit(point, train),
          firstRows(value, KNOWN_END),
          { start: TRAIN_END },
        );
        const forecast = model.forecast(
          firstRows(value, value.length),
          origins,
        );
        for (let step = 1; step <= HORIZON; step++) {
          const covered = intervalCoverage(actualColumn(value, origins, step), {
            lower: forecastColumn(forecast, { step, quantile: 0.05 }),
            upper: forecastColumn(forecast, { step, quantile: 0.95 }),
          });
          assert.ok(
            covered >= 0.88 && covered <= 0.92,
            `seed ${seed}, ${point.kind}, step ${step}: ${covered}`,
          );
        }
      }
    }
  });
}
