/**
 * The formats that can be read, in the order in which an input is tried for
 * them: those that are sure of themselves first.
 *
 * @module
 */

import { isAccessLog, parseAccessLog } from "./access_log.ts";
import { isEventLog, parseEventLog } from "./apache_error.ts";
import { readHeader, showHeader } from "./csv_header.ts";
import {
  detectInputKind,
  type FormatName,
  type InputColumns,
  type InputKind,
  type ReadInputOptions,
  type ReadInputResult,
  showColumnsAsked,
} from "./input_kind.ts";
import { firstLines } from "./lines.ts";
import { isNdjson, parseNdjson } from "./ndjson.ts";
import { isOpenstackLog, parseOpenstackLog } from "./openstack.ts";
import { isParquet, parseParquet } from "./parquet.ts";
import { showText } from "./report.ts";
import { parseRequestLog } from "./request_csv.ts";
import { parseObservations } from "./series_csv.ts";
import { SERIES_COLUMNS } from "./series_rows.ts";

/** A format that can be read. */
export type InputFormat = {
  /** Its name: `access-log`. */
  readonly name: FormatName;
  /** What it is, in a few words. */
  readonly describe: string;
  /**
   * Tells the format by the content.
   *
   * @param head The start of the input, decompressed, without a byte order mark.
   * @param columns What the input calls the columns, where it has any.
   * @returns Whether the input is of the format.
   */
  readonly detect: (head: Uint8Array, columns: InputColumns) => boolean;
  /**
   * Reads an input.
   *
   * @param bytes The whole input, decompressed, without a byte order mark.
   * @param options Mode, zone, unit, names of the columns and of the file.
   * @returns The log or the series, and a report of its reading.
   */
  readonly parse: (
    bytes: Uint8Array,
    options: ReadInputOptions,
  ) => ReadInputResult;
};

/** How much of an input its format is told by: 64 KiB. */
export const HEAD_BYTES: number = 2 ** 16;

/** What a column may be called by whoever did not mean to call it anything. */
const NAME = /^[A-Za-z_][\w .()/%-]{0,63}$/;

/** The formats, in the order in which they are tried. */
export const INPUT_FORMATS: readonly InputFormat[] = [
  {
    name: "parquet",
    describe: "a Parquet file, or a folder of them, of requests or values",
    detect: isParquet,
    parse: parseParquet,
  },
  {
    name: "requests-csv",
    describe:
      "a CSV of timestamp,method,endpoint,status_code,size,response_time",
    detect: (head, columns) => csvKindOf(head, columns) === "requests",
    parse: (bytes, options) => ({
      kind: "requests",
      ...parseRequestLog(bytes, options),
    }),
  },
  {
    name: "series-csv",
    describe: "a CSV of timestamp,value",
    detect: (head, columns) => csvKindOf(head, columns) === "series",
    parse: (bytes, options) => ({
      kind: "series",
      ...parseObservations(bytes, options),
    }),
  },
  {
    name: "ndjson",
    describe: "a JSON object a line, of requests or values",
    detect: isNdjson,
    parse: parseNdjson,
  },
  {
    name: "openstack",
    describe: "the log of an OpenStack API",
    detect: isOpenstackLog,
    parse: (bytes, options) => ({
      kind: "requests",
      ...parseOpenstackLog(bytes, options),
    }),
  },
  {
    name: "access-log",
    describe: "an access log of Apache or nginx",
    detect: isAccessLog,
    parse: (bytes, options) => ({
      kind: "requests",
      ...parseAccessLog(bytes, options),
    }),
  },
  {
    name: "apache-error",
    describe: "an error log of Apache",
    detect: isEventLog,
    parse: (bytes, options) => ({
      kind: "events",
      ...parseEventLog(bytes, options),
    }),
  },
];

/**
 * Finds the format of an input: the one that is asked for, that of a
 * `logFormat`, or the first that the content fits.
 *
 * @param bytes The input, decompressed, without a byte order mark.
 * @param options The format, the names of the columns and of the file.
 * @returns The format.
 * @throws {SyntaxError} If the content fits no format.
 * @throws {RangeError} If there is no format of the name.
 */
export function findFormat(
  bytes: Uint8Array,
  options: ReadInputOptions = {},
): InputFormat {
  const { file = "input", columns = {}, logFormat } = options;
  const name = options.format ??
    (logFormat === undefined ? undefined : "access-log");
  if (name !== undefined) return formatNamed(name, file);
  const head = bytes.subarray(0, HEAD_BYTES);
  const found = INPUT_FORMATS.find(({ detect }) => detect(head, columns));
  if (found) return found;
  const names = INPUT_FORMATS.map((format) => format.name).join(", ");
  const [first] = firstLines(head, 1);
  throw new SyntaxError(
    first === undefined
      ? `Cannot read ${file}: it is empty, expected one of ${names}`
      : `Cannot read ${file}: it begins ${
        showText(first)
      }, which fits none of ${names}; ${hint(head, columns)}`,
  );
}

/** How to go on with an input that fits no format. */
function hint(head: Uint8Array, columns: InputColumns): string {
  const header = csvHeaderOf(head);
  return header.length >= SERIES_COLUMNS.length &&
      header.every((name) => NAME.test(name))
    ? `as a CSV its header holds ${showHeader(header)}, expected ${
      showColumnsAsked(columns)
    }: name the columns that stand for these`
    : "say the format if it is one of these";
}

function formatNamed(name: string, file: string): InputFormat {
  const format = INPUT_FORMATS.find((one) => one.name === name);
  if (format) return format;
  throw new RangeError(
    `Cannot read ${file}: format is ${showText(name)}, expected one of ${
      INPUT_FORMATS.map((one) => one.name).join(", ")
    }`,
  );
}

function csvKindOf(
  head: Uint8Array,
  columns: InputColumns,
): InputKind | undefined {
  return detectInputKind(csvHeaderOf(head), columns);
}

/** The names in the header of a CSV, none if it has no such header. */
function csvHeaderOf(head: Uint8Array): string[] {
  try {
    return readHeader(head, "input");
  } catch {
    return [];
  }
}
