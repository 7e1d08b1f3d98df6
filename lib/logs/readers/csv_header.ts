/**
 * The header of a CSV, and where it holds the columns of a schema. Names are
 * compared exactly, after trimming.
 *
 * @module
 */

import { parseFirstRecord } from "./csv_records.ts";
import { showText } from "./report.ts";

/** The header's name for each column of a schema; its own if absent. */
export type ColumnNames<N extends string> = { readonly [K in N]?: string };

/** A column of a schema and where it stands in an input. */
export type Column = {
  /** The schema's name. */
  name: string;
  /** The header's name. */
  heading: string;
  /** The place in the header, from 0. */
  index: number;
};

const MOST_HEADINGS_SHOWN = 20;

/**
 * Reads the header of a CSV.
 *
 * @param bytes The text in UTF-8, without a byte order mark.
 * @param file What messages call it.
 * @returns The names of the columns, trimmed.
 * @throws {SyntaxError} If the input is empty or its first line does not parse.
 */
export function readHeader(bytes: Uint8Array, file: string): string[] {
  const header = parseFirstRecord(bytes, file);
  if (header === undefined) {
    throw new SyntaxError(
      `Cannot read ${file}: it is empty, expected a header and rows`,
    );
  }
  return header.map((name) => name.trim());
}

/**
 * Finds the columns of a schema in a header.
 *
 * @param header The names of the columns, trimmed.
 * @param names The columns asked for, by their names in the schema.
 * @param headings What the header calls them.
 * @param file What messages call the input.
 * @returns The columns, in the order of `names`.
 * @throws {SyntaxError} If a column is missing or stands there twice.
 */
export function locateColumns<N extends string>(
  header: readonly string[],
  names: readonly N[],
  headings: ColumnNames<N>,
  file: string,
): Column[] {
  const columns = names.map((name) => {
    const heading = (headings[name] ?? name).trim();
    return { name, heading, index: header.indexOf(heading) };
  });
  const missing = columns.filter(({ index }) => index < 0);
  if (missing.length > 0) {
    throw new SyntaxError(
      `Cannot read ${file}: ${
        missing.map(({ heading }) => showText(heading)).join(", ")
      } missing from the header, which holds ${
        showHeader(header)
      }; name the column that stands for ${
        missing.map(({ name }) => name).join(", ")
      } in the option columns`,
    );
  }
  const twice = columns.find(({ heading, index }) =>
    header.includes(heading, index + 1)
  );
  if (twice) {
    throw new SyntaxError(
      `Cannot read ${file}: the header holds ${
        showText(twice.heading)
      } twice, expected it once`,
    );
  }
  return columns;
}

/**
 * Shows a header in a message.
 *
 * @param header The names of the columns.
 * @returns The names, quoted, the first twenty.
 */
export function showHeader(header: readonly string[]): string {
  const shown = header.slice(0, MOST_HEADINGS_SHOWN).map(showText);
  if (header.length > shown.length) shown.push("…");
  return shown.join(", ");
}
