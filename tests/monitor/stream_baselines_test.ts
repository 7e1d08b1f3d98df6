import assert from "node:assert/strict";
import {
  DailyProfile,
  MEDIAN_ROWS,
  RollingMedian,
} from "lib/monitor/stream_baselines.ts";

const HALF_HOUR_MS = 1_800_000;

Deno.test("RollingMedian is silent until its rows are full", () => {
  const median = new RollingMedian();
  for (let row = 0; row < MEDIAN_ROWS; row++) {
    assert.equal(median.measure(row, row), undefined);
  }
  // The median of 0 to 249 is 124.5.
  assert.equal(median.measure(0, 200), 75.5);
});

Deno.test("DailyProfile is the median of the half-hours of earlier days", () => {
  const profile = new DailyProfile();
  // Usual at half-hour k is k; in its middle nothing is interpolated.
  const at = (slot: number) => slot * HALF_HOUR_MS + HALF_HOUR_MS / 2;
  for (let slot = 0; slot < 5 * 48; slot++) {
    profile.measure(at(slot), slot % 48);
  }
  assert.equal(profile.measure(at(5 * 48), 40), 40);
});

Deno.test("DailyProfile is silent where there is no season", () => {
  const profile = new DailyProfile();
  for (let slot = 0; slot < 20 * 48; slot++) {
    const seen = profile.measure(slot * HALF_HOUR_MS, (slot * 7) % 11);
    if (slot > 10 * 48) assert.equal(seen, undefined);
  }
});

Deno.test("baselines go on from JSON as they would have", () => {
  for (const kind of [RollingMedian, DailyProfile]) {
    const whole = new kind();
    const value = (row: number) => 50 * Math.sin(row / 8) + (row * 7) % 11;
    for (let row = 0; row < 700; row++) {
      whole.measure(row * HALF_HOUR_MS, value(row));
    }
    const loaded = kind.fromJSON(JSON.parse(JSON.stringify(whole)));
    for (let row = 700; row < 1200; row++) {
      const next = [row * HALF_HOUR_MS, value(row)] as const;
      assert.equal(loaded.measure(...next), whole.measure(...next));
    }
    assert.throws(() => kind.fromJSON({}), SyntaxError);
  }
});
