/**
 * One run of the training loop, epoch by epoch: the batches, the steps of
 * Adam, the validation, and the memory of the best weights. Used through
 * `training.ts` only.
 *
 * @module
 */

import {
  type NetworkWeights,
  readWeights,
  writeWeightsInPlace,
} from "./networks.ts";
import { Pace } from "./pace.ts";
import { Random } from "./random.ts";
import { BestEpoch, PlateauSchedule } from "./stopping.ts";
import { TensorStepper } from "./tensor_stepper.ts";
import { type LayersModel, tf } from "./tensors.ts";
import type {
  TrainingData,
  TrainingHistory,
  TrainingOptions,
  TrainingSettings,
  TrainingStepper,
} from "./training.ts";

const ORDER_STREAM = 0;

/** A run of training over a network; its weights change. */
export class TrainingRun {
  readonly #model: LayersModel;
  readonly #train: TrainingData;
  readonly #options: TrainingOptions & TrainingSettings;
  readonly #stepper: TrainingStepper;
  readonly #schedule: PlateauSchedule | undefined;
  readonly #pace: Pace;
  readonly #best = new BestEpoch();
  #bestWeights: NetworkWeights | undefined;
  readonly #trainingLoss: number[] = [];
  readonly #validationLoss: number[] = [];
  readonly #learningRate: number[] = [];
  #rate: number;

  /**
   * Prepares a run.
   *
   * @param model The network.
   * @param train The data to learn from.
   * @param options All options, with defaults filled in and checked.
   * @throws {RangeError} If an option of the plateau is out of range.
   * @throws `signal.reason`, if the signal is aborted already.
   */
  constructor(
    model: LayersModel,
    train: TrainingData,
    options: TrainingOptions & TrainingSettings,
  ) {
    const { learningRate, plateau, epochs, batchSize, signal } = options;
    this.#model = model;
    this.#train = train;
    this.#options = options;
    this.#rate = learningRate;
    this.#schedule = plateau && new PlateauSchedule(plateau);
    this.#pace = new Pace(epochs * Math.ceil(train.size / batchSize), signal);
    this.#stepper = options.stepper?.(model, options) ??
      new TensorStepper(model, options);
  }

  /** The epoch with the least loss so far, from 1; 0 before the first. */
  get bestEpoch(): number {
    return this.#best.epoch;
  }

  /**
   * Trains and validates for one epoch.
   *
   * @param epoch The epoch, from 1.
   * @throws {RangeError} If the loss ceases to be finite.
   * @throws `signal.reason`, if the signal is aborted.
   */
  async epoch(epoch: number): Promise<void> {
    const { validation } = this.#options;
    this.#learningRate.push(this.#rate);
    let watched = await this.#trainEpoch(epoch);
    this.#stepper.writeWeights();
    this.#trainingLoss.push(watched);
    if (validation) {
      watched = await this.#validate(validation);
      this.#validationLoss.push(watched);
    }
    if (this.#best.observe(epoch, watched)) {
      this.#bestWeights = readWeights(this.#model);
      this.#options.onBest?.(epoch);
    }
    if (this.#schedule) {
      this.#rate = this.#schedule.next(watched, this.#rate);
    }
  }

  /** Restores the best weights, and frees what took the steps. */
  end(): void {
    this.#stepper.dispose();
    if (this.#bestWeights) writeWeightsInPlace(this.#model, this.#bestWeights);
  }

  /**
   * Tells what happened.
   *
   * @returns Losses and learning rates by epoch.
   */
  history(): TrainingHistory {
    return {
      trainingLoss: this.#trainingLoss,
      validationLoss: this.#validationLoss,
      learningRate: this.#learningRate,
      bestEpoch: this.#best.epoch,
      stoppedEarly: this.#trainingLoss.length < this.#options.epochs,
    };
  }

  async #trainEpoch(epoch: number): Promise<number> {
    const { batchSize, epochs, seed, onProgress } = this.#options;
    const order = indicesUpTo(this.#train.size);
    new Random(seed, ORDER_STREAM, epoch).shuffleInPlace(order);
    const batches = Math.ceil(order.length / batchSize);
    const mean = new RunningMean();
    for (let batch = 1; batch <= batches; batch++) {
      const chosen = order.slice((batch - 1) * batchSize, batch * batchSize);
      mean.add(this.#step(chosen), chosen.length);
      checkLoss(mean.value, epoch);
      this.#pace.stepDone();
      onProgress?.({
        epoch,
        epochs,
        batch,
        batches,
        trainingLoss: mean.value,
        ...lastValidation(this.#validationLoss),
        secondsLeft: this.#pace.secondsLeft(),
      });
      await this.#pace.pause();
    }
    return mean.value;
  }

  #step(indices: Uint32Array): number {
    return tf.tidy(() =>
      this.#stepper.step(this.#train.batch(indices), this.#rate)
    );
  }

  async #validate(data: TrainingData): Promise<number> {
    const { batchSize } = this.#options;
    const order = indicesUpTo(data.size);
    const mean = new RunningMean();
    for (let start = 0; start < order.length; start += batchSize) {
      const chosen = order.slice(start, start + batchSize);
      const loss = tf.tidy(() => this.#stepper.loss(data.batch(chosen)));
      mean.add(loss, chosen.length);
      await this.#pace.pause();
    }
    checkLoss(mean.value, this.#trainingLoss.length);
    return mean.value;
  }
}

class RunningMean {
  #sum = 0;
  #count = 0;

  get value(): number {
    return this.#sum / this.#count;
  }

  add(mean: number, count: number): void {
    this.#sum += mean * count;
    this.#count += count;
  }
}

function indicesUpTo(size: number): Uint32Array {
  return Uint32Array.from({ length: size }, (_, i) => i);
}

function lastValidation(
  losses: readonly number[],
): { validationLoss?: number } {
  const last = losses.at(-1);
  return last === undefined ? {} : { validationLoss: last };
}

function checkLoss(loss: number, epoch: number): void {
  if (Number.isFinite(loss)) return;
  throw new RangeError(
    `Cannot train a network: the loss is ${loss} in epoch ${epoch}, expected a finite number (scale the inputs or lower learningRate)`,
  );
}
