import assert from "node:assert/strict";
import fc from "fast-check";
import {
  chronologicalSplit,
  evenRows,
  evenSubset,
  gatherWindows,
  windowStarts,
} from "lib/logs/windows.ts";
import { matrixFromRows } from "lib/numeric/matrix.ts";

const SEED = 11;

Deno.test("windowStarts() keeps the targets within the rows", () => {
  // 10 rows, windows of 4, targets of 2: the last uses 4-7 and targets 8, 9.
  const options = { windowLength: 4, horizon: 2 };
  assert.deepEqual([...windowStarts(10, options)], [0, 1, 2, 3, 4]);
  assert.deepEqual(
    [...windowStarts(10, { ...options, stride: 3 })],
    [0, 3],
  );
  assert.deepEqual([...windowStarts(10, { ...options, firstRow: 3 })], [3, 4]);
});

Deno.test("windowStarts() is empty where not one window fits", () => {
  assert.equal(windowStarts(6, { windowLength: 4, horizon: 3 }).length, 0);
  assert.equal(windowStarts(0).length, 0);
  assert.equal(windowStarts(5, { firstRow: 9, windowLength: 2 }).length, 0);
  assert.deepEqual([...windowStarts(7, { windowLength: 4, horizon: 3 })], [0]);
  assert.deepEqual([...windowStarts(4, { windowLength: 4, horizon: 0 })], [0]);
});

Deno.test("windowStarts() rejects options out of range", () => {
  for (
    const options of [
      { windowLength: 0 },
      { horizon: -1 },
      { stride: 0 },
      { firstRow: -1 },
      { windowLength: NaN },
    ]
  ) {
    assert.throws(() => windowStarts(10, options), RangeError);
  }
  assert.throws(() => windowStarts(1.5), RangeError);
});

Deno.test("windowStarts() lists every window that fits and no other", () => {
  const integer = (min: number, max: number) => fc.integer({ min, max });
  fc.assert(
    fc.property(
      integer(0, 40),
      integer(1, 8),
      integer(0, 5),
      integer(1, 4),
      (endRow, windowLength, horizon, stride) => {
        const expected: number[] = [];
        for (let start = 0; start < endRow; start += stride) {
          if (start + windowLength + horizon <= endRow) expected.push(start);
        }
        const options = { windowLength, horizon, stride };
        assert.deepEqual([...windowStarts(endRow, options)], expected);
      },
    ),
    { seed: SEED },
  );
});

Deno.test("evenSubset() spreads its choice evenly and keeps the newest", () => {
  const starts = Uint32Array.from({ length: 10 }, (_, i) => 100 + i);
  // Thirds of ten: the 3rd, the 6th and the 10th.
  assert.deepEqual([...evenSubset(starts, 3)], [102, 105, 109]);
  assert.deepEqual([...evenSubset(starts, 1)], [109]);
  assert.deepEqual(evenSubset(starts, 10), starts);
  assert.deepEqual(evenSubset(starts, 99), starts);
  assert.equal(evenSubset(new Uint32Array(0), 5).length, 0);
  assert.throws(() => evenSubset(starts, 0), RangeError);
});

Deno.test("evenSubset() keeps gaps that differ by at most one", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 500 }),
      fc.integer({ min: 2, max: 100 }),
      (count, maximum) => {
        const starts = Uint32Array.from({ length: count }, (_, i) => i);
        const subset = evenSubset(starts, maximum);
        assert.equal(subset.length, Math.min(count, maximum));
        const gaps = [...subset].slice(1).map((start, i) => start - subset[i]);
        assert.ok(Math.max(...gaps) - Math.min(...gaps) <= 1);
        assert.ok(Math.min(...gaps) >= 1);
      },
    ),
    { seed: SEED },
  );
});

Deno.test("gatherWindows() copies rows window after window", () => {
  const x = matrixFromRows([[1, 10], [2, 20], [3, 30], [4, 40]]);
  assert.deepEqual(
    [...gatherWindows(x, Uint32Array.of(2, 0), 2)],
    [3, 30, 4, 40, 1, 10, 2, 20],
  );
  assert.equal(gatherWindows(x, new Uint32Array(0), 2).length, 0);
  assert.throws(() => gatherWindows(x, Uint32Array.of(3), 2), {
    name: "RangeError",
    message: /rows 3 to 4 are wanted of 4 rows/,
  });
});

Deno.test("chronologicalSplit() gives the oldest rows to the first part", () => {
  assert.deepEqual(chronologicalSplit(50, [0.64, 0.16, 0.2]), [
    { start: 0, end: 32 },
    { start: 32, end: 40 },
    { start: 40, end: 50 },
  ]);
  assert.deepEqual(chronologicalSplit(7, [1]), [{ start: 0, end: 7 }]);
});

Deno.test("chronologicalSplit() leaves no row that windows of two parts share", () => {
  fc.assert(
    fc.property(fc.integer({ min: 30, max: 300 }), (rowCount) => {
      const used = new Set<number>();
      for (const { start, end } of chronologicalSplit(rowCount, [0.6, 0.4])) {
        const rows = new Set<number>();
        const options = { firstRow: start, windowLength: 5, horizon: 3 };
        for (const first of windowStarts(end, options)) {
          for (let row = first; row < first + 8; row++) rows.add(row);
        }
        assert.equal(rows.size, end - start);
        for (const row of rows) assert.ok(!used.has(row));
        for (const row of rows) used.add(row);
      }
      assert.equal(used.size, rowCount);
    }),
    { seed: SEED },
  );
});

Deno.test("chronologicalSplit() rejects fractions that make no split", () => {
  for (const fractions of [[0.5, 0.4], [1.2, -0.2], [0, 1], [NaN], []]) {
    assert.throws(() => chronologicalSplit(100, fractions), RangeError);
  }
  assert.throws(() => chronologicalSplit(2, [0.9, 0.1]), {
    message: /2 rows leave none for a share of 0.1/,
  });
  assert.throws(() => chronologicalSplit(0, [1]), RangeError);
});

Deno.test("evenRows() keeps order and the newest row", () => {
  const x = matrixFromRows([[0], [1], [2], [3], [4]]);
  assert.deepEqual([...evenRows(x, 2).data], [1, 4]);
  assert.equal(evenRows(x, 5), x);
});
