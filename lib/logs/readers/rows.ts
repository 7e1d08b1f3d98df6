/**
 * From cells of text to checked columns, the one way for all formats: a reader
 * of a format tells the cells of each row apart, this module parses them by
 * rules, rejects bad rows, and sorts the rest by time.
 *
 * @module
 */

import type { InputPart } from "./input.ts";
import {
  addRejectionInPlace,
  describeRejections,
  type ReadReport,
  type Rejection,
  type RowProblem,
  showText,
} from "./report.ts";

/** How the cells of a column are read. */
export type CellRule<T extends number | string> = {
  /** What a cell must hold, for messages: `milliseconds >= 0`. */
  readonly expected: string;
  /**
   * Parses a cell.
   *
   * @param text The cell, without blanks around it.
   * @returns Its value, `undefined` if it is refused.
   */
  readonly parse: (text: string) => T | undefined;
};

/** A rule for each column, by the column's name in the schema. */
export type RowRules = {
  readonly [name: string]: CellRule<number> | CellRule<string>;
  /** The time by which rows are sorted. */
  readonly timestamp: CellRule<number>;
};

/** The cells of an input by column, n rows. */
export type CellTable = {
  /** Where each row stands in the input, from 1, shape `(n)`. */
  readonly places: ArrayLike<number>;
  /** What a place is called; a line unless said otherwise. */
  readonly placeName?: string;
  /** The cells of each column, by its name in the schema. */
  readonly cells: { readonly [name: string]: readonly string[] };
  /** What the input calls each column; the schema's name if absent. */
  readonly headings?: { readonly [name: string]: string };
  /** The rows that have no cells, by row; their cells are not looked at. */
  readonly broken: ReadonlyMap<number, RowProblem>;
  /** The source of each row, shape `(n)`; its number from 0 if absent. */
  readonly sourceRow?: ArrayLike<number>;
  /** The format that it was read as; a table in memory if absent. */
  readonly format?: string;
  /** What is neither a row nor an empty line, by reason. */
  readonly ignored?: readonly Rejection[];
  /** Empty lines beside the rows. */
  readonly emptyLines?: number;
  /** What had to be assumed, in words. */
  readonly notes?: readonly string[];
};

/** The columns that come of rules, each of n values. */
export type ParsedColumns<R extends RowRules> = {
  [K in keyof R]: R[K] extends CellRule<infer T> ? T[] : never;
};

/** Rows that passed all rules, sorted by time. */
export type ConvertedRows<R extends RowRules> = {
  /** The values of each column. */
  columns: ParsedColumns<R>;
  /** The source of each row, from 0. */
  sourceRow: Uint32Array;
  /** What was kept and what was not. */
  report: ReadReport;
};

/**
 * Parses every cell, rejects the rows with a bad one, and sorts the rest by
 * time, rows of equal time in their order of the input.
 *
 * @param table The cells, n rows.
 * @param rules The rule of each column.
 * @param options The name of the input in messages, and what a bad row does.
 * @returns The columns of the rows that passed.
 * @throws {SyntaxError} If there is no row, if one is bad in strict mode, or if
 * all are bad; a part may hold none that is good.
 */
export function convertRows<R extends RowRules>(
  table: CellTable,
  rules: R,
  options: {
    file: string;
    mode: "strict" | "lenient";
    part?: InputPart | undefined;
  },
): ConvertedRows<R> {
  const { file, mode, part } = options;
  const ignored = [...table.ignored ?? []];
  if (table.places.length === 0 && !part) throw noRows(file, ignored);
  const parsed = parseRows(table, rules, {
    strictFile: mode === "lenient" ? null : file,
    lineOffset: part?.lineOffset ?? 0,
  });
  const { kept, columns, rejections } = parsed;
  if (kept.length === 0 && !part) throw noGoodRow(file, rejections);
  const times = columns.timestamp as number[];
  const { order, rowsOutOfOrder } = orderByTime(times);
  const report: ReadReport = {
    file,
    format: table.format ?? "table",
    rowsRead: kept.length,
    rowsRejected: table.places.length - kept.length,
    rejections,
    rowsIgnored: ignored.reduce((sum, { count }) => sum + count, 0),
    ignored,
    emptyLines: table.emptyLines ?? 0,
    notes: [...table.notes ?? []],
    duplicatesDropped: 0,
    rowsOutOfOrder,
    sorted: rowsOutOfOrder > 0,
    span: {
      startMs: times[order[0]] ?? NaN,
      endMs: times[order[order.length - 1]] ?? NaN,
    },
  };
  const sorted = Object.fromEntries(
    Object.entries(columns).map((
      [name, values],
    ) => [name, take(values, order)]),
  );
  const { sourceRow } = table;
  return {
    // Each column holds what its own rule returned.
    columns: sorted as ParsedColumns<R>,
    sourceRow: Uint32Array.from(
      order,
      (i) => sourceRow === undefined ? kept[i] : sourceRow[kept[i]],
    ),
    report,
  };
}

/**
 * The error of an input without rows.
 *
 * @param file What messages call it.
 * @param ignored What it holds instead, by reason.
 * @returns The error.
 */
export function noRows(
  file: string,
  ignored: readonly Rejection[],
): SyntaxError {
  const instead = ignored.length > 0
    ? `, got ${describeRejections(ignored)}`
    : "";
  return new SyntaxError(
    `Cannot read ${file}: expected at least one row${instead}`,
  );
}

/**
 * The error of an input whose rows are all bad.
 *
 * @param file What messages call it.
 * @param rejections What is wrong with them, by reason.
 * @returns The error.
 */
export function noGoodRow(
  file: string,
  rejections: readonly Rejection[],
): SyntaxError {
  return new SyntaxError(
    `Cannot read ${file}: no row is good, expected at least one: ${
      describeRejections(rejections)
    }`,
  );
}

/** A column while it is parsed. */
type Field = {
  name: string;
  heading: string;
  rule: CellRule<number> | CellRule<string>;
  cells: readonly string[];
  values: (number | string)[];
};

/** Parses row by row; `strictFile` is null where bad rows are left out. */
function parseRows(
  table: CellTable,
  rules: RowRules,
  options: { strictFile: string | null; lineOffset: number },
): {
  kept: number[];
  columns: { [name: string]: (number | string)[] };
  rejections: Rejection[];
} {
  const { strictFile, lineOffset } = options;
  const fields: Field[] = Object.entries(rules).map(([name, rule]) => ({
    name,
    heading: table.headings?.[name] ?? name,
    rule,
    cells: table.cells[name],
    values: [],
  }));
  const kept: number[] = [];
  const rejections: Rejection[] = [];
  const { places, placeName = "line", broken } = table;
  for (let row = 0; row < places.length; row++) {
    const problem = broken.get(row) ?? parseRow(fields, row, kept.length);
    const place = places[row] + lineOffset;
    if (problem === undefined) kept.push(row);
    else if (strictFile !== null) {
      throw new SyntaxError(
        `Cannot read ${strictFile} at ${placeName} ${place}: ${problem.detail}`,
      );
    } else addRejectionInPlace(rejections, place, problem);
  }
  const columns = Object.fromEntries(
    fields.map(({ name, values }) => [name, values.slice(0, kept.length)]),
  );
  return { kept, columns, rejections };
}

/** Writes the values of a row at an index of their columns, if all are good. */
function parseRow(
  fields: readonly Field[],
  row: number,
  index: number,
): RowProblem | undefined {
  for (const { heading, rule, cells, values } of fields) {
    const text = cells[row].trim();
    const value = rule.parse(text);
    if (value === undefined) {
      return {
        reason: `${heading} is not ${rule.expected}`,
        detail: `${heading} is ${showText(text)}, expected ${rule.expected}`,
        cell: { column: heading, value: text },
      };
    }
    values[index] = value;
  }
}

/**
 * The stable order of times.
 *
 * @param times Times, shape `(n)`.
 * @returns The rows by ascending time, shape `(n)`, and how many are below one
 * before them.
 */
export function orderByTime(
  times: ArrayLike<number>,
): { order: Uint32Array; rowsOutOfOrder: number } {
  const order = new Uint32Array(times.length);
  let latest = -Infinity;
  let rowsOutOfOrder = 0;
  for (let i = 0; i < order.length; i++) {
    order[i] = i;
    if (times[i] < latest) rowsOutOfOrder++;
    else latest = times[i];
  }
  if (rowsOutOfOrder > 0) order.sort((a, b) => times[a] - times[b] || a - b);
  return { order, rowsOutOfOrder };
}

function take<T>(values: readonly T[], order: Uint32Array): T[] {
  return Array.from(order, (i) => values[i]);
}
