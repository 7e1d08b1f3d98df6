/**
 * Puts the facts of an input into lines for a terminal: aligned, and without
 * a character of the input that could act on it.
 *
 * @module
 */

import { OTHER_ENDPOINTS } from "../../logs/endpoints.ts";
import { formatDuration } from "../../logs/series.ts";
import { cleanText, formatNumber, shorten } from "../../show/text.ts";
import type {
  Gap,
  Inspection,
  Occurrence,
  Quantiles,
  QuietHours,
  RequestFacts,
} from "./facts.ts";

const LABEL_WIDTH = 15;
const NAME_WIDTH = 60;
const MESSAGE_WIDTH = 160;
const SHOWN_STATUSES = 8;
const LENGTH_UNITS = [
  { name: "days", unitMs: 86_400_000 },
  { name: "h", unitMs: 3_600_000 },
  { name: "min", unitMs: 60_000 },
  { name: "s", unitMs: 1000 },
];
const KIND_NAMES = {
  requests: "a log of requests",
  series: "a series of values",
  events: "a log of events",
};

/**
 * Lays out an inspection.
 *
 * @param facts The facts.
 * @returns The lines, without line ends.
 */
export function formatInspection(facts: Inspection): string[] {
  const { requests, series, events, warnings, next } = facts;
  const format = facts.format === undefined ? "" : `, ${facts.format}`;
  return [
    cleanText(`${facts.file}: ${KIND_NAMES[facts.kind]}${format}`),
    "",
    ...sharedLines(facts),
    ...(requests ? requestLines(requests) : []),
    ...(series
      ? [
        row("Step", series.stepMs ? describeLength(series.stepMs) : "none"),
        row("Missing", `${formatNumber(series.gapCount)} gaps`),
        row("Value", describeQuantiles(series.value)),
      ]
      : []),
    ...(events
      ? [
        row("Levels", describeShares(events.levels)),
        "",
        ...alignedTable(["message", "count", "share"], events.messages),
      ]
      : []),
    ...section("Warnings", warnings.map(cleanText)),
    ...section(
      "Go on with",
      // Quoted already, so that it can be copied as it is.
      [next ?? "nothing: detect and forecast need requests or a series"],
    ),
  ];
}

function sharedLines(facts: Inspection): string[] {
  const { rows, span, quietHours, longestGaps } = facts;
  return [
    row(
      "Rows",
      [
        `${formatNumber(rows.read)} read`,
        `${formatNumber(rows.rejected)} rejected`,
        ...(rows.ignored > 0 ? [`${formatNumber(rows.ignored)} left out`] : []),
      ].join(", "),
    ),
    ...[...facts.rejections, ...facts.ignored].map((rejection) =>
      row("", describeRejection(rejection))
    ),
    ...facts.notes.map((note) => row("", note)),
    row("Span", describeGap(span)),
    row("Time zone", `${facts.timeZone} for times that name none`),
    ...(quietHours ? [row("Quietest", describeQuietHours(quietHours))] : []),
    ...longestGaps.map((gap, k) =>
      row(k === 0 ? "Longest gaps" : "", describeGap(gap))
    ),
  ];
}

function requestLines(requests: RequestFacts): string[] {
  const { responseTimeMs, statuses, quantileRelativeError } = requests;
  const hidden = statuses.length - SHOWN_STATUSES;
  return [
    row("Requests", `${formatNumber(requests.requestsPerMinute)} a minute`),
    row("Default bucket", formatDuration(requests.defaultBucketMs)),
    row("Methods", describeShares(requests.methods)),
    row("Status classes", describeShares(statusClasses(statuses))),
    row(
      "Status codes",
      describeShares(statuses.slice(0, SHOWN_STATUSES)) +
        (hidden > 0 ? `, ${hidden} more` : ""),
    ),
    row(
      "Response time",
      responseTimeMs ? `${describeQuantiles(responseTimeMs)} ms` : "none",
    ),
    row("Size", `${describeQuantiles(requests.sizeBytes)} bytes`),
    ...(quantileRelativeError === undefined ? [] : [
      row(
        "Quantiles",
        `within ${
          formatNumber(100 * quantileRelativeError)
        } %, as the log was read in parts; min and max are exact`,
      ),
    ]),
    row("Endpoints", describeEndpoints(requests.endpoints)),
    "",
    ...alignedTable(
      ["endpoint", "count", "share", ...(responseTimeMs ? ["p50", "p95"] : [])],
      requests.endpoints.top,
    ),
  ];
}

function describeEndpoints(endpoints: RequestFacts["endpoints"]): string {
  const { different, templated, pooled, areMore } = endpoints;
  const paths = areMore ? "paths or more" : "paths";
  return `${formatNumber(different)} different (${
    formatNumber(templated)
  } ${paths} made templates, ${
    formatNumber(pooled)
  } pooled as ${OTHER_ENDPOINTS})`;
}

function row(label: string, value: string): string {
  return `${label.padEnd(LABEL_WIDTH)} ${cleanText(value)}`;
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return ["", title, ...lines.map((line) => `  ${line}`)];
}

/** Names to the left, numbers to the right, under their headings. */
function alignedTable(
  headings: readonly string[],
  entries: readonly (Occurrence & { p50?: number; p95?: number })[],
): string[] {
  const cells = entries.map(({ name, count, share, p50, p95 }) => [
    shorten(name, NAME_WIDTH),
    formatNumber(count),
    percent(share),
    ...(p50 === undefined ? [] : [formatNumber(p50)]),
    ...(p95 === undefined ? [] : [formatNumber(p95)]),
  ]);
  const rows = [headings, ...cells];
  const widths = headings.map((_, j) =>
    Math.max(...rows.map((one) => one[j].length))
  );
  return rows.map((one) =>
    `  ${
      one.map((cell, j) =>
        j === 0 ? cell.padEnd(widths[j]) : cell.padStart(widths[j])
      ).join("  ")
    }`
  );
}

function statusClasses(statuses: readonly Occurrence[]): Occurrence[] {
  return ["2xx", "3xx", "4xx", "5xx", "1xx"].map((name) => {
    const members = statuses.filter((one) => one.name[0] === name[0]);
    const sum = (of: (one: Occurrence) => number) =>
      members.reduce((total, one) => total + of(one), 0);
    return {
      name,
      count: sum(({ count }) => count),
      share: sum(({ share }) => share),
    };
  }).filter(({ count }) => count > 0);
}

function describeShares(occurrences: readonly Occurrence[]): string {
  return occurrences
    .map(({ name, share }) => `${shorten(name, NAME_WIDTH)} ${percent(share)}`)
    .join(", ");
}

function describeQuantiles(quantiles: Quantiles): string {
  return Object.entries(quantiles)
    .map(([name, value]) => `${name} ${formatNumber(value)}`)
    .join(", ");
}

function describeRejection(
  { reason, count, examples }: Inspection["rejections"][number],
): string {
  const shown = examples.map(({ line, column, value }) =>
    // Without a column the value says what is wrong, else it is a cell's text.
    column === undefined
      ? `line ${line}: ${shorten(value, MESSAGE_WIDTH)}`
      : `line ${line}: "${shorten(value, NAME_WIDTH)}"`
  );
  return `${formatNumber(count)} × ${reason} (${shown.join("; ")})`;
}

function describeGap({ start, end, lengthMs }: Gap): string {
  return `${shortIso(start)} to ${shortIso(end)} UTC, ${
    describeLength(lengthMs)
  }`;
}

function describeQuietHours(hours: QuietHours): string {
  const { startHour, endHour, shareOfMean, guessedOffsetHours } = hours;
  const sign = guessedOffsetHours < 0 ? "-" : "+";
  const zone = `UTC${sign}${Math.abs(guessedOffsetHours)}`;
  return `${twoDigits(startHour)}–${twoDigits(endHour)} UTC, at ${
    percent(shareOfMean)
  } of the mean rate; a guess at the zone, if people sleep 02–05: ${zone}`;
}

/** A length in the unit that people would use: `41.2 s`, `14 days`. */
function describeLength(lengthMs: number): string {
  const unit = LENGTH_UNITS.find(({ unitMs }) => lengthMs >= 2 * unitMs);
  if (!unit) return `${formatNumber(lengthMs)} ms`;
  return `${formatNumber(lengthMs / unit.unitMs)} ${unit.name}`;
}

function shortIso(time: string): string {
  return time.slice(0, -5).replace("T", " ");
}

function twoDigits(hour: number): string {
  return String(hour).padStart(2, "0");
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
