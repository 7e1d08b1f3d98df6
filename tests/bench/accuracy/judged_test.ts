import assert from "node:assert/strict";
import { coverageOf, judgedRows } from "./judged.ts";

// From row 0 two steps, from row 1 two steps; quantiles 0.1 and 0.9.
const forecast = {
  quantiles: [0.1, 0.9],
  horizon: 2,
  origins: Uint32Array.of(0, 1),
  values: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8),
};
const target = Float64Array.of(0, 1.5, 5.5, 9);

Deno.test("judgedRows() sets each step of each origin beside what came", () => {
  const judged = judgedRows(forecast, target, () => true);
  assert.deepEqual([...judged.actual], [1.5, 5.5, 5.5, 9]);
  assert.deepEqual(judged.columns.map(({ values }) => [...values]), [
    [1, 3, 5, 7],
    [2, 4, 6, 8],
  ]);
  // 1.5 in 1 to 2, 5.5 not in 3 to 4, 5.5 in 5 to 6, 9 not in 7 to 8.
  assert.equal(coverageOf(judged), 0.5);
});

Deno.test("judgedRows() leaves out rows and steps that do not count", () => {
  const later = judgedRows(forecast, target, (_, step) => step === 2);
  assert.deepEqual([...later.actual], [5.5, 9]);
  const early = judgedRows(forecast, target, (row) => row < 2);
  assert.deepEqual([...early.actual], [1.5]);
});
