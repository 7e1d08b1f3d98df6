import assert from "node:assert/strict";
import fc from "fast-check";
import { SortedWindow } from "lib/numeric/sorted_window.ts";

Deno.test("SortedWindow agrees with sorting the last values anew", () => {
  const value = fc.integer({ min: -9, max: 9 });
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 60 }),
      fc.integer({ min: 1, max: 12 }),
      value,
      (values, capacity, asked) => {
        const window = new SortedWindow(capacity);
        for (const each of values) window.add(each);
        const held = values.slice(-capacity).sort((a, b) => a - b);
        assert.equal(window.size, held.length);
        assert.equal(window.largest, held[held.length - 1]);
        assert.equal(
          window.countAtLeast(asked),
          held.filter((each) => each >= asked).length,
        );
        assert.equal(
          window.distanceToNearest(asked),
          Math.min(...held.map((each) => Math.abs(each - asked))),
        );
        assert.equal(window.quantile(0), held[0]);
        assert.equal(window.quantile(1), held[held.length - 1]);
      },
    ),
    { seed: 11, numRuns: 500 },
  );
});

Deno.test("SortedWindow holds nothing at first", () => {
  const window = new SortedWindow(3);
  assert.equal(window.size, 0);
  assert.equal(window.largest, -Infinity);
  assert.equal(window.distanceToNearest(5), Infinity);
  assert.equal(window.countAtLeast(5), 0);
  assert.throws(() => window.quantile(0.5), RangeError);
});

Deno.test("SortedWindow rejects a capacity that is no number of values", () => {
  for (const capacity of [0, -1, 1.5, NaN]) {
    assert.throws(() => new SortedWindow(capacity), {
      name: "RangeError",
      message: /capacity is/,
    });
  }
});

Deno.test("SortedWindow holds the last values in order", () => {
  const cases = fc.tuple(
    fc.integer({ min: 1, max: 8 }),
    fc.array(fc.integer({ min: -3, max: 3 }), { maxLength: 40 }),
  );
  fc.assert(
    fc.property(cases, ([capacity, values]) => {
      const window = new SortedWindow(capacity);
      values.forEach((value, k) => {
        assert.equal(window.add(value), values[k - capacity]);
        const last = values.slice(Math.max(0, k + 1 - capacity), k + 1);
        assert.deepEqual([...window.values], last.sort((a, b) => a - b));
      });
    }),
    { seed: 11 },
  );
});

Deno.test("SortedWindow begins anew after clear()", () => {
  const window = new SortedWindow(2);
  for (const value of [4, 2, 3]) window.add(value);
  window.clear();
  assert.equal(window.values.length, 0);
  assert.equal(window.add(9), undefined);
  assert.equal(window.add(1), undefined);
  assert.equal(window.add(5), 9);
  assert.deepEqual([...window.values], [1, 5]);
  assert.throws(() => new SortedWindow(0), RangeError);
});
