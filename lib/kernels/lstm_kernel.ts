/**
 * A whole sequence through an LSTM layer in one call, and its gradient in one
 * call: `z = x W + h U + b` with the gates i f c o, `c' = f c + i g` and
 * `h' = o tanh c'`, where i, f, o are sigmoids and g a tanh of their part of z.
 *
 * @see S. Hochreiter, J. Schmidhuber, Long Short-Term Memory (1997).
 *
 * @module
 */

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

/** What a forward call leaves for its gradient. */
export type LstmStates = {
  /** Where the stack stood before them. */
  readonly before: StackMark;
  /** Where it stood after them. */
  readonly after: StackMark;
  /** Where they are, part by part. */
  readonly parts: readonly LstmPart[];
};

/** Some sequences of the batch, and the addresses of their states. */
type LstmPart = {
  readonly first: number;
  readonly rows: number;
  readonly states: readonly number[];
};

const GATES = 4;
const PANEL = 8;
const VECTOR = 4;
/** The batch is cut into parts of at most about this size. */
const PART_BYTES = 64 * 2 ** 20;

/** The layer's kernels over a memory of their own. */
export class LstmKernel {
  readonly #memory: KernelMemory;

  /**
   * Makes the kernels ready; memory is taken when they are first called.
   *
   * @param module The compiled kernels.
   */
  constructor(module: WebAssembly.Module) {
    this.#memory = new KernelMemory(module);
  }

  /** The memory taken from the system now, in bytes. */
  get bytes(): number {
    return this.#memory.bytes;
  }

  /**
   * Runs sequences through the layer.
   *
   * @param shape The sizes.
   * @param weights The weights.
   * @param inputs The sequences, shape `(batch, steps, features)`.
   * @param options Whether to keep the states for a gradient.
   * @returns The outputs, shape `(batch, steps, units)` or `(batch, units)`,
   * and the states, if they were kept.
   * @throws {RangeError} If one sequence is too large for the memory.
   */
  forward(
    shape: LstmShape,
    weights: LstmWeights,
    inputs: Float32Array,
    options: { keepStates?: boolean } = {},
  ): { outputs: Float32Array; states: LstmStates | undefined } {
    const { keepStates = false } = options;
    const groups = groupsOf(shape);
    const keep = keepStates && groups.length === 1;
    const memory = this.#memory;
    const outputs = new Float32Array(outputSize(shape, shape.batch));
    const before = memory.begin(neededBytes(shape));
    let states: LstmStates | undefined;
    for (const group of groups) {
      const start = memory.mark();
      const parts = this.#takeStates(shape, group);
      const after = memory.mark();
      this.#runForward(shape, weights, inputs, parts, outputs);
      if (keep) states = { before, after, parts };
      memory.rewind(keep ? after : start);
    }
    memory.end(states ? states.after : before);
    return { outputs, states };
  }

  /**
   * Runs back through time.
   *
   * @param shape The sizes of the forward call.
   * @param weights Its weights.
   * @param inputs Its sequences.
   * @param options The gradient of its outputs, and the states that it kept;
   * they are used up. Without them, or if room had run out, it is run again.
   * @returns The gradients.
   */
  backward(
    shape: LstmShape,
    weights: LstmWeights,
    inputs: Float32Array,
    options: { gradient: Float32Array; states?: LstmStates | undefined },
  ): LstmGradients {
    const { gradient, states } = options;
    const dInputs = new Float32Array(inputs.length);
    const memory = this.#memory;
    const before = memory.begin(neededBytes(shape));
    const kept = states && memory.holds(states.after) ? states : undefined;
    const sums = this.#takeSums(shape);
    if (kept) {
      this.#runBackward(shape, weights, gradient, kept.parts, sums, dInputs);
    } else {
      for (const group of groupsOf(shape)) {
        const start = memory.mark();
        const parts = this.#takeStates(shape, group);
        this.#runForward(shape, weights, inputs, parts);
        this.#runBackward(shape, weights, gradient, parts, sums, dInputs);
        memory.rewind(start);
      }
    }
    const gradients = this.#readSums(shape, sums);
    memory.end(kept && kept.after.top === before.top ? kept.before : before);
    return { ...gradients, inputs: dInputs };
  }

  /** Gives all memory back; what was kept for gradients is computed again. */
  release(): void {
    this.#memory.release();
  }

  #takeStates(shape: LstmShape, group: readonly RowRange[]): LstmPart[] {
    return group.map(({ first, rows }) => ({
      first,
      rows,
      states: stateSizes(shape, rows).map((size) => this.#memory.take(size)),
    }));
  }

  #runForward(
    shape: LstmShape,
    weights: LstmWeights,
    inputs: Float32Array,
    parts: readonly LstmPart[],
    outputs?: Float32Array,
  ): void {
    const memory = this.#memory;
    const start = memory.mark();
    const { features, units } = shape;
    const packed = [
      this.#pack(weights.kernel, features, units),
      this.#pack(weights.recurrent, units, units),
      this.#packBias(weights.bias, units),
    ];
    const targets = parts.map(({ first, rows, states }) => {
      const source = this.#put(rowsOf(shape, inputs, first, rows));
      const target = memory.take(outputSize(shape, rows));
      memory.functions.lstmForward(
        ...[shape.steps, rows, features, units, widthOf(units)],
        Number(shape.everyStep),
        ...packed,
        source,
        target,
        ...states,
      );
      return target;
    });
    parts.forEach(({ first, rows }, k) => {
      const size = outputSize(shape, rows);
      outputs?.set(memory.floats(targets[k], size), outputSize(shape, first));
    });
    memory.rewind(start);
  }

  #runBackward(
    shape: LstmShape,
    weights: LstmWeights,
    gradient: Float32Array,
    parts: readonly LstmPart[],
    sums: readonly number[],
    dInputs: Float32Array,
  ): void {
    const memory = this.#memory;
    const start = memory.mark();
    const { steps, features, units } = shape;
    const packed = [
      this.#packTransposed(weights.kernel, features, units),
      this.#packTransposed(weights.recurrent, units, units),
      this.#zeros(upTo(PANEL, Math.max(units, features))),
    ];
    const results = parts.map(({ first, rows, states }) => {
      const from = outputSize(shape, first);
      const size = outputSize(shape, rows);
      const source = this.#put(gradient.subarray(from, from + size));
      const target = memory.take(rows * steps * features);
      const scratch = gradientSizes(shape, rows).map((n) => memory.take(n));
      memory.functions.lstmBackward(
        ...[steps, rows, features, units, widthOf(units)],
        Number(shape.everyStep),
        ...packed,
        source,
        target,
        ...states,
        ...scratch,
      );
      return { target, weights: scratch.slice(3, 5) };
    });
    parts.forEach(({ first, rows }, k) => {
      const size = rows * steps * features;
      dInputs.set(
        memory.floats(results[k].target, size),
        first * steps * features,
      );
      weightSizes(shape).forEach((count, w) =>
        memory.functions.addTo(sums[w], results[k].weights[w], count)
      );
    });
    memory.rewind(start);
  }

  #takeSums(shape: LstmShape): number[] {
    return weightSizes(shape).map((size) => this.#zeros(size));
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
    const source = this.#put(weights);
    const width = widthOf(units);
    const target = this.#memory.take(rows * GATES * width);
    this.#memory.functions.packPanels(source, rows, units, width, target);
    return target;
  }

  #packTransposed(weights: Float32Array, rows: number, units: number): number {
    const source = this.#put(weights);
    const width = widthOf(units);
    const target = this.#memory.take(upTo(PANEL, rows) * GATES * width);
    this.#memory.functions.packTransposed(source, rows, units, width, target);
    return target;
  }

  #packBias(bias: Float32Array, units: number): number {
    const source = this.#put(bias);
    const width = widthOf(units);
    const target = this.#memory.take(GATES * width);
    this.#memory.functions.padGates(source, 1, units, width, target);
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

type RowRange = { readonly first: number; readonly rows: number };

/** The parts of the batch that are in memory together, group after group. */
function groupsOf(shape: LstmShape): RowRange[][] {
  const most = Math.floor(PART_BYTES / partBytes(shape, 1));
  const rowsAtOnce = Math.min(shape.batch, Math.max(1, most));
  const groups: RowRange[][] = [];
  for (let first = 0; first < shape.batch; first += rowsAtOnce) {
    groups.push([{ first, rows: Math.min(rowsAtOnce, shape.batch - first) }]);
  }
  return groups;
}

function rowsOf(
  shape: LstmShape,
  inputs: Float32Array,
  first: number,
  rows: number,
): Float32Array {
  const rowSize = shape.steps * shape.features;
  return inputs.subarray(first * rowSize, (first + rows) * rowSize);
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
    ...Array<number>(4).fill((upTo(PANEL, features) + 1) * cols),
    ...Array<number>(4).fill(upTo(PANEL, units) * cols),
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
