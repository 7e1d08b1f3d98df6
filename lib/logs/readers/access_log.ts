/**
 * Reads access logs of Apache and nginx. Without a `logFormat` they are of the
 * common or the combined format, with or without a virtual host before them and
 * a response time after them: one number, or `rt=` and a number. A number with a
 * point is seconds (nginx's `$request_time`); a whole one is microseconds (`%D`)
 * or, if most are below 60, seconds (`%T`); the report says which was taken.
 *
 * A size of `-` is 0. Where a client sent no HTTP request, as in `"-" 408 -`, the
 * line is ignored and counted. A line that is cut off behind its size is read.
 *
 * @see https://httpd.apache.org/docs/2.4/logs.html#accesslog
 *
 * @module
 */

import type { RequestLog } from "../request_log.ts";
import { parseTimestamp } from "../time.ts";
import { openInput, type ReadOptions } from "./input.ts";
import { firstLines, type LineContent, readLineCells } from "./lines.ts";
import {
  compileLogFormat,
  findUnescaped,
  type LogFields,
  type LogFormat,
  matchLogLine,
} from "./log_format.ts";
import { showText } from "./report.ts";
import {
  type ReadResult,
  REQUEST_COLUMNS,
  requestLogFromCells,
  type RequestLogOptions,
} from "./request_rows.ts";
import type { CellRule } from "./rows.ts";
import {
  type ResponseTimeUnit,
  SENT_SIZE_RULE,
  timestampRule,
} from "./rules.ts";

/** Options for {@linkcode parseAccessLog}. */
export type ReadAccessLogOptions = RequestLogOptions & {
  /**
   * The format of its lines as Apache's `LogFormat` or nginx's `log_format`
   * has it: `$remote_addr [$time_local] "$request" $status $bytes_sent`. If left
   * out, the common and the combined format are tried.
   */
  logFormat?: string;
};

/** What the lines of a log look like. */
type Layout = {
  format: LogFormat;
  unit?: ResponseTimeUnit;
  /** The response time stands behind the format. */
  isAppended?: boolean;
  notes?: string[];
};

const COMMON = '%h %l %u %t "%r" %>s %b';
const CLF_TIME =
  /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4}):(\d\d:\d\d:\d\d)(?: ([+-]\d{4}))?$/;
const REQUEST = /^([A-Za-z][A-Za-z_-]{0,31}) +(\S.*)$/s;
const PROTOCOL = / HTTP\/\d(?:\.\d)?$/;
const APPENDED = /^(?:[A-Za-z_]{1,32}[=:])?(\d{1,15}(?:\.\d{1,9})?)$/;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const LINES_TRIED = 20;
const LINES_SAMPLED = 1000;
/** Half of the requests take less: whole seconds, not microseconds. */
const SECONDS_BELOW = 60;
const UNIT_NAMES = { us: "microseconds", ms: "milliseconds", s: "seconds" };

/**
 * Reads an access log in memory.
 *
 * @param input The log, gzipped or not.
 * @param options Mode, zone, unit, format of the lines, limit on the size.
 * @returns The log, without response times if the lines have none, and a report
 * of what was kept, skipped and sorted; `sourceRow` is the line, from 0.
 * @throws {SyntaxError} If there are no lines, or a line is bad in strict mode;
 * in lenient mode if every line is; or if the format has no time, request,
 * status or size.
 * @throws {RangeError} If an option or the size of the input is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseAccessLog } from "lib/logs/readers/mod.ts";
 *
 * const { log } = parseAccessLog(
 *   '10.0.0.1 - - [17/May/2015:10:05:03 +0000] "GET /a?b=1 HTTP/1.1" 200 7 0.25\n',
 * );
 * assert.deepEqual(log.endpoint.names, ["/a"]);
 * assert.deepEqual([...log.responseTimeMs ?? []], [250]);
 * ```
 */
export function parseAccessLog(
  input: Uint8Array | string,
  options: ReadAccessLogOptions = {},
): ReadResult<RequestLog> {
  const { file = "input", logFormat, timeZone = "UTC", part } = options;
  const bytes = openInput(input, options);
  const layout = logFormat === undefined
    ? layoutOf(part?.head ?? bytes, options)
    : givenLayout(logFormat);
  const unit = options.unit ?? layout.unit;
  const names = REQUEST_COLUMNS.filter((name) =>
    name !== "response_time" || layout.unit !== undefined
  );
  const table = readLineCells(
    bytes,
    names,
    (text) => readLine(text, layout),
    part,
  );
  return requestLogFromCells({
    ...table,
    format: "access-log",
    notes: layout.notes ?? [],
    rules: { timestamp: logTimeRule(timeZone), size: SENT_SIZE_RULE },
  }, { ...options, file, ...(unit === undefined ? {} : { unit }) });
}

/**
 * Tells an access log by one of its first lines.
 *
 * @param head The start of the input.
 * @returns Whether a line is of the common or the combined format.
 */
export function isAccessLog(head: Uint8Array): boolean {
  const format = compileLogFormat(COMMON);
  return firstLines(head, LINES_TRIED).some((text) => {
    const fields = matchLogLine(format, text)?.fields;
    return CLF_TIME.test(fields?.get("timestamp") ?? "") &&
      /^\d{3}$/.test(fields?.get("status_code") ?? "");
  });
}

function givenLayout(logFormat: string): Layout {
  const format = compileLogFormat(logFormat);
  return { format, ...(format.unit ? { unit: format.unit } : {}) };
}

/** Whether response times are appended, and in what unit, by a sample. */
function layoutOf(
  bytes: Uint8Array,
  options: ReadOptions & {
    unit?: ResponseTimeUnit;
  },
): Layout {
  const format = compileLogFormat(COMMON);
  const sample = firstLines(bytes, LINES_SAMPLED).flatMap((text) => {
    const match = matchLogLine(format, text);
    return match ? [appendedNumber(text, match.end)] : [];
  });
  const numbers = sample.filter((text) => text !== undefined);
  if (numbers.length === 0 || numbers.length * 2 < sample.length) {
    return { format };
  }
  const unit = options.unit ?? unitOf(numbers);
  return {
    format,
    unit,
    isAppended: true,
    notes: options.unit === undefined
      ? [
        `response times are taken as ${
          UNIT_NAMES[unit]
        }, by the numbers that end the lines; name the unit if they are not`,
      ]
      : [],
  };
}

function unitOf(numbers: readonly string[]): ResponseTimeUnit {
  if (numbers.some((text) => text.includes("."))) return "s";
  const values = numbers.map(Number).sort((a, b) => a - b);
  return values[values.length >> 1] < SECONDS_BELOW ? "s" : "us";
}

/**
 * The number appended to a line. Two whole ones without a name are none: they
 * are the bytes in and out of the format "combinedio".
 */
function appendedNumber(line: string, from: number): string | undefined {
  const numbers: string[] = [];
  for (const word of bareWords(line, from)) {
    const [, number] = APPENDED.exec(word) ?? [];
    if (number === undefined) continue;
    if (number !== word || number.includes(".")) return number;
    numbers.push(number);
  }
  return numbers.length === 1 ? numbers[0] : undefined;
}

/** The words of a line that are not quoted. */
function* bareWords(line: string, from: number): Generator<string> {
  for (let at = from; at < line.length;) {
    if (line[at] === " ") at++;
    else if (line[at] === '"') {
      const end = findUnescaped(line, '"', at + 1);
      if (end < 0) return;
      at = end + 1;
    } else {
      const blank = line.indexOf(" ", at);
      const end = blank < 0 ? line.length : blank;
      yield line.slice(at, end);
      at = end;
    }
  }
}

function readLine(text: string, layout: Layout): LineContent {
  const match = matchLogLine(layout.format, text);
  if (match === undefined) {
    return {
      reason: "not of the log format",
      detail: `the line is ${
        showText(text)
      }, expected a time, a request, a status and a size`,
    };
  }
  const { fields } = match;
  const request = requestOf(match);
  if (request === undefined) {
    const value = fields.get("request") ?? "";
    return {
      ignored: {
        reason: "not an HTTP request",
        detail: `the request is ${showText(value)}`,
        cell: { column: "request", value },
      },
    };
  }
  const responseTime = layout.isAppended
    ? appendedNumber(text, match.end)
    : fields.get("response_time");
  if (layout.unit !== undefined && responseTime === undefined) {
    return {
      reason: "no response time",
      detail: `the line ends in ${
        showText(text.slice(match.end))
      }, expected a response time as other lines have it`,
    };
  }
  return [
    fields.get("timestamp") ?? "",
    ...request,
    fields.get("status_code") ?? "",
    fields.get("size") ?? "",
    responseTime ?? "",
  ];
}

/** The method and the target of a request. */
function requestOf({ fields }: LogFields): [string, string] | undefined {
  const request = fields.get("request");
  if (request === undefined) {
    return [fields.get("method") ?? "", fields.get("endpoint") ?? ""];
  }
  const [, method, rest] = REQUEST.exec(request.trim()) ?? [];
  if (method === undefined) return undefined;
  return [method, rest.replace(PROTOCOL, "").trimEnd()];
}

/** Times as access logs write them, or of any kind that CSV may have. */
function logTimeRule(timeZone: string): CellRule<number> {
  const { parse } = timestampRule(timeZone);
  return {
    expected: "a time such as 17/May/2015:10:05:03 +0000",
    parse: (text) => {
      const match = CLF_TIME.exec(text);
      if (match === null) return parse(text);
      const [, day, name, year, time, offset = ""] = match;
      const month = MONTHS.indexOf(name) / name.length + 1;
      return Number.isInteger(month)
        ? parseTimestamp(
          `${year}-${String(month).padStart(2, "0")}-${day}T${time}${offset}`,
          { timeZone },
        )
        : undefined;
    },
  };
}
