/**
 * Gathers what `latency inspect` tells of an input.
 *
 * @module
 */

import type { ReadReport } from "../../logs/readers/mod.ts";
import {
  categoriesOf,
  type EventLog,
  type Observations,
  type RequestLog,
} from "../../logs/request_log.ts";
import { usualStepMs } from "../../logs/series.ts";
import type {
  EventFacts,
  InspectedInput,
  Inspection,
  SeriesFacts,
} from "./facts.ts";
import { ExactDistribution } from "./quantiles.ts";
import { addCounts, occurrencesOf, RequestSummary } from "./requests.ts";
import { TimeSummary } from "./times.ts";
import { RowChecks } from "./warnings.ts";

const SHOWN_MESSAGES = 10;
const GAP_STEPS = 1.5;

/** What the readers do not know. */
export type InspectOptions = {
  /** The zone of times that name none. */
  timeZone: string;
  /** The command to go on with. */
  next: string;
};

/**
 * Gathers the facts of an input that is in memory.
 *
 * @param input What was read, at least one row.
 * @param report What happened while it was read.
 * @param options The zone of times without one, and the next command.
 * @returns The facts.
 */
export function inspectInput(
  input: InspectedInput,
  report: ReadReport,
  options: InspectOptions,
): Inspection {
  if (input.kind === "requests") {
    const requests = new RequestInspection({ inParts: false });
    requests.add(input.log);
    return requests.facts(report, options);
  }
  const { kind } = input;
  const times = new TimeSummary();
  const checks = new RowChecks(kind);
  checks.add(input);
  if (kind === "series") times.add(input.observations.timestampMs);
  else times.add(input.log.timestampMs);
  const facts = kind === "series"
    ? { series: seriesFacts(input.observations) }
    : { events: eventFacts(input.log) };
  return inspectionOf(report, options, { kind, times, checks, facts });
}

/** The facts of a request log, gathered part by part. */
export class RequestInspection {
  readonly #times = new TimeSummary();
  readonly #checks = new RowChecks("requests");
  readonly #requests: RequestSummary;

  /**
   * Begins without requests.
   *
   * @param options Whether the log comes in parts and not whole. Quantiles are
   * then read off histograms, so that memory does not grow with the log.
   */
  constructor({ inParts }: { inParts: boolean }) {
    this.#requests = new RequestSummary({ isWhole: !inParts });
  }

  /**
   * Adds the next part.
   *
   * @param log The part, sorted by time; it may be empty.
   */
  add(log: RequestLog): void {
    this.#times.add(log.timestampMs);
    this.#checks.add({ kind: "requests", log });
    this.#requests.add(log);
  }

  /**
   * What was found, of at least one request.
   *
   * @param report What happened while all parts were read.
   * @param options The zone of times without one, and the next command.
   * @returns The facts.
   */
  facts(report: ReadReport, options: InspectOptions): Inspection {
    const requests = this.#requests.facts(this.#times.span.lengthMs);
    return inspectionOf(report, options, {
      kind: "requests",
      times: this.#times,
      checks: this.#checks,
      facts: { requests },
    });
  }
}

/** What was gathered of the rows of an input. */
type Gathered = {
  readonly kind: InspectedInput["kind"];
  readonly times: TimeSummary;
  readonly checks: RowChecks;
  readonly facts: Pick<Inspection, "requests" | "series" | "events">;
};

function inspectionOf(
  report: ReadReport,
  options: InspectOptions,
  { kind, times, checks, facts }: Gathered,
): Inspection {
  const quiet = kind === "series" ? undefined : times.quietHours();
  return {
    file: report.file,
    format: report.format,
    kind,
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
    span: times.span,
    timeZone: options.timeZone,
    ...(quiet ? { quietHours: quiet } : {}),
    longestGaps: times.longestGaps(),
    ...facts,
    warnings: checks.warnings(report),
    ...(kind === "events" ? {} : { next: options.next }),
  };
}

function seriesFacts({ timestampMs, value }: Observations): SeriesFacts {
  const stepMs = usualStepMs(timestampMs);
  const limitMs = GAP_STEPS * (stepMs ?? Infinity);
  let gapCount = 0;
  for (let i = 1; i < timestampMs.length; i++) {
    if (timestampMs[i] - timestampMs[i - 1] > limitMs) gapCount++;
  }
  const values = new ExactDistribution();
  for (const one of value) values.add(one);
  return {
    ...(stepMs === undefined ? {} : { stepMs }),
    gapCount,
    value: values.quantiles(),
  };
}

function eventFacts({ level, message }: EventLog): EventFacts {
  const levels = new Map<string, number>();
  const messages = new Map<string, number>();
  addCounts(levels, level, Infinity);
  addCounts(messages, categoriesOf(message), Infinity);
  return {
    levels: occurrencesOf(levels),
    messages: occurrencesOf(messages).slice(0, SHOWN_MESSAGES),
  };
}
