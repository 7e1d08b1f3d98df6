/**
 * `deno task bench`: measures the project beside its peers, in one run on the
 * same data, and writes `tests/bench/results.json`, from which `deno task
 * readme` copies tables into the README. The peers are installed into
 * `.venv-bench`, data are made in `.bench-data`.
 *
 * @module
 */

import { join } from "node:path";
import { parseArgs } from "node:util";
import { autoencoderBenchmark } from "../tests/bench/autoencoder.ts";
import type { Benchmark } from "../tests/bench/benchmark.ts";
import { forestBenchmark } from "../tests/bench/forest.ts";
import { lstmBenchmark } from "../tests/bench/lstm.ts";
import { metricsBenchmark } from "../tests/bench/metrics.ts";
import {
  readResults,
  RESULTS_PATH,
  resultTable,
  withResult,
} from "../tests/bench/results_file.ts";
import { svmBenchmark } from "../tests/bench/svm.ts";
import { headCommit, projectRoot } from "./project.ts";
import { installPackages } from "./python.ts";

const BENCHMARKS: readonly Benchmark[] = [
  autoencoderBenchmark,
  forestBenchmark,
  lstmBenchmark,
  metricsBenchmark,
  svmBenchmark,
];
const DEFAULT_ROUNDS = 5;

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    options: { full: { type: "boolean" }, rounds: { type: "string" } },
    allowPositionals: true,
  });
  const rounds = Number(values.rounds ?? DEFAULT_ROUNDS);
  const unknown = positionals.find((asked) =>
    !BENCHMARKS.some(({ name }) => name === asked)
  );
  if (unknown !== undefined || !(rounds >= 1 && Number.isInteger(rounds))) {
    console.error(
      `Usage: deno task bench [NAME …] [--full] [--rounds N], NAME among ${
        BENCHMARKS.map(({ name }) => name).join(", ")
      }`,
    );
    return 2;
  }
  const report = console.error;
  const python = await installPackages(
    join(projectRoot, ".venv-bench"),
    join(projectRoot, "tests", "bench", "requirements.txt"),
    { report, what: "the peers" },
  );
  const folder = join(projectRoot, ".bench-data");
  await Deno.mkdir(folder, { recursive: true });
  const chosen = BENCHMARKS.filter(({ name }) =>
    positionals.length === 0 || positionals.includes(name)
  );
  for (const { run, ...benchmark } of chosen) {
    const isFull = values.full === true;
    const measurements = await run({ rounds, isFull, python, folder, report });
    const result = { ...benchmark, ...await circumstances(), measurements };
    const results = withResult(readResults(), result);
    await Deno.writeTextFile(
      RESULTS_PATH,
      JSON.stringify(results, undefined, 2) + "\n",
    );
    console.log(`\n${result.title}\n${resultTable(result)}`);
  }
  return 0;
}

/** When, what and where it was measured. */
async function circumstances(): Promise<
  { date: string; commit: string; machine: string }
> {
  const cores = navigator.hardwareConcurrency;
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: await headCommit(),
    machine: `${await processorName()}, ${cores} cores`,
  };
}

async function processorName(): Promise<string> {
  try {
    const text = await Deno.readTextFile("/proc/cpuinfo");
    return /^model name\s*:\s*(.+)$/m.exec(text)?.[1].trim() ?? "unknown CPU";
  } catch {
    return `${Deno.build.os} ${Deno.build.arch}`;
  }
}

if (import.meta.main) Deno.exit(await main());
