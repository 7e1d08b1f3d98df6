import assert from "node:assert/strict";
import fc from "fast-check";
import { Random } from "lib/numeric/random.ts";
import { mean, standardDeviation } from "lib/numeric/statistics.ts";

const DRAWS = 20000;

Deno.test("Random gives the same stream for the same seed and indices", () => {
  const seed = fc.maxSafeNat();
  fc.assert(
    fc.property(seed, fc.array(seed, { maxLength: 3 }), (first, streams) => {
      assert.deepEqual(
        draws(new Random(first, ...streams), 5),
        draws(new Random(first, ...streams), 5),
      );
    }),
    { seed: 1 },
  );
});

Deno.test("Random gives another stream for another seed, index or depth", () => {
  const streams = [
    [0],
    [1],
    [2 ** 32], // the upper half of a seed counts
    [0, 0],
    [0, 1],
    [1, 0],
    [0, 0, 0],
  ];
  const first = streams.map(([seed, ...rest]) =>
    new Random(seed, ...rest).uniform()
  );
  assert.equal(new Set(first).size, streams.length);
});

Deno.test("Random streams next to each other are not correlated", () => {
  const [a, b] = [new Random(7, 0), new Random(7, 1)];
  let sum = 0;
  for (let k = 0; k < DRAWS; k++) {
    sum += (a.uniform() - 0.5) * (b.uniform() - 0.5);
  }
  // A product has variance 1 / 144; four standard errors.
  assert(Math.abs(sum / DRAWS) < 4 / 12 / Math.sqrt(DRAWS));
});

Deno.test("uniform() has the mean and variance of its distribution", () => {
  const values = draws(new Random(1), DRAWS);
  assert(values.every((value) => value >= 0 && value < 1));
  // Standard errors: sqrt(1 / 12 / n) = 0.002, and sqrt(1 / 180 / n) = 0.0005.
  assert(Math.abs(mean(values) - 0.5) < 0.008);
  assert(Math.abs(standardDeviation(values) ** 2 - 1 / 12) < 0.002);
});

Deno.test("normal() has mean 0, deviation 1 and the tails of a normal", () => {
  const random = new Random(2);
  const values = Float64Array.from({ length: DRAWS }, () => random.normal());
  assert(Math.abs(mean(values)) < 0.03);
  assert(Math.abs(standardDeviation(values) - 1) < 0.02);
  // 4.55 % lie beyond two deviations; the standard error is 0.15 %.
  const share = values.filter((value) => Math.abs(value) > 2).length / DRAWS;
  assert(Math.abs(share - 0.0455) < 0.006);
});

Deno.test("exponential() has mean 1 and deviation 1", () => {
  const random = new Random(3);
  const values = Float64Array.from(
    { length: DRAWS },
    () => random.exponential(),
  );
  assert(values.every((value) => value >= 0));
  assert(Math.abs(mean(values) - 1) < 0.03);
  assert(Math.abs(standardDeviation(values) - 1) < 0.05);
});

Deno.test("integer() draws each number alike", () => {
  // Chi-square with 6 degrees of freedom; 22.5 is its 99.9th percentile.
  const counts = new Float64Array(7);
  const random = new Random(4);
  for (let k = 0; k < DRAWS; k++) counts[random.integer(7)]++;
  const expected = DRAWS / 7;
  const chiSquare = counts.reduce(
    (sum, count) => sum + (count - expected) ** 2 / expected,
    0,
  );
  assert(chiSquare < 22.5, `${chiSquare}`);
});

Deno.test("integer() has no modulo bias for a large bound", () => {
  // Taking 32 bits modulo 3 * 2^30 would draw the first third half the time.
  const random = new Random(5);
  let low = 0;
  for (let k = 0; k < DRAWS; k++) {
    low += random.integer(3 * 2 ** 30) < 2 ** 30 ? 1 : 0;
  }
  assert(Math.abs(low / DRAWS - 1 / 3) < 0.014);
});

Deno.test("integer() reaches the ends of its range", () => {
  const random = new Random(6);
  assert.equal(random.integer(1), 0);
  const seen = new Set(Array.from({ length: 100 }, () => random.integer(3)));
  assert.deepEqual(seen, new Set([0, 1, 2]));
  assert(random.integer(2 ** 32) < 2 ** 32);
});

Deno.test("shuffleInPlace() keeps every value and gives all orders alike", () => {
  const random = new Random(7);
  const counts = new Map<string, number>();
  for (let k = 0; k < 6000; k++) {
    const values = Uint32Array.of(1, 2, 3);
    random.shuffleInPlace(values);
    assert.deepEqual([...values].sort(), [1, 2, 3]);
    const order = values.join();
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  // 1,000 each, with a standard deviation of 29.
  for (const count of counts.values()) assert(Math.abs(count - 1000) < 120);
});

Deno.test("sample() draws different numbers below the population", () => {
  const sizes = fc.tuple(fc.nat(60), fc.nat(60)).map(([a, b]) => [
    Math.min(a, b),
    Math.max(a, b),
  ]);
  fc.assert(
    fc.property(sizes, fc.nat(), ([count, population], seed) => {
      const drawn = new Random(seed).sample(count, population);
      assert.equal(drawn.length, count);
      assert.equal(new Set(drawn).size, count);
      assert(drawn.every((value) => value < population));
    }),
    { seed: 8 },
  );
});

Deno.test("sample() draws each pair in each order alike", () => {
  const random = new Random(9);
  const counts = new Map<string, number>();
  for (let k = 0; k < 6000; k++) {
    const pair = random.sample(2, 3).join();
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  assert.equal(counts.size, 6);
  for (const count of counts.values()) assert(Math.abs(count - 1000) < 120);
});

Deno.test("sample() rejects more than there are", () => {
  assert.throws(() => new Random(0).sample(4, 3), {
    name: "RangeError",
    message: "Cannot sample: count is 4, expected 0 to 3",
  });
  assert.throws(() => new Random(0).sample(-1, 3), RangeError);
  assert.throws(() => new Random(0).sample(NaN, 3), RangeError);
});

Deno.test("Random rejects seeds that are no integers from 0", () => {
  for (const seed of [-1, 0.5, NaN, Infinity, 2 ** 53]) {
    assert.throws(() => new Random(seed), RangeError);
    assert.throws(() => new Random(0, seed), RangeError);
  }
});

function draws(random: Random, count: number): Float64Array {
  return Float64Array.from({ length: count }, () => random.uniform());
}
