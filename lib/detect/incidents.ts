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
  const merger = new IncidentMerger(options);
  return [...merger.add(points), ...merger.end()];
}

/**
 * Merges flagged points that come part by part, as {@linkcode mergeIncidents}
 * does of all: an incident is told as soon as it is over. Only flagged points
 * are kept, and of a cluster of more than a million the first million.
 */
export class IncidentMerger {
  readonly #gapMs: number;
  readonly #alarmRate: number;
  readonly #maximumChance: number;
  #seen = 0;
  #cluster: FlaggedPoint[] = [];
  #clusterSize = 0;

  /**
   * Begins without points.
   *
   * @param options Gap, alarm rate and significance.
   * @throws {RangeError} If an option is out of range.
   */
  constructor(options: IncidentOptions = {}) {
    const { gapMs = 900_000, alarmRate = 0.02, maximumChance = 1e-6 } = options;
    const action = "merge incidents";
    checkNumber(gapMs, "gapMs", action, { minimum: 0 });
    const share = { minimum: 0, maximum: 1 };
    checkNumber(alarmRate, "alarmRate", action, share);
    checkNumber(maximumChance, "maximumChance", action, share);
    this.#gapMs = gapMs;
    this.#alarmRate = alarmRate;
    this.#maximumChance = maximumChance;
  }

  /**
   * Takes the next points.
   *
   * @param points Points with flags, ascending in time. Those that are earlier
   * than points of a part before count as if they came right after them.
   * @returns The incidents that are over, ascending in time.
   * @throws {RangeError} If lengths differ or times do not ascend.
   */
  add(points: FlaggedPoints): Incident[] {
    checkPoints(points);
    const { timestampMs, anomaly } = points;
    const over: Incident[] = [];
    for (let row = 0; row < anomaly.length; row++) {
      if (!anomaly[row]) continue;
      const last = this.#cluster.at(-1)?.timestampMs ?? timestampMs[row];
      if (timestampMs[row] - last > this.#gapMs) over.push(...this.end());
      this.#clusterSize++;
      const point = pointAt(points, row, this.#seen + row);
      if (this.#cluster.length >= MAX_CLUSTER) this.#cluster.pop();
      this.#cluster.push(point);
    }
    this.#seen += anomaly.length;
    return over;
  }

  /**
   * Says that there are no more points for the incident that goes on.
   *
   * @returns That incident, if there is one.
   */
  end(): Incident[] {
    const cluster = this.#cluster;
    const flagged = this.#clusterSize;
    this.#cluster = [];
    this.#clusterSize = 0;
    if (cluster.length === 0) return [];
    const points = cluster[cluster.length - 1].row - cluster[0].row + 1;
    const chance = binomialTail(flagged, points, this.#alarmRate);
    return chance <= this.#maximumChance
      ? [{ ...describeIncident(cluster), flagged, points }]
      : [];
  }
}

/** A flagged point, by itself. */
type FlaggedPoint = {
  /** Its number among all points. */
  readonly row: number;
  readonly timestampMs: number;
  readonly score: number;
  readonly value: number;
  readonly expected: number;
  readonly endpoint: string | undefined;
  readonly feature: string | undefined;
};

const MAX_CLUSTER = 1_000_000;

function checkPoints(points: FlaggedPoints): void {
  const action = "merge incidents";
  const { timestampMs } = points;
  for (const name of ["score", "anomaly", "value", "expected"] as const) {
    checkLength(points[name].length, timestampMs.length, name, action);
  }
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
}

function pointAt(
  points: FlaggedPoints,
  row: number,
  number: number,
): FlaggedPoint {
  const nameIn = (column: Categories | undefined) =>
    column?.names[column.codes[row]];
  return {
    row: number,
    timestampMs: points.timestampMs[row],
    score: points.score[row],
    value: points.value[row],
    expected: points.expected[row],
    endpoint: nameIn(points.endpoint),
    feature: nameIn(points.feature),
  };
}

function describeIncident(
  cluster: readonly FlaggedPoint[],
): Omit<Incident, "flagged" | "points"> {
  const peak = cluster.reduce((a, b) => b.score > a.score ? b : a);
  const [main] = rankNames(cluster, "endpoint");
  return {
    startMs: cluster[0].timestampMs,
    endMs: cluster[cluster.length - 1].timestampMs,
    peakMs: peak.timestampMs,
    peakScore: peak.score,
    endpoint: main && main.count >= MAIN_ENDPOINT_SHARE * cluster.length
      ? main.name
      : "",
    observed: median(Float64Array.from(cluster, ({ value }) => value)),
    expected: median(Float64Array.from(cluster, ({ expected }) => expected)),
    features: rankNames(cluster, "feature").map(({ name }) => name),
  };
}

/** The endpoints or features of points, most frequent first. */
function rankNames(
  cluster: readonly FlaggedPoint[],
  field: "endpoint" | "feature",
): { name: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { [field]: name } of cluster) {
    if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].map(([name, count]) => ({ name, count }))
    .sort((a, b) => b.count - a.count);
}
