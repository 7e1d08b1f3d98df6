import assert from "node:assert/strict";
import { compassSearch } from "lib/numeric/compass_search.ts";

Deno.test("compassSearch() finds the bottom of a bowl", () => {
  const { point, value } = compassSearch(
    ([x, y]) => (x - 0.2) ** 2 + 3 * (y - 0.7) ** 2,
    [Float64Array.of(0.9, 0.1)],
  );
  assert.ok(Math.abs(point[0] - 0.2) < 1e-3);
  assert.ok(Math.abs(point[1] - 0.7) < 1e-3);
  assert.ok(value < 1e-6);
});

Deno.test("compassSearch() stays in the box where the bottom lies outside", () => {
  const start = Float64Array.of(0.5, 0.5);
  const { point } = compassSearch(([x, y]) => x - y, [start]);
  assert.ok(point[0] >= 0 && point[0] < 1e-12);
  assert.ok(point[1] <= 1 && point[1] > 1 - 1e-12);
});

Deno.test("compassSearch() goes on from the best start", () => {
  // Two valleys, at 0.1 and, deeper, at 0.9.
  const valleys = ([x]: Float64Array) =>
    Math.min((x - 0.1) ** 2 + 1, (x - 0.9) ** 2);
  const starts = [Float64Array.of(0.1), Float64Array.of(0.8)];
  assert.ok(Math.abs(compassSearch(valleys, starts).point[0] - 0.9) < 1e-3);
});

Deno.test("compassSearch() takes NaN for the worst and ends on a plain", () => {
  const start = [Float64Array.of(0.5)];
  const half = ([x]: Float64Array) => x > 0.5 ? NaN : -x;
  assert.deepEqual([...compassSearch(half, start).point], [0.5]);
  assert.deepEqual(compassSearch(() => NaN, start).value, Infinity);
  assert.deepEqual([...compassSearch(() => 1, start).point], [0.5]);
});

Deno.test("compassSearch() keeps to its number of evaluations", () => {
  let count = 0;
  compassSearch(([x]) => (count++, (x - 1 / 3) ** 2), [Float64Array.of(1)], {
    maximumEvaluations: 9,
  });
  // Two neighbours at a time, one at the edge.
  assert.ok(count >= 9 && count <= 10, `${count}`);
});

Deno.test("compassSearch() rejects no start and steps out of range", () => {
  const start = [Float64Array.of(0.5)];
  assert.throws(() => compassSearch(() => 1, []), RangeError);
  for (const bad of [0, -1, NaN]) {
    for (const options of [{ firstStep: bad }, { tolerance: bad }]) {
      assert.throws(() => compassSearch(() => 1, start, options), RangeError);
    }
  }
});
