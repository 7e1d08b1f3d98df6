/**
 * Reads the error log of the Apache web server: `[time] [level] message`, and
 * since version 2.4 `[time] [module:level] [pid …] [client …] message`, of which
 * the level is kept without its module, and the message with what stands before
 * it. The whole input is held in memory.
 *
 * @see https://httpd.apache.org/docs/2.4/mod/core.html#errorlogformat
 *
 * @module
 */

import { categoriesOf, type EventLog } from "../request_log.ts";
import { parseTimestamp } from "../time.ts";
import { openInput, readInputBytes, type ReadOptions } from "./input.ts";
import { firstLines, type LineContent, readLineCells } from "./lines.ts";
import { showText } from "./report.ts";
import type { ReadResult } from "./request_rows.ts";
import { convertRows } from "./rows.ts";
import { MESSAGE_RULE, TEXT_RULE, timestampRule } from "./rules.ts";

/** Options for {@linkcode readEventLog}. */
export type ReadEventLogOptions = ReadOptions & {
  /**
   * Drop an event whose time, level and message equal those of one before it.
   * @default {false}
   */
  dropDuplicates?: boolean;
};

/** How many lines a detector looks at. */
const LINES_TRIED = 20;
const STAMP = "a time such as Sun Dec 04 04:47:44 2005";

// No part can match what another part would, so time is linear in the length.
const EVENT = /^\[([^\]]{1,64})\] \[(?:[^\]:]{0,64}:)?([^\]:]{1,64})\](.*)$/s;

/**
 * Reads an Apache error log from a file, gzipped or not. Lines may end in
 * `\n`, `\r\n` or `\r`; empty ones are skipped; `sourceRow` is the line's
 * number less one. A line without time and level is bad, and so is one longer
 * than 1 MiB.
 *
 * @param path The file.
 * @param options Mode, zone, duplicates, limit on the size.
 * @returns The events, and a report of what was kept, dropped and skipped.
 * @throws {SyntaxError} If there are no lines, or a line is bad in strict mode;
 * in lenient mode if every line is.
 * @throws {RangeError} If an option or the size of the file is out of range.
 * @throws {Error} If the file does not exist or cannot be read.
 */
export async function readEventLog(
  path: string,
  options: ReadEventLogOptions = {},
): Promise<ReadResult<EventLog>> {
  const { file = path } = options;
  const bytes = await readInputBytes(path, options);
  return parseEventLog(bytes, { ...options, file });
}

/**
 * Reads an Apache error log in memory, as {@linkcode readEventLog} does from a
 * file.
 *
 * @param input The log, gzipped or not.
 * @param options Mode, zone, duplicates, limit on the size.
 * @returns The events, and a report of what was kept, dropped and skipped.
 * @throws {SyntaxError} If there are no lines, or a line is bad in strict mode;
 * in lenient mode if every line is.
 * @throws {RangeError} If an option or the size of the input is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseEventLog } from "lib/logs/readers/mod.ts";
 *
 * const { log } = parseEventLog("[Thu Jun 09 06:07:04 2005] [notice] Ready\n");
 * assert.equal(log.timestampMs[0], Date.UTC(2005, 5, 9, 6, 7, 4));
 * assert.equal(log.level.names[log.level.codes[0]], "notice");
 * assert.equal(log.message[0], "Ready");
 * ```
 */
export function parseEventLog(
  input: Uint8Array | string,
  options: ReadEventLogOptions = {},
): ReadResult<EventLog> {
  const { file = "input", mode = "strict", part } = options;
  const { timeZone = "UTC", dropDuplicates = false } = options;
  const bytes = openInput(input, options);
  const table = {
    ...readLineCells(bytes, ["timestamp", "level", "message"], readEvent, part),
    format: "apache-error",
  };
  const { columns, sourceRow, report } = convertRows(
    table,
    {
      timestamp: { ...timestampRule(timeZone), expected: STAMP },
      level: TEXT_RULE,
      message: MESSAGE_RULE,
    },
    { file, mode, part },
  );
  const { timestamp, level, message } = columns;
  const kept = dropDuplicates
    ? firstOfEqual(
      timestamp.map((time, i) => JSON.stringify([time, level[i], message[i]])),
    )
    : timestamp.map((_, i) => i);
  const log: EventLog = {
    timestampMs: Float64Array.from(kept, (i) => timestamp[i]),
    level: categoriesOf(kept.map((i) => level[i])),
    message: kept.map((i) => message[i]),
    sourceRow: Uint32Array.from(kept, (i) => sourceRow[i]),
  };
  const duplicatesDropped = timestamp.length - kept.length;
  return {
    log,
    report: { ...report, rowsRead: kept.length, duplicatesDropped },
  };
}

/**
 * Tells an Apache error log by one of its first lines.
 *
 * @param head The start of the input.
 * @returns Whether a line has a time and a level.
 */
export function isEventLog(head: Uint8Array): boolean {
  return firstLines(head, LINES_TRIED).some((text) => {
    const match = EVENT.exec(text);
    return match !== null && parseTimestamp(match[1]) !== undefined;
  });
}

function readEvent(text: string): LineContent {
  const match = EVENT.exec(text);
  return match ? [match[1], match[2], match[3]] : {
    reason: "no time and level",
    detail: `the line is ${showText(text)}, expected [time] [level] message`,
  };
}

function firstOfEqual(keys: readonly string[]): number[] {
  const seen = new Set<string>();
  const first: number[] = [];
  keys.forEach((key, i) => {
    if (!seen.has(key)) first.push(i);
    seen.add(key);
  });
  return first;
}
