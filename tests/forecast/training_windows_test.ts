import assert from "node:assert/strict";
import {
  standardizationOf,
  trainingWindows,
} from "lib/forecast/training_windows.ts";
import { matrixFromColumns } from "lib/numeric/matrix.ts";
import { tf } from "lib/numeric/tensors.ts";

Deno.test("standardizationOf() measures mean and deviation, and gives a constant the scale 1", () => {
  assert.deepEqual(
    standardizationOf(Float64Array.of(2, 4, 4, 4, 5, 5, 7, 9)),
    { mean: 5, deviation: 2 },
  );
  assert.deepEqual(
    standardizationOf(Float64Array.of(3, 3)),
    { mean: 3, deviation: 1 },
  );
});

Deno.test("trainingWindows() pairs each window with the standardized rows after it", () => {
  // Rows 1 to 6 of 8 belong to the part; windows of 2 with 2 targets start at
  // rows 1, 2, 3. The target of row i is 10 i; standardized, i - 4.
  const rows = [0, 1, 2, 3, 4, 5, 6, 7];
  const data = trainingWindows({
    features: matrixFromColumns([rows, rows.map((row) => -row)]),
    target: Float64Array.from(rows, (row) => 10 * row),
  }, {
    part: { start: 1, end: 7 },
    maximum: 100,
    windowLength: 2,
    horizon: 2,
    targetScale: { mean: 40, deviation: 10 },
  });
  assert.equal(data.size, 3);
  tf.tidy(() => {
    const { inputs, targets } = data.batch(Uint32Array.of(2, 0));
    assert.deepEqual(inputs.shape, [2, 2, 2]);
    assert.deepEqual([...inputs.dataSync()], [3, -3, 4, -4, 1, -1, 2, -2]);
    assert.deepEqual(targets.arraySync(), [[1, 2], [-1, 0]]);
  });
});

Deno.test("trainingWindows() keeps at most the windows wanted, the newest among them", () => {
  const target = Float64Array.from({ length: 50 }, (_, i) => i);
  const data = trainingWindows({
    features: matrixFromColumns([target]),
    target,
  }, {
    part: { start: 0, end: 50 },
    maximum: 4,
    windowLength: 3,
    horizon: 1,
    targetScale: { mean: 0, deviation: 1 },
  });
  assert.equal(data.size, 4);
  tf.tidy(() => {
    const { targets } = data.batch(Uint32Array.of(3));
    assert.deepEqual([...targets.dataSync()], [49]);
  });
});
