import assert from "node:assert/strict";
import {
  AdaptiveThreshold,
  type AlarmOptions,
  alarmShare,
  type Baseline,
  followScores,
} from "lib/detect/adaptive_threshold.ts";
import {
  ewmaThreshold,
  rollingQuantileThreshold,
  upperQuantile,
} from "lib/detect/rolling_thresholds.ts";
import { tailThreshold } from "lib/detect/tail_threshold.ts";
import { Random } from "lib/numeric/random.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const KINDS: Readonly<
  Record<string, (options: AlarmOptions) => AdaptiveThreshold>
> = {
  tail: tailThreshold,
  drifting: (options) => tailThreshold({ ...options, driftDepth: 60 }),
  quantile: rollingQuantileThreshold,
  ewma: ewmaThreshold,
};

/** Response times in ms: log-normal around 100. */
function responseTimes(rows: number, seed = 0): Float64Array {
  const random = new Random(seed);
  return Float64Array.from(
    { length: rows },
    () => 100 * Math.exp(0.2 * random.normal()),
  );
}

function countFlags(flags: Uint8Array, start = 0, end = flags.length): number {
  return flags.subarray(start, end).reduce((sum, flag) => sum + flag, 0);
}

/** Flags above 10; notes what it learns. */
function fixedBaseline(): Baseline & { learnt: number[] } {
  const learnt: number[] = [];
  return {
    ...{ threshold: 10, centre: 4, learnt },
    learn: (score) => learnt.push(score),
    restart: () => learnt.push(NaN),
  };
}

Deno.test("alarmShare() is alarms by the steps of a week", () => {
  // 10,080 minutes a week.
  assert.equal(alarmShare(), 1 / 10_080);
  const options = { alarmsPerWeek: 3, stepMs: 5 * MINUTE };
  assert.equal(alarmShare(options), 3 / 2016);
  const tooMany = { alarmsPerWeek: 1009, stepMs: 5 * MINUTE };
  assert.throws(() => alarmShare(tooMany), /expected at most 1008/);
  for (const alarmsPerWeek of [0, -1, NaN, Infinity]) {
    assert.throws(() => alarmShare({ alarmsPerWeek }), RangeError);
  }
});

Deno.test("AdaptiveThreshold lets one flagged score in at times, and cut", () => {
  const baseline = fixedBaseline();
  // A tenth of 40 steps between two alarms: one flagged score of 4.
  const threshold = new AdaptiveThreshold(baseline, {
    ...{ stepMs: HOUR, alarmsPerWeek: 168 / 40, warmUp: 1 },
  });
  const flags = [99, 1, 11, 12, 2, 13, 99, 3].map((score) =>
    threshold.update(score)
  );
  // The first is not judged. 11 enters as it is; 12 and 13 come too soon; 99
  // is cut to 10 + (10 - 4).
  assert.deepEqual(flags, [false, false, true, true, false, true, true, false]);
  assert.deepEqual(baseline.learnt, [99, 1, 11, 2, 16, 3]);
});

Deno.test("AdaptiveThreshold takes what is flagged for long as the new normal", () => {
  const baseline = fixedBaseline();
  const threshold = new AdaptiveThreshold(baseline, {
    ...{ stepMs: HOUR, newNormalMs: 3 * HOUR, warmUp: 1 },
  });
  // Three of six are flagged at 23; then the last three, 9 among them, are new.
  for (const score of [1, 21, 22, 9, 23]) threshold.update(score);
  assert.deepEqual(baseline.learnt.slice(-4), [NaN, 22, 9, 23]);
  // Two flagged ones of six, time and again, are not.
  for (let k = 0; k < 30; k++) threshold.update(k % 3 === 0 ? 30 : 2);
  assert.equal(baseline.learnt.filter(Number.isNaN).length, 1);
});

Deno.test("AdaptiveThreshold refuses what it cannot take", () => {
  const rejects = (options: AlarmOptions) =>
    assert.throws(
      () => new AdaptiveThreshold(fixedBaseline(), options),
      { name: "RangeError", message: /^Cannot set a threshold: / },
    );
  rejects({ stepMs: 0 });
  rejects({ stepMs: NaN });
  rejects({ newNormalMs: 1 });
  rejects({ warmUp: 0 });
  rejects({ alarmsPerWeek: 0 });
  const threshold = new AdaptiveThreshold(fixedBaseline());
  assert.throws(() => threshold.update(NaN), RangeError);
  assert.throws(() => tailThreshold({ peakShare: 1 }), RangeError);
  assert.throws(() => tailThreshold({ windowSize: 0 }), RangeError);
  assert.throws(() => tailThreshold({ driftDepth: -1 }), RangeError);
  assert.throws(() => rollingQuantileThreshold({ windowSize: 0 }), RangeError);
  assert.throws(() => ewmaThreshold({ span: 0 }), RangeError);
});

Deno.test("upperQuantile() is the largest where there are too few values", () => {
  const sorted = Float64Array.of(1, 2, 3, 4);
  // One of five orders puts the next value above 4, two above 3.
  assert.equal(upperQuantile(sorted, 0.2), 4);
  assert.equal(upperQuantile(sorted, 0.4), 3);
  assert.equal(upperQuantile(sorted, 0.01), 4);
  assert.equal(upperQuantile(sorted, 1), 1);
});

for (const [name, thresholdOf] of Object.entries(KINDS)) {
  Deno.test(`${name} threshold flags about as often as asked for`, () => {
    const rows = 20_000;
    const options = { stepMs: 5 * MINUTE, alarmsPerWeek: 7 };
    const { flags } = followScores(responseTimes(rows), thresholdOf(options));
    // 69 are asked for; the standard deviation of a count is 8.
    const asked = rows * alarmShare(options);
    const found = countFlags(flags);
    assert.ok(found > 0.6 * asked && found < 1.5 * asked, String(found));
  });

  Deno.test(`${name} threshold stays sharp after an outage of an hour`, () => {
    const scores = responseTimes(6000, 1);
    const outage = { start: 4000, end: 4060 };
    for (let row = outage.start; row < outage.end; row++) scores[row] *= 50;
    // Five minutes later, five times as slow.
    const second = { start: 4065, end: 4070 };
    for (let row = second.start; row < second.end; row++) scores[row] *= 5;
    const { thresholds, flags } = followScores(scores, thresholdOf({}));
    assert.equal(countFlags(flags, outage.start, outage.end), 60);
    assert.equal(countFlags(flags, second.start, second.end), 5);
    const rise = thresholds[4100] / thresholds[3999];
    assert.ok(rise < 1.6, `rose by ${rise}`);
    // An outage that pauses is no other.
    for (let row = outage.start; row < outage.end; row += 2) scores[row] /= 50;
    const pausing = followScores(scores, thresholdOf({}));
    assert.equal(countFlags(pausing.flags, outage.start, outage.end), 30);
    assert.equal(countFlags(pausing.flags, second.start, second.end), 5);
  });

  Deno.test(`${name} threshold takes a level shift as the new normal in time`, () => {
    const shift = 3000;
    const scores = responseTimes(7000, 2)
      .map((score, row) => row < shift ? score : 5 * score);
    const options = { newNormalMs: 8 * HOUR };
    const { flags, thresholds } = followScores(scores, thresholdOf(options));
    // 8 hours of minutes are flagged, then no longer.
    assert.equal(countFlags(flags, shift, shift + 480), 480);
    const later = countFlags(flags, shift + 480);
    assert.ok(later <= 12, `${later} flagged afterwards`);
    assert.ok(thresholds[shift + 1000] > 500);
  });

  Deno.test(`${name} threshold does not know the future, nor change with units`, () => {
    const scores = responseTimes(700, 3);
    const options = { stepMs: 5 * MINUTE };
    const whole = followScores(scores, thresholdOf(options)).thresholds;
    const changed = scores.slice();
    changed[650] = 1e9;
    const other = followScores(changed, thresholdOf(options)).thresholds;
    assert.deepEqual(other.subarray(0, 651), whole.subarray(0, 651));
    const seconds = followScores(
      scores.map((score) => score / 1000),
      thresholdOf(options),
    ).thresholds;
    seconds.forEach((threshold, row) => {
      if (row < 200) return; // The longest warm-up among them.
      assert.ok(Math.abs(1000 * threshold / whole[row] - 1) < 1e-6);
    });
  });

  Deno.test(`${name} threshold flags any rise of a constant score`, () => {
    const scores = new Float64Array(400).fill(7);
    scores[300] = 7.5;
    const { flags } = followScores(scores, thresholdOf({}));
    assert.deepEqual([countFlags(flags), flags.indexOf(1)], [1, 300]);
  });
}

Deno.test("rollingQuantileThreshold() is the quantile of the last scores", () => {
  const threshold = rollingQuantileThreshold({
    ...{ stepMs: HOUR, alarmsPerWeek: 168 / 4, windowSize: 7, warmUp: 9 },
  });
  // Of the last seven, 3 to 9, rank ceil(8 * 3 / 4) = 6.
  for (let score = 1; score <= 9; score++) threshold.update(score);
  assert.equal(threshold.threshold, 8);
});

Deno.test("tailThreshold() goes beyond the largest score seen", () => {
  // The quantiles of an exponential distribution, up to log(4000) = 8.3.
  const rows = 2000;
  const threshold = tailThreshold({ stepMs: MINUTE, warmUp: rows });
  for (let k = 0; k < rows; k++) {
    threshold.update(-Math.log((k + 0.5) / rows));
  }
  // One of 10,080 is above log(10,080) = 9.2.
  assert.ok(Math.abs(threshold.threshold - Math.log(10_080)) < 0.5);
});

Deno.test("tailThreshold() with a drift follows a slow climb", () => {
  const scores = responseTimes(6000, 5).map((score, row) => score + row / 10);
  const count = (driftDepth: number) =>
    countFlags(
      followScores(
        scores,
        tailThreshold({ stepMs: 5 * MINUTE, alarmsPerWeek: 7, driftDepth }),
      ).flags,
    );
  // 21 are asked for.
  assert.ok(count(60) < 40, String(count(60)));
  assert.ok(count(0) > 2 * count(60), String(count(0)));
});
