/**
 * Comma-separated values with a header, told apart into cells. A regular file
 * goes through Polars, with every column as text, so that nothing is converted
 * or dropped behind our back. Any other goes through `csv_records.ts`, which is
 * slower but shows each record as it stands: rows of another width, empty cells,
 * lone `\r`. Both give the same cells. Where quotes are irregular, strict mode
 * throws, and lenient mode takes each line as a row of its own.
 *
 * Cells are trimmed. Empty lines are no rows. Columns beside those asked for
 * are not looked at.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import pl from "nodejs-polars";
import {
  type Column,
  type ColumnNames,
  locateColumns,
  readHeader,
} from "./csv_header.ts";
import { parseRecords } from "./csv_records.ts";
import { type CsvScan, scanCsv } from "./csv_scan.ts";
import type { InputPart } from "./input.ts";
import { countLines, lengthProblem, lineProblem, linesOf } from "./lines.ts";
import type { RowProblem } from "./report.ts";
import type { CellTable } from "./rows.ts";

const COMMA = 0x2c;
/** Cells are held as texts while they are read, about 1 GB a million rows. */
const MAX_ROWS = 3_000_000;
const MAX_EMPTY_LINES = 10_000;

/**
 * Tells the cells of a CSV apart.
 *
 * @param bytes The text in UTF-8, without a byte order mark.
 * @param names The columns asked for, by their names in the schema.
 * @param options What messages call the input, what a row with irregular
 * quotes does, what the header calls the columns, and where the input stands in
 * a longer one; a part has the header of the whole before its rows.
 * @returns The cells of these columns, n rows.
 * @throws {SyntaxError} If the input is empty, a column is missing or stands
 * there twice, or, in strict mode, quotes are irregular.
 * @throws {RangeError} If there are more than 3 million rows.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { readCsvCells } from "lib/logs/readers/csv.ts";
 *
 * const bytes = new TextEncoder().encode('a,b\n1,"x, y"\n2,z\n');
 * const table = readCsvCells(bytes, ["text"], {
 *   file: "a.csv",
 *   mode: "strict",
 *   columns: { text: "b" },
 * });
 * assert.deepEqual(table.cells.text, ["x, y", "z"]);
 * assert.deepEqual(table.places, [2, 3]);
 * ```
 */
export function readCsvCells<N extends string>(
  bytes: Uint8Array,
  names: readonly N[],
  options: {
    file: string;
    mode: "strict" | "lenient";
    columns: ColumnNames<N>;
    part?: InputPart | undefined;
  },
): CellTable {
  const { file, mode, part } = options;
  const header = readHeader(bytes, file);
  const columns = locateColumns(header, names, options.columns, file);
  const scan = scanCsv(bytes);
  if (scan.problem && mode !== "lenient") {
    const { detail } = scan.problem;
    const line = scan.problem.line + (part?.lineOffset ?? 0);
    throw new SyntaxError(`Cannot read ${file} at line ${line}: ${detail}`);
  }
  if (scan.recordLines.length > MAX_ROWS) {
    throw new RangeError(
      `Cannot read ${file}: it has ${scan.recordLines.length} rows, expected at most ${MAX_ROWS}; split it by time`,
    );
  }
  if (scan.problem) return lineByLine(bytes, header, columns);
  const table = withPolars(bytes, header, columns, scan) ??
    withoutPolars(bytes, header, columns, scan);
  const broken = new Map(table.broken);
  for (const [record, length] of scan.longRecords) {
    const problem = lengthProblem(length, "record");
    if (problem && record > 0) broken.set(record - 1, problem);
  }
  return { ...table, broken, emptyLines: scan.emptyLines };
}

/** Cells by Polars; undefined where its result cannot be told to be whole. */
function withPolars(
  bytes: Uint8Array,
  header: readonly string[],
  columns: readonly Column[],
  scan: CsvScan,
): CellTable | undefined {
  const rows = scan.recordLines.length - 1;
  // Polars overlooks an empty field too many at the very end of a text.
  const endsInComma = bytes[bytes.length - 1] === COMMA;
  // And it takes memory for each empty line before it drops them.
  const isOdd = scan.hasLoneReturn || endsInComma ||
    scan.emptyLines > MAX_EMPTY_LINES;
  if (isOdd || rows === 0) return undefined;
  let frame: pl.DataFrame;
  try {
    frame = pl.readCSV(
      Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      { inferSchemaLength: 0, ignoreErrors: false, truncateRaggedLines: false },
    );
  } catch {
    return undefined;
  }
  if (frame.height !== rows || frame.width !== header.length) return undefined;
  // Polars fills short rows with nulls: none in the last column, none short.
  const indices = [...columns.map(({ index }) => index), header.length - 1];
  const series = indices.map((index) => frame.getColumn(frame.columns[index]));
  if (series.some((one) => one.nullCount() > 0)) return undefined;
  const cells = columns.map((_, k) => series[k].toArray() as string[]);
  return tableOf(columns, cells, scan.recordLines.slice(1), new Map());
}

function withoutPolars(
  bytes: Uint8Array,
  header: readonly string[],
  columns: readonly Column[],
  scan: CsvScan,
): CellTable {
  const records = parseRecords(bytes).slice(1);
  return tableOfRecords(records, header, columns, scan.recordLines.slice(1));
}

/** Every line below the header as a row, those with bad quotes broken. */
function lineByLine(
  bytes: Uint8Array,
  header: readonly string[],
  columns: readonly Column[],
): CellTable {
  const records: (string[] | RowProblem)[] = [];
  const places: number[] = [];
  for (const line of linesOf(bytes)) {
    places.push(line.number);
    records.push(lineProblem(line) ?? parseLine(line.bytes));
  }
  return {
    ...tableOfRecords(records.slice(1), header, columns, places.slice(1)),
    emptyLines: countLines(bytes) - places.length,
  };
}

function parseLine(line: Uint8Array): string[] | RowProblem {
  const { problem } = scanCsv(line);
  return problem
    ? { reason: "irregular quotes", detail: problem.detail }
    : parseRecords(line)[0];
}

function tableOfRecords(
  records: readonly (readonly string[] | RowProblem)[],
  header: readonly string[],
  columns: readonly Column[],
  places: readonly number[],
): CellTable {
  const cells = columns.map(() => new Array<string>(records.length).fill(""));
  const broken = new Map<number, RowProblem>();
  records.forEach((record, row) => {
    if ("reason" in record) broken.set(row, record);
    else if (record.length !== header.length) {
      broken.set(row, {
        reason: "wrong number of fields",
        detail:
          `the line has ${record.length} fields, expected ${header.length}`,
      });
    } else columns.forEach(({ index }, k) => cells[k][row] = record[index]);
  });
  return tableOf(columns, cells, places, broken);
}

function tableOf(
  columns: readonly Column[],
  cells: readonly string[][],
  places: readonly number[],
  broken: ReadonlyMap<number, RowProblem>,
): CellTable {
  return {
    places,
    cells: Object.fromEntries(columns.map(({ name }, k) => [name, cells[k]])),
    headings: Object.fromEntries(
      columns.map(({ name, heading }) => [name, heading]),
    ),
    broken,
  };
}
