import assert from "node:assert/strict";
import fc from "fast-check";
import { SortedWindow } from "lib/numeric/sorted_window.ts";

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
