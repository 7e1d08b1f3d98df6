/**
 * Formats of access logs: Apache's `LogFormat`, `%h %t "%r" %>s %b %D`, and
 * nginx's `log_format`, `$remote_addr [$time_local] "$request" $status
 * $body_bytes_sent $request_time`, compiled to a list of texts and fields. A
 * line is matched in one pass from left to right: a field ends where the text
 * after it first stands, outside of quotes if that text begins with one. So the
 * time is linear in the line's length, whatever the line.
 *
 * @see https://httpd.apache.org/docs/2.4/mod/mod_log_config.html#formats
 * @see https://nginx.org/en/docs/http/ngx_http_log_module.html#log_format
 *
 * @module
 */

import { showText } from "./report.ts";
import type { ResponseTimeUnit } from "./rules.ts";

/** What a field of a line means for a request log. */
export type LogField =
  | "timestamp"
  | "request"
  | "method"
  | "endpoint"
  | "status_code"
  | "size"
  | "response_time";

/** A piece of a format: a text that stands so in each line, or a field. */
export type LogPiece =
  | { readonly text: string }
  | {
    /** Absent if the field is passed over. */
    readonly field?: LogField;
    /** How many characters it always has. */
    readonly length?: number;
  };

/** A compiled format. */
export type LogFormat = {
  /** The pieces up to the last field that is needed, and the text after it. */
  readonly pieces: readonly LogPiece[];
  /** The unit of its response time; absent if it has none. */
  readonly unit?: ResponseTimeUnit;
};

/** The fields of a line. */
export type LogFields = {
  /** The text of each field. */
  readonly fields: ReadonlyMap<LogField, string>;
  /** Where the last of them ends. */
  readonly end: number;
};

type Meaning = readonly [LogField, ResponseTimeUnit?];

/** What a format is written in. */
type Token =
  | { readonly text: string }
  | { readonly meaning?: Meaning; readonly length?: number };

const APACHE: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ["%t", ["timestamp"]],
  ["%{sec}t", ["timestamp"]],
  ["%{msec}t", ["timestamp"]],
  ["%r", ["request"]],
  ["%m", ["method"]],
  ["%U", ["endpoint"]],
  ["%s", ["status_code"]],
  ["%b", ["size"]],
  ["%B", ["size"]],
  ["%O", ["size"]],
  ["%D", ["response_time", "us"]],
  ["%T", ["response_time", "s"]],
  ["%{us}T", ["response_time", "us"]],
  ["%{ms}T", ["response_time", "ms"]],
  ["%{s}T", ["response_time", "s"]],
]);

const NGINX: ReadonlyMap<string, Meaning> = new Map<string, Meaning>([
  ["time_local", ["timestamp"]],
  ["time_iso8601", ["timestamp"]],
  ["msec", ["timestamp"]],
  ["request", ["request"]],
  ["request_method", ["method"]],
  ["request_uri", ["endpoint"]],
  ["uri", ["endpoint"]],
  ["document_uri", ["endpoint"]],
  ["status", ["status_code"]],
  ["body_bytes_sent", ["size"]],
  ["bytes_sent", ["size"]],
  ["request_time", ["response_time", "s"]],
]);

const APACHE_FIELD =
  /%%|%[!\d,]{0,64}[<>]?(\{[^}]{0,256}\})?(\^[A-Za-z]{2}|[A-Za-z])/y;
const NGINX_FIELD = /\$(?:([a-z_]\w{0,127})|\{([a-z_]\w{0,127})\})/iy;
const MAX_FORMAT_LENGTH = 4096;
/** `17/May/2015:10:05:03 +0000`, the one field with a blank in it. */
const LOCAL_TIME_LENGTH = 26;

/**
 * Compiles a format. Where it names a meaning twice, as `%s` and `%>s` do, the
 * first stands for it.
 *
 * @param format A format of Apache's or nginx's; `\"` may stand for `"`.
 * @returns The compiled format.
 * @throws {SyntaxError} If it has no time, request, status or size, or nothing
 * between two fields.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   compileLogFormat,
 *   matchLogLine,
 * } from "lib/logs/readers/log_format.ts";
 *
 * const format = compileLogFormat('[$time_local] "$request" $status $bytes_sent');
 * const line = '[17/May/2015:10:05:03 +0000] "GET /a HTTP/1.1" 200 7';
 * assert.equal(matchLogLine(format, line)?.fields.get("size"), "7");
 * ```
 */
export function compileLogFormat(format: string): LogFormat {
  if (!(format.length <= MAX_FORMAT_LENGTH)) {
    throw badFormat(format, `at most ${MAX_FORMAT_LENGTH} characters`);
  }
  const seen = new Set<LogField>();
  const pieces: LogPiece[] = [];
  let unit: ResponseTimeUnit | undefined;
  let last = -1;
  for (const token of tokensOf(format.trim().replaceAll('\\"', '"'))) {
    const before = pieces.at(-1);
    if ("text" in token) {
      if (before !== undefined && "text" in before) {
        pieces[pieces.length - 1] = { text: before.text + token.text };
      } else pieces.push(token);
      continue;
    }
    const { meaning: [field, fieldUnit] = [], ...length } = token;
    const isNew = field !== undefined && !seen.has(field);
    if (before !== undefined && !("text" in before)) {
      // What follows a field at once, such as %q after %U, belongs to it.
      if (!isNew) continue;
      throw badFormat(format, "a text between two fields");
    }
    if (isNew) {
      seen.add(field);
      unit ??= fieldUnit;
      last = pieces.length;
    }
    pieces.push(isNew ? { field, ...length } : length);
  }
  checkFields(format, seen);
  return {
    pieces: pieces.slice(0, last + 2),
    ...(unit === undefined ? {} : { unit }),
  };
}

/**
 * Tells the fields of a line apart. What stands after the last field that is
 * needed is not looked at, and may be missing.
 *
 * @param format The compiled format.
 * @param line The line.
 * @returns The fields, `undefined` if the line is not of the format.
 */
export function matchLogLine(
  format: LogFormat,
  line: string,
): LogFields | undefined {
  const { pieces } = format;
  const fields = new Map<LogField, string>();
  let at = 0;
  let lastEnd = 0;
  for (let k = 0; k < pieces.length; k++) {
    const piece = pieces[k];
    if ("text" in piece) {
      if (line.startsWith(piece.text, at)) at += piece.text.length;
      else if (k < pieces.length - 1) return undefined;
      continue;
    }
    const end = fieldEnd(line, at, piece, pieces[k + 1]);
    const isLast = k >= pieces.length - 2;
    if (end < 0 && !isLast) return undefined;
    lastEnd = end < 0 ? line.length : end;
    if (piece.field) fields.set(piece.field, line.slice(at, lastEnd));
    at = lastEnd;
  }
  return { fields, end: lastEnd };
}

/**
 * Finds a text that, if it begins with a quote, is not escaped by a backslash.
 *
 * @param line The line.
 * @param text The text.
 * @param from Where to begin.
 * @returns Where it stands, -1 if nowhere.
 */
export function findUnescaped(
  line: string,
  text: string,
  from: number,
): number {
  for (let at = line.indexOf(text, from); at >= 0;) {
    if (text[0] !== '"') return at;
    let start = at;
    while (start > from && line[start - 1] === "\\") start--;
    if ((at - start) % 2 === 0) return at;
    at = line.indexOf(text, at + 1);
  }
  return -1;
}

/** The texts and fields of a format, in order. */
function* tokensOf(text: string): Generator<Token> {
  const isNginx = /\$\{?[a-z_]/i.test(text);
  const pattern = new RegExp(isNginx ? NGINX_FIELD : APACHE_FIELD);
  for (let at = 0; at < text.length;) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) yield { text: text[at++] };
    else {
      at = pattern.lastIndex;
      if (isNginx) yield nginxField(match[1] ?? match[2]);
      else yield* apacheField(match);
    }
  }
}

function nginxField(name: string): Token {
  const meaning = NGINX.get(name);
  return {
    ...(meaning ? { meaning } : {}),
    ...(name === "time_local" ? { length: LOCAL_TIME_LENGTH } : {}),
  };
}

function apacheField(match: RegExpExecArray): Token[] {
  const [whole, argument = "", letter] = match;
  if (whole === "%%") return [{ text: "%" }];
  const name = `%${argument.replace(/^\{(?:begin|end):/, "{")}${letter}`;
  const meaning = APACHE.get(name);
  const field = meaning ? { meaning } : {};
  return name === "%t" ? [{ text: "[" }, field, { text: "]" }] : [field];
}

/** Where a field ends, -1 if what should follow it does not. */
function fieldEnd(
  line: string,
  from: number,
  { length }: { readonly length?: number },
  next: LogPiece | undefined,
): number {
  if (length !== undefined) return Math.min(from + length, line.length);
  // The last field of a format is a word: other fields may follow it.
  const text = next !== undefined && "text" in next ? next.text : " ";
  return findUnescaped(line, text, from);
}

function checkFields(format: string, seen: ReadonlySet<LogField>): void {
  const hasRequest = seen.has("request") ||
    seen.has("method") && seen.has("endpoint");
  const missing = [
    seen.has("timestamp") ? "" : "a time (%t, $time_local)",
    hasRequest ? "" : 'a request ("%r", "$request")',
    seen.has("status_code") ? "" : "a status (%>s, $status)",
    seen.has("size") ? "" : "a size (%b, $body_bytes_sent)",
  ].filter((name) => name !== "");
  if (missing.length > 0) throw badFormat(format, missing.join(", "));
}

function badFormat(format: string, expected: string): SyntaxError {
  return new SyntaxError(
    `Cannot compile log format ${showText(format)}: expected ${expected}`,
  );
}
