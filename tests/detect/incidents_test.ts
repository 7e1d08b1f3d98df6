import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type FlaggedPoints,
  type Incident,
  IncidentMerger,
  mergeIncidents,
} from "lib/detect/incidents.ts";
import { categoriesOf } from "lib/logs/request_log.ts";

const MINUTE = 60_000;

/** One point a minute, flagged at the given minutes. */
function points(minutes: number, flagged: readonly number[]): FlaggedPoints {
  const all = Float64Array.from({ length: minutes }, (_, i) => i);
  return {
    timestampMs: all.map((i) => i * MINUTE),
    score: all.map((i) => i / minutes),
    anomaly: Uint8Array.from(all, (i) => flagged.includes(i) ? 1 : 0),
    value: all.map((i) => 10 * i),
    expected: all.map(() => 5),
  };
}

Deno.test("mergeIncidents() joins flags up to the gap and no further", () => {
  const incidents = mergeIncidents(points(100, [10, 12, 15, 40]), {
    gapMs: 3 * MINUTE,
    maximumChance: 1,
  });
  assert.deepEqual(
    incidents.map(({ startMs, endMs }) => [startMs / MINUTE, endMs / MINUTE]),
    [[10, 15], [40, 40]],
  );
  const [first] = incidents;
  assert.equal(first.peakMs, 15 * MINUTE);
  assert.equal(first.peakScore, 0.15);
  assert.equal(first.flagged, 3);
  assert.equal(first.points, 6);
  assert.equal(first.observed, 120);
  assert.equal(first.expected, 5);
});

Deno.test("mergeIncidents() drops clusters that chance makes", () => {
  // One of one: chance 0.1. Three of four at rate 0.1: 4 * 0.001 * 0.9 + 0.0001
  // = 0.0037.
  const flags = points(100, [5, 50, 51, 53]);
  const options = { gapMs: 2 * MINUTE, alarmRate: 0.1 };
  assert.equal(
    mergeIncidents(flags, { ...options, maximumChance: 0.01 }).length,
    1,
  );
  assert.equal(
    mergeIncidents(flags, { ...options, maximumChance: 0.0036 }).length,
    0,
  );
  assert.equal(
    mergeIncidents(flags, { ...options, maximumChance: 0.11 }).length,
    2,
  );
});

Deno.test("mergeIncidents() names an endpoint that has 80 % of the flags", () => {
  const base = points(10, [0, 1, 2, 3, 4]);
  const four = ["a", "a", "b", "a", "a", "b", "b", "b", "b", "b"];
  const three = ["a", "a", "b", "b", "a", "a", "a", "a", "a", "a"];
  const endpointOf = (names: string[]) =>
    mergeIncidents({ ...base, endpoint: categoriesOf(names) }, {
      maximumChance: 1,
    })[0].endpoint;
  assert.equal(endpointOf(four), "a");
  assert.equal(endpointOf(three), "");
});

Deno.test("mergeIncidents() ranks the features that stood out", () => {
  const feature = categoriesOf(["x", "y", "y", "z", "z", "z"]);
  const [incident] = mergeIncidents(
    { ...points(6, [1, 2, 3, 4, 5]), feature },
    { maximumChance: 1 },
  );
  assert.deepEqual(incident.features, ["z", "y"]);
});

Deno.test("mergeIncidents() holds each flag in exactly one incident", () => {
  fc.assert(
    fc.property(
      fc.array(fc.boolean(), { minLength: 1, maxLength: 80 }),
      fc.integer({ min: 0, max: 6 }),
      (flags, gap) => {
        const flagged = flags.flatMap((flag, i) => flag ? [i] : []);
        const incidents = mergeIncidents(points(flags.length, flagged), {
          gapMs: gap * MINUTE,
          maximumChance: 1,
        });
        const count = incidents.reduce((sum, { flagged }) => sum + flagged, 0);
        assert.equal(count, flagged.length);
        for (let k = 1; k < incidents.length; k++) {
          assert.ok(
            incidents[k].startMs - incidents[k - 1].endMs > gap * MINUTE,
          );
        }
      },
    ),
    { seed: 4 },
  );
});

Deno.test("mergeIncidents() rejects columns of other lengths", () => {
  assert.throws(
    () => mergeIncidents({ ...points(3, []), score: Float64Array.of(1) }),
    { message: "Cannot merge incidents: score has 1 values, expected 3" },
  );
  assert.throws(() => mergeIncidents(points(3, []), { gapMs: -1 }), RangeError);
});

Deno.test("mergeIncidents() rejects times out of order and NaN", () => {
  const flags = points(3, [1]);
  for (const times of [[0, 2, 1], [NaN, 1, 2], [0, NaN, 2]]) {
    assert.throws(
      () => mergeIncidents({ ...flags, timestampMs: Float64Array.from(times) }),
      { name: "RangeError", message: /expected times in ascending order/ },
    );
  }
});

/** Points `start` to `end - 1`. */
function slice(
  all: FlaggedPoints,
  start: number,
  end: number,
): FlaggedPoints {
  return {
    timestampMs: all.timestampMs.slice(start, end),
    score: all.score.slice(start, end),
    anomaly: all.anomaly.slice(start, end),
    value: all.value.slice(start, end),
    expected: all.expected.slice(start, end),
  };
}

Deno.test("IncidentMerger finds in parts what mergeIncidents() finds in all", () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 0, max: 199 })),
      fc.uniqueArray(fc.integer({ min: 1, max: 199 }), { maxLength: 8 }),
      fc.constantFrom(1, 0.01),
      (flagged, cuts, maximumChance) => {
        const all = points(200, flagged);
        const options = { gapMs: 3 * MINUTE, alarmRate: 0.1, maximumChance };
        const merger = new IncidentMerger(options);
        const borders = [0, ...cuts.toSorted((a, b) => a - b), 200];
        const found: Incident[] = [];
        for (let k = 1; k < borders.length; k++) {
          found.push(...merger.add(slice(all, borders[k - 1], borders[k])));
        }
        found.push(...merger.end());
        assert.deepEqual(found, mergeIncidents(all, options));
        assert.deepEqual(merger.end(), []);
      },
    ),
    { seed: 12, numRuns: 200 },
  );
});

Deno.test("IncidentMerger tells of an incident as soon as it is over", () => {
  const merger = new IncidentMerger({ gapMs: 3 * MINUTE, maximumChance: 1 });
  const all = points(100, [10, 12, 40]);
  assert.deepEqual(merger.add(slice(all, 0, 20)), []);
  const [incident] = merger.add(slice(all, 20, 100));
  assert.equal(incident.endMs, 12 * MINUTE);
});
