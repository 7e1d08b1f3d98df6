/**
 * Steps of training as TensorFlow.js computes them, for any network: the loss
 * of a batch, its gradient by the library, and Adam.
 *
 * @module
 */

import { Adam } from "./adam.ts";
import { networkLoss } from "./losses.ts";
import {
  type LayersModel,
  type Scalar,
  type Tensor,
  tf,
  type Variable,
} from "./tensors.ts";
import type {
  StepperSettings,
  TrainingBatch,
  TrainingStepper,
} from "./training.ts";

/** The steps over the tensors of a network. */
export class TensorStepper implements TrainingStepper {
  readonly #model: LayersModel;
  readonly #settings: StepperSettings;
  readonly #variables: Variable[];
  readonly #optimizer: Adam;

  /**
   * Prepares the steps.
   *
   * @param model The network; its weights change at every step.
   * @param settings The loss.
   */
  constructor(model: LayersModel, settings: StepperSettings) {
    this.#model = model;
    this.#settings = settings;
    this.#variables = model.trainableWeights.map((weight) =>
      weight.read() as Variable
    );
    this.#optimizer = new Adam(this.#variables, 0);
  }

  /** Takes a step; see {@linkcode TrainingStepper}. */
  step(batch: TrainingBatch, rate: number): number {
    return tf.tidy(() => {
      const { value, grads } = tf.variableGrads(
        () => this.#lossOf(batch, true),
        this.#variables,
      );
      this.#optimizer.rate = rate;
      this.#optimizer.step(grads);
      return value.dataSync()[0];
    });
  }

  /** The loss; see {@linkcode TrainingStepper}. */
  loss(batch: TrainingBatch): number {
    return tf.tidy(() => this.#lossOf(batch, false).dataSync()[0]);
  }

  /** The weights are in the network already. */
  writeWeights(): void {}

  /** Nothing is held. */
  dispose(): void {}

  #lossOf(batch: TrainingBatch, training: boolean): Scalar {
    const { inputs, targets, weights } = batch;
    const { loss, quantiles } = this.#settings;
    const outputs = this.#model.apply(inputs, { training }) as Tensor;
    return networkLoss(outputs, targets, { loss, quantiles, weights });
  }
}
