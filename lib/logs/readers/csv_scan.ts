/**
 * One pass over the bytes of a CSV that finds where its records begin and
 * whether its quotes are regular (RFC 4180): a quote opens a field only as its
 * first character, a quote within is doubled, and after the closing quote comes
 * a comma or the end of the line. It yields no fields; it tells which tokenizer
 * can be trusted with the text, and on which line each record stands.
 *
 * @see RFC 4180, Common Format and MIME Type for CSV Files (2005).
 *
 * @module
 */

import { MAX_LINE_BYTES } from "./lines.ts";

/** What stands in a CSV, as far as lines and quotes go. */
export type CsvScan = {
  /** The line, from 1, on which each record begins, the header's first. */
  recordLines: number[];
  /** A `\r` alone ends a line somewhere. */
  hasLoneReturn: boolean;
  /** Lines with nothing in them. */
  emptyLines: number;
  /** Length in bytes of each record, by its number from 0, over 1 MiB. */
  longRecords: ReadonlyMap<number, number>;
  /** The first irregular quote, where the scan stopped; absent if none. */
  problem?: {
    /** The line, from 1, on which it stands. */
    line: number;
    /** What is wrong with it. */
    detail: string;
  };
};

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;

const LINE_START = 0;
const FIELD_START = 1;
const UNQUOTED = 2;
const QUOTED = 3;
const CLOSED = 4;

/**
 * Scans a CSV. Empty lines are no records.
 *
 * @param bytes The text in UTF-8, without a byte order mark.
 * @returns Where its records begin and whether its quotes are regular.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { scanCsv } from "lib/logs/readers/csv_scan.ts";
 *
 * const bytes = new TextEncoder().encode('a,b\n1,"x\ny"\n\n2,z\n');
 * assert.deepEqual(scanCsv(bytes).recordLines, [1, 2, 5]);
 * ```
 */
export function scanCsv(bytes: Uint8Array): CsvScan {
  const recordLines: number[] = [];
  const longRecords = new Map<number, number>();
  let hasLoneReturn = false;
  let emptyLines = 0;
  let start = 0;
  let state = LINE_START;
  let line = 1;
  let openedOn = 1;
  const irregular = (on: number, detail: string): CsvScan => ({
    recordLines,
    hasLoneReturn,
    emptyLines,
    longRecords,
    problem: { line: on, detail },
  });
  const endRecord = (end: number): void => {
    if (end - start <= MAX_LINE_BYTES) return;
    longRecords.set(recordLines.length - 1, end - start);
  };
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i];
    if (byte === LINE_FEED || byte === CARRIAGE_RETURN) {
      if (byte === CARRIAGE_RETURN) {
        if (bytes[i + 1] === LINE_FEED) continue;
        if (state !== QUOTED) hasLoneReturn = true;
      }
      line++;
      if (state === QUOTED) continue;
      if (state === LINE_START) emptyLines++;
      // The end of a CRLF counts as a byte of the record; it does no harm.
      else endRecord(i);
      state = LINE_START;
      continue;
    }
    if (state === LINE_START) {
      recordLines.push(line);
      start = i;
    }
    if (state === QUOTED) {
      if (byte === QUOTE) state = CLOSED;
    } else if (byte === COMMA) {
      state = FIELD_START;
    } else if (byte === QUOTE) {
      if (state === UNQUOTED) {
        return irregular(line, "a quote stands inside an unquoted field");
      }
      if (state !== CLOSED) openedOn = line;
      state = QUOTED;
    } else if (state === CLOSED) {
      return irregular(line, "a closing quote is not followed by a comma");
    } else {
      state = UNQUOTED;
    }
  }
  if (state === QUOTED) {
    return irregular(openedOn, "a quoted field is not closed");
  }
  if (state !== LINE_START) endRecord(bytes.length);
  return { recordLines, hasLoneReturn, emptyLines, longRecords };
}
