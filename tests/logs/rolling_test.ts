import assert from "node:assert/strict";
import fc from "fast-check";
import {
  rollingErrorRate,
  rollingMoments,
  rollingQuantile,
  serverErrors,
  windowStartRows,
} from "lib/logs/rolling.ts";
import { mean, quantile, standardDeviation } from "lib/numeric/statistics.ts";

Deno.test("windowStartRows() leaves out a row exactly one window old", () => {
  const starts = windowStartRows(Float64Array.of(0, 5, 10, 10, 30), 10);
  assert.deepEqual([...starts], [0, 0, 1, 1, 4]);
});

Deno.test("rollingMoments() agrees with the statistics of each window", () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.tuple(
          fc.integer({ min: 0, max: 20 }),
          fc.integer({ min: -1000, max: 1000 }),
        ),
        { minLength: 1, maxLength: 60 },
      ),
      (steps) => {
        let now = 0;
        const at = Float64Array.from(steps, ([step]) => now += step);
        const values = Float64Array.from(steps, ([, value]) => value);
        const rolled = rollingMoments(at, values, 25);
        windowStartRows(at, 25).forEach((start, row) => {
          const window = values.slice(start, row + 1);
          assert.equal(rolled.count[row], window.length);
          assert.ok(Math.abs(rolled.mean[row] - mean(window)) < 1e-9);
          assert.ok(
            Math.abs(
              rolled.standardDeviation[row] - standardDeviation(window),
            ) < 1e-5,
          );
        });
      },
    ),
    { seed: 2 },
  );
});

Deno.test("rollingMoments() does not see later rows", () => {
  const at = Float64Array.of(0, 1, 2, 3);
  const before = rollingMoments(at, Float64Array.of(1, 2, 3, 4), 10);
  const after = rollingMoments(at, Float64Array.of(1, 2, 3, 1e9), 10);
  assert.deepEqual(after.mean.slice(0, 3), before.mean.slice(0, 3));
});

Deno.test("rollingErrorRate() counts errors of the window only", () => {
  const at = Float64Array.of(0, 1, 2, 12);
  const rate = rollingErrorRate(at, Uint8Array.of(1, 0, 1, 0), 10.5);
  // Rows 0-0, 0-1, 0-2; at 12 the window begins after 1.5: rows 2-3.
  assert.deepEqual([...rate], [1, 1 / 2, 2 / 3, 1 / 2]);
});

Deno.test("serverErrors() begin at 500", () => {
  assert.deepEqual([...serverErrors(Uint16Array.of(200, 499, 500, 599))], [
    0,
    0,
    1,
    1,
  ]);
});

Deno.test("rollingQuantile() is the quantile of the rows before", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 2, maxLength: 40 }),
      fc.integer({ min: 1, max: 12 }),
      fc.constantFrom(0, 0.25, 0.5, 0.9, 1),
      (list, windowSize, q) => {
        const values = Float64Array.from(list);
        const rolled = rollingQuantile(values, q, windowSize);
        assert.equal(rolled[0], values[0]);
        for (let row = 1; row < values.length; row++) {
          const before = values.slice(Math.max(0, row - windowSize), row);
          assert.ok(Math.abs(rolled[row] - quantile(before, q)) < 1e-12);
        }
      },
    ),
    { seed: 3 },
  );
});

Deno.test("rolling statistics reject bad windows and lengths", () => {
  const at = Float64Array.of(0, 1);
  assert.throws(() => rollingMoments(at, at, 0), {
    message: "Cannot roll: windowMs is 0, expected a finite number > 0",
  });
  assert.throws(() => rollingMoments(at, Float64Array.of(1), 5), RangeError);
  assert.throws(() => rollingErrorRate(at, Uint8Array.of(1), 5), RangeError);
  assert.throws(() => rollingQuantile(at, 2, 5), RangeError);
  assert.throws(() => rollingQuantile(at, 0.5, 0), RangeError);
});
