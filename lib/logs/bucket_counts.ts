/**
 * The bucket in which a log is measured unless another is asked for, chosen by
 * how many requests buckets hold. Requests are counted part by part, in memory
 * that does not grow with their number.
 *
 * @module
 */

import { median } from "../numeric/statistics.ts";
import { parseDurationMs } from "./duration.ts";

/** The lengths of bucket that people use, in ascending order. */
const USUAL_BUCKETS_MS = [
  ...["1m", "5m", "10m", "15m", "30m", "1h", "3h", "6h", "12h", "1d"],
].map(parseDurationMs);
/** Each a multiple of the one before, so that counts can be joined. */
const COUNTED_MS = ["1m", "5m", "30m", "1h", "1d"].map(parseDurationMs);
const MIN_MEDIAN_REQUESTS = 30;
/** Seven years of minutes; in 100 MB. */
const MAX_COUNTS = 4_000_000;

/**
 * Requests by bucket. They are counted by the minute; where more than four
 * million minutes hold requests, by 5 minutes, then 30, an hour, a day: shorter
 * buckets are then not chosen.
 */
export class BucketCounts {
  #unit = 0;
  #counts = new Map<number, number>();

  /**
   * Counts requests.
   *
   * @param timestampMs Their times, in any order, milliseconds since 1970 UTC.
   */
  add(timestampMs: Float64Array): void {
    let unitMs = COUNTED_MS[this.#unit];
    for (let from = 0, to = 0; from < timestampMs.length; from = to) {
      const bucket = Math.floor(timestampMs[from] / unitMs);
      // Requests of a bucket mostly stand together.
      while (
        to < timestampMs.length &&
        Math.floor(timestampMs[to] / unitMs) === bucket
      ) to++;
      this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + to - from);
      while (
        this.#counts.size > MAX_COUNTS && this.#unit < COUNTED_MS.length - 1
      ) {
        this.#counts = this.#countsIn(COUNTED_MS[++this.#unit], unitMs);
        unitMs = COUNTED_MS[this.#unit];
      }
    }
  }

  /**
   * The smallest usual length of bucket (1, 5, 10, 15 or 30 minutes, 1, 3, 6 or
   * 12 hours, 1 day) that holds a median of at least 30 requests, over all
   * buckets from the first to the last request.
   *
   * @returns The length in milliseconds; a day if no length holds as many.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { BucketCounts } from "lib/logs/bucket_counts.ts";
   *
   * const counts = new BucketCounts();
   * // A request every 6 seconds: 10 a minute, 50 in 5 minutes.
   * for (const part of [0, 1]) {
   *   const row = Array.from({ length: 500 }, (_, i) => 500 * part + i);
   *   counts.add(Float64Array.from(row, (i) => 6000 * i));
   * }
   * assert.equal(counts.usualBucketMs(), 300_000);
   * ```
   */
  usualBucketMs(): number {
    const unitMs = COUNTED_MS[this.#unit];
    const chosen = USUAL_BUCKETS_MS.find((bucketMs) =>
      bucketMs % unitMs === 0 &&
      medianOf(this.#countsIn(bucketMs, unitMs)) >= MIN_MEDIAN_REQUESTS
    );
    return chosen ?? USUAL_BUCKETS_MS[USUAL_BUCKETS_MS.length - 1];
  }

  #countsIn(bucketMs: number, unitMs: number): Map<number, number> {
    const factor = bucketMs / unitMs;
    if (factor === 1) return this.#counts;
    const counts = new Map<number, number>();
    for (const [at, count] of this.#counts) {
      const bucket = Math.floor(at / factor);
      counts.set(bucket, (counts.get(bucket) ?? 0) + count);
    }
    return counts;
  }
}

/** The median over all buckets from the first to the last. */
function medianOf(counts: ReadonlyMap<number, number>): number {
  if (counts.size === 0) return 0;
  let first = Infinity, last = -Infinity;
  for (const bucket of counts.keys()) {
    first = Math.min(first, bucket);
    last = Math.max(last, bucket);
  }
  const bucketCount = last - first + 1;
  // More than half of the buckets are empty: no need to make room for them.
  if (!(bucketCount <= 2 * counts.size)) return 0;
  const all = new Float64Array(bucketCount);
  for (const [bucket, count] of counts) all[bucket - first] = count;
  return median(all);
}
