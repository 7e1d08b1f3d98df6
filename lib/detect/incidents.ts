/**
 * Incidents: flagged points that lie close together in time, merged into one
 * event that a person would call one. A cluster that chance alone would make
 * of this many points at the alarm rate asked for is not an incident.
 *
 * @module
 */

import type { Categories } from "../logs/request_log.ts";
import { checkLength, checkNumber } from "../numeric/checks.ts";
import { binomialTail, median } from "../numeric/statistics.ts";

/** Points with their scores and flags, n of them, ascending in time. */
export type FlaggedPoints = {
  /** Times, milliseconds since 1970 UTC, ascending, shape `(n)`. */
  readonly timestampMs: Float64Array;
  /** Anomaly scores, shape `(n)`. */
  readonly score: Float64Array;
  /** 1 where flagged, 0 elsewhere, shape `(n)`. */
  readonly anomaly: Uint8Array;
  /** What was observed, shape `(n)`; a response time in ms, say. */
  readonly value: Float64Array;
  /** What was to be expected, in the unit of `value`, shape `(n)`. */
  readonly expected: Float64Array;
  /** The endpoint of each point, where there are several. */
  readonly endpoint?: Categories;
  /** The feature that is furthest from its usual value, for each point. */
  readonly feature?: Categories;
};

/** A stretch of time in which something was wrong. */
export type Incident = {
  /** Time of the first flagged point, milliseconds since 1970 UTC. */
  readonly startMs: number;
  /** Time of the last flagged point, milliseconds since 1970 UTC. */
  readonly endMs: number;
  /** Time of the highest score, milliseconds since 1970 UTC. */
  readonly peakMs: number;
  /** The highest score. */
  readonly peakScore: number;
  /** The endpoint of at least 80 % of the flagged points; "" if none is. */
  readonly endpoint: string;
  /** Points flagged. */
  readonly flagged: number;
  /** Points between start and end, flagged or not. */
  readonly points: number;
  /** Median value of the flagged points. */
  readonly observed: number;
  /** Median of what was to be expected at the flagged points. */
  readonly expected: number;
  /** Features by how many flagged points they stood out in, most first. */
  readonly features: readonly string[];
};

/** Options for {@linkcode mergeIncidents}. */
export type IncidentOptions = {
  /** Longest time between two flagged points of one incident, in
   * milliseconds. @default {900_000} */
  gapMs?: number;
  /** Share of points flagged where nothing is wrong, 0 to 1. @default {0.02} */
  alarmRate?: number;
  /** Greatest probability that as many flags among as many points arise by
   * chance, 0 to 1; 1 keeps every cluster. @default {1e-6} */
  maximumChance?: number;
};

const MAIN_ENDPOINT_SHARE = 0.8;

/**
 * Merges flagged points into incidents.
 *
 * Flagged points no further apart than `gapMs` form a cluster. A cluster of k
 * flagged among m points is an incident if `P(X >= k) <= maximumChance` for
 * X binomial with m trials at `alarmRate`.
 *
 * @param points Points with flags, ascending in time.
 * @param options Gap, alarm rate and significance.
 * @returns Incidents, ascending in time, none overlapping another.
 * @throws {RangeError} If lengths differ or an option is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { mergeIncidents } from "lib/detect/incidents.ts";
 *
 * const points = {
 *   timestampMs: Float64Array.of(0, 60_000, 120_000, 9_000_000),
 *   score: Float64Array.of(0.1, 0.8, 0.9, 0.1),
 *   anomaly: Uint8Array.of(0, 1, 1, 0),
 *   value: Float64Array.of(100, 700, 900, 100),
 *   expected: Float64Array.of(100, 100, 100, 100),
 * };
 * const [incident] = mergeIncidents(points, { maximumChance: 1 });
 * assert.equal(incident.startMs, 60_000);
 * assert.equal(incident.observed, 800);
 * ```
 */
export function mergeIncidents(
  points: FlaggedPoints,
  options: IncidentOptions = {},
): Incident[] {
  const { gapMs = 900_000, alarmRate = 0.02, maximumChance = 1e-6 } = options;
  const action = "merge incidents";
  checkNumber(gapMs, "gapMs", action, { minimum: 0 });
  checkNumber(alarmRate, "alarmRate", action, { minimum: 0, maximum: 1 });
  checkNumber(maximumChance, "maximumChance", action, {
    minimum: 0,
    maximum: 1,
  });
  const n = points.timestampMs.length;
  for (const name of ["score", "anomaly", "value", "expected"] as const) {
    checkLength(points[name].length, n, name, action);
  }
  const { timestampMs } = points;
  const bad = timestampMs.findIndex((at, row) =>
    !(row === 0 ? Number.isFinite(at) : at >= timestampMs[row - 1])
  );
  if (bad >= 0) {
    throw new RangeError(
      `Cannot ${action}: timestampMs[${bad}] is ${
        timestampMs[bad]
      }, expected times in ascending order`,
    );
  }
  return clusterFlags(points, gapMs)
    .filter((rows) => chanceOf(rows, alarmRate) <= maximumChance)
    .map((rows) => describeIncident(points, rows));
}

/** Rows of flagged points, ascending, no further apart than the gap. */
function clusterFlags(points: FlaggedPoints, gapMs: number): number[][] {
  const { timestampMs, anomaly } = points;
  const clusters: number[][] = [];
  let last = -Infinity;
  for (let row = 0; row < anomaly.length; row++) {
    if (!anomaly[row]) continue;
    if (timestampMs[row] - last > gapMs) clusters.push([]);
    clusters[clusters.length - 1].push(row);
    last = timestampMs[row];
  }
  return clusters;
}

function chanceOf(rows: readonly number[], alarmRate: number): number {
  return binomialTail(rows.length, spannedPoints(rows), alarmRate);
}

function spannedPoints(rows: readonly number[]): number {
  return rows[rows.length - 1] - rows[0] + 1;
}

function describeIncident(
  points: FlaggedPoints,
  rows: readonly number[],
): Incident {
  const { timestampMs, score, value, expected, endpoint, feature } = points;
  const peak = rows.reduce((a, b) => score[b] > score[a] ? b : a);
  const endpoints = endpoint ? rankCategories(endpoint, rows) : [];
  const main = endpoints[0];
  return {
    startMs: timestampMs[rows[0]],
    endMs: timestampMs[rows[rows.length - 1]],
    peakMs: timestampMs[peak],
    peakScore: score[peak],
    endpoint: main && main.count >= MAIN_ENDPOINT_SHARE * rows.length
      ? main.name
      : "",
    flagged: rows.length,
    points: spannedPoints(rows),
    observed: median(Float64Array.from(rows, (row) => value[row])),
    expected: median(Float64Array.from(rows, (row) => expected[row])),
    features: feature
      ? rankCategories(feature, rows).map(({ name }) => name)
      : [],
  };
}

/** The categories of some rows, most frequent first. */
function rankCategories(
  column: Categories,
  rows: readonly number[],
): { name: string; count: number }[] {
  const counts = new Map<number, number>();
  for (const row of rows) {
    const code = column.codes[row];
    counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .map(([code, count]) => ({ name: column.names[code], count }));
}
