/**
 * Anomalies as rows that a small network cannot reproduce: Dense hidden ReLU,
 * then Dense back to the width of the input, trained on the rows themselves.
 * The score of a row is its mean squared reconstruction error. Scaling is the
 * caller's business: a sigmoid output reaches 0 to 1 only.
 *
 * @see G. E. Hinton, R. R. Salakhutdinov, Reducing the Dimensionality of Data
 * with Neural Networks (2006).
 *
 * @module
 */

import { checkNumber, checkSeed } from "../numeric/checks.ts";
import { readNumber, readObject, readText } from "../numeric/json_fields.ts";
import { checkMatrix, type Matrix } from "../numeric/matrix.ts";
import {
  decodeWeights,
  encodeWeights,
  layerSeed,
  predictInChunks,
  writeWeightsInPlace,
} from "../numeric/networks.ts";
import { Random } from "../numeric/random.ts";
import { type LayersModel, type Tensor, tf } from "../numeric/tensors.ts";
import {
  type TrainingControls,
  type TrainingData,
  type TrainingHistory,
  trainNetwork,
} from "../numeric/training.ts";
import type { ModelJson, PointDetector } from "./detector.ts";

/** What the output layer can reach: 0 to 1, or any number. */
export type OutputActivation = "sigmoid" | "linear";

/** Options for {@linkcode Autoencoder.fit}. */
export type AutoencoderOptions = TrainingControls & {
  /** Units of the hidden layer. @default {16} */
  hiddenUnits?: number;
  /** `sigmoid` for inputs scaled to 0 to 1, else `linear`. @default {"sigmoid"} */
  outputActivation?: OutputActivation;
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
  /** Seed of weights, validation rows and batches. @default {0} */
  seed?: number;
};

type Architecture = {
  featureCount: number;
  hiddenUnits: number;
  outputActivation: OutputActivation;
};

const KIND = "autoencoder";
const MINIMUM_ROWS = 10;
const MAXIMUM_UNITS = 4096;
const CHUNK_ROWS = 4096;
const FLOAT32_LIMIT = 1e30;
const STREAM = { hiddenLayer: 0, outputLayer: 1, validation: 2 };

/** A fitted autoencoder. Its weights stay in the memory of the tensor library
 * until {@linkcode Autoencoder.dispose} is called. */
export class Autoencoder implements PointDetector {
  /** The kind of detector, as in a model file. */
  readonly kind: string = KIND;
  /** The number of features that it was fitted on. */
  readonly featureCount: number;
  /** Losses by epoch; absent in a model that was loaded. */
  readonly history: TrainingHistory | undefined;
  readonly #architecture: Architecture;
  readonly #model: LayersModel;

  private constructor(
    architecture: Architecture,
    model: LayersModel,
    history?: TrainingHistory,
  ) {
    this.featureCount = architecture.featureCount;
    this.history = history;
    this.#architecture = architecture;
    this.#model = model;
  }

  /**
   * Fits an autoencoder, with early stopping on validation rows.
   *
   * @param x Training rows, shape `(n, d)`, n >= 10, scaled by the caller.
   * @param options Size of the network, pace of training, seed.
   * @returns The fitted model, with the weights of its best epoch.
   * @throws {RangeError} If there are too few rows, a value is not finite, or
   * an option is out of range.
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
   * const model = await Autoencoder.fit(x, { epochs: 2 });
   * assert.equal(model.score(x).length, 40);
   * model.dispose();
   * ```
   */
  static async fit(
    x: Matrix,
    options: AutoencoderOptions = {},
  ): Promise<Autoencoder> {
    const { hiddenUnits = 16, outputActivation = "sigmoid" } = options;
    const { validationFraction = 0.1, seed = 0 } = options;
    checkMatrix(x, "fit Autoencoder", { minimumRows: MINIMUM_ROWS });
    checkOptions({ hiddenUnits, outputActivation, validationFraction, seed });

    const architecture = {
      featureCount: x.cols,
      hiddenUnits,
      outputActivation,
    };
    const { trainRows, validationRows } = splitRows(
      x.rows,
      validationFraction,
      seed,
    );
    const model = buildNetwork(architecture, seed);
    try {
      const history = await trainNetwork(model, rowsOf(x, trainRows), {
        ...options,
        loss: "meanSquaredError",
        validation: rowsOf(x, validationRows),
      });
      return new Autoencoder(architecture, model, history);
    } catch (error) {
      model.dispose();
      throw error;
    }
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
    const size = { minimum: 1, maximum: MAXIMUM_UNITS, integer: true };
    const architecture = {
      featureCount: readNumber(fields, "featureCount", size),
      hiddenUnits: readNumber(fields, "hiddenUnits", size),
      outputActivation: readText<OutputActivation>(fields, "outputActivation", [
        "sigmoid",
        "linear",
      ]),
    };
    const { featureCount: d, hiddenUnits: h } = architecture;
    const weights = decodeWeights(fields.weights, [[d, h], [h], [h, d], [d]]);
    const model = buildNetwork(architecture, 0);
    writeWeightsInPlace(model, weights);
    return new Autoencoder(architecture, model);
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
    for (let k = 0; k < data.length; k++) {
      scores[Math.floor(k / cols)] += data[k] / cols;
    }
    return scores.map((score) => Math.min(score, Number.MAX_VALUE));
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
    const reconstruction = predictInChunks(this.#model, x.rows, {
      inputs: (start, end) => rowTensor(x, start, end),
      chunkSize: CHUNK_ROWS,
    });
    const data = x.data.map((value, k) =>
      Math.min((value - reconstruction[k]) ** 2, Number.MAX_VALUE)
    );
    return { data, rows: x.rows, cols: x.cols };
  }

  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which it loads with equal scores, without its history.
   */
  toJSON(): ModelJson {
    return {
      kind: KIND,
      ...this.#architecture,
      weights: encodeWeights(this.#model),
    };
  }

  /** Frees the memory of the weights; the model cannot score afterwards. */
  dispose(): void {
    this.#model.dispose();
  }
}

function buildNetwork(architecture: Architecture, seed: number): LayersModel {
  const { featureCount, hiddenUnits, outputActivation } = architecture;
  const initializer = (layer: number) =>
    tf.initializers.glorotUniform({ seed: layerSeed(seed, layer) });
  return tf.sequential({
    layers: [
      tf.layers.dense({
        inputShape: [featureCount],
        units: hiddenUnits,
        activation: "relu",
        kernelInitializer: initializer(STREAM.hiddenLayer),
      }),
      tf.layers.dense({
        units: featureCount,
        activation: outputActivation,
        kernelInitializer: initializer(STREAM.outputLayer),
      }),
    ],
  });
}

function splitRows(
  rowCount: number,
  validationFraction: number,
  seed: number,
): { trainRows: Uint32Array; validationRows: Uint32Array } {
  const wanted = Math.round(rowCount * validationFraction);
  const validationCount = Math.min(Math.max(wanted, 1), rowCount - 1);
  const order = new Random(seed, STREAM.validation).sample(rowCount, rowCount);
  return {
    trainRows: order.slice(validationCount),
    validationRows: order.slice(0, validationCount),
  };
}

/** Chosen rows as their own targets. */
function rowsOf(x: Matrix, rows: Uint32Array): TrainingData {
  return {
    size: rows.length,
    batch(indices) {
      const values = new Float32Array(indices.length * x.cols);
      indices.forEach((index, k) => {
        const start = rows[index] * x.cols;
        values.set(x.data.subarray(start, start + x.cols), k * x.cols);
      });
      const inputs = tf.tensor2d(values, [indices.length, x.cols]);
      return { inputs, targets: inputs };
    },
  };
}

function rowTensor(x: Matrix, start: number, end: number): Tensor {
  const values = x.data.subarray(start * x.cols, end * x.cols);
  // Beyond this a sum inside the network could pass the range of 32-bit floats.
  const clamped = Float32Array.from(
    values,
    (value) => Math.min(Math.max(value, -FLOAT32_LIMIT), FLOAT32_LIMIT),
  );
  return tf.tensor2d(clamped, [end - start, x.cols]);
}

function checkOptions(options: {
  hiddenUnits: number;
  outputActivation: OutputActivation;
  validationFraction: number;
  seed: number;
}): void {
  const { hiddenUnits, outputActivation, validationFraction, seed } = options;
  const action = "fit Autoencoder";
  checkNumber(hiddenUnits, "hiddenUnits", action, {
    minimum: 1,
    maximum: MAXIMUM_UNITS,
    integer: true,
  });
  if (!["sigmoid", "linear"].includes(outputActivation)) {
    throw new RangeError(
      `Cannot ${action}: outputActivation is "${outputActivation}", expected sigmoid or linear`,
    );
  }
  checkNumber(validationFraction, "validationFraction", action, {
    minimum: 0,
    maximum: 1,
    exclusive: true,
  });
  checkSeed(seed, action);
}
