/**
 * Gathers what `latency inspect` tells of an input.
 *
 * @module
 */

import { OTHER_ENDPOINTS } from "../../logs/endpoints.ts";
import type { ReadReport } from "../../logs/readers/mod.ts";
import {
  type Categories,
  categoriesOf,
  type EventLog,
  type Observations,
  type RequestLog,
} from "../../logs/request_log.ts";
import { chooseBucketMs, usualStepMs } from "../../logs/series.ts";
import { quantileSorted } from "../../numeric/statistics.ts";
import type {
  EndpointFacts,
  EventFacts,
  InspectedInput,
  Inspection,
  Occurrence,
  Quantiles,
  RequestFacts,
  SeriesFacts,
} from "./facts.ts";
import { gapBetween, longestGapsOf, quietHoursOf } from "./times.ts";
import { warningsOf } from "./warnings.ts";

const SHOWN_ENDPOINTS = 10;
const SHOWN_MESSAGES = 10;
const GAP_STEPS = 1.5;

/**
 * Gathers the facts of an input.
 *
 * @param input What was read, at least one row.
 * @param report What happened while it was read.
 * @param options The zone of times without one, and the next command.
 * @returns The facts.
 */
export function inspectInput(
  input: InspectedInput,
  report: ReadReport,
  options: { timeZone: string; next: string },
): Inspection {
  const source = input.kind === "series" ? input.observations : input.log;
  const { timestampMs } = source;
  const quiet = input.kind === "series" ? undefined : quietHoursOf(timestampMs);
  return {
    file: report.file,
    format: report.format,
    kind: input.kind,
    rows: {
      read: report.rowsRead,
      rejected: report.rowsRejected,
      ignored: report.rowsIgnored,
      duplicatesDropped: report.duplicatesDropped,
      outOfOrder: report.rowsOutOfOrder,
    },
    rejections: report.rejections,
    ignored: report.ignored,
    notes: report.notes,
    span: gapBetween(timestampMs[0], timestampMs[timestampMs.length - 1]),
    timeZone: options.timeZone,
    ...(quiet ? { quietHours: quiet } : {}),
    longestGaps: longestGapsOf(timestampMs),
    ...(input.kind === "requests" ? { requests: requestFacts(input.log) } : {}),
    ...(input.kind === "series"
      ? { series: seriesFacts(input.observations) }
      : {}),
    ...(input.kind === "events" ? { events: eventFacts(input.log) } : {}),
    warnings: warningsOf(input, report),
    ...(input.kind === "events" ? {} : { next: options.next }),
  };
}

function requestFacts(log: RequestLog): RequestFacts {
  const { timestampMs, responseTimeMs, statusCode } = log;
  const minutes = (timestampMs[timestampMs.length - 1] - timestampMs[0]) /
    60_000;
  return {
    requestsPerMinute: timestampMs.length / Math.max(minutes, 1),
    defaultBucketMs: chooseBucketMs(log),
    methods: occurrences(log.method),
    statuses: occurrences(categoriesOf(Array.from(statusCode, String))),
    ...(responseTimeMs ? { responseTimeMs: quantilesOf(responseTimeMs) } : {}),
    sizeBytes: quantilesOf(log.sizeBytes),
    endpoints: endpointFacts(log),
  };
}

function endpointFacts(log: RequestLog): RequestFacts["endpoints"] {
  const { endpoint, rawEndpoint, responseTimeMs } = log;
  const all = occurrences(endpoint);
  const top = all.slice(0, SHOWN_ENDPOINTS).map((one): EndpointFacts => {
    if (!responseTimeMs) return one;
    const code = endpoint.names.indexOf(one.name);
    const times = responseTimeMs
      .filter((_, row) => endpoint.codes[row] === code).sort();
    const p50 = quantileSorted(times, 0.5);
    return { ...one, p50, p95: quantileSorted(times, 0.95) };
  });
  let templated = 0, pooled = 0;
  for (const [raw, name] of renamedPaths(endpoint, rawEndpoint)) {
    if (name === OTHER_ENDPOINTS) pooled++;
    else if (name !== raw) templated++;
  }
  return { different: all.length, templated, pooled, top };
}

/** Each different path of the input with the endpoint that it became. */
function renamedPaths(
  endpoint: Categories,
  raw: Categories | undefined,
): Map<string, string> {
  const renamed = new Map<string, string>();
  raw?.codes.forEach((code, row) =>
    renamed.set(raw.names[code], endpoint.names[endpoint.codes[row]])
  );
  return renamed;
}

function seriesFacts({ timestampMs, value }: Observations): SeriesFacts {
  const stepMs = usualStepMs(timestampMs);
  const limitMs = GAP_STEPS * (stepMs ?? Infinity);
  let gapCount = 0;
  for (let i = 1; i < timestampMs.length; i++) {
    if (timestampMs[i] - timestampMs[i - 1] > limitMs) gapCount++;
  }
  return {
    ...(stepMs === undefined ? {} : { stepMs }),
    gapCount,
    value: quantilesOf(value),
  };
}

function eventFacts({ level, message }: EventLog): EventFacts {
  return {
    levels: occurrences(level),
    messages: occurrences(categoriesOf(message)).slice(0, SHOWN_MESSAGES),
  };
}

/** What occurs, most frequent first, then in order of first appearance. */
function occurrences({ codes, names }: Categories): Occurrence[] {
  const counts = new Float64Array(names.length);
  for (const code of codes) counts[code]++;
  return names
    .map((name, code) => ({
      name,
      count: counts[code],
      share: counts[code] / codes.length,
    }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

function quantilesOf(values: Float64Array): Quantiles {
  const sorted = values.slice().sort();
  return {
    min: sorted[0],
    p50: quantileSorted(sorted, 0.5),
    p90: quantileSorted(sorted, 0.9),
    p95: quantileSorted(sorted, 0.95),
    p99: quantileSorted(sorted, 0.99),
    max: sorted[sorted.length - 1],
  };
}
