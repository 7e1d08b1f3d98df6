/**
 * Training of the autoencoder 2-16-2 on 45,000 rows in batches of 32, and
 * scoring, beside Keras (TensorFlow) and PyOD (PyTorch).
 *
 * @module
 */

import { alternate, type Benchmark, type Contender } from "./benchmark.ts";
import { contenderPath, rowsOf } from "./rows_file.ts";

const ROWS = 50_000;
const COLUMNS = 2;
const WORKS = { epoch: "an epoch of 45,000 rows", score: "50,000 rows, score" };

/** The benchmark. */
export const autoencoderBenchmark: Benchmark = {
  name: "autoencoder",
  title: "Autoencoder 2-16-2, batches of 32, one epoch and scoring",
  async run(options) {
    const { folder, python } = options;
    const file = await rowsOf(ROWS, COLUMNS, folder);
    const measurements = [];
    for (const [work, task] of Object.entries(WORKS)) {
      const contenders = contendersFor(work, file, python);
      const what = { task, threads: navigator.hardwareConcurrency };
      measurements.push(...await alternate(contenders, what, options));
    }
    return measurements;
  },
};

function contendersFor(
  work: string,
  file: string,
  python: string,
): Contender[] {
  const program = contenderPath("autoencoder");
  return [
    {
      name: "latency-lab",
      command: [Deno.execPath(), "run", "-A", `${program}.ts`, work, file],
    },
    ...["keras", "pyod"].map((peer): Contender => ({
      name: peer,
      command: [python, `${program}.py`, peer, work, file],
    })),
  ];
}
