/**
 * A request log summed up per endpoint and five minutes, beside DuckDB and
 * Polars for Python, which give exact quantiles and hold all values for them.
 *
 * @module
 */

import { join } from "node:path";
import { requestLogPieces } from "../../lib/logs/format_csv.ts";
import { generateLog } from "../../lib/logs/synthetic.ts";
import { alternate, type Benchmark, type Contender } from "./benchmark.ts";

const SIZES = [1e5, 1e6, 1e7];
const FULL_SIZE = 1e8;
const DAYS = 14;
/** Longer logs are made of fortnights, one after the other. */
const ROWS_A_FORTNIGHT = 1e7;
const THREADS = [1, 2];

/** The benchmark. */
export const metricsBenchmark: Benchmark = {
  name: "metrics",
  title: "A request log as CSV, summed up per endpoint and five minutes",
  async run(options) {
    const { folder, isFull, python, report } = options;
    const warmUp = await csvOf(SIZES[0], folder, report);
    const measurements = [];
    for (const rows of isFull ? [...SIZES, FULL_SIZE] : SIZES) {
      const file = await csvOf(rows, folder, report);
      const task = `${rows.toLocaleString("en-US")} rows`;
      for (const threads of rows === FULL_SIZE ? THREADS.slice(-1) : THREADS) {
        const contenders = contendersOn(file, warmUp, { python, threads });
        const what = { task, threads };
        measurements.push(...await alternate(contenders, what, options));
      }
    }
    return measurements;
  },
};

function contendersOn(
  file: string,
  warmUp: string,
  { python, threads }: { python: string; threads: number },
): Contender[] {
  const program = join(import.meta.dirname ?? ".", "contenders", "metrics");
  const peer = (name: string): Contender => ({
    name,
    command: [python, `${program}.py`, name, file, warmUp, String(threads)],
  });
  return [
    {
      name: "latency-lab",
      command: [Deno.execPath(), "run", "-A", `${program}.ts`, file, warmUp],
      env: { POLARS_MAX_THREADS: String(threads) },
    },
    peer("duckdb"),
    peer("polars"),
  ];
}

/** A generated log as a file, made where it is missing. */
async function csvOf(
  rows: number,
  folder: string,
  report: (line: string) => void,
): Promise<string> {
  const path = join(folder, `log_${rows}.csv`);
  if (await exists(path)) return path;
  report(`Generating ${path} …`);
  const unfinished = `${path}.part`;
  using file = await Deno.open(unfinished, {
    write: true,
    create: true,
    truncate: true,
  });
  const encoder = new TextEncoder();
  for (let done = 0; done < rows; done += ROWS_A_FORTNIGHT) {
    const { log } = generateLog({
      rows: Math.min(rows - done, ROWS_A_FORTNIGHT),
      days: DAYS,
      seed: done / ROWS_A_FORTNIGHT,
      startMs: Date.UTC(2026, 0, 5) +
        (done / ROWS_A_FORTNIGHT) * DAYS * 86_400_000,
    });
    let isHeader = done > 0;
    for (const piece of requestLogPieces(log)) {
      if (!isHeader) await writeAll(file, encoder.encode(piece));
      isHeader = false;
    }
  }
  await Deno.rename(unfinished, path);
  return path;
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) {
    rest = rest.subarray(await file.write(rest));
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
