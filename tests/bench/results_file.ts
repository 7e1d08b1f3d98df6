/**
 * The file of results, and tables of it for the README.
 *
 * @module
 */

import { join } from "node:path";
import { projectRoot } from "../../.tasks/project.ts";
import { table, type TableRow } from "../../lib/show/tables.ts";
import { formatNumber } from "../../lib/show/text.ts";
import type { Measurement } from "./benchmark.ts";

/** Where results stand. */
export const RESULTS_PATH: string = join(
  projectRoot,
  "tests",
  "bench",
  "results.json",
);

/** What a run of a benchmark left. */
export type BenchmarkResult = {
  /** The benchmark's name. */
  readonly name: string;
  /** What was measured. */
  readonly title: string;
  /** The unit of times in the table. @default {"s"} */
  readonly unit?: "s" | "ms";
  /** The peer that the table compares with beside the best one.
   * @default {undefined} */
  readonly reference?: string;
  /** The day of the run, ISO 8601. */
  readonly date: string;
  /** The commit that was measured. */
  readonly commit: string;
  /** The processor and its cores. */
  readonly machine: string;
  /** Who took how long. */
  readonly measurements: readonly Measurement[];
};

/**
 * Reads the results.
 *
 * @returns One a benchmark; none if there is no file.
 */
export function readResults(): BenchmarkResult[] {
  try {
    return JSON.parse(Deno.readTextFileSync(RESULTS_PATH));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/**
 * Puts the results of a benchmark in the place of older ones.
 *
 * @param results All results.
 * @param result The new one.
 * @returns All results, in the order of their names.
 */
export function withResult(
  results: readonly BenchmarkResult[],
  result: BenchmarkResult,
): BenchmarkResult[] {
  return [...results.filter(({ name }) => name !== result.name), result]
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

/**
 * The measurements as a table: one row a task, one column a contender; and who
 * measured what where.
 *
 * @param result The result; its first contender is the project itself.
 * @returns Aligned text: times, how many times as long as the best peer the
 * project took, how many times as long as the project the reference took, and
 * the most memory in MB.
 */
export function resultTable(result: BenchmarkResult): string {
  const { measurements, date, machine, commit } = result;
  const tasks = Map.groupBy(
    measurements,
    ({ task, threads }) =>
      `${task}, ${threads} thread${threads > 1 ? "s" : ""}`,
  );
  const names = [...new Set(measurements.map(({ name }) => name))];
  const rows = [...tasks].map(([task, group]): TableRow => ({
    task,
    ...timesOf(group, names, result.unit ?? "s"),
    ...ratiosOf(group, result.reference),
    "memory (MB)": names.map((name) => ofName(group, name)?.peakMb ?? "–")
      .join(" / "),
  }));
  const versions = [...new Set(measurements.map(({ version }) => version))];
  const rounds = measurements[0].seconds.length;
  return [
    String(table(rows, { limit: rows.length })),
    "",
    `Medians of ${rounds} runs in turns, ${date}, commit ${commit}, ${machine}`,
    versions.join("; "),
  ].join("\n");
}

function timesOf(
  group: readonly Measurement[],
  names: readonly string[],
  unit: "s" | "ms",
): TableRow {
  const scale = unit === "ms" ? 1000 : 1;
  return Object.fromEntries(names.map((name) => {
    const seconds = ofName(group, name)?.medianSeconds;
    return [`${name} (${unit})`, seconds && scale * seconds];
  }));
}

/** What the project took by the best peer, what the reference by the project. */
function ratiosOf(
  [own, ...peers]: readonly Measurement[],
  reference: string | undefined,
): TableRow {
  const best = Math.min(...peers.map(({ medianSeconds }) => medianSeconds));
  const stock = ofName(peers, reference);
  return {
    ...(peers.length > 0
      ? { "to the best peer": `${(own.medianSeconds / best).toFixed(2)}x` }
      : {}),
    ...(stock
      ? {
        [`${stock.name} takes`]: `${
          formatNumber(stock.medianSeconds / own.medianSeconds)
        }x`,
      }
      : {}),
  };
}

function ofName(
  group: readonly Measurement[],
  wanted: string | undefined,
): Measurement | undefined {
  return group.find(({ name }) => name === wanted);
}
