import assert from "node:assert/strict";
import type { PointDetector } from "lib/detect/detector.ts";
import { IsolationForest } from "lib/detect/isolation_forest.ts";
import { WindowedDetector } from "lib/detect/windowed.ts";
import type { Matrix } from "lib/numeric/matrix.ts";

/** A detector whose score is the first value of a window. */
function firstValue(windows: Matrix): PointDetector {
  return {
    kind: "first",
    featureCount: windows.cols,
    score: (x) =>
      Float64Array.from({ length: x.rows }, (_, i) => x.data[i * x.cols]),
    toJSON: () => ({ cols: windows.cols }),
  };
}

const VALUES = Float64Array.of(10, 11, 12, 13, 14, 15, 16);

Deno.test("WindowedDetector scores a row by the window around it", async () => {
  // Windows of 4 begin at rows 0 to 3; that around row i begins at i - 1.
  const detector = await WindowedDetector.fit(VALUES, firstValue, {
    windowSize: 4,
  });
  assert.equal(detector.isCausal, false);
  assert.deepEqual(
    [...detector.score(VALUES)],
    [10, 10, 11, 12, 13, 13, 13],
  );
});

Deno.test("WindowedDetector that is causal looks at no later row", async () => {
  const detector = await WindowedDetector.fit(VALUES, firstValue, {
    windowSize: 4,
    isCausal: true,
  });
  assert.deepEqual(
    [...detector.score(VALUES)],
    [10, 10, 10, 10, 11, 12, 13],
  );
  const forest = await WindowedDetector.fit(
    VALUES,
    (windows) => IsolationForest.fit(windows),
    { windowSize: 2, isCausal: true },
  );
  const whole = forest.score(VALUES);
  const other = forest.score(VALUES.with(5, -90).with(6, 1e6));
  assert.deepEqual(other.slice(2, 5), whole.slice(2, 5));
});

Deno.test("WindowedDetector keeps scores through JSON, and checks the width", async () => {
  const fit = (windows: Matrix) => IsolationForest.fit(windows, { seed: 4 });
  const detector = await WindowedDetector.fit(VALUES, fit, { windowSize: 3 });
  const json = JSON.parse(JSON.stringify(detector));
  const load = IsolationForest.fromJSON;
  const loaded = await WindowedDetector.fromJSON(json, load);
  assert.deepEqual(loaded.score(VALUES), detector.score(VALUES));
  for (
    const damage of [
      { kind: "windows" },
      { windowSize: 4 },
      { windowSize: "3" },
      { isCausal: 1 },
      { detector: null },
    ]
  ) {
    await assert.rejects(
      () => WindowedDetector.fromJSON({ ...json, ...damage }, load),
      SyntaxError,
    );
  }
});

Deno.test("WindowedDetector rejects what is too short or not finite", async () => {
  const fit = (values: Float64Array, windowSize: number) =>
    WindowedDetector.fit(values, firstValue, { windowSize });
  await assert.rejects(() => fit(VALUES, 7), {
    name: "RangeError",
    message: /the number of values is 7, expected .*8/,
  });
  await assert.rejects(() => fit(VALUES, 1), RangeError);
  await assert.rejects(() => fit(VALUES.with(2, NaN), 3), RangeError);
  const detector = await fit(VALUES, 3);
  assert.throws(() => detector.score(VALUES.slice(0, 2)), RangeError);
  assert.equal(detector.score(VALUES.slice(0, 3)).length, 3);
});
