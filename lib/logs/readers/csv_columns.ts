/**
 * The fast way from a CSV of requests to columns: Polars tells the cells apart,
 * parses and checks them, millions a second. It takes regular text only and
 * says so where it is not sure, down to the last blank; whatever it gives, the
 * careful way (`request_csv.ts`) would give too, bit for bit.
 *
 * Regular are: every line whole, no blanks around cells, quotes as in RFC 4180;
 * timestamps all of one kind, either `2026-01-05T08:15:00` with a fraction of
 * three digits or more or without, and one zone or none for all, or whole
 * seconds or milliseconds since 1970. Where timestamps stand first in their
 * lines, a kernel reads them, in a fifth of the time that Polars takes.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import pl from "nodejs-polars";
import type { TextMemory } from "../../kernels/text_memory.ts";
import type { Column } from "./csv_header.ts";
import { scanCsv } from "./csv_scan.ts";
import {
  type FrameLayout,
  type KnownOfFrame,
  type RegularColumns,
  regularColumnsOf,
  zonedTimes,
} from "./frame_columns.ts";
import { MAX_LINE_BYTES, type TextFacts } from "./lines.ts";

/** What a CSV looks like, and what is wanted of it. */
export type RegularLayout = FrameLayout & {
  /** Columns of the header, all of them. */
  readonly width: number;
  /** The columns of requests. */
  readonly columns: readonly Column[];
};

/** What a number may follow; Polars skips blanks. */
const BEFORE_CELLS = [",", "\n", "\r", '"', " ", "\t"];
const COMMA = 0x2c;
const LINE_FEED = 0x0a;
const HALF_LINE = MAX_LINE_BYTES / 2;
/** `0,A,/,200,0` and its end: more lines than that are empty, and Polars takes
 * memory for each of them. */
const LEAST_ROW_BYTES = 12;
const WHOLE_NUMBER = /^\d{1,15}$/;
const ZULU = /Z$/;

/**
 * Reads regular rows.
 *
 * @param bytes Whole records in UTF-8, without the header.
 * @param facts What {@linkcode factsOf} says of the bytes.
 * @param layout What the columns are, and what is wanted of them.
 * @param memory Where the bytes lie, if a kernel may read them there.
 * @returns The columns of n rows, in their order; `undefined` if anything is
 * not regular, or there is no row.
 */
export function readRegularColumns(
  bytes: Uint8Array,
  facts: TextFacts,
  layout: RegularLayout,
  memory?: TextMemory,
): RegularColumns | undefined {
  const known = facts.isPlain && memory
    ? knownOf(bytes, layout, memory)
    : undefined;
  const rows = known?.timestampMs.length ?? regularRows(bytes, facts);
  if (rows === 0) return undefined;
  try {
    const frame = frameOf(bytes, layout, known !== undefined);
    if (frame.height !== rows) return undefined;
    return regularColumnsOf(frame, layout, known);
  } catch {
    // Polars refuses a cell: the careful way says which.
    return undefined;
  }
}

/** What the kernel tells of lines that begin with usual timestamps. */
function knownOf(
  bytes: Uint8Array,
  layout: RegularLayout,
  memory: TextMemory,
): KnownOfFrame | undefined {
  const { timeZone, columns, width } = layout;
  // Lines are whole rows here, so that their first column is easily found.
  const firsts = columns.filter(({ index }) => index === 0);
  const isFirst = firsts.length === 1 && firsts[0].name === "timestamp";
  if (!isFirst || width === 1 || bytes[bytes.length - 1] === COMMA) {
    return undefined;
  }
  const isZulu = ZULU.test(firstTimestamp(bytes, layout));
  const longest = MAX_LINE_BYTES;
  const times = memory.readTimes(bytes, { longest, isZulu });
  if (!times) return undefined;
  const { wallMs, isTight } = times;
  // Where not all columns are read, Polars overlooks cells beyond the last; it
  // tells where one is missing, so that too many show in the number of commas.
  const commas = memory.countIn(bytes, COMMA);
  if (commas !== wallMs.length * (width - 1)) return undefined;
  const timestampMs = isZulu ? wallMs : zonedTimes(wallMs, timeZone);
  return timestampMs && { timestampMs, isTight };
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
  const rows = facts.lineFeeds + (isEnded ? 0 : 1);
  return rows * LEAST_ROW_BYTES > bytes.length + 1 ? 0 : rows;
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
function frameOf(
  bytes: Uint8Array,
  layout: RegularLayout,
  hasTimes: boolean,
): pl.DataFrame {
  const { width, columns } = layout;
  const isNumber = !hasTimes &&
    WHOLE_NUMBER.test(firstTimestamp(bytes, layout));
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
  const nameAt = new Map(columns.map(({ name, index }) => [index, name]));
  // The last column tells whether a row is short: Polars fills it with nulls.
  const names = Array.from(
    { length: width },
    (_, index) => nameAt.get(index) ?? `unused ${index}`,
  );
  const wanted = new Set([...nameAt.values(), names[width - 1]]);
  if (hasTimes) wanted.delete("timestamp");
  const frame = pl.readCSV(asBuffer(bytes), {
    hasHeader: false,
    schema: Object.fromEntries(
      names.map((name) => [name, types[name] ?? pl.Utf8]),
    ),
    // Only if all are read does Polars tell where a row has too many cells.
    ...(hasTimes ? { columns: [...wanted] } : {}),
    ignoreErrors: false,
    truncateRaggedLines: false,
  });
  return hasTimes ? frame : frame.select(...wanted);
}

/** The first row's timestamp, "" if it is not plain. */
function firstTimestamp(bytes: Uint8Array, layout: RegularLayout): string {
  const line = bytes.subarray(0, bytes.indexOf(LINE_FEED) >>> 0);
  const cells = new TextDecoder().decode(line.subarray(0, HALF_LINE))
    .split(",");
  const at = layout.columns.find(({ name }) => name === "timestamp")?.index;
  return at === undefined ? "" : cells[at]?.trim() ?? "";
}
