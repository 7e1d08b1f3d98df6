import assert from "node:assert/strict";
import { stretchStarts } from "lib/logs/stretches.ts";

/** Times with the given steps between them. */
function after(...steps: number[]): Float64Array {
  let time = 1e12;
  return Float64Array.from([0, ...steps], (step) => time += step);
}

Deno.test("stretchStarts() cuts where more than so many usual steps lie between", () => {
  // The usual step is 10: 30 is three of them, 31 is more.
  const at = after(10, 10, 30, 10, 31, 10, 10);
  assert.deepEqual([...stretchStarts(at, { gapSteps: 3 })], [0, 5]);
  assert.deepEqual([...stretchStarts(at, { gapSteps: 2 })], [0, 3, 5]);
  assert.deepEqual([...stretchStarts(at)], [0]);
});

Deno.test("stretchStarts() takes short stretches together with the next, the last with the one before", () => {
  // Stretches of 3, 1, 3 and 2 rows.
  const at = after(1, 1, 99, 99, 1, 1, 99, 1);
  assert.deepEqual([...stretchStarts(at)], [0, 3, 4, 7]);
  assert.deepEqual([...stretchStarts(at, { leastRows: 2 })], [0, 3, 7]);
  assert.deepEqual([...stretchStarts(at, { leastRows: 3 })], [0, 3]);
  assert.deepEqual([...stretchStarts(at, { leastRows: 9 })], [0]);
});

Deno.test("stretchStarts() counts no repeated time as a step, and takes no rows and equal times", () => {
  const at = after(0, 0, 0, 0, 10, 10, 200, 10);
  assert.deepEqual([...stretchStarts(at)], [0, 7]);
  assert.deepEqual([...stretchStarts(new Float64Array(0))], []);
  assert.deepEqual([...stretchStarts(new Float64Array(5))], [0]);
  assert.throws(() => stretchStarts(at, { gapSteps: 0 }), RangeError);
  assert.throws(() => stretchStarts(at, { leastRows: 1.5 }), RangeError);
});
