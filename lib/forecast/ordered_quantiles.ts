/**
 * Quantiles that cannot cross. Of the outputs for one step, the one nearest
 * the median stands as it is; each quantile above it adds, and each below it
 * takes away, an amount above 0: `gap * softplus(output) / ln 2`. The gaps are
 * those of a logistic distribution of unit scale, so that outputs of 0 mean
 * its quantiles and training begins from a sensible spread.
 *
 * Rearranging crossed quantiles (Chernozhukov et al. 2010) would mend them
 * after the fact; here each loss that training sees is already that of ordered
 * ones, and forecasts need no mending.
 *
 * @see Y. Park et al., Learning Quantile Functions without Quantile Crossing
 * for Distribution-free Time Series Forecasting (2022), for increments.
 * @see V. Chernozhukov, I. Fernández-Val, A. Galichon, Quantile and
 * Probability Curves Without Crossing (2010), for rearrangement.
 *
 * @module
 */

import { type LayerConfig, type Tensor, tf } from "../numeric/tensors.ts";
import { checkQuantiles } from "./quantile_levels.ts";

/** Turns a logistic distribution of unit scale into one about as wide as the
 * standard normal: 1 / 1.702. */
const LOGISTIC_TO_NORMAL = 1 / 1.702;

/** Options for {@linkcode OrderedQuantiles}. */
export type OrderedQuantilesOptions = {
  /** The probabilities, ascending. @default {[0.5]} */
  quantiles?: readonly number[];
};

/**
 * A layer from any numbers to quantiles in ascending order, shape
 * `(batch, steps * quantiles)` before and after, the quantiles of a step side
 * by side. It has no weights.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { OrderedQuantiles } from "lib/forecast/ordered_quantiles.ts";
 * import { type Tensor, tf } from "lib/numeric/tensors.ts";
 *
 * const layer = new OrderedQuantiles({ quantiles: [0.25, 0.5, 0.75] });
 * const outputs = layer.apply(tf.tensor2d([[5, 1, -9]])) as Tensor;
 * const [low, middle, high] = outputs.dataSync();
 * assert.ok(low < middle && middle === 1 && middle < high);
 * ```
 */
export class OrderedQuantiles extends tf.layers.Layer {
  /** The name under which TensorFlow.js saves the layer. */
  static className = "OrderedQuantiles";
  readonly #quantiles: readonly number[];

  /**
   * Builds the layer.
   *
   * @param options The probabilities.
   * @throws {RangeError} If they are not between 0 and 1 or do not ascend.
   */
  constructor(options: OrderedQuantilesOptions = {}) {
    const { quantiles = [0.5], ...layerConfig } = options;
    super(layerConfig);
    checkQuantiles(quantiles, "order quantiles");
    this.#quantiles = quantiles;
  }

  /**
   * Applies the layer.
   *
   * @param inputs One tensor, or a list of one, `(batch, steps * quantiles)`.
   * @returns The quantiles, in the same shape.
   */
  override call(inputs: Tensor | Tensor[]): Tensor {
    const input = Array.isArray(inputs) ? inputs[0] : inputs;
    const count = this.#quantiles.length;
    return tf.tidy(() => {
      const outputs = tf.reshape(input, [-1, count]);
      // Sums of the middle and of what lies between, by one product: increments
      // times a matrix of 0, 1 and -1 with the gaps in it.
      const middle = middleOf(this.#quantiles);
      const isMiddle = tf.oneHot(tf.scalar(middle, "int32"), count);
      const amounts = tf.where(
        tf.equal(isMiddle, 1).broadcastTo(outputs.shape),
        outputs,
        tf.softplus(outputs),
      );
      const ordered = tf.matMul(amounts, summation(this.#quantiles));
      return tf.reshape(ordered, [-1, input.shape[1] ?? count]);
    });
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
    return { ...super.getConfig(), quantiles: [...this.#quantiles] };
  }
}

tf.serialization.registerClass(OrderedQuantiles);

/** The quantile nearest the median. */
function middleOf(quantiles: readonly number[]): number {
  const distance = quantiles.map((q) => Math.abs(q - 0.5));
  return distance.indexOf(Math.min(...distance));
}

/** The matrix that sums the middle and the gaps between it and each quantile:
 * element (i, j) is how much amount i adds to quantile j. */
function summation(quantiles: readonly number[]): Tensor {
  const middle = middleOf(quantiles);
  const scaled = quantiles.map((q) =>
    Math.log(q / (1 - q)) * LOGISTIC_TO_NORMAL / Math.LN2
  );
  return tf.tensor2d(
    quantiles.map((_, i) =>
      quantiles.map((_, j) => {
        if (i === middle) return 1;
        if (i > middle) return j >= i ? scaled[i] - scaled[i - 1] : 0;
        return j <= i ? scaled[i] - scaled[i + 1] : 0;
      })
    ),
  );
}
