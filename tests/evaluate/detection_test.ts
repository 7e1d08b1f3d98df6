import assert from "node:assert/strict";
import { type LabelledScores, scoreDetection } from "lib/evaluate/detection.ts";

const MINUTE = 60_000;

/** Rows a minute apart; those listed are labelled, and those flagged. */
function seriesOf(
  scores: readonly number[],
  labelled: readonly number[],
  flagged: readonly number[],
): LabelledScores {
  const marks = (rows: readonly number[]) =>
    Uint8Array.from(scores, (_, row) => rows.includes(row) ? 1 : 0);
  const spans = (rows: readonly number[]) =>
    rows.map((row) => ({ startMs: row * MINUTE, endMs: row * MINUTE }));
  return {
    timestampMs: Float64Array.from(scores, (_, row) => row * MINUTE),
    value: Float64Array.from(scores),
    score: Float64Array.from(scores),
    labels: marks(labelled),
    known: spans(labelled),
    alarms: { flags: marks(flagged), incidents: spans(flagged) },
  };
}

const FIRST = seriesOf([0, 0, 5, 0, 3, 0], [2], [2, 4]);
const SECOND = seriesOf([0, 0, 4, 0, 2, 0], [4], [2]);

Deno.test("scoreDetection() measures one series in every way", () => {
  const one = scoreDetection([FIRST], { longestBuffer: 0 });
  assert.equal(one.rows, 6);
  assert.equal(one.positives, 1);
  assert.equal(one.rocAuc, 1);
  assert.equal(one.averagePrecision, 1);
  assert.equal(one.bestF1, 1);
  assert.equal(one.chosen?.precision, 0.5);
  assert.equal(one.chosen?.recall, 1);
  assert.equal(one.incidents?.precision, 0.5);
  assert.equal(one.incidents?.medianDelayMinutes, 0);
  // One false alarm in five minutes.
  assert.equal(one.incidents?.falseAlarmsPerDay, 24 * 60 / 5);
  assert.deepEqual(one.volumes, { roc: 1, pr: 1 });
  assert.equal(one.nab?.standard, 100);
});

Deno.test("scoreDetection() pools points and incidents, and averages volumes", () => {
  const both = scoreDetection([FIRST, SECOND], { longestBuffer: 0 });
  // By score: anomaly, normal, normal, anomaly, then eight normal ones.
  assert.equal(both.averagePrecision, (1 + 2 / 4) / 2);
  assert.equal(both.rocAuc, (10 + 8) / 20);
  assert.equal(both.bestF1, 2 / 3);
  assert.equal(both.chosen?.truePositives, 1);
  assert.equal(both.chosen?.falsePositives, 2);
  assert.equal(both.incidents?.recall, 0.5);
  assert.equal(both.incidents?.detected, 3);
  const [a, b] = [FIRST, SECOND].map((one) =>
    scoreDetection([one], { longestBuffer: 0 }).volumes?.pr ?? NaN
  );
  assert.equal(both.volumes?.pr, (a + b) / 2);
  // At 5 one of two is found, and nothing else: (1 - 1 + 2) / 4.
  // At 2 both, and two false ones: one after the window of one row at row 2,
  // one before that at row 4: (2 - 2 * 0.11 + 2) / 4.
  assert.ok(Math.abs((both.nab?.standard ?? 0) - 94.5) < 1e-9);
});

Deno.test("scoreDetection() leaves out what is not defined", () => {
  const clean = seriesOf([0, 1, 0, 2], [], [3]);
  const measured = scoreDetection([clean]);
  assert.equal(measured.rocAuc, null);
  assert.equal(measured.bestF1, null);
  assert.equal(measured.volumes, null);
  assert.equal(measured.nab, null);
  assert.equal(measured.incidents?.recall, undefined);
  assert.equal(measured.chosen?.falsePositives, 1);
  const { alarms: _, ...undecided } = FIRST;
  assert.equal(scoreDetection([undecided]).incidents, null);
  assert.equal(scoreDetection([undecided, FIRST]).chosen, null);
  // A series without labels counts in what is pooled, not in the volumes.
  const pooled = scoreDetection([FIRST, clean], { longestBuffer: 0 });
  assert.deepEqual(pooled.volumes, { roc: 1, pr: 1 });
  assert.equal(pooled.rows, 10);
});

Deno.test("scoreDetection() says what is wrong with its input", () => {
  assert.throws(() => scoreDetection([]), /there is no series/);
  assert.throws(
    () => scoreDetection([{ ...FIRST, labels: Uint8Array.of(1, 0) }]),
    /labels has 2 values, expected 6/,
  );
});
