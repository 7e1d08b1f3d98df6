/**
 * A metric series line by line: CSV with a header, or one JSON object a line.
 * The first line tells which.
 *
 * @module
 */

import {
  type Column,
  locateColumns,
  readHeader,
} from "../logs/readers/csv_header.ts";
import { parseFirstRecord } from "../logs/readers/csv_records.ts";
import { decodeLine, type Line, lineProblem } from "../logs/readers/lines.ts";
import {
  isNdjson,
  type NamedColumn,
  readObjectCells,
} from "../logs/readers/ndjson.ts";
import { type RowProblem, showText } from "../logs/readers/report.ts";
import { timestampRule, VALUE_RULE } from "../logs/readers/rules.ts";
import { SERIES_COLUMNS } from "../logs/readers/series_rows.ts";

/** A value and its time. */
export type TimedValue = {
  /** Milliseconds since 1970 UTC. */
  readonly timestampMs: number;
  /** The value, in the unit of the series. */
  readonly value: number;
};

/** Options for {@linkcode ValueLineReader}. */
export type ValueLineOptions = {
  /** What messages call the input. @default {"input"} */
  file?: string;
  /** What the input calls the columns. @default {{}}, `timestamp` and `value` */
  columns?: { readonly timestamp?: string; readonly value?: string };
  /** Zone of times that name none. @default {"UTC"} */
  timeZone?: string;
};

const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];

/** How one line is told apart into a time and a value. */
type Format =
  | { kind: "csv"; columns: readonly Column[]; width: number }
  | { kind: "ndjson"; columns: readonly NamedColumn[] };

/**
 * Reads timed values from lines, in the order in which they come.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { ValueLineReader } from "lib/monitor/value_lines.ts";
 *
 * const reader = new ValueLineReader({ columns: { timestamp: "time" } });
 * const line = (number: number, text: string) => ({
 *   number,
 *   bytes: new TextEncoder().encode(text),
 * });
 * assert.equal(reader.read(line(1, "time,value")), undefined);
 * assert.deepEqual(reader.read(line(2, "1970-01-01T00:00:01Z,5")), {
 *   timestampMs: 1000,
 *   value: 5,
 * });
 * ```
 */
export class ValueLineReader {
  readonly #options: Required<ValueLineOptions>;
  readonly #rules: {
    timestamp: ReturnType<typeof timestampRule>;
    value: typeof VALUE_RULE;
  };
  #format: Format | undefined;

  /**
   * Makes a reader that has read nothing.
   *
   * @param options Names of the columns, and the zone.
   * @throws {RangeError} If the zone is not known.
   */
  constructor(options: ValueLineOptions = {}) {
    const { file = "input", columns = {}, timeZone = "UTC" } = options;
    this.#options = { file, columns, timeZone };
    this.#rules = { timestamp: timestampRule(timeZone), value: VALUE_RULE };
  }

  /** The format, once a line was read. */
  get kind(): "csv" | "ndjson" | undefined {
    return this.#format?.kind;
  }

  /**
   * Reads a line.
   *
   * @param line The line; the first one may be the header of a CSV.
   * @returns The value and its time, or what is wrong with the line;
   * `undefined` of a header.
   * @throws {SyntaxError} If the header lacks a column.
   */
  read(line: Line): TimedValue | RowProblem | undefined {
    const problem = lineProblem(line);
    if (this.#format) return problem ?? this.#read(line, this.#format);
    const bytes = withoutMark(line.bytes);
    this.#format = this.#formatOf(bytes);
    if (this.#format.kind === "csv") return undefined;
    return problem ?? this.#read({ ...line, bytes }, this.#format);
  }

  #formatOf(first: Uint8Array): Format {
    const { columns, file } = this.#options;
    if (!isNdjson(first)) {
      const header = readHeader(first, file);
      const located = locateColumns(header, SERIES_COLUMNS, columns, file);
      return { kind: "csv", columns: located, width: header.length };
    }
    const named = SERIES_COLUMNS.map((name) => ({
      name,
      heading: (columns[name] ?? name).trim(),
      isText: false,
    }));
    return { kind: "ndjson", columns: named };
  }

  #read(line: Line, format: Format): TimedValue | RowProblem {
    const cells = format.kind === "ndjson"
      ? readObjectCells(decodeLine(line), format.columns)
      : readCsvCells(line, format, this.#options.file);
    if ("reason" in cells) return cells;
    const [timestamp, value] = cells.map((cell) => cell.trim());
    const timestampMs = this.#rules.timestamp.parse(timestamp);
    if (timestampMs === undefined) return this.#refuse(0, timestamp, format);
    const parsed = this.#rules.value.parse(value);
    if (parsed === undefined) return this.#refuse(1, value, format);
    return { timestampMs, value: parsed };
  }

  #refuse(column: 0 | 1, text: string, { columns }: Format): RowProblem {
    const { heading } = columns[column];
    const { expected } = this.#rules[SERIES_COLUMNS[column]];
    return {
      reason: `bad ${heading}`,
      detail: `${heading} is ${showText(text)}, expected ${expected}`,
    };
  }
}

function readCsvCells(
  line: Line,
  { columns, width }: { columns: readonly Column[]; width: number },
  file: string,
): readonly string[] | RowProblem {
  let record: string[] | undefined;
  try {
    record = parseFirstRecord(line.bytes, file);
  } catch {
    return {
      reason: "irregular quotes",
      detail: `the line is ${
        showText(decodeLine(line))
      }, expected quotes that pair up within it`,
    };
  }
  if (record?.length !== width) {
    return {
      reason: "wrong number of fields",
      detail: `the line has ${record?.length ?? 0} fields, expected ${width}`,
    };
  }
  return columns.map(({ index }) => record[index]);
}

function withoutMark(bytes: Uint8Array): Uint8Array {
  const hasMark = BYTE_ORDER_MARK.every((byte, i) => bytes[i] === byte);
  return hasMark ? bytes.subarray(BYTE_ORDER_MARK.length) : bytes;
}
