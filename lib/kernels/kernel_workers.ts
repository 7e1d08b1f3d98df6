/**
 * Workers that run kernels beside the calling thread, over one shared memory.
 * The calling thread takes part, then waits, so a call stays a call. A worker
 * sleeps between calls and keeps no process alive. Until it has started, and
 * where there are no workers, the calling thread does all the work; results
 * are the same bit by bit.
 *
 * @module
 */

import type { KernelFunctions, KernelInstance, KernelName } from "./kernels.ts";

/** A call of a kernel. */
export type KernelCall = {
  /** The function. */
  readonly name: KernelName;
  /** Its arguments: 32-bit integers. */
  readonly args: readonly number[];
};

/** Calls that follow each other on one thread. */
export type KernelJob = readonly KernelCall[];

/** A worker of any engine, as far as needed here. */
export type AnyWorker = {
  /** Ends it. */
  terminate(): unknown;
};

type WorkerThreads = typeof import("node:worker_threads");

/** Words of the block through which a worker is told what to do: its state,
 * the number of calls, and for each call the number of the function, the number
 * of arguments, the arguments. */
const WORDS = 4096;
const STATE = { starting: 0, idle: 1, working: 2, failed: 3 };
const NAMES: readonly KernelName[] = [
  "lstmForward",
  "lstmBackward",
  "denseForward",
  "denseBackward",
  "multiplyBy",
];
/** How often a thread looks before it sleeps, some 0.1 ms. */
const LOOKS = 20_000;

/** What a worker runs: `start` gets module, memory and the block of words. */
const WORKER_SOURCE = `
function start({ module, memory, block }) {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  const names = ${JSON.stringify(NAMES)};
  const words = new Int32Array(block);
  Atomics.store(words, 0, ${STATE.idle});
  for (;;) {
    for (let k = 0; k < ${LOOKS}; k++) {
      if (Atomics.load(words, 0) === ${STATE.working}) break;
    }
    Atomics.wait(words, 0, ${STATE.idle});
    if (Atomics.load(words, 0) !== ${STATE.working}) continue;
    let state = ${STATE.idle};
    try {
      for (let k = 0, at = 2; k < words[1]; k++) {
        const end = at + 2 + words[at + 1];
        exports[names[words[at]]](...words.subarray(at + 2, end));
        at = end;
      }
    } catch {
      state = ${STATE.failed};
    }
    Atomics.store(words, 0, state);
    Atomics.notify(words, 0);
  }
}
`;

/** Some workers over the memory of an instance. */
export class KernelWorkers {
  readonly #functions: KernelFunctions;
  readonly #workers: { worker: AnyWorker; words: Int32Array }[] = [];

  /**
   * Starts workers; they join in once they are ready.
   *
   * @param instance The kernels and their memory.
   * @param count How many; none are started where there can be none.
   */
  constructor(instance: KernelInstance, count: number) {
    this.#functions = instance.functions;
    if (typeof SharedArrayBuffer === "undefined") return;
    for (let k = 0; k < count; k++) {
      const block = new SharedArrayBuffer(WORDS * 4);
      const { module, memory } = instance;
      const worker = startWorker(WORKER_SOURCE, { module, memory, block });
      if (!worker) return;
      this.#workers.push({ worker, words: new Int32Array(block) });
    }
  }

  /**
   * Runs jobs that do not depend on each other, and waits for all.
   *
   * @param jobs The jobs; the first is done by the calling thread.
   * @throws {Error} If a kernel fails.
   */
  run(jobs: readonly KernelJob[]): void {
    const helpers = this.#workers.filter(({ words }) =>
      Atomics.load(words, 0) === STATE.idle
    );
    const threads = 1 + helpers.length;
    for (let start = 0; start < jobs.length; start += threads) {
      const [own, ...others] = jobs.slice(start, start + threads);
      others.forEach((job, k) => give(helpers[k].words, job));
      runCalls(this.#functions, own);
      others.forEach((_, k) => waitFor(helpers[k].words));
    }
  }

  /** Ends the workers. */
  terminate(): void {
    for (const { worker } of this.#workers.splice(0)) worker.terminate();
  }
}

/**
 * Runs a job on the calling thread.
 *
 * @param functions The kernels.
 * @param job The calls.
 */
export function runCalls(functions: KernelFunctions, job: KernelJob): void {
  for (const { name, args } of job) functions[name](...args);
}

/**
 * Says how many threads this engine can run at once.
 *
 * @returns At least 1.
 */
export function availableThreads(): number {
  const cores = typeof navigator === "undefined"
    ? undefined
    : navigator.hardwareConcurrency;
  return cores ?? 1;
}

/**
 * Starts a worker from a text, so that it needs no file of its own and can be
 * loaded out of any package.
 *
 * @param source A script that defines a function `start`.
 * @param data What `start` is called with, cloned or shared.
 * @returns The worker; nothing where none is allowed.
 */
export function startWorker(
  source: string,
  data: Readonly<Record<string, unknown>>,
): AnyWorker | undefined {
  try {
    const threads = workerThreads();
    if (threads) {
      const script =
        `${source}start(require("node:worker_threads").workerData);`;
      const worker = new threads.Worker(script, {
        eval: true,
        workerData: data,
      });
      // It counts as one that never came; the calling thread does its work.
      worker.on("error", () => {});
      worker.unref();
      return worker;
    }
    const script = `${source}onmessage = ({ data }) => start(data);`;
    const url = URL.createObjectURL(
      new Blob([script], { type: "text/javascript" }),
    );
    const worker = new Worker(url);
    worker.onerror = (event) => event.preventDefault();
    worker.postMessage(data);
    return worker;
  } catch {
    // Not allowed here: the calling thread works alone.
    return undefined;
  }
}

/** Node's workers where there are some: unlike those of the web they can be
 * told not to keep the process alive. */
function workerThreads(): WorkerThreads | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => unknown };
  };
  return process?.getBuiltinModule?.("node:worker_threads") as
    | WorkerThreads
    | undefined;
}

function give(words: Int32Array, job: KernelJob): void {
  words[1] = job.length;
  words.set(
    job.flatMap(({ name, args }) => [
      NAMES.indexOf(name),
      args.length,
      ...args,
    ]),
    2,
  );
  Atomics.store(words, 0, STATE.working);
  Atomics.notify(words, 0);
}

function waitFor(words: Int32Array): void {
  for (let looks = 0; Atomics.load(words, 0) === STATE.working; looks++) {
    if (looks > LOOKS) sleepWhileWorking(words);
  }
  if (Atomics.load(words, 0) === STATE.idle) return;
  throw new Error("Cannot run the kernels: a worker failed");
}

function sleepWhileWorking(words: Int32Array): void {
  try {
    Atomics.wait(words, 0, STATE.working);
  } catch {
    // The main thread of a browser may not sleep: it looks on.
  }
}
