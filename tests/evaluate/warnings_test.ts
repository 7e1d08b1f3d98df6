import assert from "node:assert/strict";
import { judgeWarnings } from "lib/evaluate/warnings.ts";

const incident = { fromMs: 10, startMs: 40, peakMs: 50, endMs: 60 };

Deno.test("judgeWarnings() counts an incident once, and none from its peak", () => {
  // 20 and 30 are of the incident, 50 is late, 60 and 9 are false.
  const at = Float64Array.of(20, 30, 50, 60, 9);
  const judged = judgeWarnings(at, [incident], { days: 2 });
  assert.equal(judged.warned, 1);
  assert.equal(judged.lateWarnings, 1);
  assert.equal(judged.falseWarnings, 2);
  assert.equal(judged.precision, 1 / 3);
  assert.equal(judged.falseWarningsPerDay, 1);
});

Deno.test("judgeWarnings() gives no credit for a warning at the peak", () => {
  const judged = judgeWarnings(Float64Array.of(50), [incident], { days: 1 });
  assert.equal(judged.recall, 0);
  assert.equal(judged.precision, undefined);
});
