import assert from "node:assert/strict";
import {
  intervalCoverage,
  meanIntervalWidth,
  meanPinballLoss,
  meanQuantileLoss,
  quantileCrossings,
  weightedQuantileLoss,
} from "lib/evaluate/forecasts.ts";

const ACTUAL = Float64Array.of(10, -20, 30);
const LOW = { quantile: 0.25, values: Float64Array.of(6, -24, 34) };
const HIGH = { quantile: 0.75, values: Float64Array.of(14, -20, 38) };

Deno.test("meanQuantileLoss() averages over rows and probabilities", () => {
  // 0.25: errors 4, 4, -4 cost 1, 1, 3. 0.75: -4, 0, -8 cost 1, 0, 2.
  assert.equal(meanPinballLoss(ACTUAL, LOW.values, 0.25), 5 / 3);
  assert.equal(meanPinballLoss(ACTUAL, HIGH.values, 0.75), 1);
  assert.equal(meanQuantileLoss(ACTUAL, [LOW, HIGH]), (5 / 3 + 1) / 2);
});

Deno.test("weightedQuantileLoss() is twice the loss by the size of what came", () => {
  // Sums 5 and 3 of |y| = 60: 10 / 60 and 6 / 60.
  const loss = weightedQuantileLoss(ACTUAL, [LOW, HIGH]);
  assert.ok(Math.abs(loss - (10 / 60 + 6 / 60) / 2) < 1e-15);
  // Ten times all: the same, as it has no unit.
  const tenfold = [LOW, HIGH].map(({ quantile, values }) => ({
    quantile,
    values: values.map((value) => 10 * value),
  }));
  const scaled = weightedQuantileLoss(ACTUAL.map((y) => 10 * y), tenfold);
  assert.ok(Math.abs(scaled - loss) < 1e-15);
});

Deno.test("weightedQuantileLoss() rejects zeros alone and no column", () => {
  const zeros = new Float64Array(3);
  assert.throws(() => weightedQuantileLoss(zeros, [LOW]), {
    name: "RangeError",
    message: /all 3 values are 0/,
  });
  assert.throws(() => weightedQuantileLoss(ACTUAL, []), RangeError);
  for (const quantile of [0, 1, NaN]) {
    assert.throws(
      () => weightedQuantileLoss(ACTUAL, [{ ...LOW, quantile }]),
      RangeError,
    );
  }
});

Deno.test("intervalCoverage() counts the ends in", () => {
  const interval = { lower: LOW.values, upper: HIGH.values };
  // 10 in [6, 14]; -20 in [-24, -20]; 30 not in [34, 38].
  assert.equal(intervalCoverage(ACTUAL, interval), 2 / 3);
  // Ends that cross hold nothing.
  const crossed = { lower: HIGH.values, upper: LOW.values };
  assert.equal(intervalCoverage(ACTUAL, crossed), 0);
});

Deno.test("meanIntervalWidth() averages the widths", () => {
  const width = meanIntervalWidth({ lower: LOW.values, upper: HIGH.values });
  assert.ok(Math.abs(width - (8 + 4 + 4) / 3) < 1e-14);
});

Deno.test("intervals of unequal length or without end are rejected", () => {
  const short = Float64Array.of(1);
  const broken = Float64Array.of(1, Infinity, 2);
  for (const upper of [short, broken]) {
    const interval = { lower: LOW.values, upper };
    assert.throws(() => intervalCoverage(ACTUAL, interval), RangeError);
    assert.throws(() => meanIntervalWidth(interval), RangeError);
  }
});

Deno.test("quantileCrossings() compares neighbours of one step only", () => {
  const forecast = {
    quantiles: [0.1, 0.5, 0.9],
    horizon: 2,
    origins: Uint32Array.of(3),
    // 5 to 1 is from one step to the next; 4 to 3 and 3 to 2 cross; ties not.
    values: Float64Array.of(1, 1, 5, 4, 3, 2),
  };
  assert.equal(quantileCrossings(forecast), 2);
});
