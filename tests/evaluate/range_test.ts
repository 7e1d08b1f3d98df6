import assert from "node:assert/strict";
import {
  checkTimes,
  daysSpanned,
  flaggedSpans,
  judgeIncidents,
  judgeRuns,
  mergeSpans,
} from "lib/evaluate/range.ts";

const MINUTE = 60_000;
const span = (start: number, end: number) => ({
  startMs: start * MINUTE,
  endMs: end * MINUTE,
});

Deno.test("judgeIncidents() counts each known incident once", () => {
  const known = [span(0, 10), span(100, 110), span(200, 210)];
  // Two alarms in the first, one that spans the second from before, one false.
  const detected = [span(4, 5), span(8, 9), span(90, 105), span(150, 151)];
  const judged = judgeIncidents(detected, known, { days: 0.5 });
  assert.deepEqual(judged, {
    known: 3,
    found: 2,
    detected: 4,
    precision: 0.75,
    recall: 2 / 3,
    falseAlarmsPerDay: 2,
    medianDelayMinutes: 2, // Delays 4 and 0.
  });
});

Deno.test("judgeIncidents() counts touching ends as overlap", () => {
  assert.equal(
    judgeIncidents([span(10, 12)], [span(0, 10)], { days: 1 }).found,
    1,
  );
  assert.equal(
    judgeIncidents([span(11, 12)], [span(0, 10)], { days: 1 }).found,
    0,
  );
});

Deno.test("judgeIncidents() knows nothing known and nothing detected", () => {
  const silent = judgeIncidents([], [span(0, 1)], { days: 1 });
  assert.equal(silent.precision, undefined);
  assert.equal(silent.recall, 0);
  assert.equal(silent.medianDelayMinutes, undefined);
  const clean = judgeIncidents([span(0, 1)], [], { days: 1 });
  assert.equal(clean.precision, 0);
  assert.equal(clean.recall, undefined);
  assert.equal(clean.falseAlarmsPerDay, 1);
  assert.throws(() => judgeIncidents([], [], { days: 0 }), RangeError);
});

Deno.test("daysSpanned() is the time from first to last", () => {
  assert.equal(daysSpanned(Float64Array.of(0, 5, 129_600_000)), 1.5);
});

Deno.test("checkTimes() allows equal times, not earlier or missing ones", () => {
  checkTimes(Float64Array.of(1, 2, 2), "score");
  checkTimes(new Float64Array(0), "score");
  for (const times of [[2, 1], [1, NaN], [NaN], [1, Infinity]]) {
    assert.throws(() => checkTimes(Float64Array.from(times), "score"), {
      name: "RangeError",
      message: /^Cannot score: timestampMs\[/,
    });
  }
});

Deno.test("judgeRuns() adds runs up, and takes the median of all delays", () => {
  const runs = [
    // Found after 1 and 3 minutes, one false alarm.
    {
      known: [span(0, 10), span(20, 30)],
      detected: [span(1, 2), span(23, 24), span(40, 41)],
      days: 1,
    },
    // Found after 8 minutes, one missed.
    { known: [span(0, 10), span(20, 30)], detected: [span(8, 9)], days: 3 },
  ];
  assert.deepEqual(judgeRuns(runs), {
    known: 4,
    found: 3,
    detected: 4,
    precision: 3 / 4,
    recall: 3 / 4,
    falseAlarmsPerDay: 1 / 4,
    medianDelayMinutes: 3,
  });
  assert.throws(() => judgeRuns([]), RangeError);
  assert.throws(() => judgeRuns([{ ...runs[0], days: NaN }]), RangeError);
});

Deno.test("flaggedSpans() gives whole stretches, at both ends too", () => {
  const timestampMs = Float64Array.of(0, 1, 2, 5, 5, 9);
  const spansOf = (...flags: number[]) =>
    flaggedSpans(timestampMs, Uint8Array.from(flags))
      .map(({ startMs, endMs }) => [startMs, endMs]);
  assert.deepEqual(spansOf(0, 0, 0, 0, 0, 0), []);
  assert.deepEqual(spansOf(1, 0, 0, 0, 0, 1), [[0, 0], [9, 9]]);
  assert.deepEqual(spansOf(1, 1, 0, 1, 1, 1), [[0, 1], [5, 9]]);
  assert.deepEqual(spansOf(1, 1, 1, 1, 1, 1), [[0, 9]]);
  assert.throws(() => spansOf(1), RangeError);
});

Deno.test("mergeSpans() keeps apart what does not touch", () => {
  const spans = [span(8, 9), span(0, 6), span(1, 2), span(6, 7), span(9, 12)];
  const before = structuredClone(spans);
  assert.deepEqual(mergeSpans(spans), [span(0, 7), span(8, 12)]);
  assert.deepEqual(spans, before);
  assert.deepEqual(mergeSpans([]), []);
});
