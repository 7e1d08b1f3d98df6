import assert from "node:assert/strict";
import { heldOutScores } from "lib/evaluate/held_out.ts";
import {
  constantForecaster,
  lastValueForecaster,
} from "lib/forecast/baselines.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";

const value = Float64Array.of(1, 2, 3, 5, 9);
const input = { features: matrixFromColumns([value]), target: value };
const series = {
  timestampMs: value.map((_, i) => i),
  value,
  observed: new Uint8Array(5).fill(1),
  stepMs: 1,
};
const forecasters = [
  { method: "last", forecaster: lastValueForecaster(), input },
  {
    method: "constant",
    forecaster: constantForecaster(Float64Array.of(7)),
    input,
  },
];

Deno.test("heldOutScores() judges on the held-out steps, the best first", () => {
  // Steps 3 and 4 are 5 and 9: the last values 3 and 5 miss by 2 and 4, the
  // constant 7 by 2 and 2. The pinball loss of 0.5 is half the error.
  assert.deepEqual(heldOutScores(forecasters, series, 3), [
    { method: "constant", loss: 1, error: 2 },
    { method: "last", loss: 1.5, error: 3 },
  ]);
});

Deno.test("heldOutScores() counts no step that was not observed", () => {
  const observed = Uint8Array.of(1, 1, 1, 1, 0);
  assert.deepEqual(heldOutScores(forecasters, { ...series, observed }, 3), [
    { method: "last", loss: 1, error: 2 },
    { method: "constant", loss: 1, error: 2 },
  ]);
  const none = new Uint8Array(5);
  assert.deepEqual(
    heldOutScores(forecasters, { ...series, observed: none }, 3),
    [],
  );
});

Deno.test("heldOutScores() is empty where nothing can be judged", () => {
  assert.deepEqual(heldOutScores([], series, 3), []);
  assert.deepEqual(heldOutScores(forecasters, series, 5), []);
});
