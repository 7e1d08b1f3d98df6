/**
 * One-class SVM with a Gaussian kernel, fitted and scored, beside scikit-learn
 * and PyOD (which calls scikit-learn and scores what it fits). Of a million
 * rows all are approximate: scikit-learn is given its Nyström map and linear
 * one-class SVM by stochastic gradients.
 *
 * @module
 */

import { alternate, type Benchmark, type Contender } from "./benchmark.ts";
import { contenderPath, rowsOf } from "./rows_file.ts";

const ROWS = 10_000;
const COLUMNS = 2;
const SIZES = [20_000, 1e5, 1e6];
const FULL_SIZE = 1e7;

/** The benchmark. */
export const svmBenchmark: Benchmark = {
  name: "svm",
  title: "One-class SVM, RBF kernel, nu 0.05, on rows of 2 features",
  async run(options) {
    const { folder, isFull, python } = options;
    const measurements = [];
    for (const work of ["fit", "score"]) {
      const file = await rowsOf(ROWS, COLUMNS, folder);
      const contenders = contendersFor(work, file, python, ["sklearn", "pyod"]);
      const what = { task: `${ROWS.toLocaleString("en-US")} rows, ${work}` };
      measurements.push(
        ...await alternate(contenders, { ...what, threads: 1 }, options),
      );
    }
    for (const rows of isFull ? [...SIZES, FULL_SIZE] : SIZES) {
      const file = await rowsOf(rows, COLUMNS, folder);
      const contenders = contendersFor("approximate", file, python, [
        "sklearn",
      ]);
      const what = {
        task: `${rows.toLocaleString("en-US")} rows, approximate fit and score`,
      };
      measurements.push(
        ...await alternate(contenders, { ...what, threads: 1 }, options),
      );
    }
    return measurements;
  },
};

function contendersFor(
  work: string,
  file: string,
  python: string,
  peers: readonly string[],
): Contender[] {
  const program = contenderPath("svm");
  const threads = { OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1" };
  return [
    {
      name: "latency-lab",
      command: [Deno.execPath(), "run", "-A", `${program}.ts`, work, file],
    },
    ...peers.map((peer): Contender => ({
      name: peer,
      command: [python, `${program}.py`, peer, work, file],
      env: threads,
    })),
  ];
}
