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
        for (const each of values) window.push(each);
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
