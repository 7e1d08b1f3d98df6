import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import {
  NAB_PROFILES,
  nabProbation,
  type NabProfileName,
  nabScore,
  type NabSeries,
} from "lib/evaluate/nab.ts";
import { readNabSeries } from "../bench/nab_series.ts";
import { windowedGaussianScores } from "../windowed_gaussian.ts";

const DATA = Deno.env.get("LATENCY_LAB_DATA");
const PROFILES = Object.keys(NAB_PROFILES) as NabProfileName[];

/** Rows at times 0, 1, 2 …; the scores given by row, 0 elsewhere. */
function seriesOf(
  rows: number,
  scores: Record<number, number>,
  windows: readonly (readonly [number, number])[],
): NabSeries {
  return {
    timestampMs: Float64Array.from({ length: rows }, (_, row) => row),
    score: Float64Array.from({ length: rows }, (_, row) => scores[row] ?? 0),
    windows: windows.map(([startMs, endMs]) => ({ startMs, endMs })),
  };
}

/** S(y) = 2 / (1 + exp(5 y)) - 1, to 12 digits: y = -1, -0.5, 1, 2. */
const S = {
  minusOne: 0.986614298151,
  minusHalf: 0.848283639958,
  one: -0.986614298151,
  two: -0.999909204263,
};

function assertNear(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);
}

Deno.test("nabScore() is 100 for the first row of each window, 0 for silence", () => {
  const windows = [[10, 13], [16, 18]] as const;
  for (const profile of PROFILES) {
    const perfect = seriesOf(20, { 10: 1, 16: 1 }, windows);
    const best = nabScore([perfect], { profile });
    assertNear(best.score, 100);
    assert.equal(best.threshold, 1);
    assert.equal(best.found, 2);
    const silent = nabScore([perfect], { profile, threshold: 2 });
    assert.equal(silent.score, 0);
    assert.equal(silent.found, 0);
    // Detecting everything costs each row outside.
    assert.equal(nabScore([perfect], { profile, threshold: 0 }).found, 2);
  }
});

Deno.test("nabScore() pays less for a late detection", () => {
  // Row 12 of the window 10 to 13: y = -(13 - 12 + 1) / 4 = -0.5.
  const series = seriesOf(20, { 12: 1 }, [[10, 13]]);
  const gain = S.minusHalf / S.minusOne;
  assertNear(nabScore([series]).score, 100 * (gain + 1) / 2);
  assertNear(
    nabScore([series], { profile: "reward_low_FN_rate" }).score,
    100 * (gain + 2) / 3,
  );
});

Deno.test("nabScore() counts the best detection of a window only", () => {
  const late = seriesOf(20, { 10: 0.5, 11: 1, 12: 1, 13: 1 }, [[10, 13]]);
  assertNear(nabScore([late], { threshold: 0.5 }).score, 100);
  assertNear(nabScore([late]).score, 100);
  assert.equal(nabScore([late]).threshold, 0.5);
});

Deno.test("nabScore() takes off for detections outside, less right after a window", () => {
  const windows = [[10, 13]] as const;
  const scoreAt = (rows: Record<number, number>, profile?: NabProfileName) =>
    nabScore([seriesOf(40, { 10: 1, ...rows }, windows)], {
      threshold: 1,
      ...(profile ? { profile } : {}),
    });
  // One false detection: 100 (2 + cost) / 2.
  const after = (cost: number) => 100 * (2 + cost) / 2;
  assertNear(scoreAt({ 8: 1 }).score, after(-0.11)); // Before the first.
  assertNear(scoreAt({ 16: 1 }).score, after(0.11 * S.one)); // 3 / (4 - 1).
  assertNear(scoreAt({ 19: 1 }).score, after(0.11 * S.two)); // 6 / 3.
  assertNear(scoreAt({ 22: 1 }).score, after(-0.11)); // 9 / 3: far.
  assertNear(scoreAt({ 39: 1 }).score, after(-0.11));
  assertNear(scoreAt({ 8: 1 }, "reward_low_FP_rate").score, after(-0.22));
  assertNear(
    scoreAt({ 8: 1 }, "reward_low_FN_rate").score,
    100 * (3 - 0.11) / 3,
  );
  assert.equal(scoreAt({ 8: 1, 9: 1, 11: 1 }).falsePositives, 2);
});

Deno.test("nabScore() treats everything after a window of one row as far", () => {
  const series = seriesOf(20, { 10: 1, 11: 1 }, [[10, 10]]);
  assertNear(nabScore([series], { threshold: 1 }).score, 100 * 1.89 / 2);
});

Deno.test("nabScore() leaves the probation out", () => {
  assert.equal(nabProbation(20), 3);
  assert.equal(nabProbation(4032), 604);
  assert.equal(nabProbation(22_695), 750);
  // Rows 0 to 2 of 20 are probation: no cost; a window there does not count.
  const series = seriesOf(20, { 1: 1, 2: 1, 10: 1 }, [[0, 2], [10, 13]]);
  const all = nabScore([series]);
  assert.equal(all.windows, 1);
  assertNear(all.score, 100);
  // A window that begins there counts from its first row after it: row 3 of 1
  // to 4 is y = -(4 - 3 + 1) / 4.
  const partly = nabScore([seriesOf(20, { 1: 1, 3: 1 }, [[1, 4]])]);
  assertNear(partly.score, 100 * (S.minusHalf / S.minusOne + 1) / 2);
  // After a window in the probation, the sigmoid holds: (3 - 2) / 1 widths.
  const last = seriesOf(20, { 3: 1, 10: 1 }, [[1, 2], [10, 13]]);
  assertNear(
    nabScore([last], { threshold: 1 }).score,
    100 * (2 + 0.11 * S.one) / 2,
  );
});

Deno.test("nabScore() has one threshold for all series", () => {
  const early = seriesOf(20, { 10: 0.4 }, [[10, 13]]);
  const noisy = seriesOf(20, { 5: 0.6, 6: 0.6, 10: 0.9 }, [[10, 13]]);
  // At 0.4: 2 - 2 * 0.11, better than one window at 0.9: 1 - 1.
  const both = nabScore([early, noisy]);
  assert.equal(both.threshold, 0.4);
  assertNear(both.score, 100 * (2 - 0.22 + 2) / 4);
  assertNear(nabScore([early, noisy], { threshold: 0.7 }).score, 50);
  assert.equal(nabScore([early, noisy], { threshold: 0.7 }).threshold, 0.7);
});

Deno.test("nabScore() finds no better threshold than the best of all", () => {
  const scores = fc.array(fc.integer({ min: 0, max: 6 }), {
    minLength: 30,
    maxLength: 30,
  });
  fc.assert(
    fc.property(scores, (values) => {
      const series = seriesOf(30, values, [[8, 12], [20, 21]]);
      const best = nabScore([series]);
      const each = [Infinity, 6, 5, 4, 3, 2, 1, 0].map((threshold) =>
        nabScore([series], { threshold }).score
      );
      assertNear(best.score, Math.max(...each));
      assert.ok(best.score >= 0);
    }),
    { seed: 6 },
  );
});

Deno.test("nabScore() says what is wrong with its input", () => {
  const good = seriesOf(20, {}, [[10, 13]]);
  const fails = (series: NabSeries, message: RegExp) =>
    assert.throws(() => nabScore([series]), { name: "RangeError", message });
  fails(seriesOf(20, {}, []), /no window has a row after the probation/);
  fails(seriesOf(20, {}, [[0, 1]]), /no window has a row/);
  fails(seriesOf(20, {}, [[30, 40]]), /no window has a row/);
  fails(seriesOf(20, {}, [[5, 9], [9, 12]]), /window 1 is 9 to 12/);
  fails({ ...good, score: new Float64Array(19) }, /timestampMs has 20 values/);
  fails(
    { ...good, timestampMs: good.timestampMs.toReversed() },
    /timestampMs\[1\] is 18/,
  );
  assert.throws(() => nabScore([good], { threshold: NaN }), RangeError);
});

Deno.test({
  name: "nabScore() gives the windowed Gaussian detector its published scores",
  ignore: DATA === undefined,
  async fn() {
    const series = (await readNabSeries(join(DATA ?? "", "nab"))).map((
      one,
    ) => ({
      ...one,
      // The published scores were written with 12 digits: more are 1.
      score: windowedGaussianScores(one.value).map((score) =>
        Number(score.toFixed(12))
      ),
    }));
    const scores = PROFILES.map((profile) => nabScore(series, { profile }));
    assert.equal(series.length, 31);
    assert.equal(scores[0].windows, 57);
    assert.deepEqual(
      scores.map(({ score }) => Number(score.toFixed(1))),
      [36.7, 21.4, 45.2],
    );
  },
});
