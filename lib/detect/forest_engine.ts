/**
 * The quick ways to score with isolation trees: a WebAssembly kernel, alone or
 * in workers over shared memory. Where an engine lacks one, the next plainer
 * takes its place; scores are the same bit by bit on all of them.
 *
 * @module
 */

import type { IsolationTrees } from "./isolation_tree.ts";
import { type ForestImage, layOutForest } from "../kernels/forest_image.ts";
import { compileForestKernel, ForestKernel } from "../kernels/forest_kernel.ts";
import { type AnyWorker, startWorker } from "../kernels/kernel_workers.ts";
import type { Matrix } from "../numeric/matrix.ts";
import { Pace } from "../numeric/pace.ts";

/** What a worker has come to; its word in {@linkcode SharedTask.states}. */
const STATE = { starting: 0, working: 1, finished: 2 };

/** Rows and scores that several threads work on, block by block. */
type SharedTask = {
  readonly values: Float64Array;
  readonly scores: Float64Array;
  readonly scale: number;
  /** The next block that nobody has taken, one element. */
  readonly cursor: Int32Array;
  /** 1 for each block whose scores are there. */
  readonly done: Uint8Array;
  /** One word a worker. */
  readonly states: Int32Array;
};

/** What a worker runs: it takes blocks until none is left. It is sent buffers
 * and makes the arrays itself: Deno looks through an array sent to a worker
 * element by element, which would take longer than to score it. */
const WORKER_SOURCE = `
const Kernel = ${ForestKernel.toString()};
function start({ module, image, scale, number, buffers }) {
  const states = new Int32Array(buffers.states);
  Atomics.store(states, number, ${STATE.working});
  try {
    const values = new Float64Array(buffers.values);
    const scores = new Float64Array(buffers.scores);
    const cursor = new Int32Array(buffers.cursor);
    const done = new Uint8Array(buffers.done);
    const kernel = new Kernel(module, image);
    for (;;) {
      const block = Atomics.add(cursor, 0, 1);
      if (block >= done.length) break;
      kernel.scoreBlock(block, { values, scores, scale });
      Atomics.store(done, block, 1);
    }
  } finally {
    Atomics.store(states, number, ${STATE.finished});
  }
}
`;

/** A forest laid out for the kernel. */
export class ForestEngine {
  readonly #module: WebAssembly.Module;
  readonly #image: ForestImage;
  readonly #kernel: ForestKernel;

  private constructor(module: WebAssembly.Module, image: ForestImage) {
    this.#module = module;
    this.#image = image;
    this.#kernel = new ForestKernel(module, image);
  }

  /**
   * Lays a forest out.
   *
   * @param trees The trees.
   * @param featureCount The number of features d.
   * @returns The engine; nothing where there is no WebAssembly with SIMD, or
   * the trees are too deep for the kernel (more than 4,096 rows each).
   */
  static of(
    trees: IsolationTrees,
    featureCount: number,
  ): ForestEngine | undefined {
    const module = compileForestKernel();
    const image = module && layOutForest(trees, featureCount);
    return module && image && new ForestEngine(module, image);
  }

  /**
   * Scores rows on the calling thread.
   *
   * @param x The rows, shape `(n, d)`.
   * @param scale Path lengths are summed and divided by this.
   * @returns Scores, shape `(n)`.
   */
  score(x: Matrix, scale: number): Float64Array {
    const scores = new Float64Array(x.rows);
    const task = { values: x.data, scores, scale };
    const blocks = this.#blocksOf(x.rows);
    for (let k = 0; k < blocks; k++) this.#kernel.scoreBlock(k, task);
    return scores;
  }

  /**
   * Scores rows on the calling thread and workers, which take blocks from one
   * list: one that starts late or never only leaves more to the others.
   *
   * @param x The rows, shape `(n, d)`.
   * @param scale As in {@linkcode ForestEngine.score}.
   * @param threads How many threads, the calling one among them.
   * @returns Scores, shape `(n)`.
   */
  async scoreParallel(
    x: Matrix,
    scale: number,
    threads: number,
  ): Promise<Float64Array> {
    const blocks = this.#blocksOf(x.rows);
    const helpers = Math.min(threads, blocks) - 1;
    if (typeof SharedArrayBuffer === "undefined" || !(helpers > 0)) {
      return this.score(x, scale);
    }
    const task = shareTask(x, { scale, blocks, helpers });
    const message = {
      module: this.#module,
      image: this.#image,
      scale,
      buffers: buffersOf(task),
    };
    const workers = Array.from(
      { length: helpers },
      (_, number) => startWorker(WORKER_SOURCE, { ...message, number }),
    );
    try {
      await this.#takeBlocks(task);
      await workersFinished(task);
    } finally {
      workers.forEach((worker?: AnyWorker) => worker?.terminate());
    }
    // What a failed worker had taken and not done.
    task.done.forEach((isDone, block) => {
      if (isDone === 0) this.#kernel.scoreBlock(block, task);
    });
    return task.scores.slice();
  }

  async #takeBlocks(task: SharedTask): Promise<void> {
    const pace = new Pace(task.done.length, undefined);
    for (;;) {
      const block = Atomics.add(task.cursor, 0, 1);
      if (block >= task.done.length) return;
      this.#kernel.scoreBlock(block, task);
      Atomics.store(task.done, block, 1);
      await pace.pause();
    }
  }

  #blocksOf(rows: number): number {
    return Math.ceil(rows / this.#image.blockRows);
  }
}

function shareTask(
  x: Matrix,
  sizes: { scale: number; blocks: number; helpers: number },
): SharedTask {
  const shared = (bytes: number) => new SharedArrayBuffer(bytes);
  const values = new Float64Array(shared(8 * x.data.length));
  values.set(x.data);
  return {
    values,
    scores: new Float64Array(shared(8 * x.rows)),
    scale: sizes.scale,
    cursor: new Int32Array(shared(4)),
    done: new Uint8Array(shared(sizes.blocks)),
    states: new Int32Array(shared(4 * sizes.helpers)),
  };
}

function buffersOf(task: SharedTask): Record<string, ArrayBufferLike> {
  const { values, scores, cursor, done, states } = task;
  return {
    values: values.buffer,
    scores: scores.buffer,
    cursor: cursor.buffer,
    done: done.buffer,
    states: states.buffer,
  };
}

/** Waits for those that have begun; the others will find no block left. */
async function workersFinished({ states }: SharedTask): Promise<void> {
  const isWorking = (_: number, k: number) =>
    Atomics.load(states, k) === STATE.working;
  while (states.some(isWorking)) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}
