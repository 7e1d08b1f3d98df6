/**
 * Reads newline-delimited JSON, one object a line, that holds requests or timed
 * values. A column is found by its name or, where the name has dots, inside of
 * objects: `http.duration_ms` in `{"http":{"duration_ms":3}}`. A value is a
 * string or a number, a method and an endpoint are strings; null and what is
 * missing make the row bad. Other names are not looked at.
 *
 * @see https://github.com/ndjson/ndjson-spec
 *
 * @module
 */

import { showHeader } from "./csv_header.ts";
import { openInput } from "./input.ts";
import {
  type InputColumns,
  type InputKind,
  inputKindOf,
  type ReadInputOptions,
  type ReadInputResult,
  showColumnsAsked,
} from "./input_kind.ts";
import { firstLines, readLineCells } from "./lines.ts";
import { type RowProblem, showText } from "./report.ts";
import { requestColumnsOf, requestLogFromCells } from "./request_rows.ts";
import { observationsFromCells, SERIES_COLUMNS } from "./series_rows.ts";

/** A column and what the objects call it. */
export type NamedColumn = {
  /** The schema's name. */
  readonly name: string;
  /** The name in the objects, with dots for what is nested. */
  readonly heading: string;
  /** Whether a number is refused. */
  readonly isText: boolean;
};

type JsonObject = { readonly [name: string]: unknown };

const LINES_TRIED = 1000;
const TEXT_COLUMNS: readonly string[] = ["method", "endpoint"];

/**
 * Reads NDJSON in memory. What it holds is told by the first line of the first
 * thousand that has all names of a request log or of a series.
 *
 * @param input The text, gzipped or not.
 * @param options Mode, zone, unit, names of the columns, limit on the size.
 * @returns The log or the series, and a report of its reading; `sourceRow` is
 * the line, from 0.
 * @throws {SyntaxError} If no line has the names, or a row is bad in strict
 * mode; in lenient mode if every row is.
 * @throws {RangeError} If an option or the size of the input is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseNdjson } from "lib/logs/readers/mod.ts";
 *
 * const result = parseNdjson('{"time":60,"cpu":{"load":"0.5"}}\n', {
 *   columns: { timestamp: "time", value: "cpu.load" },
 * });
 * assert(result.kind === "series");
 * assert.deepEqual([...result.observations.value], [0.5]);
 * ```
 */
export function parseNdjson(
  input: Uint8Array | string,
  options: ReadInputOptions = {},
): ReadInputResult {
  const { file = "input", columns = {}, part } = options;
  const bytes = openInput(input, options);
  const kind = kindOf(part?.head ?? bytes, columns, file);
  const names = kind === "series" ? SERIES_COLUMNS : requestColumnsOf(columns);
  const named: NamedColumn[] = names.map((name) => ({
    name,
    heading: (columns[name] ?? name).trim(),
    isText: TEXT_COLUMNS.includes(name),
  }));
  const table = {
    ...readLineCells(
      bytes,
      names,
      (text) => readObjectCells(text, named),
      part,
    ),
    headings: Object.fromEntries(
      named.map(({ name, heading }) => [name, heading]),
    ),
    format: "ndjson",
  };
  return kind === "series"
    ? { kind, ...observationsFromCells(table, options) }
    : { kind, ...requestLogFromCells(table, options) };
}

/**
 * Tells NDJSON by its first line.
 *
 * @param head The start of the input.
 * @returns Whether the line is an object, or begins like one and goes on beyond
 * the start.
 */
export function isNdjson(head: Uint8Array): boolean {
  const [first] = firstLines(head, 1);
  if (first === undefined || !/^\s{0,64}\{\s{0,64}["}]/.test(first)) {
    return false;
  }
  return parseObject(first) !== undefined || !/[\r\n]/.test(
    new TextDecoder().decode(head).trimStart(),
  );
}

function kindOf(
  bytes: Uint8Array,
  columns: InputColumns,
  file: string,
): InputKind {
  let names: string[] | undefined;
  for (const text of firstLines(bytes, LINES_TRIED)) {
    const object = parseObject(text);
    if (object === undefined) continue;
    const kind = inputKindOf(
      (heading) => valueOf(object, heading) !== undefined,
      columns,
    );
    if (kind !== undefined) return kind;
    names ??= Object.keys(object);
  }
  throw new SyntaxError(
    names === undefined
      ? `Cannot read ${file}: no line is a JSON object, expected one a line`
      : `Cannot read ${file}: the first object holds ${
        showHeader(names)
      }, expected ${
        showColumnsAsked(columns)
      }; name the columns that stand for these, with dots for what is nested`,
  );
}

/**
 * Reads the cells of one line.
 *
 * @param text The line.
 * @param columns The columns asked for.
 * @returns Their cells in this order, or what is wrong with the line.
 */
export function readObjectCells(
  text: string,
  columns: readonly NamedColumn[],
): readonly string[] | RowProblem {
  const object = parseObject(text);
  if (object === undefined) {
    return {
      reason: "not a JSON object",
      detail: `the line is ${showText(text)}, expected a JSON object`,
    };
  }
  const cells: string[] = [];
  for (const { heading, isText } of columns) {
    const value = valueOf(object, heading);
    if (typeof value === "string") cells.push(value);
    else if (typeof value === "number" && !isText) cells.push(String(value));
    else return badValue(heading, value, isText);
  }
  return cells;
}

function badValue(
  heading: string,
  value: unknown,
  isText: boolean,
): RowProblem {
  const type = value === undefined
    ? "missing"
    : value === null
    ? "null"
    : Array.isArray(value)
    ? "an array"
    : typeof value === "object"
    ? "an object"
    : `a ${typeof value}`;
  return {
    reason: `${heading} is ${type}`,
    detail: `${heading} is ${type}, expected ${
      isText ? "a string" : "a string or a number"
    }`,
  };
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? value as JsonObject
      : undefined;
  } catch {
    return undefined;
  }
}

/** The value of a name, its own only; where it has dots, of the path too. */
function valueOf(object: JsonObject, heading: string): unknown {
  if (Object.hasOwn(object, heading)) return object[heading];
  let value: unknown = object;
  for (const step of heading.split(".")) {
    if (typeof value !== "object" || value === null) return undefined;
    if (!Object.hasOwn(value, step)) return undefined;
    value = (value as JsonObject)[step];
  }
  return value;
}
