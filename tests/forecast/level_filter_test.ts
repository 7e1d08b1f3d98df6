import assert from "node:assert/strict";
import fc from "fast-check";
import {
  driftingLevels,
  jumpingLevels,
  LevelFilter,
  passageProbabilities,
} from "lib/forecast/level_filter.ts";

const NEVER = { raiseRate: 0, returnRate: 0 };
const LEVELS = Float64Array.from({ length: 21 }, (_, i) => i / 10 - 1);

function sumOf(values: Float64Array): number {
  return values.reduce((a, b) => a + b, 0);
}

function assertClose(actual: number, expected: number, tolerance = 1e-12) {
  assert.ok(
    Math.abs(actual - expected) <= tolerance,
    `${actual} is not ${expected}`,
  );
}

Deno.test("LevelFilter follows Bayes' rule by hand", () => {
  const rates = { raiseRate: 0.2, returnRate: 0.5 };
  const filter = new LevelFilter(jumpingLevels(Float64Array.of(0, 1), rates));
  // From (1, 0): stay 0.3, return 0.5, raise 0.2.
  filter.advance();
  assertClose(filter.probability[1], 0.2);
  // 0.2 * 0.8 / (0.8 * 0.1 + 0.2 * 0.8) = 2 / 3.
  const logEvidence = filter.observe(Float64Array.of(0.1, 0.8));
  assertClose(logEvidence, Math.log(0.24));
  assertClose(filter.mean(), 2 / 3);
  // 0.3 * 2 / 3 + 0.2.
  filter.advance();
  assertClose(filter.mean(), 0.4);
});

Deno.test("driftingLevels() keep the deviation and forget in the memory", () => {
  const drift = { deviation: 0.25, memory: 20 };
  const dynamics = driftingLevels(LEVELS, drift, NEVER);
  const filter = new LevelFilter(dynamics);
  for (let step = 0; step < 300; step++) filter.advance();
  assertClose(sumOf(filter.probability), 1, 1e-9);
  const variance = filter.expect(LEVELS.map((level) => level ** 2));
  assertClose(Math.sqrt(variance), 0.25, 0.02);
  // At 0.5 exactly, and the memory later at 0.5 / e.
  filter.observe(LEVELS.map((_, i) => i === 15 ? 1 : 0));
  for (let step = 0; step < 20; step++) filter.advance();
  assertClose(filter.mean(), 0.5 / Math.E, 0.02);
});

Deno.test("passageProbabilities() is by hand 1 - 0.9^k where nothing returns", () => {
  const rates = { raiseRate: 0.1, returnRate: 0 };
  const dynamics = jumpingLevels(Float64Array.of(0, 1), rates);
  const within = passageProbabilities(dynamics, 0.5, 3);
  [0.1, 0.19, 0.271].forEach((p, k) => assertClose(within[k][0], p));
  // The steps to come count, not the level now.
  const back = { raiseRate: 0, returnRate: 1 };
  const returning = jumpingLevels(Float64Array.of(0, 1), back);
  assertClose(passageProbabilities(returning, 0.5, 2)[1][1], 0);
});

Deno.test("passageProbabilities() rises with the horizon and the level, falls with the limit", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0.05, max: 0.5, noNaN: true }),
      fc.double({ min: 2, max: 200, noNaN: true }),
      fc.double({ min: -0.9, max: 0.8, noNaN: true }),
      (deviation, memory, limit) => {
        const rates = { raiseRate: 0.01, returnRate: 0.02 };
        const drift = { deviation, memory };
        const dynamics = driftingLevels(LEVELS, drift, rates);
        const within = passageProbabilities(dynamics, limit, 5);
        const higher = passageProbabilities(dynamics, limit + 0.1, 5);
        within.forEach((row, k) =>
          row.forEach((p, i) => {
            assert.ok(p >= 0 && p <= 1 + 1e-12);
            assert.ok(k === 0 || p >= within[k - 1][i] - 1e-12);
            assert.ok(p >= higher[k][i] - 1e-12);
          })
        );
        const last = within[4];
        // A drift reaches one level a step: two levels apart keep their order.
        last.forEach((p, i) => assert.ok(i < 2 || p >= last[i - 2] - 1e-12));
      },
    ),
    { seed: 4, numRuns: 50 },
  );
});

Deno.test("LevelFilter believes a jump within a few observations, one never", () => {
  const rates = { raiseRate: 1 / 1000, returnRate: 1 / 100 };
  const drift = { deviation: 0.1, memory: 30 };
  const filter = new LevelFilter(driftingLevels(LEVELS, drift, rates));
  const cauchyAt = (value: number) =>
    LEVELS.map((level) => 1 / (1 + ((value - level) / 0.1) ** 2));
  const see = (value: number) => {
    filter.advance();
    filter.observe(cauchyAt(value));
    return filter.mean();
  };
  for (let step = 0; step < 50; step++) see(0);
  assert.ok(see(0.8) < 0.2);
  see(0.8);
  assert.ok(see(0.8) > 0.7);
});

Deno.test("the level filter rejects what is out of range", () => {
  const rates = { raiseRate: 0.6, returnRate: 0.6 };
  assert.throws(() => jumpingLevels(LEVELS, rates), RangeError);
  assert.throws(() => jumpingLevels(Float64Array.of(0), NEVER), RangeError);
  const drift = { deviation: 0, memory: 1 };
  assert.throws(() => driftingLevels(LEVELS, drift, NEVER), RangeError);
  const dynamics = jumpingLevels(Float64Array.of(0, 1), NEVER);
  assert.throws(() => passageProbabilities(dynamics, NaN, 1), /limit is NaN/);
  assert.throws(() => passageProbabilities(dynamics, 0, 0), RangeError);
  const filter = new LevelFilter(dynamics);
  assert.throws(() => filter.observe(Float64Array.of(0, 1)), /likelihood 0/);
});
