/**
 * Training of an autoencoder: Adam over shuffled batches of rows that are their
 * own targets, early stopping with the best weights restored. The order of rows
 * and their noise depend on the seed alone; the clock serves only to show
 * progress and to give way to the event loop.
 *
 * @see D. P. Kingma, J. Ba, Adam: A Method for Stochastic Optimization (2015).
 * @see P. Vincent et al., Extracting and Composing Robust Features with
 * Denoising Autoencoders (2008).
 *
 * @module
 */

import type { DenseNetwork } from "../numeric/dense_network.ts";
import type { Matrix } from "../numeric/matrix.ts";
import { Pace } from "../numeric/pace.ts";
import { Random } from "../numeric/random.ts";
import { BestEpoch } from "../numeric/stopping.ts";
import type { TrainingControls, TrainingHistory } from "../numeric/training.ts";

/** What {@linkcode trainAutoencoder} is asked for; all checked already. */
export type AutoencoderTraining = TrainingControls & {
  /** Rows to stop by, shape `(m, d)`. */
  validation: Matrix;
  /** The greatest number of epochs. */
  epochs: number;
  /** Rows in a batch. */
  batchSize: number;
  /** Epochs without a better validation loss before stopping. */
  patience: number;
  /** Step size of Adam. */
  learningRate: number;
  /** Standard deviation of what is added to inputs, never to targets. */
  noise: number;
  /** Seed of the order of rows and of the noise. */
  seed: number;
};

const STREAM = { order: 3, noise: 4 };
const CHUNK_ROWS = 1024;
/** Decay rates as in the paper; epsilon as in Keras. */
const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-7;

/**
 * Trains a network in place to give rows back. However training ends, the
 * network holds the parameters of the best epoch finished so far.
 *
 * @param network As many outputs as inputs; its parameters change.
 * @param x The rows, shape `(n, d)`.
 * @param training How to train.
 * @returns Losses and learning rates by epoch.
 * @throws {RangeError} If the loss ceases to be finite.
 * @throws `training.signal.reason`, if the signal is aborted.
 */
export async function trainAutoencoder(
  network: DenseNetwork,
  x: Matrix,
  training: AutoencoderTraining,
): Promise<TrainingHistory> {
  const { validation, epochs, patience, learningRate } = training;
  const best = new BestEpoch();
  let bestParameters: Float64Array | undefined;
  const trainingLoss: number[] = [];
  const validationLoss: number[] = [];
  const batches = Math.ceil(x.rows / training.batchSize);
  const pace = new Pace(epochs * batches, training.signal);
  const adam = new FlatAdam(network.parameters, learningRate);
  try {
    for (let epoch = 1; epoch <= epochs; epoch++) {
      const lastLoss = validationLoss.at(-1);
      trainingLoss.push(
        await trainEpoch(network, x, {
          ...{ training, adam, pace, epoch, batches },
          ...(lastLoss === undefined ? {} : { lastLoss }),
        }),
      );
      const loss = meanSquaredError(network, validation);
      checkLoss(loss, epoch);
      validationLoss.push(loss);
      if (best.observe(epoch, loss)) {
        bestParameters = network.parameters.slice();
      }
      if (epoch - best.epoch >= patience) break;
    }
  } finally {
    if (bestParameters) network.parameters.set(bestParameters);
  }
  return {
    trainingLoss,
    validationLoss,
    learningRate: trainingLoss.map(() => learningRate),
    bestEpoch: best.epoch,
    stoppedEarly: trainingLoss.length < epochs,
  };
}

/** What an epoch needs. */
type EpochRun = {
  training: AutoencoderTraining;
  adam: FlatAdam;
  pace: Pace;
  epoch: number;
  batches: number;
  lastLoss?: number;
};

/** Trains on all rows once; gives the mean loss while parameters changed. */
async function trainEpoch(
  network: DenseNetwork,
  x: Matrix,
  run: EpochRun,
): Promise<number> {
  const { training, adam, pace, epoch, batches, lastLoss } = run;
  const { batchSize, epochs, noise, seed, onProgress } = training;
  const order = Uint32Array.from({ length: x.rows }, (_, i) => i);
  new Random(seed, STREAM.order, epoch).shuffleInPlace(order);
  const random = new Random(seed, STREAM.noise, epoch);
  const gradient = new Float64Array(network.parameters.length);
  const room = new Float64Array(Math.min(batchSize, x.rows) * x.cols);
  let sum = 0;
  for (let batch = 1; batch <= batches; batch++) {
    const start = (batch - 1) * batchSize;
    const end = Math.min(start + batchSize, x.rows);
    const targets = room.subarray(0, (end - start) * x.cols);
    gatherInto(targets, x, order.subarray(start, end));
    const inputs = noise > 0 ? withNoise(targets, noise, random) : targets;
    sum += network.gradientInto(inputs, targets, gradient) * (end - start);
    checkLoss(sum, epoch);
    adam.step(gradient);
    pace.stepDone();
    onProgress?.({
      epoch,
      epochs,
      batch,
      batches,
      trainingLoss: sum / end,
      ...(lastLoss === undefined ? {} : { validationLoss: lastLoss }),
      secondsLeft: pace.secondsLeft(),
    });
    await pace.pause();
  }
  return sum / x.rows;
}

/** Adam over one flat array: `w -= rate m' / (sqrt(v') + epsilon)` with m' and
 * v' the running means of the gradient and its square, corrected for their
 * start at 0. */
class FlatAdam {
  readonly #weights: Float64Array;
  readonly #rate: number;
  readonly #means: Float64Array;
  readonly #squares: Float64Array;
  #steps = 0;

  constructor(weights: Float64Array, rate: number) {
    this.#weights = weights;
    this.#rate = rate;
    this.#means = new Float64Array(weights.length);
    this.#squares = new Float64Array(weights.length);
  }

  step(gradient: Float64Array): void {
    this.#steps++;
    const weights = this.#weights;
    const m = this.#means, v = this.#squares;
    const rate = this.#rate / (1 - BETA1 ** this.#steps);
    const correction = 1 / Math.sqrt(1 - BETA2 ** this.#steps);
    for (let i = 0; i < weights.length; i++) {
      const g = gradient[i];
      m[i] += (1 - BETA1) * (g - m[i]);
      v[i] += (1 - BETA2) * (g * g - v[i]);
      weights[i] -= rate * m[i] / (correction * Math.sqrt(v[i]) + EPSILON);
    }
  }
}

function gatherInto(out: Float64Array, x: Matrix, rows: Uint32Array): void {
  for (let r = 0, k = 0; r < rows.length; r++) {
    const start = rows[r] * x.cols;
    for (let j = 0; j < x.cols; j++, k++) out[k] = x.data[start + j];
  }
}

function withNoise(
  values: Float64Array,
  deviation: number,
  random: Random,
): Float64Array {
  return values.map((value) => value + deviation * random.normal());
}

function meanSquaredError(network: DenseNetwork, x: Matrix): number {
  let sum = 0;
  for (let start = 0; start < x.rows; start += CHUNK_ROWS) {
    const end = Math.min(start + CHUNK_ROWS, x.rows);
    const rows = x.data.subarray(start * x.cols, end * x.cols);
    const outputs = network.forward(rows, end - start);
    for (let k = 0; k < rows.length; k++) sum += (outputs[k] - rows[k]) ** 2;
  }
  return sum / x.data.length;
}

function checkLoss(loss: number, epoch: number): void {
  if (Number.isFinite(loss)) return;
  throw new RangeError(
    `Cannot fit Autoencoder: the loss is ${loss} in epoch ${epoch}, expected a finite number (scale the inputs or lower learningRate)`,
  );
}
