/**
 * Series of Microsoft's cloud monitoring dataset, with a label for each point.
 *
 * @module
 */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseTimestamp } from "lib/logs/time.ts";

/** A series labelled by point. */
export type PointLabelledSeries = {
  /** Its file. */
  readonly name: string;
  /** Times, milliseconds since 1970 UTC, shape `(n)`. */
  readonly timestampMs: Float64Array;
  /** Its values, shape `(n)`. */
  readonly value: Float64Array;
  /** 1 for an anomaly, else 0, shape `(n)`. */
  readonly labels: Uint8Array;
};

/**
 * Reads the series whose files begin alike.
 *
 * @param folder The folder.
 * @param prefix How their names begin.
 * @returns The series, by name.
 * @throws {SyntaxError} If a cell does not parse.
 */
export async function readCloudSeries(
  folder: string,
  prefix: string,
): Promise<PointLabelledSeries[]> {
  const files = (await readdir(folder)).filter((name) =>
    name.startsWith(prefix) && name.endsWith(".csv")
  ).sort();
  return await Promise.all(files.map(async (name) => {
    const [, ...lines] = (await readFile(join(folder, name), "utf8"))
      .trim().split(/\r?\n/);
    const rows = lines.map((line, k) => parseLine(line, `${name}:${k + 2}`));
    return {
      name,
      timestampMs: Float64Array.from(rows, ({ timeMs }) => timeMs),
      value: Float64Array.from(rows, ({ value }) => value),
      labels: Uint8Array.from(rows, ({ label }) => label),
    };
  }));
}

function parseLine(
  line: string,
  place: string,
): { timeMs: number; value: number; label: number } {
  const [time, text, label] = line.replaceAll(`"`, "").split(",");
  const timeMs = parseTimestamp(time);
  const value = Number(text);
  if (
    timeMs === undefined || !Number.isFinite(value) || !/^[01]$/.test(label)
  ) {
    throw new SyntaxError(
      `Cannot read ${place}: it is ${
        JSON.stringify(line)
      }, expected a timestamp, a number and a label 0 or 1`,
    );
  }
  return { timeMs, value, label: Number(label) };
}
