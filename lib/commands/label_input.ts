/**
 * Reads labels of any kind that `latency evaluate` takes, and lays them over
 * scored rows.
 *
 * @module
 */

import { flaggedSpans, overlaps, type TimeSpan } from "../evaluate/range.ts";
import { readCsvCells } from "../logs/readers/csv.ts";
import { readHeader, showHeader } from "../logs/readers/csv_header.ts";
import { inputName, readInputBytes } from "../logs/readers/input.ts";
import { showText } from "../logs/readers/report.ts";
import { type CellTable, convertRows } from "../logs/readers/rows.ts";
import { MESSAGE_RULE, timestampRule } from "../logs/readers/rules.ts";
import { parseTimestamp } from "../logs/time.ts";
import { messageOf } from "./command.ts";
import { FLAG_RULE, type ScoredInput } from "./scored_input.ts";

/** A known incident; "" is every endpoint. */
export type LabelledWindow = TimeSpan & { readonly endpoint: string };

/** What a file of labels says. */
export type Labels =
  & {
    /** What messages call the file. */
    readonly file: string;
  }
  & ({
    readonly kind: "windows";
    readonly windows: readonly LabelledWindow[];
    /** Decoys that were left out. */
    readonly decoys: number;
  } | {
    readonly kind: "points";
    /** 1 for an anomaly, else 0, by time in milliseconds since 1970 UTC. */
    readonly labels: ReadonlyMap<number, number>;
  } | {
    readonly kind: "files";
    /** The windows of each file. */
    readonly windows: ReadonlyMap<string, readonly LabelledWindow[]>;
  });

/** Labels laid over scored rows. */
export type LaidLabels = {
  /** 1 for an anomaly, else 0, for each row. */
  readonly labels: Uint8Array;
  /** Known incidents within the time of the rows. */
  readonly known: readonly TimeSpan[];
  /** Known incidents, or labelled points, outside. */
  readonly outside: number;
};

const OPENING_BRACE = 0x7b;
const TIME_RULE = timestampRule("UTC");
const EVERY_ENDPOINT = "";

/**
 * Reads a file of labels; its content tells its kind.
 *
 * @param path The file; `-` is standard input.
 * @returns The labels.
 * @throws {SyntaxError} If it is of no such kind, or a row is bad.
 * @throws {Error} If the file does not exist or cannot be read.
 */
export async function readLabels(path: string): Promise<Labels> {
  const file = inputName(path);
  const bytes = await readInputBytes(path);
  if (bytes.find((byte) => byte > 0x20) === OPENING_BRACE) {
    return { file, kind: "files", windows: parseFileWindows(bytes, file) };
  }
  const header = readHeader(bytes, file);
  if (header.includes("start") && header.includes("end")) {
    return { file, kind: "windows", ...parseWindows(bytes, header, file) };
  }
  const headingOf = (name: string) =>
    header.find((heading) => heading.toLowerCase() === name);
  const [timestamp, label] = [headingOf("timestamp"), headingOf("label")];
  if (timestamp !== undefined && label !== undefined) {
    const columns = { timestamp, label };
    return { file, kind: "points", labels: parsePoints(bytes, columns, file) };
  }
  throw new SyntaxError(
    `Cannot read ${file} at line 1: the header holds ${
      showHeader(header)
    }, expected start and end, or timestamp and label, or NAB's JSON`,
  );
}

/**
 * Lays labels over scored rows. A window labels the rows from its start to its
 * end, of its endpoint if it names one and the rows do.
 *
 * @param labels The labels.
 * @param scores The rows.
 * @returns A label for each row, and the known incidents.
 * @throws {SyntaxError} If a row has no label, or the file no entry.
 */
export function layLabels(labels: Labels, scores: ScoredInput): LaidLabels {
  if (labels.kind === "points") {
    return layPoints(labels.labels, labels.file, scores);
  }
  const windows = labels.kind === "files"
    ? windowsOf(labels.windows, labels.file, scores.file)
    : labels.windows;
  const { timestampMs, endpoint } = scores;
  const row = {
    startMs: timestampMs[0],
    endMs: timestampMs[timestampMs.length - 1],
  };
  const known = windows.filter((window) => overlaps(window, row));
  const rowLabels = new Uint8Array(timestampMs.length);
  for (const window of known) {
    for (
      let k = firstFrom(timestampMs, window.startMs);
      k < timestampMs.length;
      k++
    ) {
      if (timestampMs[k] > window.endMs) break;
      const isHit = window.endpoint === EVERY_ENDPOINT || !endpoint ||
        endpoint[k] === window.endpoint;
      if (isHit) rowLabels[k] = 1;
    }
  }
  return { labels: rowLabels, known, outside: windows.length - known.length };
}

/** The first row at or after a time. */
function firstFrom(timestampMs: Float64Array, timeMs: number): number {
  let [low, high] = [0, timestampMs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (timestampMs[middle] >= timeMs) high = middle;
    else low = middle + 1;
  }
  return low;
}

function layPoints(
  pointLabels: ReadonlyMap<number, number>,
  file: string,
  scores: ScoredInput,
): LaidLabels {
  const { timestampMs } = scores;
  const labels = Uint8Array.from(timestampMs, (timeMs, row) => {
    const label = pointLabels.get(timeMs);
    if (label !== undefined) return label;
    throw new SyntaxError(
      `Cannot evaluate ${scores.file} at line ${scores.line[row]}: ${
        new Date(timeMs).toISOString()
      } has no label, expected one in ${file}`,
    );
  });
  return {
    labels,
    known: flaggedSpans(timestampMs, labels),
    outside: pointLabels.size - new Set(timestampMs).size,
  };
}

/** The entry of a file: of its whole path, else of its name. */
function windowsOf(
  windows: ReadonlyMap<string, readonly LabelledWindow[]>,
  file: string,
  scoredFile: string,
): readonly LabelledWindow[] {
  const path = scoredFile.replaceAll("\\", "/");
  const nameOf = (text: string) => text.slice(text.lastIndexOf("/") + 1);
  const keys = [...windows.keys()];
  const whole = keys.filter((key) => path === key || path.endsWith(`/${key}`));
  const matches = whole.length > 0
    ? whole
    : keys.filter((key) => nameOf(key) === nameOf(path));
  const found = matches.length === 1 ? windows.get(matches[0]) : undefined;
  if (found) return found;
  throw new SyntaxError(
    `Cannot evaluate ${scoredFile}: ${file} has ${matches.length} entries for ${
      nameOf(path)
    }, expected one`,
  );
}

function parseWindows(
  bytes: Uint8Array,
  header: readonly string[],
  file: string,
): { windows: LabelledWindow[]; decoys: number } {
  const optional = ["kind", "endpoint"].filter((name) => header.includes(name));
  const table = readCsvCells(bytes, ["timestamp", "end", ...optional], {
    ...{ file, mode: "strict" },
    columns: { timestamp: "start" },
  });
  // A log without incidents is labelled by a header alone.
  if (table.places.length === 0) return { windows: [], decoys: 0 };
  const { columns, sourceRow } = convertRows(withTexts(table), {
    ...{ timestamp: TIME_RULE, end: TIME_RULE },
    ...{ kind: MESSAGE_RULE, endpoint: MESSAGE_RULE },
  }, { file, mode: "strict" });
  const windows = columns.timestamp.map((startMs, k) => ({
    ...{ startMs, endMs: columns.end[k] },
    ...{ kind: columns.kind[k], endpoint: columns.endpoint[k] },
  }));
  windows.forEach(({ startMs, endMs }, k) => {
    if (!(endMs >= startMs)) {
      throw new SyntaxError(
        `Cannot read ${file} at line ${
          table.places[sourceRow[k]]
        }: it ends before it starts, expected end not before start`,
      );
    }
  });
  const real = windows.filter(({ kind }) => !kind.startsWith("decoy"));
  return { windows: real, decoys: windows.length - real.length };
}

/** Empty cells for the columns that a list of windows may leave out. */
function withTexts(table: CellTable): CellTable {
  const empty = Array.from({ length: table.places.length }, () => "");
  return { ...table, cells: { kind: empty, endpoint: empty, ...table.cells } };
}

function parsePoints(
  bytes: Uint8Array,
  columns: { timestamp: string; label: string },
  file: string,
): Map<number, number> {
  const table = readCsvCells(bytes, ["timestamp", "label"], {
    ...{ file, mode: "strict", columns },
  });
  const rules = { timestamp: TIME_RULE, label: FLAG_RULE };
  const { columns: read } = convertRows(table, rules, { file, mode: "strict" });
  const labels = new Map<number, number>();
  read.timestamp.forEach((timeMs, k) => {
    // Of two points of one time either may be the anomaly.
    labels.set(timeMs, Math.max(labels.get(timeMs) ?? 0, read.label[k]));
  });
  return labels;
}

/** NAB's JSON: `{ "folder/name.csv": [["2014-04-10 07:15:00", …], …] }`. */
function parseFileWindows(
  bytes: Uint8Array,
  file: string,
): Map<string, LabelledWindow[]> {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes));
  } catch (error) {
    throw new SyntaxError(`Cannot read ${file}: ${messageOf(error)}`);
  }
  return new Map(
    Object.entries(json ?? {}).map(([name, windows]) => {
      if (!Array.isArray(windows)) throw badEntry(file, name, windows);
      return [name, windows.map((window) => parsePair(window, name, file))];
    }),
  );
}

function parsePair(
  window: unknown,
  name: string,
  file: string,
): LabelledWindow {
  const [startMs, endMs] = Array.isArray(window) && window.length === 2
    ? window.map((text) => parseTimestamp(String(text)))
    : [];
  if (startMs === undefined || endMs === undefined || !(endMs >= startMs)) {
    throw badEntry(file, name, window);
  }
  return { startMs, endMs, endpoint: EVERY_ENDPOINT };
}

function badEntry(file: string, name: string, value: unknown): SyntaxError {
  return new SyntaxError(
    `Cannot read ${file}: the entry ${showText(name)} holds ${
      showText(JSON.stringify(value))
    }, expected a list of [start, end]`,
  );
}
