/**
 * The file of what was measured of accuracy, and tables of it for the README
 * and `accuracy.md`.
 *
 * @module
 */

import { join } from "node:path";
import { projectRoot } from "../../.tasks/project.ts";
import { type Cell, table, type TableRow } from "../../lib/show/tables.ts";
import type { AccuracyTables } from "./accuracy/measurement.ts";

/** Where results stand. */
export const ACCURACY_PATH: string = join(
  projectRoot,
  "tests",
  "bench",
  "accuracy.json",
);

/** What a run of a measurement left. */
export type AccuracyResult = AccuracyTables & {
  /** The measurement's name. */
  readonly name: string;
  /** What was measured. */
  readonly title: string;
  /** The day of the run, ISO 8601. */
  readonly date: string;
  /** The commit that was measured. */
  readonly commit: string;
};

/** What is kept of a number: tables show less, and more is noise. */
const DIGITS = 6;

/**
 * Reads the results.
 *
 * @returns One a measurement; none if there is no file.
 */
export function readAccuracy(): AccuracyResult[] {
  try {
    return JSON.parse(Deno.readTextFileSync(ACCURACY_PATH));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/**
 * Writes the results, numbers to six digits.
 *
 * @param results One a measurement.
 */
export function writeAccuracy(results: readonly AccuracyResult[]): void {
  const short = (_: string, value: unknown) =>
    typeof value === "number" ? Number(value.toPrecision(DIGITS)) : value;
  Deno.writeTextFileSync(
    ACCURACY_PATH,
    JSON.stringify(results, short, 2) + "\n",
  );
}

/**
 * Puts the result of a measurement in the place of an older one.
 *
 * @param results All results.
 * @param result The new one.
 * @returns All results, in the order of their names.
 */
export function withAccuracy(
  results: readonly AccuracyResult[],
  result: AccuracyResult,
): AccuracyResult[] {
  return [...results.filter(({ name }) => name !== result.name), result]
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

/**
 * A result as a table, and what was measured when.
 *
 * @param result The result.
 * @param part Whether the table itself or what is behind it.
 * @returns Aligned text.
 * @throws {RangeError} If there are no details.
 */
export function accuracyTable(
  result: AccuracyResult,
  part: "rows" | "details" = "rows",
): string {
  const rows = result[part];
  if (rows === undefined) {
    throw new RangeError(`Cannot show details of ${result.name}: it has none`);
  }
  return [
    String(table(rows.map(withoutGaps), { limit: Math.max(1, rows.length) })),
    "",
    `${result.date}, commit ${result.commit}`,
  ].join("\n");
}

/** A number that is not there, such as NaN, is null in JSON. */
function withoutGaps(row: TableRow): TableRow {
  const shown = (cell: Cell) => Number.isNaN(cell) ? null : cell;
  return Object.fromEntries(
    Object.entries(row).map(([name, cell]) => [name, shown(cell)]),
  );
}
