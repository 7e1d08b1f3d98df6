/**
 * The network of the second notebook beside PyTorch, Keras and TensorFlow.js:
 * one step of its training, the forecast of one window, and single layers of
 * long sequences and of many units, forwards and back.
 *
 * @module
 */

import { join } from "node:path";
import { alternate, type Benchmark, type Contender } from "./benchmark.ts";

/** What is timed, and which peers of Python can do it. */
const TASKS = [
  {
    name: "step",
    task: "training step, 32 windows of 50",
    peers: ["PyTorch", "Keras"],
  },
  { name: "window", task: "forecast of one window", peers: ["PyTorch"] },
  {
    name: "long",
    task: "layer, 8 x 1,000 steps, 64 units",
    peers: ["PyTorch"],
  },
  { name: "wide", task: "layer, 32 x 50 steps, 256 units", peers: ["PyTorch"] },
] as const;

const THREADS = [1, 2];
const STOCK = "TensorFlow.js";
/** All that the peers' libraries take a number of threads from. */
const THREAD_VARIABLES = [
  "OMP_NUM_THREADS",
  "MKL_NUM_THREADS",
  "OPENBLAS_NUM_THREADS",
  "TF_NUM_INTRAOP_THREADS",
  "TF_NUM_INTEROP_THREADS",
];

/** The benchmark. */
export const lstmBenchmark: Benchmark = {
  name: "lstm",
  title: `LSTM: training and forecasts; ${STOCK} has one thread in any case`,
  unit: "ms",
  reference: STOCK,
  async run(options) {
    const measurements = [];
    for (const { name, task, peers } of TASKS) {
      for (const threads of THREADS) {
        const contenders = [
          own("latency-lab", name, threads),
          ...peers.map((peer) => python(peer, name, threads, options)),
          own(STOCK, name, threads),
        ];
        const what = { task, threads };
        measurements.push(...await alternate(contenders, what, options));
      }
    }
    return measurements;
  },
};

const PROGRAM = join(import.meta.dirname ?? ".", "contenders", "lstm");

function own(name: string, task: string, threads: number): Contender {
  const program = [Deno.execPath(), "run", "-A", `${PROGRAM}.ts`] as const;
  return { name, command: [...program, task, name, String(threads)] };
}

function python(
  name: string,
  task: string,
  threads: number,
  { python }: { python: string },
): Contender {
  return {
    name,
    command: [python, `${PROGRAM}.py`, task, name, String(threads)],
    env: Object.fromEntries(
      THREAD_VARIABLES.map((variable) => [variable, String(threads)]),
    ),
  };
}
