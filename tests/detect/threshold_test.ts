import assert from "node:assert/strict";
import {
  flagAbove,
  iqrThreshold,
  quantileThreshold,
  rollingThreshold,
  sigmaThreshold,
} from "lib/detect/threshold.ts";

const SCORES = Float64Array.of(5, 1, 4, 2, 3);

Deno.test("quantileThreshold() flags the share asked for", () => {
  const scores = Float64Array.from({ length: 1000 }, (_, i) => i);
  const flags = flagAbove(scores, quantileThreshold(scores, 0.98));
  assert.equal(flags.reduce((sum, flag) => sum + flag, 0), 20);
});

Deno.test("iqrThreshold() is Tukey's fence, on unsorted scores too", () => {
  // q1 = 2, q3 = 4: 4 + 1.5 * 2 = 7, and 4 + 3 * 2 = 10.
  assert.equal(iqrThreshold(SCORES), 7);
  assert.equal(iqrThreshold(SCORES, { fence: 3 }), 10);
  assert.deepEqual([...SCORES], [5, 1, 4, 2, 3]);
});

Deno.test("sigmaThreshold() is the mean plus deviations", () => {
  // Mean 3, variance (4 + 4 + 1 + 1 + 0) / 5 = 2.
  assert.equal(sigmaThreshold(SCORES, { sigmas: 2 }), 3 + 2 * Math.SQRT2);
  assert.equal(sigmaThreshold(Float64Array.of(4, 4)), 4);
});

Deno.test("thresholds reject what they cannot use", () => {
  const empty = new Float64Array();
  for (const set of [iqrThreshold, sigmaThreshold, rollingThreshold]) {
    assert.throws(() => set(empty), { name: "RangeError", message: /empty/ });
    assert.throws(() => set(Float64Array.of(1, NaN)), /\[1\] is NaN/);
  }
  assert.throws(() => quantileThreshold(empty, 0.5), RangeError);
  assert.throws(() => quantileThreshold(SCORES, 1.1), RangeError);
  assert.throws(() => iqrThreshold(SCORES, { fence: -1 }), {
    message:
      "Cannot set an IQR threshold: fence is -1, expected a finite number >= 0",
  });
  assert.throws(() => sigmaThreshold(SCORES, { sigmas: NaN }), RangeError);
});

Deno.test("rollingThreshold() never lets a score raise its own threshold", () => {
  const scores = Float64Array.of(1, 1, 1, 9, 1);
  const limits = rollingThreshold(scores, { q: 1, windowSize: 3 });
  assert.deepEqual([...limits], [1, 1, 1, 1, 9]);
  assert.deepEqual([...flagAbove(scores, limits)], [0, 0, 0, 1, 0]);
});

Deno.test("flagAbove() rejects thresholds of another length", () => {
  assert.throws(() => flagAbove(SCORES, Float64Array.of(1)), {
    message: "Cannot flag scores: threshold has 1 values, expected 5",
  });
});
