import assert from "node:assert/strict";
import {
  drawArrivals,
  drawLoad,
  drawServiceState,
  MINUTE_MS,
} from "lib/logs/synthetic_minutes.ts";
import { Random } from "lib/numeric/random.ts";
import { mean, standardDeviation } from "lib/numeric/statistics.ts";

const WEEK_MINUTES = 7 * 1440;
const MONDAY_MS = Date.UTC(2026, 0, 5);

/** Correlation of a series with itself, `lag` steps later. */
function autocorrelation(series: Float64Array, lag: number): number {
  const center = mean(series);
  let product = 0;
  let square = 0;
  series.forEach((value, i) => {
    square += (value - center) ** 2;
    if (i >= lag) product += (value - center) * (series[i - lag] - center);
  });
  return product / square;
}

Deno.test("drawArrivals() under an even load are uniform", () => {
  const count = 20_000;
  const load = new Float64Array(100).fill(1);
  const arrivals = drawArrivals(new Random(1), load, 0, count);
  // Kolmogorov's distance from the uniform distribution; 1.95 / √n is passed
  // by one sample in 1,000.
  const distance = arrivals.reduce(
    (worst, timeMs, i) =>
      Math.max(worst, Math.abs(timeMs / (100 * MINUTE_MS) - i / count)),
    0,
  );
  assert.ok(distance < 1.95 / Math.sqrt(count), `distance ${distance}`);
});

Deno.test("drawArrivals() leave gaps as a Poisson process does", () => {
  const count = 50_000;
  const load = new Float64Array(1000).fill(1);
  const arrivals = drawArrivals(new Random(2), load, 0, count);
  const gaps = arrivals.slice(1).map((timeMs, i) => timeMs - arrivals[i]);
  // The standard deviation of exponential gaps is their mean, 1,200 ms; its
  // standard error is that · √(2 / n) = 7.6 ms.
  assert.ok(Math.abs(mean(gaps) - 1200) < 1);
  assert.ok(Math.abs(standardDeviation(gaps) - 1200) < 4 * 7.6);
});

Deno.test("drawArrivals() fall into minutes by their load", () => {
  const count = 40_000;
  const load = Float64Array.of(0.4, 1.6, 1);
  const arrivals = drawArrivals(new Random(3), load, 5 * MINUTE_MS, count);
  const shares = [5, 6, 7].map((minute) =>
    arrivals.filter((timeMs) => Math.floor(timeMs / MINUTE_MS) === minute)
      .length / count
  );
  // Standard errors are √(p (1 - p) / n) < 0.0025.
  [0.4 / 3, 1.6 / 3, 1 / 3].forEach((share, minute) =>
    assert.ok(Math.abs(shares[minute] - share) < 0.01, `${shares}`)
  );
});

Deno.test("drawLoad() has mean 1, quiet nights and quiet weekends", () => {
  const load = drawLoad(new Random(4), MONDAY_MS, WEEK_MINUTES);
  assert.ok(Math.abs(mean(load) - 1) < 1e-12);
  const workdays = mean(load.subarray(0, 5 * 1440));
  const weekend = mean(load.subarray(5 * 1440));
  assert.ok(weekend < 0.75 * workdays, `${weekend} of ${workdays}`);
  for (let day = 0; day < 7; day++) {
    const hour = (h: number) =>
      mean(load.subarray(day * 1440 + h * 60, day * 1440 + (h + 1) * 60));
    assert.ok(hour(14) > 2 * hour(3), `day ${day}`);
  }
});

Deno.test("drawLoad() knows the weekday from the date", () => {
  const saturdayMs = MONDAY_MS + 5 * 1440 * MINUTE_MS;
  const load = drawLoad(new Random(4), saturdayMs, WEEK_MINUTES);
  const weekend = mean(load.subarray(0, 2 * 1440));
  assert.ok(weekend < 0.75 * mean(load.subarray(2 * 1440)));
});

Deno.test("drawServiceState() forgets at the rate of half an hour", () => {
  const state = drawServiceState(new Random(5), 20 * WEEK_MINUTES);
  assert.ok(Math.abs(standardDeviation(state) - 0.2) < 0.02);
  // exp(-30 / 30) = 0.368 after half an hour, exp(-120 / 30) = 0.018 after two
  // hours; about 200,000 / 60 independent pieces give errors of 0.02.
  assert.ok(Math.abs(autocorrelation(state, 30) - Math.exp(-1)) < 0.05);
  assert.ok(Math.abs(autocorrelation(state, 120)) < 0.08);
});
