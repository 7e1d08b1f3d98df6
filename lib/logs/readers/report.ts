/**
 * What happened to the rows of an input while it was read: how many were kept,
 * which were left out and why, whether they had to be sorted. Nothing is
 * skipped or repaired without being counted here.
 *
 * @module
 */

/** One row that was rejected. */
export type RejectionExample = {
  /** The line of the input, from 1, on which the row begins. */
  line: number;
  /** The header's name of the column at fault; absent if the row itself is. */
  column?: string;
  /** What stood in the cell, or what is wrong with the row. */
  value: string;
};

/** What is wrong with a row. */
export type RowProblem = {
  /** The reason by which it is counted: `wrong number of fields`. */
  reason: string;
  /** What an error says of it: `the line has 5 fields, expected 6`. */
  detail: string;
  /** The cell at fault, if it is one. */
  cell?: {
    /** The header's name of its column. */
    column: string;
    /** What stood there. */
    value: string;
  };
};

/** The rows that were rejected for one reason. */
export type Rejection = {
  /** The reason: `response_time is not milliseconds >= 0`. */
  reason: string;
  /** How many rows. */
  count: number;
  /** The first few of them. */
  examples: RejectionExample[];
};

/**
 * What was read, and what was not. In a format of lines, the rows read,
 * dropped, rejected and ignored and the empty lines are all lines of the input.
 */
export type ReadReport = {
  /** What the messages call the input. */
  file: string;
  /** The format that it was read as: `access-log`. */
  format: string;
  /** Rows that came to stand in the log. */
  rowsRead: number;
  /** Rows that were left out because they are bad. */
  rowsRejected: number;
  /** The same by reason, in the order in which the reasons came up. */
  rejections: Rejection[];
  /**
   * Rows that are well, but of another kind than the log: lines of an API log
   * that are no request. They are left out in strict mode too.
   */
  rowsIgnored: number;
  /** The same by reason, in the order in which the reasons came up. */
  ignored: Rejection[];
  /** Lines with nothing in them; they are no rows. */
  emptyLines: number;
  /** What had to be assumed, in words: `response times are taken as …`. */
  notes: string[];
  /** Rows that were left out because an equal one came before. */
  duplicatesDropped: number;
  /** Rows that came later than a row with a later time. */
  rowsOutOfOrder: number;
  /**
   * Rows were out of order and have been sorted; equal times keep theirs. Of a
   * log that is read part by part, each part is sorted by itself: false where a
   * row belongs into a part before its own.
   */
  sorted: boolean;
  /** The first and the last time in the log. */
  span: {
    /** Milliseconds since 1970 UTC. */
    startMs: number;
    /** Milliseconds since 1970 UTC. */
    endMs: number;
  };
};

/** Longest piece of an input that a message shows, in characters. */
const SHOWN_CHARACTERS = 60;
const SHOWN_EXAMPLES = 3;

/**
 * Joins the reports of two parts of an input.
 *
 * @param before The report of all that came before.
 * @param part The report of the part that follows.
 * @param rowsOutOfOrder Rows of the part that came later than a row with a later
 * time, be it in the part or before.
 * @returns The report of both: numbers add up.
 */
export function addReports(
  before: ReadReport,
  part: ReadReport,
  rowsOutOfOrder: number,
): ReadReport {
  const outOfOrder = before.rowsOutOfOrder + rowsOutOfOrder;
  const isMixed = part.span.startMs < before.span.endMs ||
    (before.rowsOutOfOrder > 0 && !before.sorted);
  const sum = (
    name: {
      [K in keyof ReadReport]: ReadReport[K] extends number ? K : never;
    }[keyof ReadReport],
  ) => before[name] + part[name];
  return {
    file: before.file,
    format: before.format,
    rowsRead: sum("rowsRead"),
    rowsRejected: sum("rowsRejected"),
    rejections: addRejections(before.rejections, part.rejections),
    rowsIgnored: sum("rowsIgnored"),
    ignored: addRejections(before.ignored, part.ignored),
    emptyLines: sum("emptyLines"),
    notes: [...new Set([...before.notes, ...part.notes])],
    duplicatesDropped: sum("duplicatesDropped"),
    rowsOutOfOrder: outOfOrder,
    sorted: outOfOrder > 0 && !isMixed,
    span: {
      startMs: lesser(before.span.startMs, part.span.startMs),
      endMs: -lesser(-before.span.endMs, -part.span.endMs),
    },
  };
}

/** The lesser of two numbers, NaN only if both are. */
function lesser(a: number, b: number): number {
  return Number.isNaN(a) || b < a ? b : a;
}

function addRejections(
  before: readonly Rejection[],
  part: readonly Rejection[],
): Rejection[] {
  const all = before.map((one) => ({ ...one }));
  for (const { reason, count, examples } of part) {
    const same = all.find((one) => one.reason === reason);
    if (same === undefined) all.push({ reason, count, examples });
    else {
      same.count += count;
      same.examples = [...same.examples, ...examples].slice(0, SHOWN_EXAMPLES);
    }
  }
  return all;
}

/**
 * Puts a report into words, one line for each thing worth knowing.
 *
 * @param report The report.
 * @returns Lines without an end: what was read and as what, then, where it
 * applies, what was assumed, and that rows were sorted, dropped, left out and
 * skipped.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { describeReport, parseObservations } from "lib/logs/readers/mod.ts";
 *
 * const { report } = parseObservations(
 *   "timestamp,value\n2025-01-01,1\n2025-01-02,?\n",
 *   { mode: "lenient", file: "a.csv" },
 * );
 * assert.deepEqual(describeReport(report), [
 *   "read 1 row of a.csv as series-csv, 2025-01-01T00:00:00Z to 2025-01-01T00:00:00Z",
 *   'skipped 1 of 2 rows: 1 × value is not a number from -1e150 to 1e150 (line 3: "?")',
 * ]);
 * ```
 */
export function describeReport(report: ReadReport): string[] {
  const { file, rowsRead, rowsRejected, rowsIgnored, span } = report;
  const { duplicatesDropped, rowsOutOfOrder } = report;
  const total = rowsRead + duplicatesDropped + rowsRejected + rowsIgnored;
  const lines = [
    `read ${countOf(rowsRead, "row")} of ${file} as ${report.format}, ${
      shortIso(span.startMs)
    } to ${shortIso(span.endMs)}`,
    ...report.notes,
  ];
  if (rowsOutOfOrder > 0) {
    const were = rowsOutOfOrder === 1 ? "was" : "were";
    const rows = `${countOf(rowsOutOfOrder, "row")} ${were} out of time order`;
    lines.push(
      report.sorted
        ? `${rows} and ${were} sorted`
        : `${rows}; each part was sorted by itself`,
    );
  }
  if (duplicatesDropped > 0) {
    lines.push(`dropped ${countOf(duplicatesDropped, "duplicate row")}`);
  }
  if (rowsIgnored > 0) {
    lines.push(
      `left out ${grouped(rowsIgnored)} of ${countOf(total, "row")}: ${
        describeRejections(report.ignored)
      }`,
    );
  }
  if (rowsRejected > 0) {
    lines.push(
      `skipped ${grouped(rowsRejected)} of ${countOf(total, "row")}: ${
        describeRejections(report.rejections)
      }`,
    );
  }
  return lines;
}

/**
 * Puts rejections into words.
 *
 * @param rejections The rejections by reason.
 * @returns One phrase: each reason with its count and its first rows.
 */
export function describeRejections(rejections: readonly Rejection[]): string {
  return rejections.map(({ reason, count, examples }) => {
    const shown = examples.map(({ line, column, value }) =>
      `line ${line}: ${column === undefined ? value : showText(value)}`
    );
    if (count > examples.length) shown.push("…");
    return `${grouped(count)} × ${reason} (${shown.join(", ")})`;
  }).join(", ");
}

/**
 * Shows a piece of an input in a message: bounded, quoted, and with control
 * characters escaped, so that a hostile log cannot write on a terminal.
 *
 * @param text Any text.
 * @returns The text as a JSON string of about 60 characters at most.
 */
export function showText(text: string): string {
  return JSON.stringify(
    text.length > SHOWN_CHARACTERS
      ? `${text.slice(0, SHOWN_CHARACTERS)}…`
      : text,
  );
}

/**
 * Counts one more rejected row.
 *
 * @param rejections The rejections so far; changed.
 * @param line The line on which the row begins.
 * @param problem What is wrong with it; the first few of a reason are kept.
 */
export function addRejectionInPlace(
  rejections: Rejection[],
  line: number,
  problem: RowProblem,
): void {
  const { reason, detail, cell } = problem;
  let rejection = rejections.find((other) => other.reason === reason);
  if (rejection === undefined) {
    rejection = { reason, count: 0, examples: [] };
    rejections.push(rejection);
  }
  rejection.count++;
  if (rejection.examples.length < SHOWN_EXAMPLES) {
    rejection.examples.push({ line, ...(cell ?? { value: detail }) });
  }
}

function countOf(count: number, noun: string): string {
  return `${grouped(count)} ${noun}${count === 1 ? "" : "s"}`;
}

function grouped(count: number): string {
  return count.toLocaleString("en-US");
}

/** ISO 8601 without a fraction that is zero. */
function shortIso(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(".000Z", "Z");
}
