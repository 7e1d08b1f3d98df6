import assert from "node:assert/strict";
import fc from "fast-check";
import { type Novelty, ValueNovelty } from "lib/detect/value_novelty.ts";
import { Random } from "lib/numeric/random.ts";

/** Measures a value, and remembers it as usual. */
function push(novelty: ValueNovelty, value: number): Novelty {
  const measured = novelty.measure(value);
  novelty.remember(value, measured.distance);
  return measured;
}

Deno.test("ValueNovelty counts the earlier values that were as strange", () => {
  const novelty = new ValueNovelty();
  // Distances to the nearest before: 0 (none), 4, 1, 3, 1.
  const pushed = [0, 4, 5, 8, 1].map((value) => push(novelty, value));
  assert.deepEqual(pushed.map(({ distance }) => distance), [0, 4, 1, 3, 1]);
  assert.deepEqual(pushed.map(({ seen }) => seen), [0, 1, 2, 3, 4]);
  // The second has a record of 0 before it, of which there is no multiple; the
  // last, of distance 1, is met by 4, 1 and 3.
  assert.deepEqual(
    pushed.map(({ stranger }) => stranger),
    [0.5, 0.5, 1.5, 1.5, 3.5],
  );
  // A record twice the last one counts a half of a half.
  assert.equal(push(novelty, 16).stranger, 0.25);
});

Deno.test("ValueNovelty agrees with the definition, whatever the memory", () => {
  const value = fc.double({ min: -1e9, max: 1e9, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(value, { maxLength: 50 }),
      fc.integer({ min: 1, max: 20 }),
      (values, memory) => {
        const novelty = new ValueNovelty({ memory });
        const distances: number[] = [];
        values.forEach((each, row) => {
          const from = Math.max(0, row - memory);
          const before = values.slice(from, row);
          const distance = row === 0
            ? 0
            : Math.min(...before.map((other) => Math.abs(other - each)));
          const got = push(novelty, each);
          assert.equal(got.distance, distance);
          const earlier = distances.slice(from);
          const record = Math.max(...earlier);
          const expected = distance > record && record > 0
            ? 0.5 * (record / distance)
            : 0.5 + earlier.filter((other) => other >= distance).length;
          assert.equal(got.stranger, expected);
          distances.push(distance);
        });
      },
    ),
    { seed: 12, numRuns: 300 },
  );
});

Deno.test("ValueNovelty is about as rare as it says, or less, on values of one distribution", () => {
  // Lognormal, heavy-tailed: rarities up to a share come about as often.
  const random = new Random(3);
  const novelty = new ValueNovelty();
  const rarities: number[] = [];
  for (let row = 0; row < 6000; row++) {
    const { stranger, seen } = push(novelty, Math.exp(2 * random.normal()));
    if (row >= 2000) rarities.push(stranger / (seen + 1));
  }
  // Distances shrink while the memory fills, so that rarities are rather large.
  for (const [share, least] of [[0.5, 0.3], [0.1, 0.04], [0.01, 0.003]]) {
    const found = rarities.filter((rarity) => rarity <= share).length /
      rarities.length;
    assert(found >= least && found <= 1.1 * share, `${share}: ${found}`);
  }
});

Deno.test("ValueNovelty takes the largest numbers and rejects what is none", () => {
  const novelty = new ValueNovelty();
  push(novelty, -Number.MAX_VALUE);
  assert.equal(push(novelty, Number.MAX_VALUE).distance, Number.MAX_VALUE);
  for (const value of [NaN, Infinity, -Infinity]) {
    assert.throws(() => push(novelty, value), {
      name: "RangeError",
      message: /Cannot measure novelty: value is/,
    });
  }
  assert.throws(() => new ValueNovelty({ memory: 0 }), RangeError);
});

Deno.test("ValueNovelty does not measure by distances that were not usual", () => {
  const novelty = new ValueNovelty();
  for (const value of [0, 4, 5, 8]) push(novelty, value);
  novelty.remember(1000);
  // 900 is 100 from 1000, and 25 times the record of 4.
  assert.equal(novelty.measure(900).stranger, 0.5 / 25);
  assert.equal(novelty.measure(1000).distance, 0);
});
