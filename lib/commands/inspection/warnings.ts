/**
 * What may be wrong with an input, in words.
 *
 * @module
 */

import type { ReadReport } from "../../logs/readers/mod.ts";
import type { InspectedInput } from "./facts.ts";

/** Most different rows of one time among which equal ones are looked for. */
const MOST_ROWS_OF_A_TIME = 500_000;

/** A column; where there are names, its values are their codes. */
type Column = {
  readonly name: string;
  readonly values: ArrayLike<number | string>;
  readonly names?: readonly string[];
};

/** Looks for what a person should know before going on, part by part. */
export class RowChecks {
  readonly #kind: InspectedInput["kind"];
  #rows = 0;
  #hasResponseTimes = false;
  #endMs = -Infinity;
  /** A part begins before another ends: rows that belong together may not meet. */
  #areMixed = false;
  /** The one value of each column that has no other so far. */
  readonly #constants = new Map<string, number | string>();
  readonly #varying = new Set<string>();
  #duplicates = 0;
  #areMore = false;
  /** The rows of the last time. */
  #seen = new Set<string>();
  #seenTime = NaN;

  /**
   * Begins without rows.
   *
   * @param kind What the input holds.
   */
  constructor(kind: InspectedInput["kind"]) {
    this.#kind = kind;
  }

  /**
   * Looks at the next part. Only rows of one time can be equal, and these stand
   * together, but for those that come late, in another part.
   *
   * @param input The part, sorted by time.
   */
  add(input: InspectedInput): void {
    const columns = columnsOf(input);
    const rows = columns[0].values.length;
    if (rows === 0) return;
    this.#rows += rows;
    const times = columns[0].values;
    this.#areMixed ||= Number(times[0]) < this.#endMs;
    this.#endMs = Math.max(this.#endMs, Number(times[rows - 1]));
    for (const column of columns) this.#addColumn(column);
    this.#addRows(columns);
    this.#hasResponseTimes ||= input.kind === "requests" &&
      input.log.responseTimeMs !== undefined;
  }

  /**
   * What was found.
   *
   * @param report What happened while the input was read.
   * @returns One clause for each thing.
   */
  warnings(report: ReadReport): string[] {
    const warnings = readingWarnings(report, this.#areMixed);
    if (this.#rows > 1) {
      for (const name of this.#constants.keys()) {
        warnings.push(`${name} is the same in every row`);
      }
    }
    if (this.#duplicates > 0) {
      const areMore = this.#areMore || this.#areMixed;
      warnings.push(
        `equal to a row before, and kept: ${formatCount(this.#duplicates)}${
          areMore ? " or more" : ""
        }`,
      );
    }
    if (this.#kind === "requests" && !this.#hasResponseTimes) {
      warnings.push(
        "no response times: detection runs on sizes, request rates and errors",
      );
    }
    return warnings;
  }

  #addColumn(column: Column): void {
    const { name, values } = column;
    if (this.#varying.has(name)) return;
    const value = textAt(column, 0);
    const known = this.#constants.get(name) ?? value;
    if (known === value && isConstant(values)) {
      this.#constants.set(name, value);
      return;
    }
    this.#constants.delete(name);
    this.#varying.add(name);
  }

  #addRows(columns: readonly Column[]): void {
    const [{ values: timestampMs }] = columns;
    const last = timestampMs.length - 1;
    for (let row = 0; row <= last; row++) {
      const time = timestampMs[row];
      if (time !== this.#seenTime) {
        if (this.#seen.size > 0) this.#seen = new Set();
        this.#seenTime = Number(time);
        // A row alone at its time equals none: most need no key.
        if (row < last && time !== timestampMs[row + 1]) continue;
      }
      // Other parts, where rows of this time may stand, have other codes.
      const isAtEdge = time === timestampMs[0] || time === timestampMs[last];
      const key = JSON.stringify(
        columns.map((column) =>
          isAtEdge ? textAt(column, row) : column.values[row]
        ),
      );
      if (this.#seen.has(key)) this.#duplicates++;
      else if (this.#seen.size < MOST_ROWS_OF_A_TIME) this.#seen.add(key);
      else this.#areMore = true;
    }
  }
}

function readingWarnings(
  report: ReadReport,
  areMixed: boolean,
): string[] {
  const { rowsRead, rowsRejected, rowsOutOfOrder, duplicatesDropped } = report;
  const warnings: string[] = [];
  if (rowsRejected > 0) {
    const share = rowsRejected / (rowsRead + rowsRejected);
    warnings.push(
      `${percent(share)} of the rows are bad; --lenient goes on without them`,
    );
  }
  if (rowsOutOfOrder > 0) {
    const rows = formatCount(rowsOutOfOrder);
    warnings.push(
      areMixed
        ? `out of time order: ${rows} or more`
        : `out of time order, and sorted: ${rows}`,
    );
  }
  if (duplicatesDropped > 0) {
    warnings.push(
      `equal to a row before, and dropped: ${formatCount(duplicatesDropped)}`,
    );
  }
  return warnings;
}

/** The columns, the time first. */
function columnsOf(input: InspectedInput): Column[] {
  if (input.kind === "series") {
    const { timestampMs, value } = input.observations;
    return [
      { name: "the timestamp", values: timestampMs },
      { name: "the value", values: value },
    ];
  }
  const time = { name: "the timestamp", values: input.log.timestampMs };
  if (input.kind === "events") {
    const { level, message } = input.log;
    return [
      time,
      { name: "the level", values: level.codes, names: level.names },
      { name: "the message", values: message },
    ];
  }
  const { method, endpoint, rawEndpoint, statusCode } = input.log;
  const { sizeBytes, responseTimeMs } = input.log;
  const path = rawEndpoint ?? endpoint;
  return [
    time,
    { name: "the method", values: method.codes, names: method.names },
    { name: "the endpoint", values: path.codes, names: path.names },
    { name: "the status code", values: statusCode },
    { name: "the size", values: sizeBytes },
    ...(responseTimeMs
      ? [{ name: "the response time", values: responseTimeMs }]
      : []),
  ];
}

function textAt({ values, names }: Column, row: number): number | string {
  return names ? names[Number(values[row])] : values[row];
}

function isConstant(values: ArrayLike<number | string>): boolean {
  for (let i = 1; i < values.length; i++) {
    if (values[i] !== values[0]) return false;
  }
  return true;
}

function formatCount(rows: number): string {
  return `${rows.toLocaleString("en-US")} ${rows === 1 ? "row" : "rows"}`;
}

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)} %`;
}
