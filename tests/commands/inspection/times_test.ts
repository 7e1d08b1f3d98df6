import assert from "node:assert/strict";
import type { Gap, QuietHours } from "lib/commands/inspection/facts.ts";
import { TimeSummary } from "lib/commands/inspection/times.ts";
import { Random } from "lib/numeric/random.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

function summaryOf(...parts: Float64Array[]): TimeSummary {
  const summary = new TimeSummary();
  for (const part of parts) summary.add(part);
  return summary;
}

function quietHoursOf(timestampMs: Float64Array): QuietHours | undefined {
  return summaryOf(timestampMs).quietHours();
}

function longestGapsOf(timestampMs: Float64Array): Gap[] {
  return summaryOf(timestampMs).longestGaps();
}

/** A week with a row a minute but in the three hours from `quiet`: ten a row. */
function weekQuietFrom(quiet: number): Float64Array {
  const minutes = Array.from({ length: 7 * 1440 }, (_, minute) => minute);
  return Float64Array.from(
    minutes.filter((minute) => {
      const hour = Math.floor(minute / 60) % 24;
      return (hour - quiet + 24) % 24 >= 3 || minute % 10 === 0;
    }),
    (minute) => minute * MINUTE,
  );
}

Deno.test("TimeSummary finds the trough, over midnight too, and guesses a zone", () => {
  for (
    const [start, end, offset] of [
      [2, 5, 0],
      [0, 3, 2], // 00-03 UTC is 02-05 in UTC+2.
      [23, 2, 3],
      [7, 10, -5],
      [13, 16, -11], // Offsets of -11 and 13 are the same clock.
      [14, 17, 12],
    ]
  ) {
    const found = quietHoursOf(weekQuietFrom(start));
    assert.equal(found?.startHour, start);
    assert.equal(found?.endHour, end);
    assert.equal(found?.guessedOffsetHours, offset);
    // Near 0.1 of the others, whose mean with these is (21 + 3 / 10) / 24.
    assert.ok(Math.abs(found.shareOfMean - 0.1 / (21.3 / 24)) < 0.1);
  }
});

Deno.test("TimeSummary guesses nothing of less than two days or an even rate", () => {
  const week = weekQuietFrom(2);
  const within = (hours: number) =>
    week.filter((timeMs) => timeMs <= hours * HOUR);
  assert.equal(quietHoursOf(within(47)), undefined);
  assert.equal(quietHoursOf(within(48))?.startHour, 2);
  const even = Float64Array.from({ length: 10_000 }, (_, k) => k * MINUTE);
  assert.equal(quietHoursOf(even), undefined);
  assert.equal(quietHoursOf(Float64Array.of(5)), undefined);
});

Deno.test("TimeSummary gives the three longest, longest first", () => {
  const at = Float64Array.of(0, 5, 5, 25, 40, 41, 141);
  assert.deepEqual(
    longestGapsOf(at).map(({ lengthMs }) => lengthMs),
    [100, 20, 15],
  );
  assert.equal(longestGapsOf(at)[0].start, "1970-01-01T00:00:00.041Z");
  assert.deepEqual(longestGapsOf(Float64Array.of(7)), []);
  assert.deepEqual(longestGapsOf(Float64Array.of(7, 7)), []);
});

Deno.test("TimeSummary takes gaps apart where rows come late", () => {
  const parts = [[10, 50, 90], [0, 30, 31, 95], [20, 200], [60]];
  const summary = summaryOf(...parts.map((part) => Float64Array.from(part)));
  // 0 10 20 30 31 50 60 90 95 200
  assert.deepEqual(
    summary.longestGaps().map(({ lengthMs }) => lengthMs),
    [105, 30, 19],
  );
  assert.equal(summary.span.lengthMs, 200);
});

Deno.test("TimeSummary gives the same of parts in any order", () => {
  const random = new Random(5);
  const all = Float64Array.from(
    { length: 20_000 },
    () => Math.floor(1e9 * random.uniform()),
  );
  const parts = Array.from(
    { length: 20 },
    (_, k) => all.slice(1000 * k, 1000 * (k + 1)).sort(),
  );
  // 20,000 gaps are more than are kept.
  const summary = summaryOf(...parts);
  const whole = summaryOf(all.slice().sort());
  assert.deepEqual(summary.longestGaps(), whole.longestGaps());
  assert.equal(whole.longestGaps().length, 3);
  assert.deepEqual(summary.span, whole.span);
  assert.deepEqual(summary.quietHours(), whole.quietHours());
});
