import assert from "node:assert/strict";
import {
  meanAbsoluteError,
  meanAbsoluteScaledError,
  meanPinballLoss,
  rootMeanSquaredError,
  seasonalNaiveScale,
  skill,
} from "lib/evaluate/forecasts.ts";

// Errors y - f: 1, -3, 2, 0.
const ACTUAL = Float64Array.of(1, 2, 5, 7);
const FORECAST = Float64Array.of(0, 5, 3, 7);

Deno.test("meanAbsoluteError() is the mean size of the errors", () => {
  assert.equal(meanAbsoluteError(ACTUAL, FORECAST), (1 + 3 + 2 + 0) / 4);
});

Deno.test("rootMeanSquaredError() is the root of the mean squared error", () => {
  assert.equal(
    rootMeanSquaredError(ACTUAL, FORECAST),
    Math.sqrt((1 + 9 + 4 + 0) / 4),
  );
});

Deno.test("seasonalNaiveScale() compares each row with the one a season before", () => {
  // Season 2 of 1, 2, 5, 7: |5 - 1| and |7 - 2|. Season 1: 1, 3, 2.
  assert.equal(seasonalNaiveScale(ACTUAL, 2), 4.5);
  assert.equal(seasonalNaiveScale(ACTUAL, 1), 2);
  assert.equal(seasonalNaiveScale(Float64Array.of(3, 4, 3, 4), 2), 0);
  assert.throws(() => seasonalNaiveScale(ACTUAL, 4), RangeError);
  assert.throws(() => seasonalNaiveScale(ACTUAL, 0), RangeError);
});

Deno.test("meanAbsoluteScaledError() is 1 for errors as large as the scale", () => {
  assert.equal(meanAbsoluteScaledError(ACTUAL, FORECAST, 1.5), 1);
  assert.equal(meanAbsoluteScaledError(ACTUAL, FORECAST, 3), 0.5);
  for (const scale of [0, -1, NaN]) {
    assert.throws(
      () => meanAbsoluteScaledError(ACTUAL, FORECAST, scale),
      RangeError,
    );
  }
});

Deno.test("meanPinballLoss() weighs errors by the side they lie on", () => {
  // q = 0.75: 0.75 * 1, 0.25 * 3, 0.75 * 2, 0.
  assert.equal(
    meanPinballLoss(ACTUAL, FORECAST, 0.75),
    (0.75 + 0.75 + 1.5 + 0) / 4,
  );
  // q = 0.25: 0.25 * 1, 0.75 * 3, 0.25 * 2, 0.
  assert.equal(
    meanPinballLoss(ACTUAL, FORECAST, 0.25),
    (0.25 + 2.25 + 0.5 + 0) / 4,
  );
  assert.equal(
    meanPinballLoss(ACTUAL, FORECAST, 0.5),
    meanAbsoluteError(ACTUAL, FORECAST) / 2,
  );
  for (const q of [0, 1, NaN]) {
    assert.throws(() => meanPinballLoss(ACTUAL, FORECAST, q), RangeError);
  }
});

Deno.test("meanPinballLoss() is least at the quantile among constants", () => {
  // Of 1 to 9, the constant 8 has a fraction 7/9 below and 8/9 at or below.
  const actual = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9);
  const losses = Array.from(
    actual,
    (value) => meanPinballLoss(actual, new Float64Array(9).fill(value), 0.85),
  );
  assert.equal(losses.indexOf(Math.min(...losses)), 7);
});

Deno.test("skill() is 1 for a perfect model, 0 for the baseline, negative below", () => {
  assert.equal(skill(0, 4), 1);
  assert.equal(skill(4, 4), 0);
  assert.equal(skill(3, 4), 0.25);
  assert.equal(skill(6, 4), -0.5);
  assert.throws(() => skill(1, 0), RangeError);
  assert.throws(() => skill(-1, 1), RangeError);
  assert.throws(() => skill(NaN, 1), RangeError);
});

Deno.test("forecast errors reject lists that are empty, unequal or not finite", () => {
  const none = new Float64Array(0);
  const broken = Float64Array.of(1, NaN, 2, 3);
  for (
    const error of [
      meanAbsoluteError,
      rootMeanSquaredError,
      (a: Float64Array, b: Float64Array) => meanPinballLoss(a, b, 0.5),
    ]
  ) {
    assert.throws(() => error(none, none), RangeError);
    assert.throws(() => error(ACTUAL, FORECAST.slice(1)), RangeError);
    assert.throws(() => error(ACTUAL, broken), RangeError);
    assert.throws(() => error(broken, ACTUAL), RangeError);
  }
});
