import assert from "node:assert/strict";
import { UsualTraffic } from "lib/logs/usual_traffic.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Two requests a minute at 06:00 to 07:00 UTC, one in all other minutes. */
function busyMorning(days: number): Float64Array {
  const times: number[] = [];
  for (let at = 0; at <= days * DAY; at += MINUTE) {
    times.push(at);
    if (at % DAY >= 6 * HOUR && at % DAY < 7 * HOUR) times.push(at);
  }
  return Float64Array.from(times);
}

Deno.test("UsualTraffic.fit() learns the rate of each hour of the day", () => {
  const { hourlyRate } = UsualTraffic.fit(busyMorning(10));
  // 10 days of 1,500 requests and one at the end: 62.504 an hour overall. The
  // busy hour: (1200 + 62.504 / 2) / (10 + 1 / 2).
  const rate = 15_001 / 240;
  assert.ok(Math.abs(hourlyRate[6] - (1200 + rate / 2) / 10.5) < 1e-9);
  assert.ok(Math.abs(hourlyRate[5] - (600 + rate / 2) / 10.5) < 1e-9);
  // Midnight holds the last request, too.
  assert.ok(Math.abs(hourlyRate[0] - (601 + rate / 2) / 10.5) < 1e-9);
});

Deno.test("UsualTraffic gives an hour that training never saw the mean rate", () => {
  const at = Float64Array.from({ length: 61 }, (_, k) => k * MINUTE);
  const { hourlyRate } = UsualTraffic.fit(at);
  assert.ok(Math.abs(hourlyRate[12] - 61) < 1e-9);
});

Deno.test("UsualTraffic.expected() adds up over hours, midnight and 1970", () => {
  const usual = UsualTraffic.fit(busyMorning(10));
  const { hourlyRate } = usual;
  const close = (actual: number, wanted: number) =>
    assert.ok(Math.abs(actual - wanted) < 1e-6, `${actual}, not ${wanted}`);
  close(usual.expected(7 * HOUR, HOUR), hourlyRate[6]);
  close(
    usual.expected(6.25 * HOUR, 0.5 * HOUR),
    0.25 * hourlyRate[5] + 0.25 * hourlyRate[6],
  );
  const day = hourlyRate.reduce((sum, rate) => sum + rate);
  close(usual.expected(20_000 * DAY + 5 * HOUR, DAY), day);
  close(
    usual.expected(0.5 * HOUR, HOUR),
    (hourlyRate[23] + hourlyRate[0]) / 2,
  );
  close(usual.expected(-DAY, DAY), day);
});

Deno.test("UsualTraffic.fit() takes one request and rejects none", () => {
  const usual = UsualTraffic.fit(Float64Array.of(5));
  assert.ok(usual.hourlyRate.every((rate) => Number.isFinite(rate)));
  assert.ok(usual.expected(5, MINUTE) > 0);
  assert.throws(() => UsualTraffic.fit(new Float64Array(0)), RangeError);
});

Deno.test("UsualTraffic loads what it saved, and no rate of 0", () => {
  const usual = UsualTraffic.fit(busyMorning(1));
  const json = JSON.parse(JSON.stringify(usual));
  assert.deepEqual(UsualTraffic.fromJSON(json).hourlyRate, usual.hourlyRate);
  const zero = btoa("\0".repeat(24 * 8));
  const damaged = { hourlyRate: { ...json.hourlyRate, base64: zero } };
  assert.throws(() => UsualTraffic.fromJSON(damaged), {
    name: "SyntaxError",
    message: /holds a rate that is not above 0/,
  });
});
