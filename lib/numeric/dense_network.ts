/**
 * A network of dense layers over flat arrays of doubles: `h' = f(h W + b)`,
 * ReLU between layers, sigmoid or nothing at the end, and the gradient of its
 * mean squared error. For networks of a few thousand weights this is many
 * times faster than a tensor library, whose calls cost more than their sums;
 * and it runs wherever the language does.
 *
 * @see D. E. Rumelhart, G. E. Hinton, R. J. Williams, Learning Representations
 * by Back-Propagating Errors (1986).
 * @see X. Glorot, Y. Bengio, Understanding the Difficulty of Training Deep
 * Feedforward Neural Networks (2010), for the first weights.
 *
 * @module
 */

import { Random } from "./random.ts";

/** What the output layer can reach: 0 to 1, or any number. */
export type OutputActivation = "sigmoid" | "linear";

/** The architecture of a network. */
export type DenseShape = {
  /** Inputs, units of each hidden layer, outputs. */
  readonly sizes: readonly number[];
  /** What the last layer applies. */
  readonly outputActivation: OutputActivation;
};

/** A layer's place in the array of parameters. */
type Layer = {
  inputs: number;
  outputs: number;
  kernel: number;
  bias: number;
};

/** A network; its parameters may be changed from outside. */
export class DenseNetwork {
  /** The architecture. */
  readonly shape: DenseShape;
  /** For each layer W, row-major, shape `(inputs, outputs)`, then b. */
  readonly parameters: Float64Array;
  readonly #layers: readonly Layer[];
  /** The values of each layer's units, row after row, the inputs first. */
  #values: Float64Array[] = [];
  #slopes: Float64Array[] = [];
  #room = 0;

  /**
   * Builds a network.
   *
   * @param shape The architecture, at least one layer.
   * @param parameters As many as {@linkcode parameterCount} says.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { DenseNetwork } from "lib/numeric/dense_network.ts";
   *
   * const shape = { sizes: [2, 1], outputActivation: "linear" } as const;
   * const network = new DenseNetwork(shape, Float64Array.of(3, 4, 5));
   * assert.deepEqual([...network.forward(Float64Array.of(1, 2), 1)], [16]);
   * ```
   */
  constructor(shape: DenseShape, parameters: Float64Array) {
    this.shape = shape;
    this.parameters = parameters;
    this.#layers = layersOf(shape.sizes);
  }

  /**
   * Builds a network with Glorot's uniform weights, as Keras does, and biases
   * of 0.
   *
   * @param shape The architecture.
   * @param seed Seed of the weights.
   * @param stream The stream under which layer k draws its own.
   * @returns The network.
   */
  static random(shape: DenseShape, seed: number, stream: number): DenseNetwork {
    const parameters = new Float64Array(parameterCount(shape.sizes));
    layersOf(shape.sizes).forEach(({ inputs, outputs, kernel, bias }, k) => {
      const random = new Random(seed, stream, k);
      const limit = Math.sqrt(6 / (inputs + outputs));
      for (let i = kernel; i < bias; i++) {
        parameters[i] = limit * (2 * random.uniform() - 1);
      }
    });
    return new DenseNetwork(shape, parameters);
  }

  /**
   * Runs rows through the network.
   *
   * @param inputs The rows, shape `(rows, sizes[0])`.
   * @param rows How many.
   * @returns Outputs, shape `(rows, sizes.at(-1))`, until the next call.
   */
  forward(inputs: Float64Array, rows: number): Float64Array {
    this.#reserve(rows);
    this.#values[0].set(inputs.subarray(0, rows * this.shape.sizes[0]));
    this.#layers.forEach((layer, k) => {
      const isLast = k === this.#layers.length - 1;
      const outputs = this.#values[k + 1];
      this.#multiply(layer, this.#values[k], outputs, rows);
      const count = rows * layer.outputs;
      if (!isLast) rectifyInPlace(outputs, count);
      else if (this.shape.outputActivation === "sigmoid") {
        squashInPlace(outputs, count);
      }
    });
    const last = this.#layers.length;
    return this.#values[last].subarray(0, rows * this.shape.sizes[last]);
  }

  /**
   * The mean squared error over all outputs of a batch, and its gradient.
   *
   * @param inputs The rows, shape `(rows, sizes[0])`.
   * @param targets What should come out, shape `(rows, sizes.at(-1))`.
   * @param gradient Where the gradient goes, in the order of the parameters.
   * @returns The error.
   */
  gradientInto(
    inputs: Float64Array,
    targets: Float64Array,
    gradient: Float64Array,
  ): number {
    const rows = inputs.length / this.shape.sizes[0];
    const outputs = this.forward(inputs, rows);
    const last = this.#layers.length;
    const slopes = this.#slopes[last];
    const isSigmoid = this.shape.outputActivation === "sigmoid";
    let sum = 0;
    for (let k = 0; k < outputs.length; k++) {
      const output = outputs[k];
      const error = output - targets[k];
      sum += error * error;
      slopes[k] = 2 * error / outputs.length *
        (isSigmoid ? output * (1 - output) : 1);
    }
    gradient.fill(0);
    for (let k = last - 1; k >= 0; k--) this.#backward(k, rows, gradient);
    return sum / outputs.length;
  }

  #multiply(
    { inputs, outputs, kernel, bias }: Layer,
    from: Float64Array,
    to: Float64Array,
    rows: number,
  ): void {
    const { parameters } = this;
    for (let r = 0; r < rows; r++) {
      const out = r * outputs;
      for (let j = 0; j < outputs; j++) to[out + j] = parameters[bias + j];
      for (let i = 0, at = kernel; i < inputs; i++, at += outputs) {
        const value = from[r * inputs + i];
        if (value === 0) continue;
        for (let j = 0; j < outputs; j++) {
          to[out + j] += value * parameters[at + j];
        }
      }
    }
  }

  /** From the slopes of a layer's sums to those of its parameters and of the
   * sums before it. */
  #backward(k: number, rows: number, gradient: Float64Array): void {
    const { inputs, outputs, kernel, bias } = this.#layers[k];
    const { parameters } = this;
    const values = this.#values[k];
    const slopes = this.#slopes[k + 1];
    const before = this.#slopes[k];
    for (let r = 0; r < rows; r++) {
      const out = r * outputs;
      for (let j = 0; j < outputs; j++) gradient[bias + j] += slopes[out + j];
      for (let i = 0, at = kernel; i < inputs; i++, at += outputs) {
        const value = values[r * inputs + i];
        // A unit that gave 0 passes nothing on, in either direction; inputs
        // need no slope.
        if (value === 0) {
          before[r * inputs + i] = 0;
          continue;
        }
        let slope = 0;
        for (let j = 0; j < outputs; j++) {
          gradient[at + j] += value * slopes[out + j];
          slope += parameters[at + j] * slopes[out + j];
        }
        before[r * inputs + i] = slope;
      }
    }
  }

  #reserve(rows: number): void {
    if (rows <= this.#room) return;
    const make = () =>
      this.shape.sizes.map((size) => new Float64Array(rows * size));
    this.#values = make();
    this.#slopes = make();
    this.#room = rows;
  }
}

/**
 * Counts the parameters of a network.
 *
 * @param sizes Inputs, units of each hidden layer, outputs.
 * @returns How many weights and biases there are.
 */
export function parameterCount(sizes: readonly number[]): number {
  const { bias, outputs } = layersOf(sizes)[sizes.length - 2];
  return bias + outputs;
}

function layersOf(sizes: readonly number[]): Layer[] {
  let next = 0;
  return sizes.slice(1).map((outputs, k) => {
    const inputs = sizes[k];
    const kernel = next;
    const bias = kernel + inputs * outputs;
    next = bias + outputs;
    return { inputs, outputs, kernel, bias };
  });
}

function rectifyInPlace(values: Float64Array, count: number): void {
  for (let k = 0; k < count; k++) if (values[k] < 0) values[k] = 0;
}

function squashInPlace(values: Float64Array, count: number): void {
  for (let k = 0; k < count; k++) values[k] = 1 / (1 + Math.exp(-values[k]));
}
