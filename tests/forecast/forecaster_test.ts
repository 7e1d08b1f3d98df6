import assert from "node:assert/strict";
import {
  actualColumn,
  checkForecastInput,
  checkOrigins,
  firstRows,
  forecastColumn,
  originsBetween,
  type QuantileForecast,
} from "lib/forecast/forecaster.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";

/** 2 origins, 2 steps, 3 quantiles: value = 100 origin + 10 step + column. */
const FORECAST: QuantileForecast = {
  quantiles: [0.1, 0.5, 0.9],
  horizon: 2,
  origins: Uint32Array.of(4, 7),
  values: Float64Array.of(
    ...[410, 411, 412, 420, 421, 422],
    ...[710, 711, 712, 720, 721, 722],
  ),
};

Deno.test("originsBetween() starts where the history suffices", () => {
  assert.deepEqual([...originsBetween(4, { start: 1, end: 6 })], [3, 4, 5]);
  assert.deepEqual([...originsBetween(2, { start: 4, end: 6 })], [4, 5]);
  assert.equal(originsBetween(9, { start: 0, end: 8 }).length, 0);
});

Deno.test("forecastColumn() picks one step and one quantile", () => {
  assert.deepEqual([...forecastColumn(FORECAST)], [411, 711]);
  assert.deepEqual(
    [...forecastColumn(FORECAST, { step: 2, quantile: 0.9 })],
    [422, 722],
  );
});

Deno.test("forecastColumn() rejects a step or quantile that is not there", () => {
  for (const options of [{ step: 0 }, { step: 3 }, { quantile: 0.2 }]) {
    assert.throws(() => forecastColumn(FORECAST, options), RangeError);
  }
});

Deno.test("actualColumn() takes what came after each origin", () => {
  const target = Float64Array.of(5, 6, 7, 8);
  assert.deepEqual([...actualColumn(target, Uint32Array.of(2, 0), 1)], [8, 6]);
  assert.throws(() => actualColumn(target, Uint32Array.of(2), 2), RangeError);
});

Deno.test("checkForecastInput() rejects lengths, widths and values that disagree", () => {
  const target = Float64Array.of(1, 2);
  const features = matrixFromColumns([target]);
  const check = (input: Parameters<typeof checkForecastInput>[0], cols = 1) =>
    checkForecastInput(input, "test", { cols });
  check({ features, target });
  assert.throws(() => check({ features, target }, 2), RangeError);
  assert.throws(
    () => check({ features, target: target.slice(1) }),
    RangeError,
  );
  assert.throws(
    () => check({ features, target: Float64Array.of(1, NaN) }),
    RangeError,
  );
  const broken = matrixFromColumns([[1, Infinity]]);
  assert.throws(() => check({ features: broken, target }), RangeError);
});

Deno.test("checkOrigins() demands enough history within the rows", () => {
  const limits = { rows: 5, historyLength: 3 };
  checkOrigins(Uint32Array.of(2, 3, 4), "test", limits);
  assert.throws(() => checkOrigins(Uint32Array.of(5), "test", limits), {
    message: /origin 5 of 5 rows, expected 2 \(history of 3 rows\) to 4/,
  });
  assert.throws(
    () => checkOrigins(Uint32Array.of(1), "test", limits),
    RangeError,
  );
});

Deno.test("firstRows() copies rows, so that later ones are out of reach", () => {
  const input = {
    features: matrixFromColumns([[1, 2, 3], [4, 5, 6]]),
    target: Float64Array.of(7, 8, 9),
  };
  const first = firstRows(input, 2);
  assert.deepEqual([...first.target], [7, 8]);
  assert.deepEqual(first.features, {
    rows: 2,
    cols: 2,
    data: Float64Array.of(1, 4, 2, 5),
  });
  assert.equal(first.target.buffer.byteLength, 16);
  assert.equal(first.features.data.buffer.byteLength, 32);
  assert.throws(() => firstRows(input, 4), RangeError);
});

Deno.test("firstRows() keeps what was observed and the guesses of those rows", () => {
  const target = Float64Array.of(1, 2, 3);
  const { observed, reference } = firstRows({
    features: matrixFromColumns([target]),
    target,
    observed: Uint8Array.of(1, 0, 1),
    reference: {
      horizon: 2,
      value: Float64Array.of(4, 5, 6),
      center: Float64Array.of(1, 2, 3, 4, 5, 6),
      spread: Float64Array.of(6, 5, 4, 3, 2, 1),
      toUnit: (value) => value,
    },
  }, 2);
  assert.deepEqual(observed, Uint8Array.of(1, 0));
  assert.deepEqual(reference?.value, Float64Array.of(4, 5));
  assert.deepEqual(reference?.center, Float64Array.of(1, 2, 3, 4));
  assert.deepEqual(reference?.spread, Float64Array.of(6, 5, 4, 3));
});
