/**
 * Records of a CSV: RFC 4180, lines ended by `\n`, `\r\n` or `\r` in any mixture,
 * empty lines left out, records of any width. The first one, which may be
 * anything, is read by csv-parse; it takes 20 microseconds for each record that
 * is not as wide as the first, so the rest are told apart here, where
 * `csv_scan.ts` has found all quotes regular.
 *
 * @module
 */

import { CsvError, type Options, parse } from "csv-parse/sync";
import { MAX_LINE_BYTES } from "./lines.ts";

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const UTF_8 = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * Tells the fields of a CSV apart.
 *
 * @param bytes The text, whose quotes are regular; bytes that are not UTF-8
 * become U+FFFD.
 * @returns The fields of each record, the header's first.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseRecords } from "lib/logs/readers/csv_records.ts";
 *
 * const bytes = new TextEncoder().encode('a,b\r\n1,"x\n""y"""\n\n2\n');
 * assert.deepEqual(parseRecords(bytes), [["a", "b"], ["1", 'x\n"y"'], ["2"]]);
 * ```
 */
export function parseRecords(bytes: Uint8Array): string[][] {
  const records: string[][] = [];
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i <= bytes.length; i++) {
    const byte = bytes[i];
    if (byte === QUOTE) isQuoted = !isQuoted;
    const isEnd = i === bytes.length ||
      (!isQuoted && (byte === LINE_FEED || byte === CARRIAGE_RETURN));
    if (!isEnd) continue;
    if (i > start) {
      records.push(fieldsOf(UTF_8.decode(bytes.subarray(start, i))));
    }
    start = i + 1;
  }
  return records;
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
  const options: Options = {
    skip_empty_lines: true,
    record_delimiter: ["\r\n", "\n", "\r"],
    to: 1,
    max_record_size: MAX_LINE_BYTES,
  };
  try {
    return (parse(bytes, options) as string[][])[0];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw new SyntaxError(`Cannot read ${file}: ${error.message}`);
  }
}

function fieldsOf(record: string): string[] {
  if (!record.includes('"')) return record.split(",");
  const fields: string[] = [];
  let start = 0;
  let isQuoted = false;
  for (let i = 0; i <= record.length; i++) {
    if (record[i] === '"') isQuoted = !isQuoted;
    if (i < record.length && (record[i] !== "," || isQuoted)) continue;
    fields.push(unquoted(record.slice(start, i)));
    start = i + 1;
  }
  return fields;
}

/** A quote within is doubled, so that one at the start opens the field. */
function unquoted(field: string): string {
  return field.startsWith('"')
    ? field.slice(1, -1).replaceAll('""', '"')
    : field;
}
