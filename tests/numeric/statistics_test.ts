import assert from "node:assert/strict";
import fc from "fast-check";
import {
  binomialTail,
  MAD_TO_SIGMA,
  mean,
  median,
  medianAbsoluteDeviation,
  quantile,
  quantileSorted,
  standardDeviation,
} from "lib/numeric/statistics.ts";
import golden from "../golden/statistics.json" with { type: "json" };

const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const values = fc
  .array(finite, { minLength: 1, maxLength: 30 })
  .map((list) => Float64Array.from(list));
const probability = fc.double({ min: 0, max: 1, noNaN: true });

golden.cases.forEach((expected, k) => {
  Deno.test(`statistics agree with NumPy (case ${k})`, () => {
    const list = Float64Array.from(expected.values);
    near(mean(list), expected.mean);
    near(standardDeviation(list), expected.standardDeviation);
    golden.probabilities.forEach((q, i) =>
      near(quantile(list, q), expected.quantiles[i])
    );
  });
});

Deno.test("quantile() interpolates between order statistics", () => {
  // Position 0.3 * 3 = 0.9 between the sorted 10 and 20.
  near(quantile(Float64Array.of(40, 10, 20, 30), 0.3), 19);
});

Deno.test("quantile() of 0 and 1 are the least and the greatest", () => {
  fc.assert(
    fc.property(values, (list) => {
      assert(quantile(list, 0) === Math.min(...list));
      assert(quantile(list, 1) === Math.max(...list));
    }),
    { seed: 1 },
  );
});

Deno.test("quantile() does not fall as the probability grows", () => {
  fc.assert(
    fc.property(values, probability, probability, (list, a, b) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      assert(quantile(list, low) <= quantile(list, high));
    }),
    { seed: 2 },
  );
});

Deno.test("quantile() of ties is exactly the tied value", () => {
  fc.assert(
    fc.property(finite, probability, (value, q) => {
      assert(quantile(new Float64Array(7).fill(value), q) === value);
    }),
    { seed: 3 },
  );
});

Deno.test("quantile() leaves its values in their order", () => {
  const list = Float64Array.of(3, 1, 2);
  quantile(list, 0.5);
  assert.deepEqual([...list], [3, 1, 2]);
});

Deno.test("median() takes the middle, or the mean of the middle two", () => {
  assert.equal(median(Float64Array.of(9, 1, 5)), 5);
  assert.equal(median(Float64Array.of(9, 1, 5, 6)), 5.5);
});

Deno.test("medianAbsoluteDeviation() is not moved by one far value", () => {
  // Median 3; distances 2, 1, 0, 1, 997 have median 1.
  const list = Float64Array.of(1, 2, 3, 4, 1000);
  assert.equal(medianAbsoluteDeviation(list), 1);
});

Deno.test("MAD_TO_SIGMA scales the quartile of a normal to 1", () => {
  // Φ⁻¹(3/4) = 0.674489750196.
  assert(Math.abs(1 / MAD_TO_SIGMA - 0.674489750196) < 1e-12);
});

Deno.test("mean() of the largest doubles does not overflow", () => {
  const list = new Float64Array(4).fill(Number.MAX_VALUE);
  assert.equal(mean(list), Number.MAX_VALUE);
});

Deno.test("standardDeviation() of a constant is 0", () => {
  assert.equal(standardDeviation(Float64Array.of(4, 4, 4)), 0);
});

Deno.test("binomialTail() counts the outcomes of three throws", () => {
  // 1, 7/8, 4/8, 1/8 for at least 0, 1, 2, 3 heads.
  [1, 7 / 8, 4 / 8, 1 / 8].forEach((expected, k) =>
    assert(Math.abs(binomialTail(k, 3, 0.5) - expected) < 1e-12)
  );
});

Deno.test("statistics reject empty lists and values that are not finite", () => {
  for (
    const statistic of [
      mean,
      standardDeviation,
      median,
      medianAbsoluteDeviation,
      (list: Float64Array) => quantile(list, 0.5),
    ]
  ) {
    for (const list of [[], [NaN], [1, Infinity]]) {
      assert.throws(() => statistic(Float64Array.from(list)), RangeError);
    }
  }
  assert.throws(() => quantileSorted(Float64Array.of(), 0.5), RangeError);
});

Deno.test("quantile() rejects what is no probability", () => {
  for (const q of [-0.1, 1.1, NaN]) {
    assert.throws(() => quantile(Float64Array.of(1), q), {
      name: "RangeError",
      message: /q is/,
    });
  }
});

function near(actual: number, expected: number): void {
  const gap = Math.abs(actual - expected);
  const allowed = golden.tolerance.relative * Math.abs(expected);
  assert(gap <= allowed, `${actual} is not ${expected}`);
}
