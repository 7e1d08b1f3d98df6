/**
 * Reads the requests in the log of an OpenStack API server such as nova:
 * `2017-05-16 00:00:00.008 … "GET /v2/servers HTTP/1.1" status: 200 len: 1893
 * time: 0.2477829`, times in seconds. Lines that are no request stand between
 * them in any such log; they are ignored and counted, in strict mode too. A line
 * that has a part of a request and not all is bad.
 *
 * @module
 */

import type { RequestLog } from "../request_log.ts";
import { openInput } from "./input.ts";
import { firstLines, type LineContent, readLineCells } from "./lines.ts";
import { showText } from "./report.ts";
import {
  type ReadResult,
  REQUEST_COLUMNS,
  requestLogFromCells,
  type RequestLogOptions,
} from "./request_rows.ts";

const TIME =
  /^(?:\S{1,256} )?(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:[.,]\d{1,9})?) /;
const OUTCOME = /^ status: (\S{1,32}) +len: (\S{1,32}) +time: (\S{1,32})\s*$/;
const REQUEST = /^([A-Za-z][A-Za-z_-]{0,31}) (\S.*) HTTP\/\d(?:\.\d)?$/s;
const PARTS = [" HTTP/", '" status: ', " len: "];
const LINES_TRIED = 200;

/**
 * Reads the requests of an OpenStack API log in memory.
 *
 * @param input The log, gzipped or not.
 * @param options Mode, zone, unit, endpoints, limit on the size.
 * @returns The requests, and a report of what was kept, ignored, skipped and
 * sorted; `sourceRow` is the line, from 0.
 * @throws {SyntaxError} If there is no request, or one is bad in strict mode; in
 * lenient mode if every one is.
 * @throws {RangeError} If an option or the size of the input is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseOpenstackLog } from "lib/logs/readers/mod.ts";
 *
 * const { log, report } = parseOpenstackLog(
 *   "2017-05-16 00:00:00.008 25746 INFO nova.wsgi [req-1 - -] 10.11.10.1 " +
 *     '"GET /v2/servers HTTP/1.1" status: 200 len: 1893 time: 0.25\n' +
 *     "2017-05-16 00:00:04.500 2931 INFO nova.compute.manager [-] VM Started\n",
 * );
 * assert.deepEqual([...log.responseTimeMs ?? []], [250]);
 * assert.equal(report.rowsIgnored, 1);
 * ```
 */
export function parseOpenstackLog(
  input: Uint8Array | string,
  options: RequestLogOptions = {},
): ReadResult<RequestLog> {
  const { unit = "s" } = options;
  const table = readLineCells(
    openInput(input, options),
    REQUEST_COLUMNS,
    readLine,
    options.part,
  );
  return requestLogFromCells(
    { ...table, format: "openstack" },
    { ...options, unit },
  );
}

/**
 * Tells an OpenStack API log by one of its first lines.
 *
 * @param head The start of the input.
 * @returns Whether a line is a request.
 */
export function isOpenstackLog(head: Uint8Array): boolean {
  return firstLines(head, LINES_TRIED).some((text) => {
    const content = readLine(text);
    return !("ignored" in content) && !("reason" in content);
  });
}

function readLine(text: string): LineContent {
  if (!PARTS.some((part) => text.includes(part))) {
    return {
      ignored: {
        reason: "not an API request",
        detail: showText(text),
      },
    };
  }
  const close = text.lastIndexOf('" status: ');
  const open = close > 0 ? text.lastIndexOf('"', close - 1) : -1;
  const time = TIME.exec(text);
  const request = REQUEST.exec(text.slice(open + 1, Math.max(close, 0)));
  const outcome = OUTCOME.exec(text.slice(close + 1));
  if (open < 0 || !time || !request || !outcome) {
    return {
      reason: "request not whole",
      detail: `the line is ${
        showText(text)
      }, expected a time and "METHOD PATH HTTP/1.1" status: N len: N time: SECONDS`,
    };
  }
  const [, status, size, seconds] = outcome;
  return [time[1], request[1], request[2], status, size, seconds];
}
