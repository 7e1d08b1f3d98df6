/**
 * Counting values in bins of equal width, or of equal ratio.
 *
 * @module
 */

import { checkNumber, checkValues } from "../numeric/checks.ts";
import type { Domain } from "./axes.ts";

/** Counts of values in neighbouring bins. */
export type Histogram = {
  /** Borders of the bins, ascending, shape `(binCount + 1)`. */
  readonly edges: Float64Array;
  /** Values in each bin; the last holds its upper border too. */
  readonly counts: Uint32Array;
};

/**
 * Counts values in bins.
 *
 * @param values Finite values within the domain, shape `(n)`, n >= 1; above 0
 * if `log`.
 * @param options The domain, how many bins, and whether they are equally wide
 * in the logarithm.
 * @returns The counts, which add up to n.
 * @throws {RangeError} If `values` is empty or not finite, `binCount` is not a
 * positive integer, or a value is outside the domain.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { histogram } from "lib/show/histogram.ts";
 *
 * const values = Float64Array.of(0, 1, 1.5, 4);
 * const { edges, counts } = histogram(values, { domain: [0, 4], binCount: 2 });
 * assert.deepEqual([...edges], [0, 2, 4]);
 * assert.deepEqual([...counts], [3, 1]);
 * ```
 */
export function histogram(
  values: Float64Array,
  options: { domain: Domain; binCount: number; log?: boolean },
): Histogram {
  const { domain, binCount, log = false } = options;
  const action = "count values in bins";
  checkValues(values, "values", action);
  checkNumber(binCount, "binCount", action, { minimum: 1, integer: true });
  const [low, high] = log ? domain.map(Math.log) : domain;
  const width = (high - low) / binCount;
  const edges = Float64Array.from({ length: binCount + 1 }, (_, k) => {
    const edge = low + k * width;
    return log ? Math.exp(edge) : edge;
  });
  const counts = new Uint32Array(binCount);
  for (const value of values) {
    checkNumber(value, "a value", action, {
      minimum: domain[0],
      maximum: domain[1],
    });
    const place = ((log ? Math.log(value) : value) - low) / width;
    counts[Math.max(0, Math.min(binCount - 1, Math.floor(place)))]++;
  }
  return { edges, counts };
}
