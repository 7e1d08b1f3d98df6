import assert from "node:assert/strict";
import {
  fitForecastModel,
  forecastSeries,
  selectQuantiles,
} from "lib/prediction.ts";
import { quantileCrossings } from "lib/evaluate/forecasts.ts";
import type { MetricSeries } from "lib/logs/request_log.ts";
import { Random } from "lib/numeric/random.ts";
import { tf } from "lib/numeric/tensors.ts";

const HOUR = 3_600_000;

function hourly(value: Float64Array): MetricSeries {
  return {
    timestampMs: value.map((_, i) => i * HOUR),
    value,
    observed: new Uint8Array(value.length).fill(1),
    stepMs: HOUR,
  };
}

/** Days of a wave around 100 with noise. */
function noisyDays(days: number, seed = 1): MetricSeries {
  const random = new Random(seed);
  return hourly(
    Float64Array.from(
      { length: 24 * days },
      (_, i) => 100 + 30 * Math.sin(2 * Math.PI * i / 24) + 5 * random.normal(),
    ),
  );
}

/** Runs something and asserts that no tensor outlives it. */
async function withoutLeaks(run: () => Promise<void>): Promise<void> {
  const before = tf.memory().numTensors;
  await run();
  assert.equal(tf.memory().numTensors, before, "tensors were left behind");
}

Deno.test("forecastSeries() takes the season of a series that has nothing else", async () => {
  const days = Float64Array.from({ length: 96 }, (_, i) => (i % 24) ** 2);
  await withoutLeaks(async () => {
    const forecast = await forecastSeries(hourly(days), { horizon: 3 });
    assert.equal(forecast.method, "seasonal_naive");
    assert.equal(forecast.errors[0].error, 0);
    assert.equal(forecast.errors[0].loss, 0);
    assert.deepEqual([...forecast.median], [0, 1, 4]);
    assert.deepEqual(forecast.quantiles, [0.05, 0.5, 0.95]);
    assert.deepEqual([...forecast.values], [0, 0, 0, 1, 1, 1, 4, 4, 4]);
    assert.deepEqual(
      [...forecast.timestampMs],
      [96, 97, 98].map((h) => h * HOUR),
    );
  });
});

Deno.test("forecastSeries() gives the quantiles asked for, in order, with the network", async () => {
  await withoutLeaks(async () => {
    const series = noisyDays(20);
    const forecast = await forecastSeries(series, {
      method: "lstm",
      horizon: 6,
      quantiles: [0.1, 0.25, 0.9],
    });
    assert.equal(forecast.method, "lstm");
    const { quantiles, values } = forecast;
    assert.deepEqual(quantiles, [0.1, 0.25, 0.9]);
    assert.equal(values.length, 18);
    const origins = new Uint32Array(1);
    assert.equal(
      quantileCrossings({ quantiles, values, horizon: 6, origins }),
      0,
    );
    // The true median is the wave.
    forecast.median.forEach((median, k) => {
      const expected = 100 + 30 * Math.sin(2 * Math.PI * k / 24);
      assert.ok(Math.abs(median - expected) < 12, `${median}, ${expected}`);
      assert.ok(values[3 * k] < median && median < values[3 * k + 2]);
    });
    assert.deepEqual(
      new Set(forecast.errors.map(({ method }) => method)).size,
      5,
    );
    const losses = forecast.errors.map(({ loss }) => loss);
    assert.deepEqual(losses, losses.toSorted((a, b) => a - b));
  });
});

Deno.test("forecastSeries() falls back, and says so, where rows are few", async () => {
  const forecast = await forecastSeries(hourly(Float64Array.of(5, 6, 8)), {
    horizon: 2,
  });
  assert.equal(forecast.method, "last_value");
  assert.deepEqual([...forecast.median], [8, 8]);
  // The changes 1 and 2 have the root mean square 1.58, 1.73 logistic scales
  // make 0.95; after two steps 1.41 times that.
  const width = Math.sqrt(2.5) * Math.log(19) / 1.702;
  assert.ok(Math.abs(forecast.values[2] - 8 - width) < 1e-9);
  assert.ok(Math.abs(forecast.values[3] - 8 + Math.SQRT2 * width) < 1e-9);
  assert.deepEqual(forecast.errors, []);
  for (const method of ["seasonal_naive", "rolling_median", "lstm"]) {
    assert.ok(
      forecast.notes.some((note) => note.includes(`${method} left out`)),
    );
  }
  assert.match(
    forecast.notes.join("\n"),
    /3 steps are too few to measure errors 2 steps ahead: the last value/,
  );
});

Deno.test("forecastSeries() never gives NaN: constant, gaps, a horizon longer than the data", async () => {
  await withoutLeaks(async () => {
    const gappy = noisyDays(6);
    const cases: [MetricSeries, number, RegExp][] = [
      [hourly(new Float64Array(200).fill(7)), 4, /constant: it is 7/],
      [hourly(new Float64Array(200)), 4, /constant: it is 0/],
      [noisyDays(2), 100, /48 steps are too few .* 100 steps ahead/],
      [hourly(Float64Array.of(1, 2)), 50, /2 steps are too few/],
      [
        {
          ...gappy,
          observed: gappy.observed.map((_, i) => i % 3 ? 0 : 1),
        },
        5,
        /not calibrated: only \d+ % of the held-out steps/,
      ],
      [
        hourly(Float64Array.from({ length: 90 }, (_, i) => i % 2 ? 1e300 : 1)),
        3,
        /lstm/,
      ],
    ];
    for (const [series, horizon, said] of cases) {
      const { values, notes } = await forecastSeries(series, { horizon });
      assert.equal(values.length, horizon * 3);
      assert.ok(values.every(Number.isFinite), `${values}`);
      assert.match(notes.join("\n"), said);
    }
  });
});

Deno.test("forecastSeries() refuses a method that the series is too short for", async () => {
  await assert.rejects(
    forecastSeries(hourly(Float64Array.of(5, 6, 8)), {
      method: "seasonal_naive",
    }),
    {
      name: "RangeError",
      message: /Cannot forecast with seasonal_naive: .*seasonal_naive left out/,
    },
  );
  const weekly = { ...noisyDays(4), stepMs: 7 * 24 * HOUR };
  await assert.rejects(forecastSeries(weekly, { method: "seasonal_naive" }), {
    message: /needs a day of steps/,
  });
  await assert.rejects(forecastSeries(hourly(Float64Array.of(1))), RangeError);
  for (
    const options of [{ horizon: 0 }, { quantiles: [0.9, 0.1] }, { seed: -1 }]
  ) {
    await assert.rejects(
      forecastSeries(hourly(Float64Array.of(1, 2)), options),
      RangeError,
    );
  }
});

Deno.test("fitForecastModel() takes the request rate and the series of others, and forecasts within limits", async () => {
  await withoutLeaks(async () => {
    const series = noisyDays(12);
    const rate = noisyDays(12, 2);
    const { model } = await fitForecastModel(series, {
      method: "lstm",
      horizon: 3,
      rate,
      related: [
        { series: noisyDays(12, 3), rate },
        {
          series: hourly(Float64Array.of(1, 2)),
          rate: hourly(Float64Array.of(1, 2)),
        },
      ],
      limits: [95, 101],
    });
    assert.ok(model.usesRate);
    const { values } = model.next(series, { rate });
    assert.ok(values.every((value) => value >= 95 && value <= 101));
    assert.throws(() => model.next(series), /request rate is missing/);
    model.dispose();
  });
});

Deno.test("fitForecastModel() is fixed by its seed", async () => {
  const valuesUnder = async (seed: number) => {
    const options = { method: "lstm", horizon: 2, seed } as const;
    return (await forecastSeries(noisyDays(8), options)).values;
  };
  const expected = await valuesUnder(1);
  assert.deepEqual(await valuesUnder(1), expected);
  assert.notDeepEqual(await valuesUnder(2), expected);
});

Deno.test("fitForecastModel() stops when aborted and leaves no tensor", async () => {
  await withoutLeaks(async () => {
    const controller = new AbortController();
    await assert.rejects(
      fitForecastModel(noisyDays(8), {
        signal: controller.signal,
        onProgress: () => controller.abort("enough"),
      }),
      (error) => error === "enough",
    );
  });
});

Deno.test("selectQuantiles() takes columns, and refuses those that are not there", () => {
  const steps = {
    timestampMs: Float64Array.of(1, 2),
    quantiles: [0.1, 0.5, 0.9],
    values: Float64Array.of(1, 2, 3, 4, 5, 6),
  };
  assert.deepEqual(
    [...selectQuantiles(steps, [0.1, 0.9]).values],
    [1, 3, 4, 6],
  );
  assert.throws(() => selectQuantiles(steps, [0.2]), {
    name: "RangeError",
    message: /wanted quantiles 0.2, it holds 0.1,0.5,0.9/,
  });
});
