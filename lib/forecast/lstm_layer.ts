/**
 * The LSTM layer of TensorFlow.js, run by the project's own kernels: a whole
 * sequence in one call and its gradient in one call, where the stock layer
 * takes some twenty operations a step. Weights, their names and shapes, and
 * the options are those of `tf.layers.lstm`, so the weights of either layer go
 * into the other.
 *
 * What the kernels do not do (other activations, masks, states that come in or
 * go out, dropout inside the layer, sequences read backwards), and engines
 * without SIMD, fall back to the stock layer.
 *
 * @module
 */

import type {
  LstmInputs,
  LstmKernel,
  LstmShape,
} from "../kernels/lstm_kernel.ts";
import {
  type LayerConfig,
  lstmKernel,
  type LstmLayerConfig,
  StockLstm,
  type Tensor,
  tf,
} from "../numeric/tensors.ts";

/** Options of {@linkcode FusedLstm}: those of `tf.layers.lstm`. */
export type FusedLstmOptions = LstmLayerConfig & {
  /** The kernels; `null` for the stock layer.
   * @default {the fastest that this engine runs} */
  kernels?: LstmKernel | null;
};

/**
 * An LSTM layer; gates in the order i f c o.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { FusedLstm } from "lib/forecast/lstm_layer.ts";
 * import { type Tensor, tf } from "lib/numeric/tensors.ts";
 *
 * const layer = new FusedLstm({
 *   units: 3,
 *   recurrentActivation: "sigmoid",
 *   inputShape: [4, 2],
 * });
 * const model = tf.sequential({ layers: [layer] });
 * const output = model.apply(tf.zeros([5, 4, 2])) as Tensor;
 * assert.deepEqual(output.shape, [5, 3]);
 * ```
 */
export class FusedLstm extends StockLstm {
  /** The name under which TensorFlow.js saves the layer. */
  static className = "FusedLstm";
  readonly #kernels: LstmKernel | undefined;
  readonly #everyStep: boolean;

  /**
   * Builds the layer.
   *
   * @param options Those of `tf.layers.lstm`, and the kernels.
   */
  constructor(options: FusedLstmOptions) {
    const { kernels = lstmKernel, ...config } = options;
    super(config);
    this.#kernels = kernels && isFusable(config) ? kernels : undefined;
    this.#everyStep = config.returnSequences ?? false;
  }

  /** The kernels; none where the stock layer computes. */
  get kernels(): LstmKernel | undefined {
    return this.#kernels;
  }

  /** Whether the output of every step is given. */
  get everyStep(): boolean {
    return this.#everyStep;
  }

  /**
   * Builds the layer again from what TensorFlow.js saved of it.
   *
   * @param layer The class.
   * @param config What `getConfig()` gave.
   * @returns The layer, with fresh weights.
   */
  static fromConfig<T>(
    layer: new (config: LstmLayerConfig) => T,
    config: LayerConfig,
  ): T {
    return new layer(config as unknown as LstmLayerConfig);
  }

  /**
   * Applies the layer.
   *
   * @param inputs Sequences, shape `(batch, steps, features)`.
   * @param kwargs `training` says whether a gradient will be asked for.
   * @returns Outputs, shape `(batch, steps, units)` with `returnSequences`,
   * else `(batch, units)`.
   */
  override call(
    inputs: Tensor | Tensor[],
    kwargs: { training?: boolean; mask?: unknown; initialState?: unknown },
  ): Tensor | Tensor[] {
    const [input, ...states] = [inputs].flat();
    const { training = false, mask, initialState } = kwargs;
    const plain = states.length === 0 && !mask && !initialState;
    if (!this.#kernels || !plain) return super.call(inputs, kwargs);
    const [kernel, recurrent, bias] = this.weights.map((w) => w.read());
    const [batch, steps, features] = input.shape;
    const units = recurrent.shape[0];
    const everyStep = this.#everyStep;
    return fusedLstm(
      { batch, steps, features, units, everyStep },
      [input, kernel, recurrent, bias],
      { kernels: this.#kernels, training },
    );
  }
}

tf.serialization.registerClass(FusedLstm);

/** One operation with a gradient of its own: input, W, U, b to the output. */
function fusedLstm(
  shape: LstmShape,
  tensors: readonly Tensor[],
  options: { kernels: LstmKernel; training: boolean },
): Tensor {
  const { kernels, training } = options;
  const { batch, steps, units, everyStep } = shape;
  const outputShape = everyStep ? [batch, steps, units] : [batch, units];
  const operation = tf.customGrad((...args) => {
    const save = args.pop() as unknown as (tensors: Tensor[]) => void;
    const inputs = args as Tensor[];
    save(inputs);
    const { outputs, states } = kernels.forward(shape, readInputs(inputs), {
      keepStates: training,
    });
    return {
      value: tf.tensor(outputs, outputShape),
      gradFunc: (dy: Tensor, saved: Tensor[]) => {
        const found = kernels.backward(shape, dy.dataSync() as Float32Array, {
          states,
          data: () => readInputs(saved),
        });
        return [found.inputs, found.kernel, found.recurrent, found.bias].map(
          (values, k) => tf.tensor(values, saved[k].shape),
        );
      },
    };
  });
  return operation(...tensors);
}

function readInputs(tensors: readonly Tensor[]): LstmInputs {
  const [inputs, kernel, recurrent, bias] = tensors.map((tensor) =>
    tensor.dataSync() as Float32Array
  );
  return { inputs, weights: { kernel, recurrent, bias } };
}

function isFusable(config: LstmLayerConfig): boolean {
  const { activation = "tanh", recurrentActivation = "hardSigmoid" } = config;
  return activation === "tanh" && recurrentActivation === "sigmoid" &&
    config.useBias !== false && !config.returnState && !config.goBackwards &&
    !config.stateful && !config.dropout && !config.recurrentDropout;
}
