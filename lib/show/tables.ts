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
  /** Units by the name of the column, written after it. @default {{}} */
  units?: Readonly<Record<string, string>>;
  /** The title, above the table. @default {""} */
  title?: string;
};

/** What a notebook shows of a table, by media type. */
export type TableBundle = {
  /** The table as HTML. */
  "text/html": string;
  /** The table as aligned text. */
  "text/plain": string;
};

/** A table that shows itself in a Deno notebook. */
export type Table = {
  /** Gives the table as HTML. */
  toHtml(): string;
  /** Gives the table as aligned text, for terminals. */
  toString(): string;
  /** What the Deno kernel shows of the table. */
  [display: symbol]: () => TableBundle;
};

/** One column with its cells as text. */
type Column = { heading: string; numeric: boolean; cells: string[] };

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
 * @param options How many rows, digits, units and the title.
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
 *   { model: "LSTM", mae: 21.456 },
 *   { model: "last value", mae: 30 },
 * ], { units: { mae: "ms" } });
 * assert.equal(String(models), [
 *   "model       mae (ms)",
 *   "----------  --------",
 *   "LSTM            21.5",
 *   "last value      30.0",
 * ].join("\n"));
 * ```
 */
export function table(
  rows: readonly TableRow[],
  options: TableOptions = {},
): Table {
  const { limit = 10, digits = 3, units = {}, title = "" } = options;
  const action = "make a table";
  checkNumber(limit, "limit", action, { minimum: 1, integer: true });
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const shown = rows.slice(0, limit);
  const columns = names.map((name) =>
    columnOf(name, shown, digits, Object.hasOwn(units, name) ? units[name] : "")
  );
  const caption = captionOf(title, shown.length, rows.length);
  const toHtml = () => htmlOf(columns, caption, shown.length);
  const toString = () => textOf(columns, caption, shown.length);
  return {
    toHtml,
    toString,
    [Symbol.for("Jupyter.display")]: () => ({
      "text/html": toHtml(),
      "text/plain": toString(),
    }),
  };
}

function captionOf(title: string, shown: number, total: number): string {
  const count = shown < total
    ? `${formatNumber(shown)} of ${formatNumber(total)} rows`
    : total === 0
    ? "no rows"
    : "";
  if (title === "" || count === "") return `${title}${count}`;
  return `${title} (${count})`;
}

function columnOf(
  name: string,
  rows: readonly TableRow[],
  digits: number,
  unit: string,
): Column {
  const values = rows.map((row) => Object.hasOwn(row, name) ? row[name] : null);
  const bad = values.findIndex((value) => Number.isNaN(value));
  if (bad >= 0) {
    throw new RangeError(
      `Cannot make a table: ${name} in row ${bad} is NaN, expected a number or null`,
    );
  }
  const present = values.filter((value) =>
    value !== null && value !== undefined
  );
  const measured = present.some((value) =>
    typeof value === "number" && !Number.isInteger(value)
  );
  return {
    heading: shorten(unit === "" ? name : `${name} (${unit})`, CELL_LETTERS),
    numeric: present.length > 0 &&
      present.every((value) => typeof value === "number"),
    cells: values.map((value) => formatCell(value, measured, digits)),
  };
}

function formatCell(value: Cell, measured: boolean, digits: number): string {
  if (value === null || value === undefined) return MISSING;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return shorten(value, CELL_LETTERS);
  // Whole numbers keep all their digits: 15 is the most that is exact.
  return measured ? formatMeasured(value, digits) : formatNumber(value, 15);
}

function textOf(
  columns: readonly Column[],
  caption: string,
  rowCount: number,
): string {
  const widths = columns.map(({ heading, cells }) =>
    [heading, ...cells].reduce((most, text) => Math.max(most, letters(text)), 0)
  );
  const line = (texts: readonly string[]) =>
    texts.map((text, j) => {
      const blank = " ".repeat(widths[j] - letters(text));
      return columns[j].numeric ? blank + text : text + blank;
    }).join(GAP).trimEnd();
  const lines = caption === "" ? [] : [caption];
  if (columns.length > 0) {
    lines.push(line(columns.map(({ heading }) => heading)));
    lines.push(widths.map((width) => "-".repeat(width)).join(GAP));
  }
  for (let i = 0; i < rowCount; i++) {
    lines.push(line(columns.map(({ cells }) => cells[i])));
  }
  return lines.join("\n");
}

function letters(text: string): number {
  return [...text].length;
}

/** JupyterLab aligns cells right unless a style says left; GitHub strips
 * styles and aligns left unless an attribute says right. */
function htmlOf(
  columns: readonly Column[],
  caption: string,
  rowCount: number,
): string {
  const row = (tag: "th" | "td", texts: readonly string[]) => {
    const cells = texts.map((text, j) => {
      const align = columns[j].numeric
        ? 'align="right"'
        : 'style="text-align:left"';
      return `<${tag} ${align}>${escapeMarkup(text)}</${tag}>`;
    });
    return `<tr>${cells.join("")}</tr>`;
  };
  const body = Array.from(
    { length: rowCount },
    (_, i) => row("td", columns.map(({ cells }) => cells[i])),
  );
  return [
    "<table>",
    caption === "" ? "" : `<caption>${escapeMarkup(caption)}</caption>`,
    `<thead>${row("th", columns.map(({ heading }) => heading))}</thead>`,
    `<tbody>${body.join("")}</tbody>`,
    "</table>",
  ].join("");
}
