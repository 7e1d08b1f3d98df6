/**
 * An Isolation Forest fitted on a table and scoring it, beside scikit-learn,
 * isotree (C++) and PyOD, each with its threads. Rows are normal draws, of
 * which every hundredth lies farther out; that all find those alike is checked.
 *
 * @module
 */

import { join } from "node:path";
import { Random } from "../../lib/numeric/random.ts";
import { alternate, type Benchmark, type Contender } from "./benchmark.ts";

/** Rows, columns and trees. */
type Task = { rows: number; cols: number; treeCount: number };

const GROWTH = [1e4, 1e5, 1e6];
const FULL_SIZE = 1e7;
const THREADS = [1, 2];
const PEERS = ["scikit-learn", "isotree", "pyod"];
const OUTLIER_EVERY = 100;
/** How much wider outliers are drawn. */
const OUTLIER_SPREAD = 3;

/** The benchmark. */
export const forestBenchmark: Benchmark = {
  name: "forest",
  title: "An Isolation Forest fitted on a table and scoring it",
  async run(options) {
    const { folder, isFull, python, report } = options;
    const sizes = isFull ? [...GROWTH, FULL_SIZE] : GROWTH;
    const tasks: Task[] = [
      { rows: 5e4, cols: 2, treeCount: 200 },
      ...sizes.map((rows) => ({ rows, cols: 6, treeCount: 100 })),
    ];
    const measurements = [];
    for (const task of tasks) {
      const file = await tableOf(task, folder, report);
      for (const threads of THREADS) {
        const contenders = contendersOn(file, task, { python, threads });
        const { rows, cols, treeCount } = task;
        const words = `${
          rows.toLocaleString("en-US")
        } x ${cols}, ${treeCount} trees`;
        const what = { task: words, threads };
        measurements.push(...await alternate(contenders, what, options));
      }
    }
    return measurements;
  },
};

function contendersOn(
  file: string,
  { cols, treeCount }: Task,
  { python, threads }: { python: string; threads: number },
): Contender[] {
  const program = join(import.meta.dirname ?? ".", "contenders", "forest");
  const args = [file, cols, treeCount, threads, OUTLIER_EVERY].map(String);
  const own: Contender = {
    name: "latency-lab",
    command: [Deno.execPath(), "run", "-A", `${program}.ts`, ...args],
  };
  return [
    own,
    ...PEERS.map((name): Contender => ({
      name,
      command: [python, `${program}.py`, name, ...args],
      env: { OMP_NUM_THREADS: String(threads) },
    })),
  ];
}

/** A table as doubles, row after row, made where it is missing. */
async function tableOf(
  { rows, cols }: Task,
  folder: string,
  report: (line: string) => void,
): Promise<string> {
  const path = join(folder, `table_${rows}x${cols}.f64`);
  const size = rows * cols * 8;
  if (await Deno.stat(path).then((file) => file.size === size, () => false)) {
    return path;
  }
  report(`Generating ${path} …`);
  const random = new Random(rows, cols);
  const data = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    const spread = i % OUTLIER_EVERY === 0 ? OUTLIER_SPREAD : 1;
    for (let j = 0; j < cols; j++) {
      data[i * cols + j] = spread * random.normal();
    }
  }
  await Deno.writeFile(path, new Uint8Array(data.buffer));
  return path;
}
