/**
 * What networks minimize, as means over all outputs of a batch.
 *
 * @module
 */

import { type Scalar, type Tensor, tf } from "./tensors.ts";

/** A loss, as the mean over all outputs of a batch. */
export type LossName = "meanSquaredError" | "meanAbsoluteError" | "pinball";

/** Options for {@linkcode networkLoss}. */
export type NetworkLossOptions = {
  /** What is minimized. @default {"meanSquaredError"} */
  loss?: LossName;
  /** The probabilities that each target has an output for, ascending; for the
   * pinball loss only. @default {[0.5]} */
  quantiles?: readonly number[];
  /** How much each target counts, shape of the targets, not all 0.
   * @default {all alike} */
  weights?: Tensor | undefined;
};

/**
 * The loss of a batch. The pinball loss of output f of quantile q is
 * `max(q (y - f), (q - 1) (y - f))`, the mean taken over all targets and
 * quantiles; its slope is never steeper than 1, so that an outlier pulls no
 * harder than any other value.
 *
 * @param outputs Outputs, shape `(batch, targets)`; for the pinball loss
 * `(batch, targets * quantiles)`, the quantiles of a target side by side.
 * @param targets What came, shape `(batch, targets)`.
 * @param options The loss, its quantiles, and weights.
 * @returns The loss, one number on the backend, with finite gradients.
 * @see R. Koenker, G. Bassett, Regression Quantiles (1978).
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { networkLoss } from "lib/numeric/losses.ts";
 * import { tf } from "lib/numeric/tensors.ts";
 *
 * const loss = tf.tidy(() =>
 *   networkLoss(tf.tensor2d([[1, 3]]), tf.tensor2d([[2]]), {
 *     loss: "pinball",
 *     quantiles: [0.25, 0.5],
 *   }).dataSync()[0]
 * );
 * // 0.25 (2 - 1) and 0.5 (3 - 2).
 * assert.equal(loss, 0.375);
 * ```
 */
export function networkLoss(
  outputs: Tensor,
  targets: Tensor,
  options: NetworkLossOptions = {},
): Scalar {
  const { loss = "meanSquaredError", quantiles = [0.5], weights } = options;
  switch (loss) {
    case "meanSquaredError":
      return weightedMean(tf.square(tf.sub(targets, outputs)), weights);
    case "meanAbsoluteError":
      return weightedMean(tf.abs(tf.sub(targets, outputs)), weights);
    case "pinball": {
      const [batch, count] = targets.shape;
      const errors = tf.sub(
        tf.expandDims(targets, 2),
        tf.reshape(outputs, [batch, count, quantiles.length]),
      );
      return weightedMean(pinballOf(errors, quantiles), weights);
    }
  }
}

/**
 * The loss of a batch as in {@linkcode networkLoss}, and its gradient, without
 * tensors: for outputs that are at hand as numbers this is much faster.
 *
 * @param outputs Outputs, row-major.
 * @param targets What came, row-major.
 * @param options The loss, its quantiles, and weights.
 * @returns The loss, and its gradient by the outputs.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { lossGradient } from "lib/numeric/losses.ts";
 *
 * const [outputs, targets] = [Float32Array.of(3, 1), Float32Array.of(1, 1)];
 * const { loss, gradient } = lossGradient(outputs, targets);
 * // The mean of 2² and 0; its slope is 2 · 2 / 2.
 * assert.equal(loss, 2);
 * assert.deepEqual([...gradient], [2, 0]);
 * ```
 */
export function lossGradient(
  outputs: Float32Array,
  targets: Float32Array,
  options: Omit<NetworkLossOptions, "weights"> & {
    weights?: Float32Array | undefined;
  } = {},
): { loss: number; gradient: Float32Array } {
  const { loss: name = "meanSquaredError", quantiles = [0.5], weights } =
    options;
  const levels = name === "pinball" ? quantiles : [0.5];
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ??
    targets.length;
  const gradient = new Float32Array(outputs.length);
  let loss = 0;
  for (let k = 0; k < outputs.length; k++) {
    const target = Math.floor(k / levels.length);
    const share = (weights?.[target] ?? 1) / (total * levels.length);
    const miss = outputs[k] - targets[target];
    if (name === "meanSquaredError") {
      loss += share * miss * miss;
      gradient[k] = 2 * share * miss;
    } else if (name === "meanAbsoluteError") {
      loss += share * Math.abs(miss);
      gradient[k] = share * Math.sign(miss);
    } else {
      const level = levels[k % levels.length];
      const slope = miss > 0 ? 1 - level : -level;
      loss += share * slope * miss;
      gradient[k] = share * slope;
    }
  }
  return { loss, gradient };
}

/** The mean over quantiles, shape `(batch, targets)`: `q e + max(0, -e)` is
 * the pinball loss in a form that the backend differentiates. */
function pinballOf(errors: Tensor, quantiles: readonly number[]): Tensor {
  const tilted = tf.mul(errors, tf.tensor1d([...quantiles]));
  return tf.mean(tf.add(tilted, tf.relu(tf.neg(errors))), 2);
}

function weightedMean(losses: Tensor, weights: Tensor | undefined): Scalar {
  return weights === undefined
    ? tf.mean(losses)
    : tf.div(tf.sum(tf.mul(losses, weights)), tf.sum(weights));
}
