import assert from "node:assert/strict";
import {
  BinnedDistribution,
  ExactDistribution,
  RELATIVE_ERROR,
} from "lib/commands/inspection/quantiles.ts";

function quantilesOf(
  values: readonly number[],
  into: BinnedDistribution | ExactDistribution,
) {
  for (const value of values) into.add(value);
  return Object.entries(into.quantiles());
}

Deno.test("BinnedDistribution is within its error, and exact at the ends and at 0", () => {
  for (
    const values of [
      [0, 0, 0, 5, 700],
      [3],
      [0],
      Array.from({ length: 1000 }, (_, i) => 1.02 ** i),
      [1, 2 ** 53 - 1, 1e150],
    ]
  ) {
    const exact = new Map(quantilesOf(values, new ExactDistribution()));
    for (const [name, found] of quantilesOf(values, new BinnedDistribution())) {
      const expected = exact.get(name) ?? NaN;
      // Beyond 1e16 only the greatest value is exact.
      if (name === "max" || name === "min") assert.equal(found, expected);
      else if (expected < 1e16) {
        assert.ok(Math.abs(found - expected) <= RELATIVE_ERROR * expected);
      }
    }
  }
});

Deno.test("Both distributions of no value have quantiles NaN", () => {
  for (const none of [new ExactDistribution(), new BinnedDistribution()]) {
    assert.equal(none.count, 0);
    assert.ok(Number.isNaN(none.quantiles().p50));
  }
});
