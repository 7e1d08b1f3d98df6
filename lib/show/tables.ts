/**
 * Tables for notebooks: simple HTML, which GitHub shows after cleaning it, and
 * aligned plain text for terminals, nbconvert and screen readers.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { escapeMarkup, formatMeasured, formatNumber, shorten } from "./text.ts";

/** A value of a table; `null` and `undefined` are shown as a dash. */
export type Cell = string | number | boolean | null | undefined;

/** One row of a table: values by the name of their column. */
export type TableRow = Readonly<Record<string, Cell>>;

/** Options for {@linkcode table}. */
export type TableOptions = {
  /** The most rows to show, from the first. @default {10} */
  limit?: number;
  /** Significant digits of numbers with decimals. @default {3} */
  digits?: number;
  /** The title, above the table. @default {""} */
  title?: string;
};

/** A table that shows itself in a Deno notebook. */
export type Table = {
  /** Gives the table as aligned text, for terminals. */
  toString(): string;
  /** What the Deno kernel shows: HTML and text, by media type. */
  [display: symbol]: () => Record<string, string>;
};

/** One column as text, its heading first. */
type Column = { numeric: boolean; cells: string[] };

const MISSING = "–";
const CELL_LETTERS = 80;
const GAP = "  ";

/**
 * Makes a table. Its columns are the names found in the rows, in order of
 * first appearance. Numbers have thousands separators; where one of a column
 * has decimals, all have `digits` significant digits. Texts of more than 80
 * characters are cut.
 *
 * @param rows The rows; none is allowed, and said.
 * @param options How many rows, digits and the title.
 * @returns The table.
 * @throws {RangeError} If a value is NaN, or `limit` or `digits` is not a
 * positive integer.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { table } from "lib/show/tables.ts";
 *
 * const models = table([
 *   { model: "LSTM", "error (ms)": 21.456 },
 *   { model: "last value", "error (ms)": 30 },
 * ]);
 * assert.equal(String(models), [
 *   "model       error (ms)",
 *   "----------  ----------",
 *   "LSTM              21.5",
 *   "last value        30.0",
 * ].join("\n"));
 * ```
 */
export function table(
  rows: readonly TableRow[],
  options: TableOptions = {},
): Table {
  const { limit = 10, digits = 3, title = "" } = options;
  checkNumber(limit, "limit", "make a table", { minimum: 1, integer: true });
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const shown = rows.slice(0, limit);
  const columns = names.map((name) => columnOf(name, shown, digits));
  const caption = captionOf(title, shown.length, rows.length);
  const toString = () => textOf(columns, caption);
  return {
    toString,
    [Symbol.for("Jupyter.display")]: () => ({
      "text/html": htmlOf(columns, caption),
      "text/plain": toString(),
    }),
  };
}

function captionOf(title: string, shown: number, total: number): string {
  if (total > 0 && shown === total) return title;
  const count = total === 0
    ? "no rows"
    : `${formatNumber(shown)} of ${formatNumber(total)} rows`;
  return title === "" ? count : `${title} (${count})`;
}

function columnOf(
  name: string,
  rows: readonly TableRow[],
  digits: number,
): Column {
  const values = rows
    .map((row) => Object.hasOwn(row, name) ? row[name] ?? null : null);
  const numeric = values.every((value) =>
    value === null || typeof value === "number"
  );
  const measured = values.some((value) =>
    typeof value === "number" && !Number.isInteger(value)
  );
  const format = (value: Cell) => {
    if (typeof value === "boolean") return value ? "yes" : "no";
    if (typeof value === "string") return shorten(value, CELL_LETTERS);
    if (typeof value !== "number") return MISSING;
    // Whole numbers keep all their digits: 15 is the most that is exact.
    return measured ? formatMeasured(value, digits) : formatNumber(value, 15);
  };
  return {
    numeric,
    cells: [shorten(name, CELL_LETTERS), ...values.map(format)],
  };
}

/** The lines of a table, heading first, as cells in the order of columns. */
function linesOf(columns: readonly Column[]): string[][] {
  return (columns[0]?.cells ?? [])
    .map((_, i) => columns.map(({ cells }) => cells[i]));
}

function textOf(columns: readonly Column[], caption: string): string {
  const letters = (text: string) => [...text].length;
  const widths = columns.map(({ cells }) => Math.max(...cells.map(letters)));
  const lines = linesOf(columns).map((line) =>
    line.map((text, j) => {
      const blank = " ".repeat(widths[j] - letters(text));
      return columns[j].numeric ? blank + text : text + blank;
    }).join(GAP).trimEnd()
  );
  const rule = widths.map((width) => "-".repeat(width)).join(GAP);
  if (columns.length > 0) lines.splice(1, 0, rule);
  return [...(caption === "" ? [] : [caption]), ...lines].join("\n");
}

/** JupyterLab aligns cells right unless a style says left; GitHub strips
 * styles and aligns left unless an attribute says right. */
function htmlOf(columns: readonly Column[], caption: string): string {
  const [heading = [], ...body] = linesOf(columns);
  const row = (tag: "th" | "td", line: readonly string[]) => {
    const cells = line.map((text, j) => {
      const align = columns[j].numeric
        ? 'align="right"'
        : 'style="text-align:left"';
      return `<${tag} ${align}>${escapeMarkup(text)}</${tag}>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  };
  return [
    "<table>",
    caption === "" ? "" : `<caption>${escapeMarkup(caption)}</caption>`,
    `<thead>${row("th", heading)}</thead>`,
    `<tbody>${body.map((line) => row("td", line)).join("")}</tbody>`,
    "</table>",
  ].join("");
}
