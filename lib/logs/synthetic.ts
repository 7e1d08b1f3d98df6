/**
 * A seeded generator of request logs that hold something to find and something
 * to forecast, with the list of what is to be found.
 *
 * The response time of a request in minute m, in milliseconds, is
 *
 *     median(route) · status · exp(spread(route) · z) · 1 / (1 - ρ(m))
 *       · exp(state(m)) · tail · slowdown
 *
 * with z standard normal; `status` what an answer of that status takes beside
 * a success; ρ = min(load(m) / 4, 0.8) the utilization of a single queue, load
 * being the traffic relative to its mean; `state` a slow hidden process; `tail`
 * 1 for 97 in 100 requests and 2.5 times a Pareto variable of exponent 1.5 for
 * the others; and `slowdown` what an incident does. What would take 30 seconds
 * or more is a time-out: 30 seconds and some milliseconds, status 504.
 *
 * Traffic, state, requests and incidents have random streams of their own, and
 * each request takes the same number of draws whatever becomes of it: logs of
 * equal `rows`, `days`, `seed` and `startMs` are the same wherever no incident
 * is.
 *
 * @see L. Kleinrock, Queueing Systems I (1975), for 1 / (1 - ρ).
 *
 * @module
 */

import { checkNumber, checkSeed } from "../numeric/checks.ts";
import { Random } from "../numeric/random.ts";
import { categoriesOf, type RequestLog } from "./request_log.ts";
import {
  drawIncidents,
  type Effect,
  effectAt,
  type KnownIncident,
  NO_EFFECT,
} from "./synthetic_incidents.ts";
import {
  drawArrivals,
  drawLoad,
  drawServiceState,
  MINUTE_MS,
} from "./synthetic_minutes.ts";
import {
  bodyBytes,
  pickRoute,
  pickServerError,
  pickStatus,
  type Route,
  ROUTES,
  timeOfStatus,
} from "./synthetic_routes.ts";

export { isDecoy } from "./synthetic_incidents.ts";
export type { IncidentKind, KnownIncident } from "./synthetic_incidents.ts";

/** Options for {@linkcode generateLog}. */
export type SyntheticOptions = {
  /** Number of requests, 1 to 20,000,000. @default {50_000} */
  rows?: number;
  /** Length in days, to the minute, 0.01 to 3,650. @default {14} */
  days?: number;
  /** Seed of the random streams. @default {0} */
  seed?: number;
  /**
   * Start of the log in whole milliseconds since 1970 UTC, up to the year
   * 2999. @default {Date.UTC(2026, 0, 5)}, a Monday
   */
  startMs?: number;
  /** Number of incidents. @default {Math.round(12 * days / 14)} */
  incidentCount?: number;
  /**
   * Number of ramps that come to nothing.
   * @default {Math.round(incidentCount / 5)}
   */
  decoyCount?: number;
};

/** A generated log, and what is to be found in it. */
export type SyntheticLog = {
  /** The requests, sorted by time. */
  readonly log: RequestLog;
  /** Incidents and decoys, in order of time and not overlapping. */
  readonly incidents: readonly KnownIncident[];
};

/** The time-out of the made-up service in milliseconds. */
export const TIMEOUT_MS = 30_000;

const MAX_ROWS = 20_000_000;
const MIN_DAYS = 0.01;
const MAX_DAYS = 3650;
const MAX_INCIDENTS = 10_000;
const MAX_START_MS = Date.UTC(3000, 0) - 1;
const INCIDENTS_PER_DAY = 12 / 14;
const DECOYS_PER_INCIDENT = 1 / 5;
const LOAD_TO_UTILIZATION = 0.25;
const MAX_UTILIZATION = 0.8;
const TAIL = { share: 0.03, minimum: 2.5, exponent: 1.5 };
const SIZE_SPREAD = 0.5;
const TIMEOUT_DELAY_MS = 15;
/** Response times are whole multiples of 1 / 10 ms, as in the written CSV. */
const TICKS_PER_MS = 10;
const STREAM = { traffic: 0, arrivals: 1, state: 2, requests: 3, incidents: 4 };

/**
 * Generates a request log with known incidents.
 *
 * @param options Its size, its seed, and how many incidents it holds.
 * @returns The log and its incidents; numbers are rounded to what a CSV file
 * of the log holds.
 * @throws {RangeError} If an option is out of range or the incidents do not
 * fit into the days.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { generateLog } from "lib/logs/synthetic.ts";
 *
 * const { log, incidents } = generateLog({ rows: 1000, days: 7, seed: 1 });
 * assert.equal(log.timestampMs.length, 1000);
 * assert.equal(incidents.length, 6 + 1); // One of them is a decoy.
 * ```
 */
export function generateLog(options: SyntheticOptions = {}): SyntheticLog {
  const { rows = 50_000, days = 14, seed = 0 } = options;
  const { startMs = Date.UTC(2026, 0, 5) } = options;
  const { incidentCount = Math.round(INCIDENTS_PER_DAY * days) } = options;
  const { decoyCount = Math.round(DECOYS_PER_INCIDENT * incidentCount) } =
    options;
  checkOptions({ rows, days, seed, startMs, incidentCount, decoyCount });
  const minuteCount = Math.round(days * 1440);
  const load = drawLoad(
    new Random(seed, STREAM.traffic),
    startMs,
    minuteCount,
  );
  const timestampMs = drawArrivals(
    new Random(seed, STREAM.arrivals),
    load,
    startMs,
    rows,
  );
  const incidents = drawIncidents(
    new Random(seed, STREAM.incidents),
    { incidentCount, decoyCount },
    startMs,
    startMs + minuteCount * MINUTE_MS,
  );
  const state = drawServiceState(new Random(seed, STREAM.state), minuteCount);
  const pace = load.map((value, minute) => paceOf(value, state[minute]));
  const random = new Random(seed, STREAM.requests);
  const log = answerRequests(random, timestampMs, {
    incidents,
    paceAt: (timeMs) => pace[Math.floor((timeMs - startMs) / MINUTE_MS)],
  });
  return { log, incidents };
}

/** What the requests meet: incidents, and the pace of the service. */
type Conditions = {
  incidents: readonly KnownIncident[];
  paceAt: (timeMs: number) => number;
};

/** Factor on the response times of a minute. */
function paceOf(load: number, state: number): number {
  const utilization = Math.min(LOAD_TO_UTILIZATION * load, MAX_UTILIZATION);
  return Math.exp(state) / (1 - utilization);
}

function answerRequests(
  random: Random,
  timestampMs: Float64Array,
  { incidents, paceAt }: Conditions,
): RequestLog {
  const rows = timestampMs.length;
  const routes = new Uint8Array(rows);
  const statusCode = new Uint16Array(rows);
  const sizeBytes = new Float64Array(rows);
  const responseTimeMs = new Float64Array(rows);
  let next = 0;
  for (let i = 0; i < rows; i++) {
    const timeMs = timestampMs[i];
    while (next < incidents.length && incidents[next].endMs <= timeMs) next++;
    routes[i] = pickRoute(random.uniform());
    const route = ROUTES[routes[i]];
    const incident = incidents[next];
    const isHit = incident !== undefined &&
      (incident.endpoint === "" || incident.endpoint === route.endpoint);
    const effect = isHit ? effectAt(incident, timeMs) : NO_EFFECT;
    const answer = drawAnswer(random, route, effect, paceAt(timeMs));
    statusCode[i] = answer.status;
    sizeBytes[i] = answer.sizeBytes;
    responseTimeMs[i] = answer.responseTimeMs;
  }
  return {
    timestampMs,
    method: categoriesOfRoutes(routes, ({ method }) => method),
    endpoint: categoriesOfRoutes(routes, ({ endpoint }) => endpoint),
    statusCode,
    sizeBytes,
    responseTimeMs,
    sourceRow: Uint32Array.from(timestampMs, (_, i) => i),
  };
}

function drawAnswer(
  random: Random,
  route: Route,
  effect: Effect,
  pace: number,
): { status: number; sizeBytes: number; responseTimeMs: number } {
  // All draws come first, so that their number does not depend on the effect.
  const failureDraw = random.uniform();
  const statusDraw = random.uniform();
  const tail = tailOf(random.uniform());
  const delayMs = TIMEOUT_DELAY_MS * random.uniform();
  const noise = Math.exp(route.spread * random.normal());
  const sizeNoise = Math.exp(SIZE_SPREAD * random.normal());

  const failure = failureDraw < effect.failureShare ? effect.failure : "none";
  const usualMs = route.medianMs * noise * pace * tail * effect.slowdown;
  let status = pickStatus(route, statusDraw);
  if (failure === "server_error") status = pickServerError(statusDraw);
  if (failure === "fast") status = 503;
  let timeMs = failure === "fast"
    ? usualMs / effect.speedup
    : usualMs * timeOfStatus(status);
  if (failure === "ceiling" || timeMs >= TIMEOUT_MS) {
    status = 504;
    timeMs = TIMEOUT_MS + delayMs;
  }
  return {
    status,
    sizeBytes: Math.round(bodyBytes(route, status) * sizeNoise),
    responseTimeMs: Math.round(timeMs * TICKS_PER_MS) / TICKS_PER_MS,
  };
}

/** 1, or for the share of the tail a Pareto variable, from one uniform draw. */
function tailOf(draw: number): number {
  const { share, minimum, exponent } = TAIL;
  return draw < share ? minimum * Math.pow(1 - draw / share, -1 / exponent) : 1;
}

/** The categories of a property of the routes, coded as a reader would. */
function categoriesOfRoutes(
  routes: Uint8Array,
  property: (route: Route) => string,
): RequestLog["method"] {
  return categoriesOf(Array.from(routes, (index) => property(ROUTES[index])));
}

function checkOptions(options: Required<SyntheticOptions>): void {
  const action = "generate a log";
  const { rows, days, seed, startMs, incidentCount, decoyCount } = options;
  checkNumber(rows, "rows", action, {
    minimum: 1,
    maximum: MAX_ROWS,
    integer: true,
  });
  checkNumber(days, "days", action, { minimum: MIN_DAYS, maximum: MAX_DAYS });
  checkSeed(seed, action);
  checkNumber(startMs, "startMs", action, {
    minimum: 0,
    maximum: MAX_START_MS,
    integer: true,
  });
  for (const [name, count] of Object.entries({ incidentCount, decoyCount })) {
    checkNumber(count, name, action, {
      minimum: 0,
      maximum: MAX_INCIDENTS,
      integer: true,
    });
  }
}
