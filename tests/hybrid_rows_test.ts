import assert from "node:assert/strict";
import { HybridRows } from "lib/hybrid_rows.ts";
import { seriesFeatures } from "lib/logs/features.ts";
import type { Matrix } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";

const HOUR_MS = 3_600_000;
const HOURS = 24 * 30;
/** The clock shows noon when the series stops, midnight when it goes on. */
const GAP = { firstRow: 24 * 10 + 6, hours: 36 };

/** Days with a steep wave. */
function hourly(hours: number): Float64Array {
  const random = new Random(9);
  return Float64Array.from(
    { length: hours },
    (_, hour) => 50 * Math.sin(hour / 24 * 2 * Math.PI) + random.normal(),
  );
}

function rowsOf(value: Float64Array): Matrix {
  const timestampMs = value.map((_, row) => row * HOUR_MS);
  const sourceRow = Uint32Array.from(value.keys());
  return seriesFeatures({ timestampMs, value, sourceRow }).x;
}

function without(all: Float64Array, first: number, count: number) {
  return Float64Array.of(
    ...all.subarray(0, first),
    ...all.subarray(first + count),
  );
}

Deno.test("HybridRows lets no shape reach over a long gap", async () => {
  const values = hourly(HOURS);
  const hybrid = await HybridRows.fit(rowsOf(values));
  const { firstRow, hours } = GAP;
  const left = rowsOf(without(values, firstRow, hours));
  const timestampMs = without(
    values.map((_, row) => row * HOUR_MS),
    firstRow,
    hours,
  );
  // As one series it jumps from the crest of the wave to its trough.
  const joined = hybrid.score(left);
  const apart = hybrid.score(left, { timestampMs });
  const highest = Math.max(...hybrid.score(rowsOf(values)));
  assert(joined[firstRow] > highest, `${joined[firstRow]}`);
  assert(apart[firstRow] <= highest);
  assert(apart[firstRow - 1] <= highest);
  // Each stretch is judged as if it were a series of its own.
  const before = rowsOf(values.slice(0, firstRow));
  assert.deepEqual(apart.slice(0, firstRow), hybrid.score(before));
  // Twelve rows or more away from the gap nothing changes.
  assert.deepEqual(apart.slice(firstRow + 12), joined.slice(firstRow + 12));
});

Deno.test("HybridRows takes duplicates and irregular steps as rows in order", async () => {
  const values = hourly(HOURS);
  const x = rowsOf(values);
  const hybrid = await HybridRows.fit(x);
  const expected = hybrid.judge(x);
  const random = new Random(2);
  for (
    const timestampMs of [
      values.map((_, row) => row * HOUR_MS),
      // From half a step to twelve steps apart, or pairs of the same time.
      values.map((_, row) => (row + 0.5 * random.uniform()) * HOUR_MS),
      values.map((_, row) => (row + (row > 300 ? 11 : 0)) * HOUR_MS),
      values.map((_, row) => Math.floor(row / 2) * HOUR_MS),
      new Float64Array(HOURS),
    ]
  ) {
    assert.deepEqual(hybrid.judge(x, { timestampMs }), expected);
  }
});

Deno.test("HybridRows scores a stretch of less than twelve rows with the next", async () => {
  const values = hourly(HOURS);
  const x = rowsOf(values);
  const hybrid = await HybridRows.fit(x);
  // Gaps of a day before rows 100 and 105: five rows alone hold no shape.
  const timestampMs = values.map((_, row) =>
    (row + (row < 100 ? 0 : 24) + (row < 105 ? 0 : 24)) * HOUR_MS
  );
  const scores = hybrid.score(x, { timestampMs });
  assert.deepEqual(scores.slice(100), hybrid.score(rowsOf(values.slice(100))));
});

Deno.test("HybridRows says for each row who speaks loudest, and rejects 11 rows", async () => {
  const values = hourly(HOURS).with(200, 900);
  const x = rowsOf(values);
  const hybrid = await HybridRows.fit(x);
  const { score, loudest } = hybrid.judge(x);
  assert.deepEqual(score, hybrid.score(x));
  assert.equal(score.indexOf(Math.max(...score)), 200);
  assert.equal(loudest.codes.length, HOURS);
  assert.equal(loudest.names.length, 4);
  assert.throws(() => hybrid.score(rowsOf(values.slice(0, 11))), {
    name: "RangeError",
    message: /the number of values is 11, expected .*12/,
  });
});
