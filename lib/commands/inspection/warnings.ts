/**
 * What may be wrong with an input, in words.
 *
 * @module
 */

import type { ReadReport } from "../../logs/readers/mod.ts";
import type { InspectedInput } from "./facts.ts";

/**
 * Looks for what a person should know before going on.
 *
 * @param input What was read.
 * @param report What happened while it was read.
 * @returns One clause for each thing.
 */
export function warningsOf(
  input: InspectedInput,
  report: ReadReport,
): string[] {
  return [...readingWarnings(report), ...inputWarnings(input)];
}

function readingWarnings(report: ReadReport): string[] {
  const { rowsRead, rowsRejected, rowsOutOfOrder, duplicatesDropped } = report;
  const warnings: string[] = [];
  if (rowsRejected > 0) {
    const share = rowsRejected / (rowsRead + rowsRejected);
    warnings.push(
      `${percent(share)} of the rows are bad; --lenient goes on without them`,
    );
  }
  if (rowsOutOfOrder > 0) {
    warnings.push(
      `out of time order, and sorted: ${formatCount(rowsOutOfOrder)}`,
    );
  }
  if (duplicatesDropped > 0) {
    warnings.push(
      `equal to a row before, and dropped: ${formatCount(duplicatesDropped)}`,
    );
  }
  return warnings;
}

function inputWarnings(input: InspectedInput): string[] {
  const columns = columnsOf(input);
  const warnings = columns
    .filter(({ values }) => values.length > 1 && isConstant(values))
    .map(({ name }) => `${name} is the same in every row`);
  const duplicates = countDuplicates(columns.map(({ values }) => values));
  if (duplicates > 0) {
    warnings.push(
      `equal to a row before, and kept: ${formatCount(duplicates)}`,
    );
  }
  if (input.kind === "requests" && !input.log.responseTimeMs) {
    warnings.push(
      "no response times: detection runs on sizes, request rates and errors",
    );
  }
  return warnings;
}

type Column = { name: string; values: ArrayLike<number | string> };

/** The columns, the time first. */
function columnsOf(input: InspectedInput): Column[] {
  if (input.kind === "series") {
    const { timestampMs, value } = input.observations;
    return [
      { name: "the timestamp", values: timestampMs },
      { name: "the value", values: value },
    ];
  }
  const { log } = input;
  const time = { name: "the timestamp", values: log.timestampMs };
  if (input.kind === "events") {
    const { level, message } = input.log;
    return [
      time,
      { name: "the level", values: level.codes },
      { name: "the message", values: message },
    ];
  }
  const { method, endpoint, rawEndpoint, statusCode } = input.log;
  const { sizeBytes, responseTimeMs } = input.log;
  return [
    time,
    { name: "the method", values: method.codes },
    { name: "the endpoint", values: (rawEndpoint ?? endpoint).codes },
    { name: "the status code", values: statusCode },
    { name: "the size", values: sizeBytes },
    ...(responseTimeMs
      ? [{ name: "the response time", values: responseTimeMs }]
      : []),
  ];
}

function isConstant(values: ArrayLike<number | string>): boolean {
  for (let i = 1; i < values.length; i++) {
    if (values[i] !== values[0]) return false;
  }
  return true;
}

/** Rows that equal an earlier one; only rows of one time can, and these stand
 * together. */
function countDuplicates(
  columns: readonly ArrayLike<number | string>[],
): number {
  const [timestampMs] = columns;
  let duplicates = 0;
  let seen = new Set<string>();
  for (let row = 0; row < timestampMs.length; row++) {
    const isNewTime = timestampMs[row] !== timestampMs[row - 1];
    if (isNewTime) seen = new Set();
    // A row alone at its time equals none: most need no key.
    if (isNewTime && timestampMs[row] !== timestampMs[row + 1]) continue;
    const key = JSON.stringify(columns.map((values) => values[row]));
    if (seen.has(key)) duplicates++;
    else seen.add(key);
  }
  return duplicates;
}

function formatCount(rows: number): string {
  return `${rows.toLocaleString("en-US")} ${rows === 1 ? "row" : "rows"}`;
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)} %`;
}
