/**
 * Anomalies as rows that a small network cannot reproduce: dense layers that
 * grow narrower and wider again, trained on the rows themselves. The score of a
 * row is its mean squared reconstruction error. Scaling is the caller's
 * business: a sigmoid output reaches 0 to 1 only.
 *
 * @see G. E. Hinton, R. R. Salakhutdinov, Reducing the Dimensionality of Data
 * with Neural Networks (2006).
 *
 * @module
 */

import { checkNumber, checkSeed } from "../numeric/checks.ts";
import {
  DenseNetwork,
  type OutputActivation,
  parameterCount,
} from "../numeric/dense_network.ts";
import { checkChecksums, withChecksums } from "../numeric/field_checksums.ts";
import { readNumber, readObject, readText } from "../numeric/json_fields.ts";
import { checkMatrix, type Matrix, selectRows } from "../numeric/matrix.ts";
import { Random } from "../numeric/random.ts";
import type { TrainingControls, TrainingHistory } from "../numeric/training.ts";
import { decodeArray, encodeArray } from "../numeric/typed_array_json.ts";
import { trainAutoencoder } from "./autoencoder_training.ts";
import type { ModelJson, PointDetector } from "./detector.ts";

export type { OutputActivation } from "../numeric/dense_network.ts";

/** Options for {@linkcode Autoencoder.fit}. */
export type AutoencoderOptions = TrainingControls & {
  /** Units of the layers down to the narrowest; the way back mirrors them, so
   * that `[16, 4]` of 6 features is 6-16-4-16-6. Each 1 to 4096, at most 8.
   * @default {[16]} */
  hidden?: readonly number[];
  /** `sigmoid` for inputs scaled to 0 to 1, else `linear`. @default {"sigmoid"} */
  outputActivation?: OutputActivation;
  /** Standard deviation of noise that is added to the inputs in training, in
   * their unit, so that the network learns to remove it. @default {0} */
  noise?: number;
  /** The greatest number of epochs. @default {50} */
  epochs?: number;
  /** Rows in a batch. @default {32} */
  batchSize?: number;
  /** Step size of Adam. @default {0.001} */
  learningRate?: number;
  /** Epochs without a better validation loss before stopping. @default {5} */
  patience?: number;
  /** Share of the rows, drawn by the seed, that is only validated on.
   * @default {0.1} */
  validationFraction?: number;
  /** Seed of weights, validation rows, batches and noise. @default {0} */
  seed?: number;
};

type Architecture = {
  featureCount: number;
  hidden: readonly number[];
  outputActivation: OutputActivation;
};

const KIND = "autoencoder";
const ACTION = "fit Autoencoder";
const FIELDS = [
  "kind",
  "featureCount",
  "hidden",
  "outputActivation",
  "weights",
];
const OUTPUT_ACTIVATIONS = ["sigmoid", "linear"] as const;
const MINIMUM_ROWS = 10;
const UNITS = { minimum: 1, maximum: 4096, integer: true };
const MAXIMUM_FEATURES = 2 ** 20;
const MAXIMUM_LAYERS = 8;
const CHUNK_ROWS = 1024;
/** Between these an average of squares cannot overflow in the network. */
const INPUT_LIMIT = 1e100;
const STREAM = { weights: 0, validation: 2 };

/** A fitted autoencoder. */
export class Autoencoder implements PointDetector {
  /** The kind of detector, as in a model file. */
  readonly kind: string = KIND;
  /** The number of features that it was fitted on. */
  readonly featureCount: number;
  /** Units of the layers down to the narrowest. */
  readonly hidden: readonly number[];
  /** Losses by epoch; absent in a model that was loaded. */
  readonly history: TrainingHistory | undefined;
  readonly #network: DenseNetwork;

  private constructor(
    architecture: Architecture,
    network: DenseNetwork,
    history?: TrainingHistory,
  ) {
    this.featureCount = architecture.featureCount;
    this.hidden = architecture.hidden;
    this.history = history;
    this.#network = network;
  }

  /**
   * Fits an autoencoder, with early stopping on validation rows.
   *
   * @param x Training rows, shape `(n, d)`, n >= 10, scaled by the caller.
   * @param options Size of the network, pace of training, seed.
   * @returns The fitted model, with the weights of its best epoch.
   * @throws {RangeError} If there are too few rows, a value is not finite, an
   * option is out of range, or the loss ceases to be finite.
   * @throws {TypeError} If `hidden` is not a list.
   * @throws `options.signal.reason`, if the signal is aborted.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { Autoencoder } from "lib/detect/autoencoder.ts";
   * import { matrixFromRows } from "lib/numeric/matrix.ts";
   *
   * const x = matrixFromRows(
   *   Array.from({ length: 40 }, (_, i) => [i / 40, i / 40]),
   * );
   * const model = await Autoencoder.fit(x, { hidden: [8, 1], epochs: 2 });
   * assert.equal(model.score(x).length, 40);
   * ```
   */
  static async fit(
    x: Matrix,
    options: AutoencoderOptions = {},
  ): Promise<Autoencoder> {
    const { hidden = [16], outputActivation = "sigmoid", noise = 0 } = options;
    const { epochs = 50, batchSize = 32, learningRate = 0.001 } = options;
    const { patience = 5, validationFraction = 0.1, seed = 0 } = options;
    const { signal, onProgress } = options;
    checkMatrix(x, ACTION, { minimumRows: MINIMUM_ROWS });
    checkArchitecture(hidden, outputActivation);
    const pace = { noise, epochs, batchSize, learningRate, patience };
    checkPace({ ...pace, validationFraction, seed });

    const architecture = {
      featureCount: x.cols,
      hidden: [...hidden],
      outputActivation,
    };
    const network = DenseNetwork.random(
      shapeOf(architecture),
      seed,
      STREAM.weights,
    );
    const { train, validation } = splitRows(x, validationFraction, seed);
    const history = await trainAutoencoder(network, train, {
      validation,
      seed,
      ...pace,
      ...(signal ? { signal } : {}),
      ...(onProgress ? { onProgress } : {}),
    });
    // As they stand in a model file, so that it gives the same scores.
    network.parameters.set(Float32Array.from(network.parameters));
    return new Autoencoder(architecture, network, history);
  }

  /**
   * Loads a model.
   *
   * @param json What {@linkcode Autoencoder.toJSON} returned; not trusted.
   * @returns The model, which gives equal scores.
   * @throws {SyntaxError} If a field is missing or not as it should be.
   */
  static fromJSON(json: unknown): Autoencoder {
    const fields = readObject(json, KIND);
    readText(fields, "kind", [KIND]);
    checkChecksums(fields, FIELDS);
    const architecture = {
      featureCount: readNumber(fields, "featureCount", {
        minimum: 1,
        maximum: MAXIMUM_FEATURES,
        integer: true,
      }),
      hidden: readHidden(fields.hidden),
      outputActivation: readText<OutputActivation>(
        fields,
        "outputActivation",
        OUTPUT_ACTIVATIONS,
      ),
    };
    const shape = shapeOf(architecture);
    const weights = decodeArray(fields.weights, "float32", "weights");
    const expected = parameterCount(shape.sizes);
    if (weights.length !== expected) {
      throw new SyntaxError(
        `Cannot load model: weights has length ${weights.length}, expected ${expected} for featureCount ${architecture.featureCount} and hidden [${architecture.hidden}]`,
      );
    }
    const network = new DenseNetwork(shape, Float64Array.from(weights));
    return new Autoencoder(architecture, network);
  }

  /** What the output layer applies. */
  get outputActivation(): OutputActivation {
    return this.#network.shape.outputActivation;
  }

  /**
   * Scores rows: `mean over j of (x_ij - reconstruction_ij)^2`.
   *
   * @param x Rows to score, shape `(n, d)`, scaled as in training.
   * @returns One score a row, shape `(n)`; higher is more anomalous. What
   * would overflow counts as the largest double.
   * @throws {RangeError} If `x` has no rows, another width, or a non-finite
   * value.
   */
  score(x: Matrix): Float64Array {
    const { data, rows, cols } = this.reconstructionErrors(x);
    const scores = new Float64Array(rows);
    for (let i = 0, k = 0; i < rows; i++) {
      for (let j = 0; j < cols; j++, k++) scores[i] += data[k] / cols;
      scores[i] = Math.min(scores[i], Number.MAX_VALUE);
    }
    return scores;
  }

  /**
   * Says how far each value of each row is from its reconstruction, so that
   * an alarm can name the feature that caused it.
   *
   * @param x Rows, shape `(n, d)`, scaled as in training.
   * @returns Squared errors, shape `(n, d)`; their mean by row is the score.
   * @throws {RangeError} If `x` has no rows, another width, or a non-finite
   * value.
   */
  reconstructionErrors(x: Matrix): Matrix {
    checkMatrix(x, "score with Autoencoder", { cols: this.featureCount });
    const { rows, cols } = x;
    const data = new Float64Array(x.data.length);
    for (let start = 0; start < rows; start += CHUNK_ROWS) {
      const end = Math.min(start + CHUNK_ROWS, rows);
      const inputs = x.data.slice(start * cols, end * cols).map(limited);
      const outputs = this.#network.forward(inputs, end - start);
      for (let k = 0, at = start * cols; k < outputs.length; k++, at++) {
        const error = (x.data[at] - outputs[k]) ** 2;
        data[at] = error <= Number.MAX_VALUE ? error : Number.MAX_VALUE;
      }
    }
    return { data, rows, cols };
  }

  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which it loads with equal scores, without its history.
   */
  toJSON(): ModelJson {
    return withChecksums({
      kind: KIND,
      featureCount: this.featureCount,
      hidden: this.hidden,
      outputActivation: this.outputActivation,
      weights: encodeArray(Float32Array.from(this.#network.parameters)),
    });
  }
}

/** The whole stack, there and back. */
function shapeOf({ featureCount, hidden, outputActivation }: Architecture) {
  const back = hidden.slice(0, -1).reverse();
  const sizes = [featureCount, ...hidden, ...back, featureCount];
  return { sizes, outputActivation };
}

function splitRows(
  x: Matrix,
  validationFraction: number,
  seed: number,
): { train: Matrix; validation: Matrix } {
  const wanted = Math.round(x.rows * validationFraction);
  const count = Math.min(Math.max(wanted, 1), x.rows - 1);
  const order = new Random(seed, STREAM.validation).sample(x.rows, x.rows);
  return {
    train: selectRows(x, order.subarray(count)),
    validation: selectRows(x, order.subarray(0, count)),
  };
}

function limited(value: number): number {
  return Math.min(Math.max(value, -INPUT_LIMIT), INPUT_LIMIT);
}

function readHidden(json: unknown): number[] {
  if (
    !Array.isArray(json) || json.length < 1 || json.length > MAXIMUM_LAYERS
  ) {
    throw new SyntaxError(
      `Cannot load model: hidden is not a list of 1 to ${MAXIMUM_LAYERS} numbers`,
    );
  }
  const fields = Object.fromEntries(
    json.map((units, k) => [`hidden[${k}]`, units]),
  );
  return json.map((_, k) => readNumber(fields, `hidden[${k}]`, UNITS));
}

function checkArchitecture(
  hidden: readonly number[],
  outputActivation: OutputActivation,
): void {
  if (!Array.isArray(hidden)) {
    throw new TypeError(
      `Cannot ${ACTION}: hidden is ${hidden}, expected a list of units`,
    );
  }
  checkNumber(hidden.length, "hidden.length", ACTION, {
    minimum: 1,
    maximum: MAXIMUM_LAYERS,
  });
  hidden.forEach((units, k) =>
    checkNumber(units, `hidden[${k}]`, ACTION, UNITS)
  );
  if (!OUTPUT_ACTIVATIONS.includes(outputActivation)) {
    throw new RangeError(
      `Cannot ${ACTION}: outputActivation is "${outputActivation}", expected sigmoid or linear`,
    );
  }
}

function checkPace(
  { noise, epochs, batchSize, learningRate, patience, ...rest }: {
    noise: number;
    epochs: number;
    batchSize: number;
    learningRate: number;
    patience: number;
    validationFraction: number;
    seed: number;
  },
): void {
  const count = { minimum: 1, integer: true };
  checkNumber(noise, "noise", ACTION, { minimum: 0 });
  checkNumber(epochs, "epochs", ACTION, count);
  checkNumber(batchSize, "batchSize", ACTION, count);
  checkNumber(patience, "patience", ACTION, count);
  checkNumber(learningRate, "learningRate", ACTION, {
    minimum: 0,
    exclusive: true,
  });
  checkNumber(rest.validationFraction, "validationFraction", ACTION, {
    minimum: 0,
    maximum: 1,
    exclusive: true,
  });
  checkSeed(rest.seed, ACTION);
}
