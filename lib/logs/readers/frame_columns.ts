/**
 * The fast way from a Polars frame of requests to columns: Polars makes
 * categories of texts and numbers of types, and what is checked of each value
 * is checked in plain loops. It takes regular values only and says so where it
 * is not sure; whatever it gives, the careful way, cell by cell
 * (`request_rows.ts`), would give too, bit for bit.
 *
 * Regular are: no nulls; texts without blanks around them; timestamps all of
 * one kind, that is datetimes, dates, whole seconds or milliseconds since 1970,
 * or texts `2026-01-05T08:15:00` with a fraction of three digits or more or
 * without, and one zone or none for all; other numbers of any type but decimal.
 *
 * @module
 */

import pl from "nodejs-polars";
import type { Categories } from "../request_log.ts";
import { MAX_LINE_BYTES } from "./lines.ts";
import type { PolarsColumn, PolarsFrame } from "./polars_types.ts";
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
  /** The HTTP method; absent where nobody asked for it. */
  readonly method?: Categories;
  /** The path. */
  readonly endpoint: Categories;
  /** The HTTP status, shape `(n)`. */
  readonly statusCode: Uint16Array;
  /** Bytes, shape `(n)`; absent where nobody asked for them. */
  readonly sizeBytes?: Float64Array;
  /** Milliseconds, shape `(n)`; absent where the input has none. */
  readonly responseTimeMs?: Float64Array;
};

/** How values are meant, and what is wanted of them. */
export type FrameLayout = {
  /** The IANA zone of timestamps that name none. */
  readonly timeZone: string;
  /** The unit of response times. */
  readonly unit: ResponseTimeUnit;
  /** `metrics` takes timestamps to the minute, where they are texts, and only
   * checks methods and sizes. */
  readonly scope: "all" | "metrics";
};

/** What is known of a frame before it is looked at. */
export type KnownOfFrame = {
  /** Milliseconds since 1970 UTC, shape `(n)`; the frame then has none. */
  readonly timestampMs: Float64Array;
  /** Whether all texts are ASCII without blanks. */
  readonly isTight: boolean;
};

const TEXT_COLUMNS = ["method", "endpoint"];
/** Characters of a timestamp down to the minute. */
const MINUTE = 16;
const MINUTE_MS = 60_000;
const DATE_TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(.*)$/;
const ZONE = /^(?:|Z|[+-]\d\d:?\d\d)$/;
/** As in `time.ts`: smaller numbers are seconds, others milliseconds. */
const SECONDS_BELOW = 1e11;
/** 20260105 and 20260105080000 may be dates. */
const COMPACT_DATES_BELOW = 1e8;
const COMPACT_TIMES_FROM = 1e13;
/** Since then all zones have been at whole minutes from UTC. */
const WHOLE_MINUTES_FROM = Date.UTC(1973, 0, 1);
const TIMES_BELOW = Date.UTC(9999, 0, 1);

/** How Polars writes its types. */
const TYPES: Readonly<Record<Kind, RegExp>> = {
  date: /^DataType\(Date/,
  zoned: /^DataType\(Datetime\([a-z]+, ?[^)]+\)/,
  integer: /^DataType\(U?Int(?:8|16|32|64)\)$/,
  number: /^DataType\((?:U?Int(?:8|16|32|64)|Float(?:32|64))\)$/,
  text: /^DataType\((?:Utf8|String|Categorical|Enum)/,
};

/** What a type is. */
export type Kind = "date" | "zoned" | "integer" | "number" | "text";

/**
 * Makes columns of a frame of regular rows.
 *
 * @param frame The columns by their names in the schema, n rows; without
 * `response_time` where the input has none.
 * @param layout How values are meant, and what is wanted of them.
 * @param known What is known of the frame already.
 * @returns The columns, n rows in their order; `undefined` if anything is not
 * regular, or there is no row.
 * @throws {Error} If Polars cannot cast a value, which is not regular either.
 * @throws {RangeError} If the zone is not known.
 */
export function regularColumnsOf(
  frame: PolarsFrame,
  layout: FrameLayout,
  known?: KnownOfFrame,
): RegularColumns | undefined {
  if (frame.height === 0) return undefined;
  if (frame.getColumns().some((column) => column.nullCount() > 0)) {
    return undefined;
  }
  return columnsOf(frame, layout, known);
}

/**
 * Tells the type of a column.
 *
 * @param column The column.
 * @param kind What it might be; a datetime with a zone is a date, too.
 * @returns Whether it is.
 */
export function isOfKind(column: PolarsColumn, kind: Kind): boolean {
  return TYPES[kind].test(String(column.dtype));
}

/** Columns of the frame made by Polars at once, on all its threads. */
function partsOf(
  frame: pl.DataFrame,
  layout: FrameLayout,
  known: KnownOfFrame | undefined,
): pl.DataFrame {
  const texts = TEXT_COLUMNS.filter((name) => frame.columns.includes(name))
    .filter((name) => name === "endpoint" || !isUnseen(layout, known));
  return frame.lazy().select(
    ...texts.map((name) => codesOf(pl.col(name)).alias(name)),
    ...(!known && hasTextTimes(frame) ? wallTimeParts(frame, layout) : []),
  ).collectSync({ engine: "streaming" });
}

/** Whether methods are fine without a look at them. */
function isUnseen(
  { scope }: FrameLayout,
  known: KnownOfFrame | undefined,
): boolean {
  return scope === "metrics" && known?.isTight === true;
}

function codesOf(text: pl.Expr): pl.Expr {
  return text.cast(pl.Categorical).cast(pl.UInt32);
}

function columnsOf(
  frame: pl.DataFrame,
  layout: FrameLayout,
  known: KnownOfFrame | undefined,
): RegularColumns | undefined {
  const parts = partsOf(frame, layout, known);
  const timestampMs = known?.timestampMs ?? timesIn(frame, parts, layout);
  const statusCode = statusesIn(frame);
  const endpoint = categoriesIn(frame, parts, "endpoint");
  if (!timestampMs || !endpoint || !statusCode) return undefined;
  const method = isUnseen(layout, known)
    ? undefined
    : categoriesIn(frame, parts, "method");
  if (!method && !isUnseen(layout, known)) return undefined;
  const areUnread = layout.scope === "metrics" &&
    areSizes(frame.getColumn("size"));
  const sizeBytes = areUnread ? undefined : sizesIn(frame);
  if (!sizeBytes && !areUnread) return undefined;
  const columns = {
    ...{ timestampMs, endpoint, statusCode },
    ...(method ? { method } : {}),
    ...(sizeBytes ? { sizeBytes } : {}),
  };
  const hasTimes = frame.columns.includes("response_time");
  const responseTimeMs = hasTimes
    ? responseTimesIn(frame, layout.unit)
    : undefined;
  if (hasTimes && !responseTimeMs) return undefined;
  return responseTimeMs ? { ...columns, responseTimeMs } : columns;
}

/** Whether a column holds whole numbers that are all sizes, as Polars tells. */
function areSizes(column: pl.Series): boolean {
  return isOfKind(column, "integer") && Number(column.min()) >= 0 &&
    Number(column.max()) <= Number.MAX_SAFE_INTEGER;
}

/** The values of a column of numbers as doubles. */
function numbersIn(
  frame: pl.DataFrame,
  name: string,
): Float64Array | undefined {
  const column = frame.getColumn(name);
  if (!isOfKind(column, "number")) return undefined;
  return column.cast(pl.Float64).toTypedArray() as Float64Array;
}

function statusesIn(frame: pl.DataFrame): Uint16Array | undefined {
  const column = frame.getColumn("status_code");
  // Polars throws where a whole number is not of the smaller type.
  const numbers = isOfKind(column, "integer")
    ? column.cast(pl.UInt16, true).toTypedArray() as Uint16Array
    : numbersIn(frame, "status_code");
  if (!numbers) return undefined;
  const codes = new Uint16Array(numbers.length);
  for (let i = 0; i < codes.length; i++) {
    const number = numbers[i];
    codes[i] = number;
    // What is no whole number has changed by now.
    if (!(number >= 100 && number <= 599 && codes[i] === number)) {
      return undefined;
    }
  }
  return codes;
}

function sizesIn(frame: pl.DataFrame): Float64Array | undefined {
  const sizes = numbersIn(frame, "size");
  if (!sizes) return undefined;
  for (let i = 0; i < sizes.length; i++) {
    // -0 becomes 0, as it is written.
    sizes[i] += 0;
    if (!(sizes[i] >= 0 && Number.isSafeInteger(sizes[i]))) return undefined;
  }
  return sizes;
}

function responseTimesIn(
  frame: pl.DataFrame,
  unit: ResponseTimeUnit,
): Float64Array | undefined {
  const times = numbersIn(frame, "response_time");
  if (!times) return undefined;
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

function timesIn(
  frame: pl.DataFrame,
  parts: pl.DataFrame,
  layout: FrameLayout,
): Float64Array | undefined {
  if (hasTextTimes(frame)) return wallTimes(frame, parts, layout);
  const column = frame.getColumn("timestamp");
  if (isOfKind(column, "integer")) return epochTimes(column);
  return isOfKind(column, "date") ? datetimes(column, layout) : undefined;
}

function hasTextTimes(frame: pl.DataFrame): boolean {
  return isOfKind(frame.getColumn("timestamp"), "text");
}

/** Datetimes and dates, those without a zone in the zone asked for. */
function datetimes(
  column: pl.Series,
  { timeZone }: FrameLayout,
): Float64Array | undefined {
  const times = column.cast(pl.Datetime("ms")).cast(pl.Float64)
    .toTypedArray() as Float64Array;
  for (let i = 0; i < times.length; i++) {
    if (!(times[i] >= WHOLE_MINUTES_FROM && times[i] < TIMES_BELOW)) {
      return undefined;
    }
  }
  return isOfKind(column, "zoned") ? times : zonedTimes(times, timeZone);
}

/**
 * Wall times as times of a zone, minute by minute.
 *
 * @param wallMs Milliseconds since 1970 as if the zone were UTC, shape `(n)`,
 * from 1973 on.
 * @param timeZone The IANA zone.
 * @returns Milliseconds since 1970 UTC, shape `(n)`; `undefined` if one is out
 * of range.
 * @throws {RangeError} If the zone is not known.
 */
export function zonedTimes(
  wallMs: Float64Array,
  timeZone: string,
): Float64Array | undefined {
  const { parse } = timestampRule(timeZone);
  if (/^(?:UTC|Z)$/i.test(timeZone)) return wallMs;
  const startMs = new Map<number, number>();
  const times = new Float64Array(wallMs.length);
  for (let i = 0; i < times.length; i++) {
    const wallMinute = Math.floor(wallMs[i] / MINUTE_MS) * MINUTE_MS;
    let start = startMs.get(wallMinute);
    if (start === undefined) {
      const text = new Date(wallMinute).toISOString().slice(0, MINUTE);
      start = parse(text) ?? NaN;
      startMs.set(wallMinute, start);
    }
    times[i] = start + wallMs[i] - wallMinute;
  }
  return times.every((time) => time === time) ? times : undefined;
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
  { scope }: FrameLayout,
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
  { timeZone, scope }: FrameLayout,
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
