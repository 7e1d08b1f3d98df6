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

/** The sizes of a call. */
export type LstmShape = {
  /** Sequences. */
  readonly batch: number;
  /** Steps of each. */
  readonly steps: number;
  /** Values that come in at a step. */
  readonly features: number;
  /** Units of the layer. */
  readonly units: number;
  /** Whether the output of every step is wanted, or the last alone. */
  readonly everyStep: boolean;
};

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
  /** Addresses of W and U, transposed and laid out for the gradient. */
  readonly transposed: readonly number[];
  /** Where the states are, part by part. */
  readonly parts: readonly LstmPart[];
};

/** Some sequences of the batch, and the addresses of their states. */
export type LstmPart = SequenceRange & {
  /** x with a column of ones, gates, cells, tanh of the cells, hidden. */
  readonly states: readonly number[];
};

/** Some sequences of the batch. */
export type SequenceRange = {
  /** The first of them. */
  readonly first: number;
  /** How many. */
  readonly rows: number;
};

/** Options for {@linkcode LstmKernel}. */
export type LstmKernelOptions = {
  /** Threads that share the sequences of a batch, the calling one among them;
   * results do not depend on it. @default {at most 4, one a core} */
  threads?: number;
};

const MAXIMUM_THREADS = 4;
/** Sequences of a batch are shared out in parts of at least this many; parts
 * do not depend on the number of threads, so neither do sums over them. */
const PART_ROWS = 16;
const MAXIMUM_PARTS = 8;
/** Below this many products a worker takes longer to wake than to work. */
const PRODUCTS_ALONE = 1e6;
const GATES = 4;
const PANEL = 8;
const VECTOR = 4;
/** Rows for which the kernels want room, see `product.as`. */
const ROOM_ROWS = 32;
/** What is in memory together is at most about this large. */
const GROUP_BYTES = 64 * 2 ** 20;

/** The layer's kernels over a memory of their own. */
export class LstmKernel {
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
    this.#memory = new KernelMemory(module, threads);
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
      const transposed = this.#packAllTransposed(shape, data.weights);
      const parts = this.#takeStates(shape, groups[0]);
      const after = memory.mark();
      this.#runForward(shape, data, parts, outputs);
      memory.end(after);
      return { outputs, states: { before, after, transposed, parts } };
    }
    for (const group of groups) {
      const start = memory.mark();
      const parts = this.#takeStates(shape, group);
      this.#runForward(shape, data, parts, outputs);
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
      sums: weightSizes(shape).map((size) => this.#zeros(size)),
      inputs: new Float32Array(batch * steps * features),
    };
    if (kept) this.#runBackward(shape, gradient, kept, results);
    else this.#runAgain(shape, gradient, data(), results);
    const weights = this.#readSums(shape, results.sums);
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
    { weights, inputs }: LstmInputs,
    parts: readonly LstmPart[],
    outputs?: Float32Array,
  ): void {
    const memory = this.#memory;
    const start = memory.mark();
    const { steps, features, units, everyStep } = shape;
    const packed = [
      this.#pack(weights.kernel, features, units),
      this.#pack(weights.recurrent, units, units),
      this.#pad(weights.bias, 1, units),
    ];
    const calls = parts.map(({ first, rows, states }) => {
      const source = this.#put(
        inputs.subarray(
          first * steps * features,
          (first + rows) * steps * features,
        ),
      );
      const target = memory.take(outputSize(shape, rows));
      const sizes = [steps, rows, features, units, widthOf(units)];
      const room = memory.take(ROOM_ROWS * Math.max(features, units));
      const places = [...packed, source, target, ...states, room];
      const args = [...sizes, Number(everyStep), ...places];
      return { target, name: "lstmForward", args } as const;
    });
    memory.run(calls, { alone: productCount(shape) < PRODUCTS_ALONE });
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
    { transposed, parts }: Pick<LstmStates, "transposed" | "parts">,
    results: { sums: readonly number[]; inputs: Float32Array },
  ): void {
    const memory = this.#memory;
    const start = memory.mark();
    const { steps, features, units, everyStep } = shape;
    const zeros = this.#zeros(upTo(PANEL, Math.max(units, features)));
    const calls = parts.map(({ first, rows, states }) => {
      const from = outputSize(shape, first);
      const to = from + outputSize(shape, rows);
      const source = this.#put(gradient.subarray(from, to));
      const target = memory.take(rows * steps * features);
      const scratch = gradientSizes(shape, rows).map((n) => memory.take(n));
      const sizes = [steps, rows, features, units, widthOf(units)];
      const room = memory.take(ROOM_ROWS * GATES * widthOf(units));
      const places = [zeros, source, target, ...states, ...scratch, room];
      const args = [...sizes, Number(everyStep), ...transposed, ...places];
      const weights = scratch.slice(3, 5);
      return { target, weights, name: "lstmBackward", args } as const;
    });
    memory.run(calls, { alone: productCount(shape) < PRODUCTS_ALONE });
    parts.forEach(({ first, rows }, k) => {
      const { target, weights } = calls[k];
      const values = memory.floats(target, rows * steps * features);
      results.inputs.set(values, first * steps * features);
      weightSizes(shape).forEach((count, w) =>
        memory.functions.addTo(results.sums[w], weights[w], count)
      );
    });
    memory.rewind(start);
  }

  #runAgain(
    shape: LstmShape,
    gradient: Float32Array,
    data: LstmInputs,
    results: { sums: readonly number[]; inputs: Float32Array },
  ): void {
    const transposed = this.#packAllTransposed(shape, data.weights);
    for (const group of groupsOf(shape)) {
      const start = this.#memory.mark();
      const parts = this.#takeStates(shape, group);
      this.#runForward(shape, data, parts);
      this.#runBackward(shape, gradient, { transposed, parts }, results);
      this.#memory.rewind(start);
    }
  }

  #packAllTransposed(shape: LstmShape, weights: LstmWeights): number[] {
    const { features, units } = shape;
    return [
      this.#packTransposed(weights.kernel, features, units),
      this.#packTransposed(weights.recurrent, units, units),
    ];
  }

  #readSums(shape: LstmShape, sums: readonly number[]): LstmWeights {
    const { features, units } = shape;
    const withBias = this.#unpad(sums[0], features + 1, units);
    const border = features * GATES * units;
    return {
      kernel: withBias.subarray(0, border),
      bias: withBias.subarray(border),
      recurrent: this.#unpad(sums[1], units, units),
    };
  }

  #unpad(padded: number, rows: number, units: number): Float32Array {
    const count = rows * GATES * units;
    const target = this.#memory.take(count);
    const { functions } = this.#memory;
    functions.unpadGates(padded, rows, units, widthOf(units), target);
    return this.#memory.floats(target, count).slice();
  }

  #pack(weights: Float32Array, rows: number, units: number): number {
    const padded = this.#pad(weights, rows, units);
    const width = widthOf(units);
    const target = this.#memory.take(rows * GATES * width);
    this.#memory.functions.packPanels(padded, rows, width, target);
    return target;
  }

  #packTransposed(weights: Float32Array, rows: number, units: number): number {
    const padded = this.#pad(weights, rows, units);
    const width = widthOf(units);
    const target = this.#memory.take(upTo(PANEL, rows) * GATES * width);
    this.#memory.functions.packTransposed(padded, rows, width, target);
    return target;
  }

  #pad(weights: Float32Array, rows: number, units: number): number {
    const source = this.#put(weights);
    const width = widthOf(units);
    const target = this.#memory.take(rows * GATES * width);
    this.#memory.functions.padGates(source, rows, units, width, target);
    return target;
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

function partsOf(first: number, rows: number): SequenceRange[] {
  const count = Math.min(MAXIMUM_PARTS, Math.max(1, rows / PART_ROWS | 0));
  const border = (k: number) => first + Math.floor(rows * k / count);
  return Array.from(
    { length: count },
    (_, k) => ({ first: border(k), rows: border(k + 1) - border(k) }),
  );
}

/** Multiplications of a forward call, about. */
function productCount(shape: LstmShape): number {
  const { batch, steps, features, units } = shape;
  return batch * steps * (features + units) * GATES * units;
}

function outputSize(shape: LstmShape, rows: number): number {
  return rows * shape.units * (shape.everyStep ? shape.steps : 1);
}

/** x with a column of ones, gates, cells, tanh of the cells, hidden. */
function stateSizes(shape: LstmShape, rows: number): number[] {
  const { steps, features } = shape;
  const width = widthOf(shape.units);
  return [
    steps * rows * (features + 1),
    steps * rows * GATES * width,
    (steps + 1) * rows * width,
    steps * rows * width,
    (steps + 1) * rows * width,
  ];
}

/** Gradients of hidden, hidden carried, cells, W with b, U, and x. */
function gradientSizes(shape: LstmShape, rows: number): number[] {
  const { steps, features, units, everyStep } = shape;
  const hidden = rows * upTo(PANEL, units);
  return [
    hidden * (everyStep ? steps : 1),
    hidden,
    rows * widthOf(units),
    ...weightSizes(shape),
    steps * rows * upTo(PANEL, features),
  ];
}

/** W with b as its last row, and U, gates padded. */
function weightSizes(shape: LstmShape): number[] {
  const cols = GATES * widthOf(shape.units);
  return [(shape.features + 1) * cols, shape.units * cols];
}

function partBytes(shape: LstmShape, rows: number): number {
  const sizes = [
    ...stateSizes(shape, rows),
    ...gradientSizes(shape, rows),
    ROOM_ROWS * (GATES * widthOf(shape.units) + shape.features),
    2 * outputSize(shape, rows),
    2 * rows * shape.steps * shape.features,
  ];
  return bytesOf(sizes);
}

/** What a call, forwards or back, takes at most. */
function neededBytes(shape: LstmShape): number {
  const { features, units } = shape;
  const group = groupsOf(shape)[0];
  const cols = GATES * widthOf(units);
  const weights = [
    ...Array<number>(9).fill((upTo(PANEL, features) + 1) * cols),
    ...Array<number>(9).fill(upTo(PANEL, units) * cols),
    ...weightSizes(shape),
    ...Array<number>(4).fill(upTo(PANEL, Math.max(units, features)) + cols),
  ];
  return bytesOf(weights) +
    group.reduce((sum, { rows }) => sum + partBytes(shape, rows), 0);
}

function bytesOf(sizes: readonly number[]): number {
  return sizes.reduce((sum, size) => sum + roomFor(size), 0);
}

function widthOf(units: number): number {
  return upTo(VECTOR, units);
}

function upTo(step: number, count: number): number {
  return Math.ceil(count / step) * step;
}
