/**
 * The series of the Numenta Anomaly Benchmark, from a folder of its CSV files
 * and a `windows.json` (or NAB's `combined_windows.json`) with their labels.
 *
 * @module
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TimeSpan } from "lib/evaluate/range.ts";
import { parseTimestamp } from "lib/logs/time.ts";

/** A labelled series. */
export type LabelledSeries = {
  /** Its file, relative to the folder. */
  readonly name: string;
  /** Times, milliseconds since 1970 UTC, none before the last, shape `(n)`. */
  readonly timestampMs: Float64Array;
  /** Its values, shape `(n)`. */
  readonly value: Float64Array;
  /** Labelled windows, both ends included, ascending. */
  readonly windows: readonly TimeSpan[];
};

/**
 * Reads all series that the labels name.
 *
 * @param folder The folder.
 * @returns The series, in the order of the labels.
 * @throws {SyntaxError} If a time or a value does not parse.
 */
export async function readNabSeries(folder: string): Promise<LabelledSeries[]> {
  const text = await readFile(join(folder, "windows.json"), "utf8");
  const labels: Record<string, [string, string][]> = JSON.parse(text);
  return await Promise.all(
    Object.entries(labels).map(async ([name, windows]) => ({
      name,
      ...parseSeries(await readFile(join(folder, name), "utf8"), name),
      windows: windows.map(([start, end]) => ({
        startMs: timeOf(start, name),
        endMs: timeOf(end, name),
      })),
    })),
  );
}

function parseSeries(
  text: string,
  name: string,
): Pick<LabelledSeries, "timestampMs" | "value"> {
  const [, ...lines] = text.trim().split(/\r?\n/);
  const cells = lines.map((line) => line.split(","));
  const value = Float64Array.from(cells, ([, cell]) => Number(cell));
  const bad = value.findIndex((number) => !Number.isFinite(number));
  if (bad >= 0) {
    throw new SyntaxError(
      `Cannot read ${name}, line ${bad + 2}: value is ${
        JSON.stringify(cells[bad][1])
      }, expected a number`,
    );
  }
  return {
    timestampMs: Float64Array.from(cells, ([time]) => timeOf(time, name)),
    value,
  };
}

function timeOf(text: string, name: string): number {
  const timeMs = parseTimestamp(text);
  if (timeMs !== undefined) return timeMs;
  throw new SyntaxError(
    `Cannot read ${name}: ${JSON.stringify(text)}, expected a timestamp`,
  );
}
