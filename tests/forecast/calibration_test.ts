import assert from "node:assert/strict";
import { lastValueForecaster } from "lib/forecast/baselines.ts";
import {
  calibrationErrors,
  conformalQuantile,
  shiftedQuantiles,
} from "lib/forecast/calibration.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";

/** 1 to n in some order. */
function ranks(n: number): Float64Array {
  return Float64Array.from({ length: n }, (_, i) => (i * 7) % n + 1);
}

Deno.test("conformalQuantile() takes the rank that makes up for few errors", () => {
  // (19 + 1) 0.95 = 19 and (19 + 1) 0.05 = 1: the outermost.
  assert.equal(conformalQuantile(ranks(19), 0.95), 19);
  assert.equal(conformalQuantile(ranks(19), 0.05), 1);
  // 101 * 0.9 = 90.9 up to 91; 101 * 0.1 = 10.1 down to 10.
  assert.equal(conformalQuantile(ranks(100), 0.9), 91);
  assert.equal(conformalQuantile(ranks(100), 0.1), 10);
  // The median of 1 to 100, and of 1 to 19.
  assert.equal(conformalQuantile(ranks(100), 0.5), 50.5);
  assert.equal(conformalQuantile(ranks(19), 0.5), 10);
});

Deno.test("shiftedQuantiles() sorts within a step, not across", () => {
  // Moved by 1, -1: 6, 4 and 11, 9.
  assert.deepEqual(
    [
      ...shiftedQuantiles(
        Float64Array.of(5, 5, 10, 10),
        Float64Array.of(1, -1, 1, -1),
        2,
      ),
    ],
    [4, 6, 9, 11],
  );
});

Deno.test("calibrationErrors() looks at targets from the first row on only", () => {
  const target = Float64Array.of(0, 1, 3, 6, 10, 15, 21, 28);
  const input = { features: matrixFromColumns([target]), target };
  const base = lastValueForecaster({ horizon: 2 });
  const errors = calibrationErrors(base, input, { start: 3 });
  // Origins 2 to 5: one step ahead 3, 4, 5, 6; two steps 7, 9, 11, 13.
  assert.deepEqual(errors.map(({ errors }) => [...errors]), [
    [3, 4, 5, 6],
    [7, 9, 11, 13],
  ]);
  assert.throws(() => calibrationErrors(base, input, { start: 7 }), {
    name: "RangeError",
    message: /the number of forecasts on rows 7 to 7 is 0/,
  });
  assert.throws(
    () => calibrationErrors(base, input, { start: -1 }),
    RangeError,
  );
});
