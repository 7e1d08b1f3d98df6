/**
 * Reads scores as `latency detect` writes them.
 *
 * @module
 */

import { readCsvCells } from "../logs/readers/csv.ts";
import { readHeader, showHeader } from "../logs/readers/csv_header.ts";
import { inputName, readInputBytes } from "../logs/readers/input.ts";
import {
  type CellRule,
  type CellTable,
  convertRows,
} from "../logs/readers/rows.ts";
import {
  MESSAGE_RULE,
  timestampRule,
  VALUE_RULE,
} from "../logs/readers/rules.ts";

/** Scored rows of a file, sorted by time, n of them. */
export type ScoredInput = {
  /** What messages call the file. */
  readonly file: string;
  /** Times, milliseconds since 1970 UTC, none before the last, shape `(n)`. */
  readonly timestampMs: Float64Array;
  /** What was observed; the score where the file has no column for it. */
  readonly value: Float64Array;
  /** Anomaly scores, higher is more anomalous, shape `(n)`. */
  readonly score: Float64Array;
  /** 1 where flagged, else 0, if the file says so, shape `(n)`. */
  readonly flags?: Uint8Array;
  /** The endpoint of each row, if the file has that column, shape `(n)`. */
  readonly endpoint?: readonly string[];
  /** The line of each row in the file, shape `(n)`. */
  readonly line: Float64Array;
};

/** `true` and `false`, or 1 and 0. */
export const FLAG_RULE: CellRule<number> = {
  expected: "true or false",
  parse: (text) => FLAGS.get(text.toLowerCase()),
};

const FLAGS: ReadonlyMap<string, number> = new Map([
  ...[["true", 1], ["1", 1], ["1.0", 1]] as const,
  ...[["false", 0], ["0", 0], ["0.0", 0]] as const,
]);

const RULES = {
  timestamp: timestampRule("UTC"),
  score: VALUE_RULE,
  value: VALUE_RULE,
  anomaly: FLAG_RULE,
  endpoint: MESSAGE_RULE,
};
const NEEDED = ["timestamp", "score"] as const;
const OPTIONAL = ["value", "anomaly", "endpoint"] as const;

/**
 * Reads the scores of a file: CSV with the columns timestamp and score, and
 * perhaps value, anomaly and endpoint; others are not looked at.
 *
 * @param path The file; `-` is standard input.
 * @returns Its rows.
 * @throws {SyntaxError} If a column is missing, a row is bad, or all rows are of
 * one time.
 * @throws {Error} If the file does not exist or cannot be read.
 */
export async function readScores(path: string): Promise<ScoredInput> {
  const file = inputName(path);
  const bytes = await readInputBytes(path);
  const header = readHeader(bytes, file);
  if (!NEEDED.every((name) => header.includes(name))) {
    throw new SyntaxError(
      `Cannot read ${file} at line 1: the header holds ${
        showHeader(header)
      }, expected timestamp and score as latency detect writes them`,
    );
  }
  const optional = OPTIONAL.filter((name) => header.includes(name));
  const table = readCsvCells(bytes, [...NEEDED, ...optional], {
    ...{ file, mode: "strict", columns: {} },
  });
  const { columns, sourceRow } = convertRows(withDefaults(table), RULES, {
    ...{ file, mode: "strict" },
  });
  const timestampMs = Float64Array.from(columns.timestamp);
  if (!(timestampMs[timestampMs.length - 1] > timestampMs[0])) {
    throw new SyntaxError(
      `Cannot evaluate ${file}: all rows are of one time, expected at least two times`,
    );
  }
  return {
    file,
    timestampMs,
    value: Float64Array.from(columns.value),
    score: Float64Array.from(columns.score),
    ...(optional.includes("anomaly")
      ? { flags: Uint8Array.from(columns.anomaly) }
      : {}),
    ...(optional.includes("endpoint") ? { endpoint: columns.endpoint } : {}),
    line: Float64Array.from(sourceRow, (row) => table.places[row]),
  };
}

/** Cells for the columns that a file may leave out. */
function withDefaults(table: CellTable): CellTable {
  const all = (text: string) =>
    Array.from({ length: table.places.length }, () => text);
  return {
    ...table,
    cells: {
      ...{ value: table.cells.score, anomaly: all("false"), endpoint: all("") },
      ...table.cells,
    },
  };
}
