/**
 * From columns of a Parquet file to cells of text, which the rules of all
 * formats read. A null makes its row bad.
 *
 * @module
 */

import pl from "nodejs-polars";
import type { PolarsColumn } from "./polars_types.ts";
import type { Column, ColumnNames } from "./csv_header.ts";
import { overLimit } from "./input.ts";
import { type RowProblem, showText } from "./report.ts";
import type { CellTable } from "./rows.ts";

/** A cell, null where there is no value. */
export type Cell = string | null;

/** What messages call a file, and the most bytes that its texts may have. */
export type CellLimits = { readonly file: string; readonly maxBytes: number };

const INTEGERS = /^DataType\(U?Int(?:8|16|32|64)\)$/;
const TEXTS = /^DataType\((?:Utf8|String|Categorical|Enum)/;
const NUMBERS =
  /^DataType\((?:U?Int(?:8|16|32|64)|Float(?:32|64)|Decimal|Utf8|String)/;
const DATES = /^DataType\(Date/;
const TEXT_COLUMNS: readonly string[] = ["method", "endpoint"];

/** Cells that are gathered column by column or slice by slice. */
export class ParquetCells {
  readonly #cells = new Map<string, string[]>();
  readonly #broken = new Map<number, RowProblem>();

  /**
   * Adds cells below those of a column.
   *
   * @param column The column.
   * @param cells Its cells.
   * @param firstRow How many rows were added before.
   */
  add(column: Column, cells: readonly Cell[], firstRow: number): void {
    const { name, heading } = column;
    const all = this.#cells.get(name) ?? [];
    cells.forEach((cell, row) => {
      if (cell === null && !this.#broken.has(firstRow + row)) {
        this.#broken.set(firstRow + row, nullIn(heading));
      }
      all.push(cell ?? "");
    });
    this.#cells.set(name, all);
  }

  /**
   * Makes a table of all cells.
   *
   * @param rows How many rows were added.
   * @param columns What the input calls the columns.
   * @returns The table, whose places are the rows from 1.
   */
  table(rows: number, columns: ColumnNames<string>): CellTable {
    return {
      places: Uint32Array.from({ length: rows }, (_, row) => row + 1),
      placeName: "row",
      cells: Object.fromEntries(this.#cells),
      headings: Object.fromEntries(
        Object.entries(columns).filter((entry): entry is [string, string] =>
          entry[1] !== undefined && entry[1] !== ""
        ),
      ),
      broken: this.#broken,
      format: "parquet",
    };
  }
}

/**
 * Reads by Polars, whose errors become our own.
 *
 * @param file What messages call the file.
 * @param read Reads it.
 * @returns What `read` returns.
 * @throws {SyntaxError} If the file does not unpack.
 */
export function unpacked<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof RangeError) {
      throw error;
    }
    const message = error instanceof Error ? error.message : String(error);
    throw new SyntaxError(
      `Cannot read ${file}: it begins like Parquet but does not unpack (${
        showText(message)
      })`,
    );
  }
}

/**
 * Checks the type of a column.
 *
 * @param dtype The type, as Polars writes it.
 * @param column Which it is.
 * @param file What messages call the file.
 * @throws {SyntaxError} If the column cannot hold what it is to.
 */
export function checkType(dtype: string, column: Column, file: string): void {
  const { name, heading } = column;
  if (name === "timestamp" && DATES.test(dtype)) return;
  const isText = TEXT_COLUMNS.includes(name);
  if ((isText ? TEXTS : NUMBERS).test(dtype)) return;
  const expected = isText
    ? "texts"
    : name === "timestamp"
    ? "datetimes, numbers or texts"
    : "numbers or texts";
  throw new SyntaxError(
    `Cannot read ${file}: ${heading} is of type ${
      dtype.replace(/^DataType\((.*)\)$/, "$1")
    }, expected ${expected}`,
  );
}

/**
 * Gives a column as the cells of a CSV would have it.
 *
 * @param series The column as Polars has it.
 * @param column Which it is.
 * @param limits What messages call the file, and the limit on texts.
 * @returns Its cells.
 * @throws {SyntaxError} If it is of a type that the column cannot have.
 * @throws {RangeError} If texts are over the limit.
 */
export function cellsOf(
  series: PolarsColumn,
  column: Column,
  { file, maxBytes }: CellLimits,
): Cell[] {
  const type = String(series.dtype);
  checkType(type, column, file);
  if (DATES.test(type)) return timesOf(series, type);
  const isText = TEXTS.test(type);
  const texts = isText ? series.cast(pl.Utf8) : series;
  if (isText && !(lengthOf(texts) <= maxBytes)) throw overLimit(file, maxBytes);
  // Integers as texts by Polars: beyond 2^53 a double would not be the same.
  const values = INTEGERS.test(type) ? texts.cast(pl.Utf8) : texts;
  return values.toArray().map((value: unknown) =>
    value === null || value === undefined ? null : String(value)
  );
}

/**
 * The length of all texts of a column.
 *
 * @param texts The column.
 * @returns Their characters.
 */
export function lengthOf(texts: PolarsColumn): number {
  return texts.str.lengths().cast(pl.Float64).sum();
}

/** Dates and datetimes as ISO 8601, those of no zone without one. */
function timesOf(column: pl.Series, type: string): Cell[] {
  const hasZone = /^DataType\(Datetime\([a-z]+, ?[^)]+\)/.test(type);
  const milliseconds = column.cast(pl.Datetime("ms")).cast(pl.Int64);
  return milliseconds.toArray().map((value: unknown) => {
    if (typeof value !== "number") return null;
    const time = new Date(value);
    // Years beyond 9999 have a sign, which no rule takes for a time.
    const text = Number.isNaN(time.getTime())
      ? String(value)
      : time.toISOString();
    return hasZone ? text : text.slice(0, -1);
  });
}

function nullIn(heading: string): RowProblem {
  return {
    reason: `${heading} is null`,
    detail: `${heading} is null, expected a value`,
  };
}
