/**
 * Dropout that can be repeated: a new mask at every training call, fixed by
 * the layer's seed and the number of the call. The stock layer draws without a
 * seed, or with one repeats a single mask for ever.
 *
 * @see N. Srivastava et al., Dropout: A Simple Way to Prevent Neural Networks
 * from Overfitting (2014).
 *
 * @module
 */

import { checkNumber, checkSeed } from "./checks.ts";
import { Random } from "./random.ts";
import { type LayerConfig, type Tensor, tf } from "./tensors.ts";

/** Half of 32 random bits decides on a unit. */
const LEVELS = 2 ** 16;

/** Options for {@linkcode SeededDropout}. */
export type SeededDropoutOptions = {
  /** Share of the inputs set to zero, from 0 to below 1. @default {0.2} */
  rate?: number;
  /** Seed of the masks. @default {0} */
  seed?: number;
};

/**
 * A layer that sets a random share of its inputs to zero in training and
 * divides the others by `1 - rate`, so that the expected sum stays; at
 * inference it changes nothing. It has no weights.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { SeededDropout } from "lib/numeric/dropout.ts";
 * import { type Tensor, tf } from "lib/numeric/tensors.ts";
 *
 * const layer = new SeededDropout({ rate: 0.5, seed: 1 });
 * const output = layer.apply(tf.ones([2, 2])) as Tensor;
 * assert.deepEqual([...output.dataSync()], [1, 1, 1, 1]);
 * ```
 */
export class SeededDropout extends tf.layers.Layer {
  /** The name under which TensorFlow.js saves the layer. */
  static className = "SeededDropout";
  readonly #rate: number;
  readonly #seed: number;
  #calls = 0;

  /**
   * Builds the layer.
   *
   * @param options The share of inputs dropped and the seed.
   * @throws {RangeError} If the rate or the seed is out of range.
   */
  constructor(options: SeededDropoutOptions = {}) {
    const { rate = 0.2, seed = 0, ...layerConfig } = options;
    super(layerConfig);
    checkNumber(rate, "rate", "build dropout", { minimum: 0, maximum: 0.999 });
    checkSeed(seed, "build dropout");
    this.#rate = rate;
    this.#seed = seed;
  }

  /** The share of the inputs dropped. */
  get rate(): number {
    return this.#rate;
  }

  /**
   * Begins a training call.
   *
   * @returns The random numbers of its mask, 16 bits for each value, the lower
   * half of a draw first; a value is dropped if they are below `rate * 2^16`.
   */
  nextStream(): Random {
    return new Random(this.#seed, this.#calls++);
  }

  /**
   * Applies the layer.
   *
   * @param inputs One tensor, or a list of one, any shape.
   * @param kwargs `training` says whether to drop.
   * @returns A tensor of the same shape.
   */
  override call(
    inputs: Tensor | Tensor[],
    kwargs: { training?: boolean },
  ): Tensor {
    const input = Array.isArray(inputs) ? inputs[0] : inputs;
    if (!kwargs.training || this.#rate === 0) return input.clone();
    const mask = dropoutMask(input.size, this.#rate, this.nextStream());
    return tf.mul(input, tf.tensor(mask, input.shape));
  }

  /**
   * Says the shape of the output.
   *
   * @param inputShape The shape of the input.
   * @returns The same shape.
   */
  override computeOutputShape(
    inputShape: (number | null)[],
  ): (number | null)[] {
    return inputShape;
  }

  /**
   * Describes the layer.
   *
   * @returns What TensorFlow.js needs to build the layer again.
   */
  override getConfig(): LayerConfig {
    return { ...super.getConfig(), rate: this.#rate, seed: this.#seed };
  }
}

tf.serialization.registerClass(SeededDropout);

/** Zeros with the probability `rate`, to 16 bits, else `1 / (1 - rate)`. */
function dropoutMask(size: number, rate: number, random: Random): Float32Array {
  const mask = new Float32Array(size);
  const limit = Math.round(rate * LEVELS);
  const kept = 1 / (1 - rate);
  for (let i = 0; i < size; i += 2) {
    const bits = random.bits();
    mask[i] = bits % LEVELS < limit ? 0 : kept;
    mask[i + 1] = bits >>> 16 < limit ? 0 : kept;
  }
  return mask;
}
