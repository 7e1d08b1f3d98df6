import assert from "node:assert/strict";
import fc from "fast-check";
import {
  chooseWarningThreshold,
  mergeWarnings,
  warningThresholds,
} from "lib/forecast/spike_warnings.ts";

const MINUTE = 60_000;

/** A probability a minute. */
function seriesOf(probability: number[]) {
  return {
    timestampMs: Float64Array.from(probability, (_, i) => i * MINUTE),
    probability: Float64Array.from(probability),
  };
}

const PROBABILITIES = fc.array(
  fc.double({ min: 0, max: 1, noNaN: true }),
  { minLength: 2, maxLength: 60 },
);

Deno.test("mergeWarnings() holds a warning above the release level, by hand", () => {
  // Release at 0.35: 0.4 holds, 0.3 does not, but is too short to end it; two minutes are not.
  const series = seriesOf([0, 0.6, 0.4, 0.3, 0.6, 0, 0, 0.6]);
  const warnings = mergeWarnings(series, 0.5, { quietMs: 2 * MINUTE });
  assert.deepEqual(warnings, [
    { row: 1, startMs: MINUTE, endMs: 4 * MINUTE },
    { row: 7, startMs: 7 * MINUTE, endMs: 7 * MINUTE },
  ]);
});

Deno.test("mergeWarnings() begins above the threshold, not at it", () => {
  assert.deepEqual(mergeWarnings(seriesOf([0.5, 0.5]), 0.5), []);
  assert.equal(mergeWarnings(seriesOf([]), 0.5).length, 0);
});

Deno.test("mergeWarnings() knows at its start what it says: later rows change nothing", () => {
  fc.assert(
    fc.property(PROBABILITIES, PROBABILITIES, (before, after) => {
      const startsOf = (p: number[]) =>
        mergeWarnings(seriesOf(p), 0.5, { quietMs: 2 * MINUTE })
          .map(({ row }) => row).filter((row) => row < before.length);
      assert.deepEqual(startsOf([...before, ...after]), startsOf(before));
    }),
    { seed: 2, numRuns: 100 },
  );
});

Deno.test("chooseWarningThreshold() keeps to the false warnings allowed", () => {
  fc.assert(
    fc.property(PROBABILITIES, (probability) => {
      // An hour each, so that all is over a few days.
      const timestampMs = Float64Array.from(
        probability,
        (_, i) => i * 60 * MINUTE,
      );
      const series = {
        timestampMs,
        probability: Float64Array.from(probability),
      };
      const exceeded = Uint8Array.from(
        probability,
        (_, i) => i % 3 === 0 ? 1 : 0,
      );
      const threshold = chooseWarningThreshold(series, exceeded, {
        falseWarningsPerDay: 2,
      });
      const falseOnes = mergeWarnings(series, threshold)
        .filter(({ row }) => exceeded[row] === 0);
      const days = (probability.length - 1) / 24;
      assert.ok(falseOnes.length <= 2 * days);
    }),
    { seed: 3, numRuns: 100 },
  );
});

Deno.test("chooseWarningThreshold() lowers it as far as nothing is false", () => {
  const series = seriesOf([0.1, 0.9, 0.2, 0.8]);
  const all = Uint8Array.of(1, 1, 1, 1);
  assert.equal(chooseWarningThreshold(series, all), 0.1);
});

Deno.test("warningThresholds() go from the greatest value to the least, once each", () => {
  const score = Float64Array.of(3, 1, 2, 2, 1);
  assert.deepEqual([...warningThresholds(score)], [3, 2, 1]);
});

Deno.test("warnings refuse lengths that disagree and numbers out of range", () => {
  const series = { ...seriesOf([0, 1]), probability: Float64Array.of(1) };
  assert.throws(() => mergeWarnings(series, 0.5), RangeError);
  assert.throws(() => mergeWarnings(seriesOf([0, NaN]), 0.5), RangeError);
  assert.throws(
    () => mergeWarnings(seriesOf([0]), 0.5, { release: 2 }),
    RangeError,
  );
  assert.throws(
    () =>
      chooseWarningThreshold(seriesOf([0, 1]), Uint8Array.of(0, 0), {
        falseWarningsPerDay: 0,
      }),
    RangeError,
  );
});
