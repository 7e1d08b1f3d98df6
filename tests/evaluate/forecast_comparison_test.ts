import assert from "node:assert/strict";
import { compareForecasters } from "lib/evaluate/forecast_comparison.ts";
import {
  constantForecaster,
  lastValueForecaster,
  rollingMedianForecaster,
} from "lib/forecast/baselines.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";

const TARGET = Float64Array.of(1, 2, 4, 8, 16);
const INPUT = { features: matrixFromColumns([TARGET]), target: TARGET };
const CONSTANT = {
  name: "constant",
  model: constantForecaster(Float64Array.of(4)),
};
const LAST = { name: "last", model: lastValueForecaster() };

Deno.test("compareForecasters() judges all on the same rows", () => {
  const range = { start: 3, end: 5 };
  const [constant, last] = compareForecasters([CONSTANT, LAST], INPUT, {
    range,
  });
  // Rows 3 and 4 hold 8 and 16: errors 4 and 12, and 4 and 8.
  assert.equal(constant.meanAbsoluteError, 8);
  assert.equal(constant.rootMeanSquaredError, Math.sqrt(80));
  assert.equal(constant.skill, 0);
  assert.equal(last.meanAbsoluteError, 6);
  assert.equal(last.skill, 0.25);
});

Deno.test("compareForecasters() leaves out rows that one has no history for", () => {
  const median = { name: "median", model: rollingMedianForecaster(4) };
  const [last, judged] = compareForecasters([LAST, median], INPUT, {
    range: { start: 0, end: 5 },
  });
  // Only row 4 has four rows before it: last value 8, median of 1 to 8 is 3.
  assert.equal(last.meanAbsoluteError, 8);
  assert.equal(judged.meanAbsoluteError, 13);
});

Deno.test("compareForecasters() averages over the steps ahead", () => {
  const last = { name: "last", model: lastValueForecaster({ horizon: 2 }) };
  const [judged] = compareForecasters([last], INPUT, {
    range: { start: 2, end: 5 },
  });
  // Origins 1 and 2: 2 for 4 and 8, 4 for 8 and 16: errors 2, 6, 4, 12.
  assert.equal(judged.meanAbsoluteError, 6);
});

Deno.test("compareForecasters() gives errors in both units", () => {
  const [judged] = compareForecasters([LAST], INPUT, {
    range: { start: 4, end: 5 },
    toUnit: (target) => target.map((value) => 10 * value),
  });
  assert.equal(judged.meanAbsoluteError, 80);
  assert.equal(judged.targetRootMeanSquaredError, 8);
});

Deno.test("compareForecasters() gives nothing where nothing can be judged", () => {
  const range = { start: 4, end: 4 };
  assert.deepEqual(compareForecasters([LAST], INPUT, { range }), []);
});
