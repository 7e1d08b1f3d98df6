/**
 * Steps of training in the memory of the kernels, for networks of LSTM layers,
 * dropout and dense layers. TensorFlow.js builds the network, saves it and
 * forecasts with it, and computes what stands between these layers and the
 * loss, if it has no weights; the layers themselves, their gradient and Adam
 * run in the kernels, and the weights go back at the end of an epoch.
 *
 * @module
 */

import type { LstmKernel } from "../kernels/lstm_kernel.ts";
import {
  type KernelLayer,
  NetworkKernel,
  weightSizesOf,
} from "../kernels/network_kernel.ts";
import { adamNumbers } from "../numeric/adam.ts";
import { SeededDropout } from "../numeric/dropout.ts";
import { lossGradient, networkLoss } from "../numeric/losses.ts";
import { readWeights, writeWeightsInPlace } from "../numeric/networks.ts";
import {
  type Layer,
  type LayersModel,
  type Scalar,
  type Tensor,
  tf,
} from "../numeric/tensors.ts";
import type {
  StepperSettings,
  TrainingBatch,
  TrainingStepper,
} from "../numeric/training.ts";
import { FusedLstm } from "./lstm_layer.ts";

/** What the kernels train, and the layers after it. */
type Split = {
  readonly kernels: LstmKernel;
  readonly layers: readonly KernelLayer[];
  readonly head: readonly Layer[];
};

/**
 * Makes the steps of a network that begins with an LSTM layer.
 *
 * @param model The network.
 * @param settings The loss and the size of a batch.
 * @returns The steps; nothing if the kernels lack a layer, if there are no
 * kernels, or if a batch is too large for their memory.
 */
export function kernelStepper(
  model: LayersModel,
  settings: StepperSettings,
): TrainingStepper | undefined {
  const split = splitLayers(model.layers);
  const [, steps, features] = model.inputs[0].shape;
  if (!split || !steps || !features) return undefined;
  const { kernels, layers, head } = split;
  const weights = readWeights(model);
  const sizes = weightSizesOf(layers, { steps, features }).flat();
  if (
    model.inputs.length !== 1 || sizes.length !== weights.length ||
    sizes.some((size, k) => size !== weights[k].length)
  ) return undefined;
  const network = NetworkKernel.create(kernels.newMemory(), layers, {
    batchSize: settings.batchSize,
    steps,
    features,
  });
  if (!network) return undefined;
  network.setWeights(weights);
  return new KernelStepper(model, settings, { network, head });
}

type LossGradient = ReturnType<typeof lossGradient>;

/** The steps over a network in the kernels. */
class KernelStepper implements TrainingStepper {
  readonly #model: LayersModel;
  readonly #settings: StepperSettings;
  readonly #network: NetworkKernel;
  readonly #head: readonly Layer[];
  #steps = 0;

  constructor(
    model: LayersModel,
    settings: StepperSettings,
    parts: { network: NetworkKernel; head: readonly Layer[] },
  ) {
    this.#model = model;
    this.#settings = settings;
    this.#network = parts.network;
    this.#head = parts.head;
  }

  step(batch: TrainingBatch, rate: number): number {
    const outputs = this.#outputs(batch, true);
    const { loss, gradient } = this.#head.length === 0
      ? this.#lossGradient(outputs, batch)
      : this.#headGradient(outputs, batch);
    this.#network.backward(gradient);
    this.#network.move(adamNumbers(++this.#steps, rate));
    return loss;
  }

  loss(batch: TrainingBatch): number {
    const outputs = this.#outputs(batch, false);
    if (this.#head.length === 0) return this.#lossGradient(outputs, batch).loss;
    return this.#lossOf(this.#tensor(outputs, batch), batch).dataSync()[0];
  }

  writeWeights(): void {
    writeWeightsInPlace(this.#model, this.#network.weights());
  }

  dispose(): void {
    this.#network.release();
  }

  #outputs({ inputs }: TrainingBatch, training: boolean): Float32Array {
    const values = inputs.dataSync() as Float32Array;
    return this.#network.forward(values, { training });
  }

  #lossGradient(
    outputs: Float32Array,
    { targets, weights }: TrainingBatch,
  ): LossGradient {
    const { loss, quantiles } = this.#settings;
    return lossGradient(outputs, targets.dataSync() as Float32Array, {
      loss,
      quantiles,
      weights: weights?.dataSync() as Float32Array | undefined,
    });
  }

  /** Through the layers that TensorFlow.js computes. */
  #headGradient(outputs: Float32Array, batch: TrainingBatch): LossGradient {
    const { value, grad } = tf.valueAndGrad((x: Tensor) =>
      this.#lossOf(x, batch)
    )(this.#tensor(outputs, batch));
    return {
      loss: value.dataSync()[0],
      gradient: grad.dataSync() as Float32Array,
    };
  }

  #lossOf(outputs: Tensor, { targets, weights }: TrainingBatch): Scalar {
    const { loss, quantiles } = this.#settings;
    const last = this.#head.reduce(
      (x, layer) => layer.apply(x) as Tensor,
      outputs,
    );
    return networkLoss(last, targets, { loss, quantiles, weights });
  }

  #tensor(outputs: Float32Array, { inputs }: TrainingBatch): Tensor {
    return tf.tensor2d(outputs, [inputs.shape[0], this.#network.outputs]);
  }
}

/** The layers that the kernels train, up to the first that they do not; after
 * it none may have weights, for nothing would train them. */
function splitLayers(layers: readonly Layer[]): Split | undefined {
  const [first] = layers;
  if (!(first instanceof FusedLstm) || !first.kernels) return undefined;
  const known: KernelLayer[] = [];
  let isSequence = true;
  let at = 0;
  for (; at < layers.length; at++) {
    const layer = layers[at];
    const found = kernelLayer(layer);
    // An LSTM layer reads sequences, a dense one rows.
    if (!found || isSequence !== (found.kind === "lstm")) {
      if (found?.kind !== "dropout") break;
    }
    if (found.kind === "lstm") isSequence = found.everyStep;
    if (found.kind !== "dropout" || found.rate > 0) known.push(found);
  }
  const head = layers.slice(at);
  if (isSequence || head.some((layer) => layer.weights.length > 0)) {
    return undefined;
  }
  return { kernels: first.kernels, layers: known, head };
}

function kernelLayer(layer: Layer): KernelLayer | undefined {
  if (layer.weights.some(({ trainable }) => !trainable)) return undefined;
  if (layer instanceof FusedLstm) {
    if (!layer.kernels) return undefined;
    const [, recurrent] = layer.weights;
    const units = recurrent.shape[0] ?? 0;
    return { kind: "lstm", units, everyStep: layer.everyStep };
  }
  if (layer instanceof SeededDropout) {
    const { rate } = layer;
    return { kind: "dropout", rate, nextStream: () => layer.nextStream() };
  }
  return denseLayer(layer);
}

function denseLayer(layer: Layer): KernelLayer | undefined {
  if (layer.getClassName() !== "Dense") return undefined;
  const { activation, useBias, units, ...rest } = layer.getConfig();
  const isPlain = useBias && [
    "kernelRegularizer",
    "biasRegularizer",
    "activityRegularizer",
    "kernelConstraint",
    "biasConstraint",
  ].every((name) => !rest[name]);
  if (!isPlain || (activation !== "relu" && activation !== "linear")) {
    return undefined;
  }
  return { kind: "dense", units: Number(units), relu: activation === "relu" };
}
