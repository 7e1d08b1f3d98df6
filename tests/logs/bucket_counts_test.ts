import assert from "node:assert/strict";
import { BucketCounts } from "lib/logs/bucket_counts.ts";

const MINUTE = 60_000;

function bucketOf(...parts: number[][]): number {
  const counts = new BucketCounts();
  for (const part of parts) counts.add(Float64Array.from(part));
  return counts.usualBucketMs();
}

Deno.test("BucketCounts chooses alike of parts in any order", () => {
  // Seven a minute: 35 in five.
  const times = Array.from({ length: 700 }, (_, i) => i * MINUTE / 7);
  assert.equal(bucketOf(times), 5 * MINUTE);
  const parts = [times.slice(300, 700), [], times.slice(0, 300).reverse()];
  assert.equal(bucketOf(...parts), 5 * MINUTE);
});

Deno.test("BucketCounts takes times before 1970, one request, and none", () => {
  const times = Array.from({ length: 100 }, (_, i) => i * 1000 - 50_000);
  assert.equal(bucketOf(times), MINUTE);
  assert.equal(bucketOf([5]), 1440 * MINUTE);
  assert.equal(bucketOf([]), 1440 * MINUTE);
});

Deno.test("BucketCounts joins counts where too many minutes hold requests", () => {
  const counts = new BucketCounts();
  // One a minute for eight years: 30 in half an hour.
  const part = new Float64Array(525_600);
  for (let year = 0; year < 8; year++) {
    counts.add(part.map((_, i) => (year * part.length + i) * MINUTE));
  }
  assert.equal(counts.usualBucketMs(), 30 * MINUTE);
});
