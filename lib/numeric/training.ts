/**
 * The one training loop: Adam over shuffled batches, early stopping with the
 * best weights restored, and a learning rate that is cut on a plateau. The
 * order of batches depends on the seed alone; the clock serves only to show
 * progress and to give way to the event loop between batches.
 *
 * @see D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization (2015).
 *
 * @module
 */

import { checkNumber, checkSeed } from "./checks.ts";
import type { LossName } from "./losses.ts";
import type { PlateauOptions } from "./stopping.ts";
import type { LayersModel, Tensor } from "./tensors.ts";
import { TrainingRun } from "./training_run.ts";

export type { LossName } from "./losses.ts";

/** The tensors of some samples. */
export type TrainingBatch = {
  /** What the network reads, the samples along the first axis. */
  inputs: Tensor;
  /** What it should give. */
  targets: Tensor;
  /** How much each target counts, 0 or 1, not all 0; all alike if left out. */
  weights?: Tensor;
};

/** Samples that are gathered batch by batch, so that none is stored twice. */
export type TrainingData = {
  /** The number of samples. */
  readonly size: number;
  /** Makes the tensors of chosen samples; the loop disposes of them. */
  batch(indices: Uint32Array): TrainingBatch;
};

/** How far training has come. */
export type TrainingProgress = {
  /** The running epoch, from 1. */
  epoch: number;
  /** The greatest number of epochs. */
  epochs: number;
  /** The batch just done, from 1. */
  batch: number;
  /** Batches in an epoch. */
  batches: number;
  /** Mean training loss of this epoch so far. */
  trainingLoss: number;
  /** Validation loss of the epoch before, where there is one. */
  validationLoss?: number;
  /** Seconds left, should no early stopping come. */
  secondsLeft: number;
};

/** What happened in training, one value an epoch. */
export type TrainingHistory = {
  /** Mean loss over the epoch's batches, while the weights changed. */
  readonly trainingLoss: readonly number[];
  /** Loss on the validation data after the epoch; empty if there are none. */
  readonly validationLoss: readonly number[];
  /** The learning rate that the epoch used. */
  readonly learningRate: readonly number[];
  /** The epoch whose weights were kept, from 1. */
  readonly bestEpoch: number;
  /** Whether training ended before the last epoch. */
  readonly stoppedEarly: boolean;
};

/** What a caller may watch and stop in any training. */
export type TrainingControls = {
  /** Stops training when aborted. */
  signal?: AbortSignal;
  /** Called after each batch. */
  onProgress?: (progress: TrainingProgress) => void;
};

/** What a step of training minimizes, and on how many samples. */
export type StepperSettings = Pick<
  TrainingSettings,
  "loss" | "quantiles" | "batchSize"
>;

/** Takes the steps of a training. The network's own weights may lag behind
 * until they are written. */
export type TrainingStepper = {
  /** Takes a step of the size `rate` by Adam, within a scope for tensors; gives
   * the loss before it. */
  step(batch: TrainingBatch, rate: number): number;
  /** The loss of a batch, without dropout. */
  loss(batch: TrainingBatch): number;
  /** Writes the weights into the network. */
  writeWeights(): void;
  /** Frees what is held; the weights are not written. */
  dispose(): void;
};

/** Options for {@linkcode trainNetwork}. */
export type TrainingOptions = TrainingControls & {
  /** Data to stop by; without them the training loss decides. */
  validation?: TrainingData;
  /** The greatest number of epochs. @default {50} */
  epochs?: number;
  /** Samples in a batch. @default {32} */
  batchSize?: number;
  /** Epochs without improvement before training stops. @default {5} */
  patience?: number;
  /** Step size of Adam. @default {0.001} */
  learningRate?: number;
  /** Cuts the rate on a plateau; without it the rate stays. */
  plateau?: PlateauOptions;
  /** What is minimized. @default {"meanSquaredError"} */
  loss?: LossName;
  /** Probabilities of the outputs of each target, for the pinball loss.
   * @default {[0.5]} */
  quantiles?: readonly number[];
  /** Called after an epoch better than all before it, while the network holds
   * its weights: the time to save them. */
  onBest?: (epoch: number) => void;
  /** Seed of the order of the samples. @default {0} */
  seed?: number;
  /** Makes what takes the steps, where it can for this network; the network
   * gets its weights at the end of each epoch then. @default {TensorFlow.js} */
  stepper?: (
    model: LayersModel,
    settings: StepperSettings,
  ) => TrainingStepper | undefined;
};

/** The options of training that have defaults, filled in. */
export type TrainingSettings = Required<
  Pick<
    TrainingOptions,
    | "epochs"
    | "batchSize"
    | "patience"
    | "learningRate"
    | "loss"
    | "quantiles"
    | "seed"
  >
>;

/**
 * Trains a network in place. However training ends, by itself, by an abort or
 * by an error, the network holds the weights of the best epoch finished so
 * far, and no tensor is left behind.
 *
 * @param model The network, one input and one output; its weights change.
 * @param train The data to learn from.
 * @param options Validation data, length and pace of training, seed.
 * @returns The losses and learning rates by epoch.
 * @throws {RangeError} If there is no data, an option is out of range, or the
 * loss ceases to be finite.
 * @throws `signal.reason`, if the signal is aborted.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { tf } from "lib/numeric/tensors.ts";
 * import { trainNetwork } from "lib/numeric/training.ts";
 *
 * const layer = tf.layers.dense({ units: 1, inputShape: [1] });
 * const model = tf.sequential({ layers: [layer] });
 * const history = await trainNetwork(model, {
 *   size: 8,
 *   batch: (rows) => ({
 *     inputs: tf.tensor2d([...rows], [rows.length, 1]),
 *     targets: tf.tensor2d([...rows].map((row) => 2 * row), [rows.length, 1]),
 *   }),
 * }, { epochs: 3, learningRate: 0.1 });
 * assert.equal(history.trainingLoss.length, 3);
 * model.dispose();
 * ```
 */
export async function trainNetwork(
  model: LayersModel,
  train: TrainingData,
  options: TrainingOptions = {},
): Promise<TrainingHistory> {
  const { epochs = 50, batchSize = 32, patience = 5, seed = 0 } = options;
  const { learningRate = 0.001, loss = "meanSquaredError" } = options;
  const { quantiles = [0.5] } = options;
  const settings = {
    epochs,
    batchSize,
    patience,
    learningRate,
    loss,
    quantiles,
    seed,
  };
  checkSettings(settings);
  checkSize(train, "training");
  if (options.validation) checkSize(options.validation, "validation");

  const run = new TrainingRun(model, train, { ...options, ...settings });
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      await run.epoch(epoch);
      if (epoch - run.bestEpoch >= patience) break;
    }
  } finally {
    run.end();
  }
  return run.history();
}

function checkSettings(settings: TrainingSettings): void {
  const { epochs, batchSize, patience, learningRate } = settings;
  const { quantiles, seed } = settings;
  const action = "train a network";
  checkNumber(epochs, "epochs", action, { minimum: 1, integer: true });
  checkNumber(batchSize, "batchSize", action, { minimum: 1, integer: true });
  checkNumber(patience, "patience", action, { minimum: 1, integer: true });
  checkNumber(learningRate, "learningRate", action, {
    minimum: 0,
    exclusive: true,
  });
  for (const q of quantiles) {
    checkNumber(q, "a quantile", action, {
      minimum: 0,
      maximum: 1,
      exclusive: true,
    });
  }
  checkSeed(seed, action);
}

function checkSize(data: TrainingData, name: string): void {
  if (data.size >= 1) return;
  throw new RangeError(
    `Cannot train a network: got ${data.size} ${name} samples, expected at least 1`,
  );
}
