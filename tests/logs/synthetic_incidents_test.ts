import assert from "node:assert/strict";
import fc from "fast-check";
import {
  drawIncidents,
  effectAt,
  isDecoy,
  type KnownIncident,
  NO_EFFECT,
} from "lib/logs/synthetic_incidents.ts";
import { ENDPOINTS } from "lib/logs/synthetic_routes.ts";
import { Random } from "lib/numeric/random.ts";
import { median } from "lib/numeric/statistics.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Incidents of 56 days: 48 and 10 decoys. */
function eightWeeks(seed: number): KnownIncident[] {
  return drawIncidents(
    new Random(seed),
    { incidentCount: 48, decoyCount: 10 },
    0,
    56 * DAY,
  );
}

function lengthMs({ startMs, endMs }: KnownIncident): number {
  return endMs - startMs;
}

Deno.test("drawIncidents() draws every kind equally often", () => {
  const counts = new Map<string, number>();
  for (const { kind } of eightWeeks(1)) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  assert.deepEqual(Object.fromEntries(counts), {
    ramp_spike: 8,
    level_shift: 8,
    error_burst: 8,
    timeout: 8,
    slow_endpoint: 8,
    fast_failure: 8,
    decoy_ramp: 10,
  });
});

Deno.test("drawIncidents() gives every second incident a precursor", () => {
  const incidents = eightWeeks(1);
  const warned = incidents.filter((known) =>
    known.precursorStartMs !== undefined
  );
  assert.equal(warned.length, 24);
  assert.equal(warned.filter(isDecoy).length, 0);
});

Deno.test("drawIncidents() names an endpoint for slow_endpoint alone", () => {
  for (const { kind, endpoint } of eightWeeks(2)) {
    assert.equal(ENDPOINTS.includes(endpoint), kind === "slow_endpoint");
    assert.equal(endpoint === "", kind !== "slow_endpoint");
  }
});

Deno.test("drawIncidents() keeps to its ranges, in order, apart", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      let freeFromMs = 3 * HOUR;
      for (const known of eightWeeks(seed)) {
        const { factor, startMs, precursorStartMs = startMs } = known;
        assert.ok(precursorStartMs >= freeFromMs);
        freeFromMs = known.endMs + HOUR;
        assert.ok(factor >= 1.3 && factor <= 5);
        assert.equal(factor, Number(factor.toFixed(2)));
        const rampMs = isDecoy(known)
          ? lengthMs(known)
          : startMs - precursorStartMs;
        assert.ok(rampMs === 0 || rampMs >= 15 * MINUTE && rampMs <= HOUR);
        assert.ok(lengthMs(known) >= 5 * MINUTE);
        assert.ok(lengthMs(known) <= 3 * HOUR);
      }
      assert.ok(freeFromMs <= 56 * DAY + HOUR);
    }),
    { seed: 1, numRuns: 50 },
  );
});

Deno.test("drawIncidents() draws factor and length log-uniformly", () => {
  const incidents = Array.from({ length: 20 }, (_, seed) => eightWeeks(seed))
    .flat().filter((known) => !isDecoy(known));
  // The median of a log-uniform variable is the geometric mean of its bounds:
  // √(1.3 · 5) = 2.55 and √(5 · 180) = 30 minutes. Its log has a standard error
  // of log(max / min) / (2 √960): 0.022 and 0.058.
  const factor = median(Float64Array.from(incidents, (known) => known.factor));
  assert.ok(Math.abs(Math.log(factor / Math.sqrt(6.5))) < 0.07, `${factor}`);
  const minutes = median(Float64Array.from(incidents, lengthMs)) / MINUTE;
  assert.ok(Math.abs(Math.log(minutes / 30)) < 0.18, `${minutes}`);
});

Deno.test("drawIncidents() spreads the starts over the whole time", () => {
  const starts = Array.from({ length: 20 }, (_, seed) => eightWeeks(seed))
    .flat().map(({ startMs }) => startMs / (56 * DAY));
  // Standard error of the mean of 1,160 uniform numbers: 0.0085.
  const center = starts.reduce((sum, start) => sum + start) / starts.length;
  assert.ok(Math.abs(center - 0.5) < 0.03, `${center}`);
});

Deno.test("drawIncidents() rejects more than fit", () => {
  assert.throws(
    () =>
      drawIncidents(
        new Random(0),
        { incidentCount: 50, decoyCount: 0 },
        0,
        DAY,
      ),
    (error: Error) =>
      error instanceof RangeError &&
      /^Cannot generate a log: 50 incidents and 0 decoys take \d+ minutes more than there are, expected fewer incidents or more days$/
        .test(error.message),
  );
});

Deno.test("drawIncidents() draws none for none, however short the log", () => {
  const counts = { incidentCount: 0, decoyCount: 0 };
  assert.deepEqual(drawIncidents(new Random(0), counts, 0, HOUR), []);
});

// From second 100 to 400 with a precursor from second 0, and factor 4, whose
// square root is 2.
const KNOWN: KnownIncident = {
  startMs: 100_000,
  endMs: 400_000,
  precursorStartMs: 0,
  kind: "level_shift",
  endpoint: "",
  factor: 4,
};

Deno.test("effectAt() is nothing before and after", () => {
  assert.deepEqual(effectAt(KNOWN, -1), NO_EFFECT);
  assert.deepEqual(effectAt(KNOWN, 400_000), NO_EFFECT);
});

Deno.test("effectAt() lets a precursor rise to the root of the factor", () => {
  assert.equal(effectAt(KNOWN, 0).slowdown, 1);
  // Half way: 4^(1/4).
  assert.equal(effectAt(KNOWN, 50_000).slowdown, Math.SQRT2);
  assert.ok(Math.abs(effectAt(KNOWN, 99_999.999).slowdown - 2) < 1e-6);
});

Deno.test("effectAt() slows a level shift by the factor throughout", () => {
  assert.equal(effectAt(KNOWN, 100_000).slowdown, 4);
  assert.equal(effectAt(KNOWN, 399_999).slowdown, 4);
});

Deno.test("effectAt() lets a ramp go on from its precursor", () => {
  const ramp: KnownIncident = { ...KNOWN, kind: "ramp_spike" };
  // The ramp takes 200 seconds: from 2 by 4^(3/4) half way to 4.
  const at = (seconds: number) => effectAt(ramp, seconds * 1000).slowdown;
  assert.equal(at(100), 2);
  assert.ok(Math.abs(at(200) - 2 * Math.SQRT2) < 1e-12);
  assert.equal(at(300), 4);
  assert.equal(at(399), 4);
  const { precursorStartMs: _, ...sudden } = ramp;
  assert.equal(effectAt(sudden, 100_000).slowdown, 1);
  assert.ok(Math.abs(effectAt(sudden, 200_000).slowdown - 2) < 1e-12);
});

Deno.test("effectAt() lets a decoy look like a precursor", () => {
  const { precursorStartMs: _, ...rest } = KNOWN;
  const decoy: KnownIncident = { ...rest, kind: "decoy_ramp" };
  assert.equal(effectAt(decoy, 250_000).slowdown, Math.SQRT2);
  assert.deepEqual(effectAt(decoy, 400_000), NO_EFFECT);
});

Deno.test("effectAt() fails a share that grows with the factor", () => {
  const burst = effectAt({ ...KNOWN, kind: "error_burst" }, 200_000);
  assert.deepEqual([burst.failure, burst.failureShare, burst.slowdown], [
    "server_error",
    0.3, // (4 - 1) / 10
    1,
  ]);
  const timeout = effectAt({ ...KNOWN, kind: "timeout" }, 200_000);
  assert.deepEqual([timeout.failure, timeout.failureShare], ["ceiling", 0.3]);
  const fast = effectAt({ ...KNOWN, kind: "fast_failure" }, 200_000);
  assert.deepEqual([fast.failure, fast.failureShare, fast.speedup], [
    "fast",
    0.8,
    4,
  ]);
});
