/**
 * The fast way from a CSV of requests to columns: Polars tells the cells apart,
 * parses and checks them, millions a second. It takes regular text only and
 * says so where it is not sure, down to the last blank; whatever it gives, the
 * careful way (`request_csv.ts`) would give too, bit for bit.
 *
 * Regular are: every line whole, no blanks around cells, quotes as in RFC 4180;
 * timestamps all of one kind, either `2026-01-05T08:15:00` with a fraction of
 * three digits or more or without, and one zone or none for all, or whole
 * seconds or milliseconds since 1970.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import pl from "nodejs-polars";
import type { Categories } from "../request_log.ts";
import type { Column } from "./csv_header.ts";
import { scanCsv } from "./csv_scan.ts";
import { MAX_LINE_BYTES, type TextFacts } from "./lines.ts";
import {
  LARGEST,
  RESPONSE_TIME_UNITS,
  type ResponseTimeUnit,
  TEXT_RULE,
  timestampRule,
} from "./rules.ts";

/** The columns of regular rows, in the order of the input. */
export type RegularColumns = {
  /** Milliseconds since 1970 UTC, shape `(n)`. */
  readonly timestampMs: Float64Array;
  /** The HTTP method; absent unless asked for. */
  readonly method?: Categories;
  /** The path. */
  readonly endpoint: Categories;
  /** The HTTP status, shape `(n)`. */
  readonly statusCode: Uint16Array;
  /** Bytes, shape `(n)`; absent unless asked for. */
  readonly sizeBytes?: Float64Array;
  /** Milliseconds, shape `(n)`; absent where the input has none. */
  readonly responseTimeMs?: Float64Array;
};

/** What a CSV looks like, and what is wanted of it. */
export type RegularLayout = {
  /** Columns of the header, all of them. */
  readonly width: number;
  /** The columns of requests. */
  readonly columns: readonly Column[];
  /** The zone of timestamps that name none. */
  readonly timeZone: string;
  /** The unit of response times. */
  readonly unit: ResponseTimeUnit;
  /** `metrics` leaves out methods and sizes. */
  readonly scope: "all" | "metrics";
};

/** What a number may follow; Polars skips blanks. */
const BEFORE_CELLS = [",", "\n", "\r", '"', " ", "\t"];
const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const HALF_LINE = MAX_LINE_BYTES / 2;
const TEXT_COLUMNS = ["method", "endpoint"];
/** Characters of a timestamp down to the minute. */
const MINUTE = 16;
const DATE_TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(.*)$/;
const ZONE = /^(?:|Z|[+-]\d\d:?\d\d)$/;
const WHOLE_NUMBER = /^\d{1,15}$/;
/** As in `time.ts`: smaller numbers are seconds, others milliseconds. */
const SECONDS_BELOW = 1e11;
/** 20260105 and 20260105080000 may be dates. */
const COMPACT_DATES_BELOW = 1e8;
const COMPACT_TIMES_FROM = 1e13;

/**
 * Reads regular rows.
 *
 * @param bytes Whole records in UTF-8, without the header.
 * @param facts What {@linkcode factsOf} says of the bytes.
 * @param layout What the columns are, and what is wanted of them.
 * @returns The columns of n rows, in their order; `undefined` if anything is
 * not regular, or there is no row.
 */
export function readRegularColumns(
  bytes: Uint8Array,
  facts: TextFacts,
  layout: RegularLayout,
): RegularColumns | undefined {
  const rows = regularRows(bytes, facts);
  if (rows === 0) return undefined;
  try {
    const frame = frameOf(bytes, layout);
    if (frame.height !== rows) return undefined;
    if (frame.getColumns().some((column) => column.nullCount() > 0)) {
      return undefined;
    }
    return columnsOf(frame, layout);
  } catch {
    // Polars refuses a cell: the careful way says which.
    return undefined;
  }
}

/** How many records there are; 0 if lines or quotes are not regular. */
function regularRows(bytes: Uint8Array, facts: TextFacts): number {
  if (bytes.length === 0 || bytes[bytes.length - 1] === COMMA) return 0;
  if (!facts.isPlain) {
    // Polars takes `+5` for a number, the rules of cells do not.
    if (hasCellWith("+", bytes)) return 0;
    const scan = scanCsv(bytes);
    const isRegular = !scan.problem && !scan.hasLoneReturn &&
      scan.longRecords.size === 0 && scan.emptyLines === 0;
    return isRegular ? scan.recordLines.length : 0;
  }
  for (let at = 0; at < bytes.length; at += HALF_LINE) {
    const half = bytes.subarray(at, at + HALF_LINE);
    if (half.length === HALF_LINE && half.indexOf(LINE_FEED) < 0) return 0;
  }
  const isEnded = bytes[bytes.length - 1] === LINE_FEED;
  return facts.lineFeeds + (isEnded ? 0 : 1);
}

/** Whether a cell might begin so, behind whatever may stand before it. */
function hasCellWith(start: string, bytes: Uint8Array): boolean {
  const text = asBuffer(bytes);
  return bytes[0] === start.charCodeAt(0) ||
    BEFORE_CELLS.some((before) => text.includes(before + start));
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** The cells as Polars reads them; it throws where a number is none. */
function frameOf(bytes: Uint8Array, layout: RegularLayout): pl.DataFrame {
  const { width, columns, scope } = layout;
  const isNumber = WHOLE_NUMBER.test(firstTimestamp(bytes, layout));
  // As numbers, -0 and numbers of too many digits are no longer to be told.
  if (isNumber && (hasCellWith("-", bytes) || hasCellWith("00", bytes))) {
    throw new SyntaxError("Cannot read epochs: a cell begins with - or 00");
  }
  const types: { [name: string]: pl.DataType } = {
    timestamp: isNumber ? pl.Int64 : pl.Utf8,
    method: pl.Utf8,
    endpoint: pl.Utf8,
    status_code: pl.UInt16,
    size: pl.UInt64,
    response_time: pl.Float64,
  };
  const wanted = columns.filter(({ name }) =>
    scope === "all" || (name !== "method" && name !== "size")
  );
  const nameAt = new Map(wanted.map(({ name, index }) => [index, name]));
  // The last column tells whether a row is short: Polars fills it with nulls.
  const names = Array.from(
    { length: width },
    (_, index) => nameAt.get(index) ?? `unused ${index}`,
  );
  return pl.readCSV(asBuffer(bytes), {
    hasHeader: false,
    schema: Object.fromEntries(
      names.map((name) => [name, types[name] ?? pl.Utf8]),
    ),
    columns: [...new Set([...nameAt.values(), names[width - 1]])],
    ignoreErrors: false,
    truncateRaggedLines: false,
  });
}

/** The first row's timestamp, "" if it is not plain. */
function firstTimestamp(bytes: Uint8Array, layout: RegularLayout): string {
  const line = bytes.subarray(0, bytes.indexOf(LINE_FEED) >>> 0);
  const cells = new TextDecoder().decode(line.subarray(0, HALF_LINE))
    .split(",");
  const at = layout.columns.find(({ name }) => name === "timestamp")?.index;
  return at === undefined ? "" : cells[at]?.trim() ?? "";
}

/** Columns of the frame made by Polars at once, on all its threads. */
function partsOf(frame: pl.DataFrame, layout: RegularLayout): pl.DataFrame {
  const texts = TEXT_COLUMNS.filter((name) => frame.columns.includes(name));
  return frame.lazy().select(
    ...texts.map((name) => codesOf(pl.col(name)).alias(name)),
    ...(isEpoch(frame) ? [] : wallTimeParts(frame, layout)),
  ).collectSync({ engine: "streaming" });
}

function codesOf(text: pl.Expr): pl.Expr {
  return text.cast(pl.Categorical).cast(pl.UInt32);
}

function columnsOf(
  frame: pl.DataFrame,
  layout: RegularLayout,
): RegularColumns | undefined {
  const parts = partsOf(frame, layout);
  const timestampMs = isEpoch(frame)
    ? epochTimes(frame.getColumn("timestamp"))
    : wallTimes(frame, parts, layout);
  const statusCode = frame.getColumn("status_code")
    .toTypedArray() as Uint16Array;
  const endpoint = categoriesIn(frame, parts, "endpoint");
  if (!timestampMs || !endpoint || !areStatuses(statusCode)) return undefined;
  const columns = { timestampMs, endpoint, statusCode };
  const hasTimes = frame.columns.includes("response_time");
  const responseTimeMs = hasTimes
    ? responseTimesIn(frame, layout.unit)
    : undefined;
  if (hasTimes && !responseTimeMs) return undefined;
  const withTimes = responseTimeMs ? { ...columns, responseTimeMs } : columns;
  if (layout.scope === "metrics") return withTimes;
  const method = categoriesIn(frame, parts, "method");
  const sizeBytes = frame.getColumn("size").cast(pl.Float64)
    .toTypedArray() as Float64Array;
  return method && sizeBytes.every((size) => size <= Number.MAX_SAFE_INTEGER)
    ? { ...withTimes, method, sizeBytes }
    : undefined;
}

function areStatuses(codes: Uint16Array): boolean {
  for (let i = 0; i < codes.length; i++) {
    if (codes[i] < 100 || codes[i] > 599) return false;
  }
  return true;
}

function responseTimesIn(
  frame: pl.DataFrame,
  unit: ResponseTimeUnit,
): Float64Array | undefined {
  const times = frame.getColumn("response_time").toTypedArray() as Float64Array;
  for (let i = 0; i < times.length; i++) {
    const ms = RESPONSE_TIME_UNITS[unit].toMs(times[i]);
    // Not even -0, which a rule of cells would refuse as it begins with `-`.
    if (!(ms >= 0 && ms <= LARGEST) || Object.is(ms, -0)) return undefined;
    times[i] = ms;
  }
  return times;
}

/** Texts as categories, if each is as a rule of cells would have it. */
function categoriesIn(
  frame: pl.DataFrame,
  parts: pl.DataFrame,
  name: string,
): Categories | undefined {
  const { codes, firstRows } = recoded(parts.getColumn(name));
  const names = textsAt(frame.getColumn(name), firstRows);
  return names.every((text) => TEXT_RULE.parse(text.trim()) === text)
    ? { codes, names }
    : undefined;
}

/** Codes by first appearance, and the rows where each code first stands. */
function recoded(
  column: pl.Series,
): { codes: Uint32Array; firstRows: number[] } {
  const physical = column.toTypedArray() as Uint32Array;
  let largest = 0;
  for (let i = 0; i < physical.length; i++) {
    if (physical[i] > largest) largest = physical[i];
  }
  const codeOf = new Uint32Array(largest + 1);
  const codes = new Uint32Array(physical.length);
  const firstRows: number[] = [];
  for (let row = 0; row < physical.length; row++) {
    // 0 stands for a text that has not come yet.
    let code = codeOf[physical[row]];
    if (code === 0) {
      code = firstRows.push(row);
      codeOf[physical[row]] = code;
    }
    codes[row] = code - 1;
  }
  return { codes, firstRows };
}

function textsAt(texts: pl.Series, rows: number[]): string[] {
  return texts.gather(rows).toArray().map(String);
}

function isEpoch(frame: pl.DataFrame): boolean {
  return String(frame.getColumn("timestamp").dtype).includes("Int64");
}

/** Seconds or milliseconds since 1970, by the rule of each timestamp. */
function epochTimes(column: pl.Series): Float64Array | undefined {
  const { parse } = timestampRule("UTC");
  const numbers = column.cast(pl.Float64).toTypedArray() as Float64Array;
  const [least, greatest] = [column.min(), column.max()].map(Number);
  // What might be a compact date is left to the rule; so are times before 1973.
  const areSeconds = least >= COMPACT_DATES_BELOW && greatest < SECONDS_BELOW;
  const areMs = least >= SECONDS_BELOW && greatest < COMPACT_TIMES_FROM;
  if (areSeconds) return numbers.map((seconds) => seconds * 1000);
  if (areMs) return numbers;
  const times = numbers.map((number) => parse(String(number)) ?? NaN);
  return times.every((time) => time === time) ? times : undefined;
}

/** The zone that the first timestamp ends in; undefined if it is no such text. */
function zoneOf(frame: pl.DataFrame): string | undefined {
  const first = String(frame.getColumn("timestamp").get(0));
  const [, zone] = DATE_TIME.exec(first) ?? [];
  return zone !== undefined && ZONE.test(zone) ? zone : undefined;
}

/** What {@linkcode wallTimes} needs of each timestamp. */
function wallTimeParts(
  frame: pl.DataFrame,
  { scope }: RegularLayout,
): pl.Expr[] {
  const text = pl.col("timestamp");
  const zone = zoneOf(frame)?.replace("+", "\\+") ?? "none";
  const tail = `^:[0-5][0-9]([.,][0-9]{3,9})?${zone}$`;
  return [
    codesOf(text.str.slice(0, MINUTE)).alias("minute"),
    text.str.slice(MINUTE, MAX_LINE_BYTES).str.contains(tail).cast(pl.UInt32)
      .alias("isWhole"),
    ...(scope === "all" ? [millisecondsOf(text).alias("ms")] : []),
  ];
}

/** Milliseconds into the minute; digits beyond the millisecond are dropped. */
function millisecondsOf(text: pl.Expr): pl.Expr {
  const hasFraction = text.str.slice(MINUTE + 3, 1).isIn([".", ","]);
  const fraction = pl.when(hasFraction)
    .then(text.str.slice(MINUTE + 4, 3))
    .otherwise(pl.lit("0")).cast(pl.Int32);
  return text.str.slice(MINUTE + 1, 2).cast(pl.Int32).mul(pl.lit(1000))
    .add(fraction).cast(pl.Int32);
}

/** Dates with times: each minute is parsed once, by the rule of timestamps. */
function wallTimes(
  frame: pl.DataFrame,
  parts: pl.DataFrame,
  { timeZone, scope }: RegularLayout,
): Float64Array | undefined {
  if (parts.getColumn("isWhole").sum() !== frame.height) return undefined;
  const { codes, firstRows } = recoded(parts.getColumn("minute"));
  const { parse } = timestampRule(timeZone);
  const zone = zoneOf(frame) ?? "";
  const startMs = textsAt(frame.getColumn("timestamp"), firstRows)
    .map((text) => {
      const minute = text.slice(0, MINUTE);
      const start = parse(minute + zone) ?? NaN;
      // Before 1972 clocks were put forward and back within minutes, too.
      return parse(`${minute}:59${zone}`) === start + 59_000 ? start : NaN;
    });
  if (startMs.some((time) => Number.isNaN(time))) return undefined;
  const afterMs = scope === "all"
    ? parts.getColumn("ms").toTypedArray() as Int32Array
    : new Int32Array(codes.length);
  // A loop: `from` with a function takes ten times as long.
  const times = new Float64Array(codes.length);
  for (let i = 0; i < times.length; i++) {
    times[i] = startMs[codes[i]] + afterMs[i];
  }
  return times;
}
