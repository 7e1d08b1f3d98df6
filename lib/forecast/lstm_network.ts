/**
 * The layers of the LSTM forecaster, and the shapes of their weights: for each
 * LSTM layer kernel, recurrent kernel and bias with the gates in the order
 * i f c o; for each dense layer kernel and bias.
 *
 * @module
 */

import type { LstmKernel } from "../kernels/lstm_kernel.ts";
import { SeededDropout } from "../numeric/dropout.ts";
import { layerSeed } from "../numeric/networks.ts";
import {
  type Layer,
  type LayersModel,
  lstmKernel,
  tf,
} from "../numeric/tensors.ts";
import { FusedLstm } from "./lstm_layer.ts";
import { OrderedQuantiles } from "./ordered_quantiles.ts";

/** The size of the network. */
export type LstmArchitecture = {
  /** Features d of a row. */
  readonly featureCount: number;
  /** Rows that the network reads. */
  readonly windowLength: number;
  /** Steps that it forecasts, one output for each of their quantiles. */
  readonly horizon: number;
  /** Units of each LSTM layer. */
  readonly units: number;
  /** Units of the dense layer. */
  readonly denseUnits: number;
  /** The probabilities of a step's outputs, ascending; one is a plain output,
   * several are kept from crossing. @default {[0.5]} */
  readonly quantiles?: readonly number[];
};

/** Options for {@linkcode buildLstmNetwork}. */
export type LstmNetworkOptions = {
  /** Share of the units dropped in training. */
  dropout: number;
  /** Seed of the weights and of dropout. */
  seed: number;
  /** What runs the LSTM layers; `null` for the stock layers.
   * @default {the fastest kernels that this engine runs} */
  kernels?: LstmKernel | null;
};

/** Numbers of the layers, from which their seeds are derived. */
const LAYER = {
  firstLstm: 0,
  firstDropout: 2,
  secondLstm: 3,
  secondDropout: 5,
  dense: 6,
  output: 7,
};
const GATES = 4;

/**
 * Builds the network with fresh weights.
 *
 * @param architecture The sizes.
 * @param options The share of units dropped in training, the seed, and the
 * kernels.
 * @returns A network from `(batch, windowLength, featureCount)` to
 * `(batch, horizon * quantiles)`, the quantiles of a step side by side.
 */
export function buildLstmNetwork(
  architecture: LstmArchitecture,
  options: LstmNetworkOptions,
): LayersModel {
  // The stock initializer of the forget bias leaves tensors behind; the scope
  // takes them away, and weights outlive scopes.
  tf.engine().startScope();
  try {
    return tf.sequential({ layers: layersOf(architecture, options) });
  } finally {
    tf.engine().endScope();
  }
}

/**
 * Says the shapes of the weights without building them.
 *
 * @param architecture The sizes.
 * @returns The shapes in the order of the layers.
 */
export function lstmWeightShapes(architecture: LstmArchitecture): number[][] {
  const { featureCount: d, units: u, denseUnits } = architecture;
  const outputs = outputCount(architecture);
  return [
    [d, GATES * u],
    [u, GATES * u],
    [GATES * u],
    [u, GATES * u],
    [u, GATES * u],
    [GATES * u],
    [u, denseUnits],
    [denseUnits],
    [denseUnits, outputs],
    [outputs],
  ];
}

function layersOf(
  architecture: LstmArchitecture,
  options: LstmNetworkOptions,
): Layer[] {
  const { featureCount, windowLength, units, denseUnits } = architecture;
  const { quantiles = [0.5] } = architecture;
  const { dropout, seed, kernels = lstmKernel } = options;
  const seedOf = (layer: number) => layerSeed(seed, layer);
  const kernelOf = (layer: number) =>
    tf.initializers.glorotUniform({ seed: seedOf(layer) });
  const lstm = (layer: number) => ({
    units,
    kernels: kernels ?? null,
    // Both as in Keras; the stock defaults are a hard sigmoid and no bias.
    recurrentActivation: "sigmoid" as const,
    unitForgetBias: true,
    kernelInitializer: kernelOf(layer),
    // The usual orthogonal one takes seconds.
    recurrentInitializer: tf.initializers.glorotNormal({
      seed: seedOf(layer + 1),
    }),
  });
  return [
    new FusedLstm({
      ...lstm(LAYER.firstLstm),
      inputShape: [windowLength, featureCount],
      returnSequences: true,
    }),
    new SeededDropout({ rate: dropout, seed: seedOf(LAYER.firstDropout) }),
    new FusedLstm(lstm(LAYER.secondLstm)),
    new SeededDropout({ rate: dropout, seed: seedOf(LAYER.secondDropout) }),
    tf.layers.dense({
      units: denseUnits,
      activation: "relu",
      kernelInitializer: kernelOf(LAYER.dense),
    }),
    tf.layers.dense({
      units: outputCount(architecture),
      kernelInitializer: kernelOf(LAYER.output),
    }),
    ...(quantiles.length > 1 ? [new OrderedQuantiles({ quantiles })] : []),
  ];
}

function outputCount(architecture: LstmArchitecture): number {
  const { horizon, quantiles = [0.5] } = architecture;
  return horizon * quantiles.length;
}
