/**
 * Records of a CSV by csv-parse: RFC 4180, lines ended by `\n`, `\r\n` or `\r` in
 * any mixture, empty lines left out, records of any width.
 *
 * @module
 */

import { CsvError, type Options, parse } from "csv-parse/sync";
import { MAX_LINE_BYTES } from "./lines.ts";

const CSV_OPTIONS = {
  relax_column_count: true,
  skip_empty_lines: true,
  record_delimiter: ["\r\n", "\n", "\r"],
} satisfies Options;

/**
 * Tells the fields of a CSV apart.
 *
 * @param bytes The text; bytes that are not UTF-8 become U+FFFD.
 * @param file What messages call it.
 * @returns The fields of each record, the header's first.
 * @throws {SyntaxError} If a quote is irregular.
 */
export function parseRecords(bytes: Uint8Array, file: string): string[][] {
  return parseWith(bytes, file, CSV_OPTIONS);
}

/**
 * Tells the fields of the first record of a CSV apart, without going on.
 *
 * @param bytes The text; bytes that are not UTF-8 become U+FFFD.
 * @param file What messages call it.
 * @returns The fields of the first record, `undefined` if there is none.
 * @throws {SyntaxError} If a quote in it is irregular, or it is over 1 MiB.
 */
export function parseFirstRecord(
  bytes: Uint8Array,
  file: string,
): string[] | undefined {
  const options = { ...CSV_OPTIONS, to: 1, max_record_size: MAX_LINE_BYTES };
  return parseWith(bytes, file, options)[0];
}

function parseWith(
  bytes: Uint8Array,
  file: string,
  options: Options,
): string[][] {
  try {
    return parse(bytes, options) as string[][];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new SyntaxError(`Cannot read ${file}: ${error.message}`);
  }
}
