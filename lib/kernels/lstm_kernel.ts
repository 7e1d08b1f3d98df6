/**
 * A whole sequence through an LSTM layer in one call, and its gradient in one
 * call: `z = x W + h U + b` with the gates i f c o, `c' = f c + i g` and
 * `h' = o tanh c'`, where i, f, o are sigmoids and g a tanh of their part of z.
 *
 * @see S. Hochreiter, J. Schmidhuber, Long Short-Term Memory (1997).
 *
 * @module
 */

import { availableThreads } from "./kernel_workers.ts";
import { KernelMemory, roomFor, type StackMark } from "./kernel_memory.ts";
import {
  backwardCall,
  forwardCall,
  type LstmShape,
  outputSize,
  type PackedLstm,
  packedSizes,
  packPanels,
  packTransposed,
  partsOf,
  productCount,
  scratchSizes,
  type SequenceRange,
  stateSizes,
  takePacked,
  weightCounts,
  zerosCount,
} from "./lstm_calls.ts";

export type { LstmShape } from "./lstm_calls.ts";

/** The weights as in TensorFlow.js, row-major, gates in the order i f c o. */
export type LstmWeights = {
  /** W, shape `(features, 4 units)`. */
  readonly kernel: Float32Array;
  /** U, shape `(units, 4 units)`. */
  readonly recurrent: Float32Array;
  /** b, shape `(4 units)`. */
  readonly bias: Float32Array;
};

/** Gradients, shaped as what they are gradients of. */
export type LstmGradients = LstmWeights & {
  /** Of the input, shape `(batch, steps, features)`. */
  readonly inputs: Float32Array;
};

/** What a call works on. */
export type LstmInputs = {
  /** The weights. */
  readonly weights: LstmWeights;
  /** The sequences, shape `(batch, steps, features)`. */
  readonly inputs: Float32Array;
};

/** What a forward call leaves for its gradient. */
export type LstmStates = {
  /** Where the stack stood before them. */
  readonly before: StackMark;
  /** Where it stood after them. */
  readonly after: StackMark;
  /** The weights, laid out for the gradient. */
  readonly packed: PackedLstm;
  /** Where the states are, part by part. */
  readonly parts: readonly LstmPart[];
};

/** Some sequences of the batch, and the addresses of their states. */
export type LstmPart = SequenceRange & {
  /** Rows of h x 1, gates, cells, tanh of the cells. */
  readonly states: readonly number[];
};

/** Options for {@linkcode LstmKernel}. */
export type LstmKernelOptions = {
  /** Threads that share the sequences of a batch, the calling one among them;
   * results do not depend on it. @default {at most 4, one a core} */
  threads?: number;
};

const MAXIMUM_THREADS = 4;
/** Below this many products a worker takes longer to wake than to work. */
const PRODUCTS_ALONE = 1e6;
/** What is in memory together is at most about this large. */
const GROUP_BYTES = 64 * 2 ** 20;

/** The layer's kernels over a memory of their own. */
export class LstmKernel {
  readonly #module: WebAssembly.Module;
  readonly #threads: number;
  readonly #memory: KernelMemory;

  /**
   * Makes the kernels ready; memory is taken and workers are started when they
   * are first needed.
   *
   * @param module The compiled kernels.
   * @param options The number of threads.
   */
  constructor(module: WebAssembly.Module, options: LstmKernelOptions = {}) {
    const { threads = Math.min(availableThreads(), MAXIMUM_THREADS) } = options;
    this.#module = module;
    this.#threads = threads;
    this.#memory = this.newMemory();
  }

  /**
   * Makes another memory for the same kernels, with as many threads.
   *
   * @returns The memory, empty.
   */
  newMemory(): KernelMemory {
    return new KernelMemory(this.#module, this.#threads);
  }

  /** The memory used since it was last given back, in bytes. */
  get bytes(): number {
    return this.#memory.bytes;
  }

  /**
   * Runs sequences through the layer.
   *
   * @param shape The sizes.
   * @param data Weights and sequences.
   * @param options Whether to keep the states for a gradient.
   * @returns The outputs, shape `(batch, steps, units)` or `(batch, units)`,
   * and the states, if they were kept.
   * @throws {RangeError} If one sequence is too large for the memory.
   */
  forward(
    shape: LstmShape,
    data: LstmInputs,
    options: { keepStates?: boolean } = {},
  ): { outputs: Float32Array; states: LstmStates | undefined } {
    const { keepStates = false } = options;
    const groups = groupsOf(shape);
    const memory = this.#memory;
    const outputs = new Float32Array(outputSize(shape, shape.batch));
    const before = memory.begin(neededBytes(shape));
    if (keepStates && groups.length === 1) {
      const packed = takePacked(memory, shape);
      const parts = this.#takeStates(shape, groups[0]);
      const after = memory.mark();
      this.#pack(shape, data.weights, packed);
      this.#runForward(shape, data.inputs, { packed, parts, outputs });
      memory.end(after);
      return { outputs, states: { before, after, packed, parts } };
    }
    const packed = takePacked(memory, shape);
    this.#pack(shape, data.weights, packed);
    for (const group of groups) {
      const start = memory.mark();
      const parts = this.#takeStates(shape, group);
      this.#runForward(shape, data.inputs, { packed, parts, outputs });
      memory.rewind(start);
    }
    memory.end(before);
    return { outputs, states: undefined };
  }

  /**
   * Runs back through time.
   *
   * @param shape The sizes of the forward call.
   * @param gradient The gradient of its outputs, shaped like them.
   * @param options The states that it kept, which are used up; and a function
   * that gives what it worked on, called if there are no states or room for
   * them had run out: then it is run again.
   * @returns The gradients.
   */
  backward(
    shape: LstmShape,
    gradient: Float32Array,
    options: { states?: LstmStates | undefined; data: () => LstmInputs },
  ): LstmGradients {
    const { states, data } = options;
    const { batch, steps, features } = shape;
    const memory = this.#memory;
    const before = memory.begin(neededBytes(shape));
    const kept = states && memory.holds(states.after) ? states : undefined;
    const results = {
      sum: this.#zeros(weightCount(shape)),
      inputs: new Float32Array(batch * steps * features),
    };
    if (kept) this.#runBackward(shape, gradient, kept, results);
    else this.#runAgain(shape, gradient, data(), results);
    const weights = this.#readSum(shape, results.sum);
    memory.end(kept && kept.after.top === before.top ? kept.before : before);
    return { ...weights, inputs: results.inputs };
  }

  /** Gives all memory back and ends the workers; what was kept for gradients
   * is computed again. */
  release(): void {
    this.#memory.release();
  }

  #takeStates(shape: LstmShape, group: readonly SequenceRange[]): LstmPart[] {
    return group.map(({ first, rows }) => ({
      first,
      rows,
      states: stateSizes(shape, rows).map((size) => this.#memory.take(size)),
    }));
  }

  #runForward(
    shape: LstmShape,
    inputs: Float32Array,
    work: {
      packed: PackedLstm;
      parts: readonly LstmPart[];
      outputs?: Float32Array;
    },
  ): void {
    const memory = this.#memory;
    const start = memory.mark();
    const { packed, parts, outputs } = work;
    const size = shape.steps * shape.features;
    const zeros = this.#zeros(zerosCount(shape));
    const calls = parts.map(({ first, rows, states }) => {
      const source = this.#put(
        inputs.subarray(first * size, (first + rows) * size),
      );
      const target = memory.take(outputSize(shape, rows));
      const places = { rows, packed, zeros, source, target, states };
      return { target, call: forwardCall(memory, shape, places) };
    });
    memory.run(calls.map(({ call }) => [call]), {
      alone: productCount(shape) < PRODUCTS_ALONE,
    });
    parts.forEach(({ first, rows }, k) => {
      const size = outputSize(shape, rows);
      const values = memory.floats(calls[k].target, size);
      outputs?.set(values, outputSize(shape, first));
    });
    memory.rewind(start);
  }

  #runBackward(
    shape: LstmShape,
    gradient: Float32Array,
    { packed, parts }: Pick<LstmStates, "packed" | "parts">,
    results: { sum: number; inputs: Float32Array },
  ): void {
    const memory = this.#memory;
    const start = memory.mark();
    const { steps, features } = shape;
    const count = weightCount(shape);
    const calls = parts.map(({ first, rows, states }) => {
      const from = outputSize(shape, first);
      const to = from + outputSize(shape, rows);
      const source = this.#put(gradient.subarray(from, to));
      const target = memory.take(rows * steps * features);
      const weights = memory.take(count);
      const places = { rows, packed, source, target, states, weights };
      const call = backwardCall(memory, shape, places);
      return { target, weights, call };
    });
    memory.run(calls.map(({ call }) => [call]), {
      alone: productCount(shape) < PRODUCTS_ALONE,
    });
    parts.forEach(({ first, rows }, k) => {
      const { target, weights } = calls[k];
      const values = memory.floats(target, rows * steps * features);
      results.inputs.set(values, first * steps * features);
      memory.functions.addTo(results.sum, weights, count);
    });
    memory.rewind(start);
  }

  #runAgain(
    shape: LstmShape,
    gradient: Float32Array,
    data: LstmInputs,
    results: { sum: number; inputs: Float32Array },
  ): void {
    const packed = takePacked(this.#memory, shape);
    this.#pack(shape, data.weights, packed);
    for (const group of groupsOf(shape)) {
      const start = this.#memory.mark();
      const parts = this.#takeStates(shape, group);
      this.#runForward(shape, data.inputs, { packed, parts });
      this.#runBackward(shape, gradient, { packed, parts }, results);
      this.#memory.rewind(start);
    }
  }

  #readSum(shape: LstmShape, sum: number): LstmWeights {
    const { kernel, recurrent, bias } = weightCounts(shape);
    const count = recurrent + kernel + bias;
    const values = this.#memory.floats(sum, count).slice();
    return {
      recurrent: values.subarray(0, recurrent),
      kernel: values.subarray(recurrent, count - bias),
      bias: values.subarray(count - bias),
    };
  }

  /** Lays weights out for both ways. */
  #pack(shape: LstmShape, values: LstmWeights, packed: PackedLstm): void {
    const memory = this.#memory;
    const start = memory.mark();
    const { kernel, recurrent, bias } = values;
    const count = weightCount(shape);
    const weights = memory.take(count);
    const room = memory.floats(weights, count);
    room.set(recurrent);
    room.set(kernel, recurrent.length);
    room.set(bias, count - bias.length);
    packPanels(memory, shape, { weights, packed });
    packTransposed(memory, shape, { weights, packed });
    memory.rewind(start);
  }

  #put(values: Float32Array): number {
    const address = this.#memory.take(values.length);
    this.#memory.floats(address, values.length).set(values);
    return address;
  }

  #zeros(count: number): number {
    const address = this.#memory.take(count);
    this.#memory.floats(address, count).fill(0);
    return address;
  }
}

/** The parts of the batch that are in memory together, group after group. */
function groupsOf(shape: LstmShape): SequenceRange[][] {
  const { batch } = shape;
  const most = Math.floor(GROUP_BYTES / partBytes(shape, 1));
  const rowsAtOnce = Math.min(batch, Math.max(1, most));
  const groups: SequenceRange[][] = [];
  for (let first = 0; first < batch; first += rowsAtOnce) {
    groups.push(partsOf(first, Math.min(rowsAtOnce, batch - first)));
  }
  return groups;
}

function partBytes(shape: LstmShape, rows: number): number {
  const inputs = rows * shape.steps * shape.features;
  const outputs = outputSize(shape, rows);
  return bytesOf([
    ...stateSizes(shape, rows),
    ...scratchSizes(shape, rows),
    // For both, the values and their gradient.
    ...[inputs, inputs, outputs, outputs],
  ]);
}

/** What a call, forwards or back, takes at most. */
function neededBytes(shape: LstmShape): number {
  const count = weightCount(shape);
  const weights = bytesOf([
    ...packedSizes(shape),
    ...[count, count],
    zerosCount(shape),
  ]);
  return weights + groupsOf(shape)[0]
    .reduce((sum, { rows }) => sum + partBytes(shape, rows), 0);
}

function weightCount(shape: LstmShape): number {
  const { kernel, recurrent, bias } = weightCounts(shape);
  return kernel + recurrent + bias;
}

function bytesOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + roomFor(size), 0);
}
