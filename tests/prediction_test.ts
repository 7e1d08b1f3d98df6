import assert from "node:assert/strict";
import { forecastSeries } from "lib/prediction.ts";
import type { MetricSeries } from "lib/logs/request_log.ts";
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

Deno.test("forecastSeries() takes the season of a series that has nothing else", async () => {
  const days = Float64Array.from({ length: 96 }, (_, i) => (i % 24) ** 2);
  const before = tf.memory().numTensors;
  const forecast = await forecastSeries(hourly(days), { horizon: 3 });
  assert.equal(forecast.method, "seasonal_naive");
  assert.equal(forecast.errors[0].error, 0);
  assert.deepEqual([...forecast.median], [0, 1, 4]);
  assert.deepEqual(
    [...forecast.timestampMs],
    [96, 97, 98].map((h) => h * HOUR),
  );
  assert.equal(tf.memory().numTensors, before);
});

Deno.test("forecastSeries() falls back, and says so, where rows are few", async () => {
  const forecast = await forecastSeries(hourly(Float64Array.of(5, 6, 8)), {
    horizon: 2,
  });
  assert.equal(forecast.method, "last_value");
  assert.deepEqual([...forecast.median], [8, 8]);
  assert.deepEqual(forecast.errors, []);
  assert.equal(forecast.notes.length, 3);
  assert.match(
    forecast.notes[2],
    /lstm left out: .*3 rows|lstm left out: .*2 rows/,
  );
});

Deno.test("forecastSeries() refuses a method that the series is too short for", async () => {
  await assert.rejects(
    forecastSeries(hourly(Float64Array.of(5, 6, 8)), {
      method: "seasonal_naive",
    }),
    {
      name: "RangeError",
      message: /Cannot forecast with seasonal_naive: .*needs a day of steps/,
    },
  );
  await assert.rejects(forecastSeries(hourly(Float64Array.of(1))), RangeError);
  await assert.rejects(
    forecastSeries(hourly(Float64Array.of(1, 2)), { horizon: 0 }),
    RangeError,
  );
});
