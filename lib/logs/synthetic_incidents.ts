/**
 * The incidents of the synthetic log: when they are, of which kind and how
 * large, all drawn at random, and what they do to a request.
 *
 * @module
 */

import type { Random } from "../numeric/random.ts";
import { ENDPOINTS } from "./synthetic_routes.ts";
import { MINUTE_MS } from "./synthetic_minutes.ts";

/**
 * What happens while an incident of factor f lasts:
 *
 * - `ramp_spike`: response times rise, evenly on the log scale, to f times the
 *   usual at two thirds of the incident, and stay there;
 * - `level_shift`: response times are f times the usual;
 * - `error_burst`: a share (f - 1) / 10 of the requests fails with 500, 502 or
 *   503;
 * - `timeout`: a share (f - 1) / 10 of the requests ends at the ceiling of
 *   30 seconds with 504;
 * - `slow_endpoint`: response times of one endpoint are f times the usual;
 * - `fast_failure`: four fifths of the requests fail with 503 in 1 / f of the
 *   usual time;
 * - `decoy_ramp`: no incident, but what looks like the precursor of one:
 *   response times rise to √f times the usual, and it comes to nothing.
 */
export type IncidentKind =
  | "ramp_spike"
  | "level_shift"
  | "error_burst"
  | "timeout"
  | "slow_endpoint"
  | "fast_failure"
  | "decoy_ramp";

/** An incident that the generator put into a log, or a decoy. */
export type KnownIncident = {
  /** The first moment, milliseconds since 1970 UTC. */
  readonly startMs: number;
  /** The first moment after it, milliseconds since 1970 UTC. */
  readonly endMs: number;
  /** What happens. */
  readonly kind: IncidentKind;
  /** The endpoint that is hit, or "" where all are. */
  readonly endpoint: string;
  /** How strong it is, 1.3 to 5; {@linkcode IncidentKind} says of what. */
  readonly factor: number;
  /**
   * Start of the precursor, if there is one: until `startMs` response times
   * rise, evenly on the log scale, to √factor times the usual.
   */
  readonly precursorStartMs?: number;
};

/** What an incident does to a request at one moment. */
export type Effect = {
  /** Multiplies the response time. */
  readonly slowdown: number;
  /** How requests fail, and which share of them, 0 to 1. */
  readonly failure: "none" | "server_error" | "ceiling" | "fast";
  /** The share of the requests that fail so. */
  readonly failureShare: number;
  /** Divides the response time of a `fast` failure. */
  readonly speedup: number;
};

/** The effect of nothing. */
export const NO_EFFECT: Effect = {
  slowdown: 1,
  failure: "none",
  failureShare: 0,
  speedup: 1,
};

const KINDS: readonly IncidentKind[] = [
  "ramp_spike",
  "level_shift",
  "error_burst",
  "timeout",
  "slow_endpoint",
  "fast_failure",
];
const FACTOR = { minimum: 1.3, maximum: 5 };
const LENGTH_MINUTES = { minimum: 5, maximum: 180 };
const RAMP_MINUTES = { minimum: 15, maximum: 60 };
/** No incident, decoy or precursor begins earlier in a log. */
const QUIET_START_MS = 180 * MINUTE_MS;
/** At least so much time lies between two of them. */
const GAP_MS = 60 * MINUTE_MS;
/** What precursors and decoys reach, as a part of the log factor. */
const PRECURSOR_PART = 0.5;
const RAMP_PART = 2 / 3;
const FAST_FAILURE_SHARE = 0.8;

/**
 * Tells decoys from incidents.
 *
 * @param incident What the generator put into a log.
 * @returns True if it is a decoy: a detector that flags it is wrong.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { generateLog } from "lib/logs/synthetic.ts";
 * import { isDecoy } from "lib/logs/synthetic_incidents.ts";
 *
 * const { incidents } = generateLog({ rows: 1000 });
 * assert.equal(incidents.filter((known) => !isDecoy(known)).length, 12);
 * assert.equal(incidents.filter(isDecoy).length, 2);
 * ```
 */
export function isDecoy(incident: { readonly kind: string }): boolean {
  return incident.kind === "decoy_ramp";
}

/**
 * Draws incidents and decoys. Kinds go round a shuffled list, factor and
 * length are log-uniform, every second incident has a precursor. They stand
 * like rods of given lengths thrown on a line, on condition that none overlap:
 * all such placements are equally likely.
 *
 * @param random The stream that all is drawn from.
 * @param counts How many incidents, and how many decoys.
 * @param startMs Start of the log, milliseconds since 1970 UTC.
 * @param endMs End of the log, milliseconds since 1970 UTC.
 * @returns Incidents and decoys in order of time.
 * @throws {RangeError} If they do not fit into the log.
 */
export function drawIncidents(
  random: Random,
  counts: { incidentCount: number; decoyCount: number },
  startMs: number,
  endMs: number,
): KnownIncident[] {
  const plans = drawPlans(random, counts);
  const order = random.sample(plans.length, plans.length);
  let free = endMs - startMs - QUIET_START_MS;
  for (const plan of plans) free -= GAP_MS + plan.rampMs + plan.lengthMs;
  if (!(free >= 0 || plans.length === 0)) {
    throw new RangeError(
      `Cannot generate a log: ${counts.incidentCount} incidents and ${counts.decoyCount} decoys take ${
        Math.ceil(-free / MINUTE_MS)
      } minutes more than there are, expected fewer incidents or more days`,
    );
  }
  const waits = Float64Array.from(plans, () => random.uniform() * free).sort();
  let taken = startMs + QUIET_START_MS;
  return Array.from(order, (index, k) => {
    const { kind, endpoint, factor, rampMs, lengthMs } = plans[index];
    const rampStartMs = taken + Math.floor(waits[k]);
    const incidentStartMs = rampStartMs + rampMs;
    taken += rampMs + lengthMs + GAP_MS;
    return {
      startMs: incidentStartMs,
      endMs: incidentStartMs + lengthMs,
      kind,
      endpoint,
      factor,
      ...(rampMs > 0 ? { precursorStartMs: rampStartMs } : {}),
    };
  });
}

/**
 * What an incident does at a moment.
 *
 * @param incident The incident or decoy.
 * @param timeMs The moment, milliseconds since 1970 UTC.
 * @returns The effect on requests to the endpoint that is hit.
 */
export function effectAt(incident: KnownIncident, timeMs: number): Effect {
  const { startMs, endMs, precursorStartMs = startMs } = incident;
  if (timeMs < precursorStartMs || timeMs >= endMs) return NO_EFFECT;
  const slowed = (part: number) => ({
    ...NO_EFFECT,
    slowdown: Math.pow(incident.factor, part),
  });
  const { factor } = incident;
  if (timeMs < startMs) {
    return slowed(
      PRECURSOR_PART * (timeMs - precursorStartMs) /
        (startMs - precursorStartMs),
    );
  }
  const progress = (timeMs - startMs) / (endMs - startMs);
  const failureShare = (factor - 1) / 10;
  switch (incident.kind) {
    case "ramp_spike": {
      const from = precursorStartMs < startMs ? PRECURSOR_PART : 0;
      return slowed(from + (1 - from) * Math.min(progress / RAMP_PART, 1));
    }
    case "decoy_ramp":
      return slowed(PRECURSOR_PART * progress);
    case "level_shift":
    case "slow_endpoint":
      return slowed(1);
    case "error_burst":
      return { ...NO_EFFECT, failure: "server_error", failureShare };
    case "timeout":
      return { ...NO_EFFECT, failure: "ceiling", failureShare };
    case "fast_failure":
      return {
        ...NO_EFFECT,
        failure: "fast",
        failureShare: FAST_FAILURE_SHARE,
        speedup: factor,
      };
  }
}

/** An incident without its place in time. */
type Plan = {
  kind: IncidentKind;
  endpoint: string;
  factor: number;
  /** Length of the precursor, 0 where there is none. */
  rampMs: number;
  lengthMs: number;
};

function drawPlans(
  random: Random,
  { incidentCount, decoyCount }: { incidentCount: number; decoyCount: number },
): Plan[] {
  const kinds = random.sample(KINDS.length, KINDS.length);
  const warned = new Set(
    random.sample(Math.round(incidentCount / 2), incidentCount),
  );
  const plans: Plan[] = [];
  for (let i = 0; i < incidentCount + decoyCount; i++) {
    const isReal = i < incidentCount;
    const kind = isReal ? KINDS[kinds[i % KINDS.length]] : "decoy_ramp";
    const endpoint = ENDPOINTS[random.integer(ENDPOINTS.length)];
    // All are drawn for each, so that one does not change what follows.
    const lengthMs = wholeSeconds(logUniform(random, LENGTH_MINUTES));
    const rampMs = wholeSeconds(uniform(random, RAMP_MINUTES));
    const factor = Math.round(100 * logUniform(random, FACTOR)) / 100;
    plans.push({
      kind,
      endpoint: kind === "slow_endpoint" ? endpoint : "",
      factor,
      rampMs: warned.has(i) ? rampMs : 0,
      lengthMs: isReal ? lengthMs : rampMs,
    });
  }
  return plans;
}

type Bounds = { minimum: number; maximum: number };

function uniform(random: Random, { minimum, maximum }: Bounds): number {
  return minimum + (maximum - minimum) * random.uniform();
}

function logUniform(random: Random, { minimum, maximum }: Bounds): number {
  return minimum * Math.pow(maximum / minimum, random.uniform());
}

function wholeSeconds(minutes: number): number {
  return 1000 * Math.round(60 * minutes);
}
