import assert from "node:assert/strict";
import fc from "fast-check";
import { categoriesOf } from "lib/logs/request_log.ts";
import {
  checkColumns,
  drawableRows,
  extremeRows,
  groupRows,
} from "lib/show/rows.ts";

Deno.test("extremeRows() takes the extremes of each stretch, by time", () => {
  // 600 rows a second apart, then one at 249,001 s: stretches of 996 s, so that
  // the first holds the 600, and the last row stands alone.
  const timestampMs = Float64Array.from({ length: 601 }, (_, i) => 1000 * i);
  timestampMs[600] = 249_001_000;
  const value = new Float64Array(601).fill(3);
  value[20] = 9;
  value[30] = -1;
  assert.deepEqual(extremeRows(timestampMs, [value]), [20, 30, 600]);
  const other = new Float64Array(601);
  other[40] = 1;
  assert.deepEqual(
    extremeRows(timestampMs, [value, other]),
    [0, 20, 30, 40, 600],
  );
});

Deno.test("extremeRows() keeps all rows where they are few or have one time", () => {
  const few = Float64Array.from({ length: 500 }, (_, i) => i);
  assert.equal(extremeRows(few, [few]).length, 500);
  const same = new Float64Array(501);
  assert.equal(extremeRows(same, [same]).length, 501);
});

Deno.test("extremeRows() never loses the highest and the lowest value", () => {
  const values = fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), {
    minLength: 501,
    maxLength: 1500,
  });
  fc.assert(
    fc.property(values, (list) => {
      const y = Float64Array.from(list);
      const rows = extremeRows(Float64Array.from(y.keys()), [y]);
      const kept = rows.map((i) => y[i]);
      assert.equal(Math.max(...kept), Math.max(...y));
      assert.equal(Math.min(...kept), Math.min(...y));
      assert.ok(rows.every((i, k) => k === 0 || i > rows[k - 1]));
      // 250 stretches, and the end of the last.
      assert.ok(rows.length <= 502);
    }),
    { seed: 1, numRuns: 30 },
  );
});

Deno.test("drawableRows() wants all columns above 0 on a logarithmic axis", () => {
  const a = Float64Array.of(1, 0, 2, -1);
  const b = Float64Array.of(0, 1, 1, 1);
  assert.deepEqual([...drawableRows([a, b], true)], [2]);
  assert.deepEqual([...drawableRows([a, b], false)], [0, 1, 2, 3]);
  assert.throws(() => drawableRows([Float64Array.of(-1, 0)], true), {
    name: "RangeError",
    message: /no value is > 0/,
  });
});

Deno.test("groupRows() leaves out what is not asked for", () => {
  const groups = categoriesOf(["a", "b", "a", "c"]);
  assert.deepEqual(groupRows(groups, [1, 2]), [
    { name: "a", rows: [2] },
    { name: "b", rows: [1] },
  ]);
});

Deno.test("checkColumns() rejects values that are not finite and lengths that differ", () => {
  const a = Float64Array.of(1, NaN);
  assert.throws(() => checkColumns({ a }, "draw"), {
    message: "Cannot draw: a[1] is NaN, expected a finite number",
  });
  const b = Float64Array.of(1);
  assert.throws(() => checkColumns({ b, flags: new Uint8Array(2) }, "draw"), {
    message: "Cannot draw: flags has 2 values, expected 1",
  });
});
