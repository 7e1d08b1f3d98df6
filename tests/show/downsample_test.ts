import assert from "node:assert/strict";
import fc from "fast-check";
import { evenSample, minMaxSample } from "lib/show/downsample.ts";

Deno.test("evenSample() keeps all points where they are few", () => {
  assert.deepEqual([...evenSample(3, 3)], [0, 1, 2]);
  assert.deepEqual([...evenSample(0, 3)], []);
});

Deno.test("evenSample() gives as many different indices as asked for", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 5000 }),
      fc.integer({ min: 1, max: 400 }),
      (n, limit) => {
        const picked = evenSample(n, limit);
        assert.equal(new Set(picked).size, Math.min(n, limit));
        assert.ok(picked.every((i) => i < n));
      },
    ),
    { seed: 1 },
  );
});

Deno.test("minMaxSample() takes the extremes of each stretch, by time", () => {
  // Two stretches of x: [0, 5) holds rows 0 to 3, [5, 10] rows 4 to 6.
  const x = Float64Array.of(0, 1, 2, 3, 8, 9, 10);
  const y = Float64Array.of(4, 7, 1, 5, 2, 2, 9);
  assert.deepEqual([...minMaxSample(x, y, 2)], [1, 2, 4, 6]);
});

Deno.test("minMaxSample() keeps one point of a flat stretch and of equal times", () => {
  const flat = new Float64Array(9).fill(3);
  assert.deepEqual([...minMaxSample(Float64Array.from(flat.keys()), flat, 1)], [
    0,
  ]);
  const y = Float64Array.of(1, 5, 2, 0, 3);
  assert.deepEqual([...minMaxSample(new Float64Array(5), y, 2)], [1, 3]);
});

Deno.test("minMaxSample() never loses the highest and the lowest value", () => {
  const values = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), {
    minLength: 1,
    maxLength: 300,
  });
  fc.assert(
    fc.property(values, fc.integer({ min: 1, max: 20 }), (list, binCount) => {
      const y = Float64Array.from(list);
      const x = Float64Array.from(y.keys());
      const rows = minMaxSample(x, y, binCount);
      const kept = [...rows].map((i) => y[i]);
      assert.equal(Math.max(...kept), Math.max(...y));
      assert.equal(Math.min(...kept), Math.min(...y));
      assert.ok(rows.every((i, k) => k === 0 || i > rows[k - 1]));
      assert.ok(rows.length <= 2 * binCount || rows.length === y.length);
    }),
    { seed: 1 },
  );
});

Deno.test("sampling rejects limits below one and lengths that differ", () => {
  const three = new Float64Array(3);
  assert.throws(() => evenSample(3, 0), RangeError);
  assert.throws(() => minMaxSample(three, three, 0), RangeError);
  assert.throws(() => minMaxSample(three, new Float64Array(2), 1), {
    message: "Cannot thin out a line: y has 2 values, expected 3",
  });
});
