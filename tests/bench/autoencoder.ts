/**
 * Training of the autoencoder 2-16-2 on 45,000 rows in batches of 32, and
 * scoring, beside Keras (TensorFlow) and PyOD (PyTorch; training only, for it
 * takes long).
 *
 * @module
 */

import { alternate, type Benchmark, type Contender } from "./benchmark.ts";
import { contenderPath, rowsOf } from "./rows_file.ts";

const ROWS = 50_000;
const COLUMNS = 2;
const WORKS = [
  {
    work: "epoch",
    task: "an epoch of 45,000 rows",
    peers: ["keras", "pyod"],
  },
  { work: "score", task: "50,000 rows, score", peers: ["keras"] },
];

/** The benchmark. */
export const autoencoderBenchmark: Benchmark = {
  name: "autoencoder",
  title: "Autoencoder 2-16-2, batches of 32, one epoch and scoring",
  async run(options) {
    const { folder, python } = options;
    const file = await rowsOf(ROWS, COLUMNS, folder);
    const measurements = [];
    for (const { work, task, peers } of WORKS) {
      const contenders = contendersFor([work, file], python, peers);
      const what = { task, threads: navigator.hardwareConcurrency };
      measurements.push(...await alternate(contenders, what, options));
    }
    return measurements;
  },
};

function contendersFor(
  args: readonly string[],
  python: string,
  peers: readonly string[],
): Contender[] {
  const program = contenderPath("autoencoder");
  return [
    {
      name: "latency-lab",
      command: [Deno.execPath(), "run", "-A", `${program}.ts`, ...args],
    },
    ...peers.map((peer): Contender => ({
      name: peer,
      command: [python, `${program}.py`, peer, ...args],
    })),
  ];
}
