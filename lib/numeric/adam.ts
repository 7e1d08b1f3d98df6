/**
 * Adam as one plain loop over all weights: TensorFlow.js's own takes about ten
 * operations for each weight, which for small networks costs more than their
 * gradient.
 *
 * @see D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization (2015).
 *
 * @module
 */

import type { AdamStep } from "../kernels/network_kernel.ts";
import { type Tensor, tf, type Variable } from "./tensors.ts";

/** Decay rates as in the paper; epsilon as in Keras. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-7;

/** The state of Adam for some weights. */
export class Adam {
  /** Step size; may change between steps. */
  rate: number;
  readonly #variables: readonly Variable[];
  readonly #means: readonly Float32Array[];
  readonly #squares: readonly Float32Array[];
  #steps = 0;

  /**
   * Starts with no memory of gradients.
   *
   * @param variables The weights to be changed.
   * @param rate Step size.
   */
  constructor(variables: readonly Variable[], rate: number) {
    this.rate = rate;
    this.#variables = variables;
    this.#means = variables.map(({ size }) => new Float32Array(size));
    this.#squares = variables.map(({ size }) => new Float32Array(size));
  }

  /**
   * Takes a step: `w -= rate m' / (sqrt(v') + epsilon)` with m' and v' the
   * running means of the gradient and its square, corrected for their start
   * at 0.
   *
   * @param gradients The gradients of the weights, by their names.
   */
  step(gradients: { readonly [name: string]: Tensor }): void {
    this.#steps++;
    this.#variables.forEach((variable, k) => {
      const weights = Float32Array.from(variable.dataSync());
      this.#moveInPlace(weights, gradients[variable.name].dataSync(), k);
      const updated = tf.tensor(weights, variable.shape);
      variable.assign(updated);
      updated.dispose();
    });
  }

  #moveInPlace(
    weights: Float32Array,
    gradient: ArrayLike<number>,
    k: number,
  ): void {
    const m = this.#means[k], v = this.#squares[k];
    const { meanShare, squareShare, rate, correction, epsilon } = adamNumbers(
      this.#steps,
      this.rate,
    );
    for (let i = 0; i < weights.length; i++) {
      const g = gradient[i];
      m[i] += meanShare * (g - m[i]);
      v[i] += squareShare * (g * g - v[i]);
      weights[i] -= rate * m[i] / (correction * Math.sqrt(v[i]) + epsilon);
    }
  }
}

/**
 * The numbers of a step of Adam.
 *
 * @param step The step, from 1.
 * @param rate Its size.
 * @returns The numbers, the same for all weights.
 */
export function adamNumbers(step: number, rate: number): AdamStep {
  return {
    meanShare: 1 - BETA1,
    squareShare: 1 - BETA2,
    rate: rate / (1 - BETA1 ** step),
    correction: 1 / Math.sqrt(1 - BETA2 ** step),
    epsilon: EPSILON,
  };
}
