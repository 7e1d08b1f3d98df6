/**
 * A recurrent network that reads the last rows and forecasts the next ones:
 * LSTM, dropout, LSTM, dropout, Dense ReLU, Dense with one output a step. The
 * target is standardized inside, by numbers taken from the rows trained on, so
 * forecasts come back in the target's own unit. Features are the caller's
 * business and should come scaled.
 *
 * It gives a point forecast under the probability 0.5: with the squared loss
 * the conditional mean, with the absolute loss the conditional median.
 *
 * @see S. Hochreiter, J. Schmidhuber, Long Short-Term Memory (1997).
 *
 * @module
 */

import { gatherWindows, type RowRange } from "../logs/windows.ts";
import { checkNumber, checkSeed } from "../numeric/checks.ts";
import { readNumber, readObject, readText } from "../numeric/json_fields.ts";
import {
  decodeWeights,
  encodeWeights,
  predictInChunks,
  writeWeightsInPlace,
} from "../numeric/networks.ts";
import { type LayersModel, tf } from "../numeric/tensors.ts";
import {
  type LossName,
  type TrainingControls,
  type TrainingHistory,
  trainNetwork,
} from "../numeric/training.ts";
import {
  checkForecastInput,
  checkOrigins,
  type Forecaster,
  type ForecasterJson,
  type ForecastInput,
  type QuantileForecast,
} from "./forecaster.ts";
import {
  buildLstmNetwork,
  type LstmArchitecture,
  lstmWeightShapes,
} from "./lstm_network.ts";
import {
  standardizationOf,
  type TargetScale,
  trainingWindows,
} from "./training_windows.ts";

/** Options for {@linkcode LstmForecaster.fit}. */
export type LstmForecasterOptions = TrainingControls & {
  /** Rows that the network reads. @default {50} */
  windowLength?: number;
  /** Steps to forecast. @default {1} */
  horizon?: number;
  /** Units of each LSTM layer. @default {50} */
  units?: number;
  /** Units of the dense layer. @default {25} */
  denseUnits?: number;
  /** Share of units dropped in training. @default {0.2} */
  dropout?: number;
  /** What is minimized, on the standardized target.
   * @default {"meanSquaredError"} */
  loss?: LossName;
  /** The greatest number of windows to train on, spread evenly over all;
   * validation keeps its share of them. @default {2000} */
  maximumWindows?: number;
  /** Share of the rows, the newest, that is only validated on.
   * @default {0.2} */
  validationFraction?: number;
  /** The greatest number of epochs. @default {50} */
  epochs?: number;
  /** Windows in a batch. @default {32} */
  batchSize?: number;
  /** First step size of Adam; halved after 3 epochs without a better
   * validation loss, down to 1e-5. @default {0.001} */
  learningRate?: number;
  /** Epochs without a better validation loss before stopping. @default {5} */
  patience?: number;
  /** Seed of weights, dropout and batches. @default {0} */
  seed?: number;
};

const KIND = "lstm";
const CHUNK_WINDOWS = 256;
const MAXIMUM_SIZE = 1e5;
const PLATEAU = { factor: 0.5, patience: 3, minimum: 1e-5 };

/** A fitted LSTM forecaster. Its weights stay in the memory of the tensor
 * library until {@linkcode LstmForecaster.dispose} is called. */
export class LstmForecaster implements Forecaster {
  /** The kind of forecaster, as in a model file. */
  readonly kind: string = KIND;
  /** Rows that a forecast reads, the origin included. */
  readonly historyLength: number;
  /** Steps that it forecasts. */
  readonly horizon: number;
  /** The probabilities that it gives. */
  readonly quantiles: readonly number[] = [0.5];
  /** The number of features that it was fitted on. */
  readonly featureCount: number;
  /** Losses by epoch, of the standardized target; absent in a model that was
   * loaded. */
  readonly history: TrainingHistory | undefined;
  readonly #architecture: LstmArchitecture;
  readonly #targetScale: TargetScale;
  readonly #model: LayersModel;

  private constructor(
    architecture: LstmArchitecture,
    targetScale: TargetScale,
    model: LayersModel,
    history?: TrainingHistory,
  ) {
    this.historyLength = architecture.windowLength;
    this.horizon = architecture.horizon;
    this.featureCount = architecture.featureCount;
    this.history = history;
    this.#architecture = architecture;
    this.#targetScale = targetScale;
    this.#model = model;
  }

  /**
   * Fits a forecaster. The newest rows are set apart for validation; training
   * and validation windows share no row.
   *
   * @param train Training rows in time order, shape `(n, d)`.
   * @param options Size of the network, windows, pace of training, seed.
   * @returns The fitted forecaster, with the weights of its best epoch.
   * @throws {RangeError} If there are too few rows for a window in training
   * and one in validation, a value is not finite, or an option is out of
   * range.
   * @throws `options.signal.reason`, if the signal is aborted.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { LstmForecaster } from "lib/forecast/lstm.ts";
   * import { matrixFromColumns } from "lib/numeric/matrix.ts";
   *
   * const target = Float64Array.from({ length: 60 }, (_, i) => i % 2);
   * const input = { features: matrixFromColumns([target]), target };
   * const model = await LstmForecaster.fit(input, {
   *   windowLength: 4,
   *   units: 2,
   *   epochs: 1,
   * });
   * const { values } = model.forecast(input, Uint32Array.of(59));
   * assert.ok(Number.isFinite(values[0]));
   * model.dispose();
   * ```
   */
  static async fit(
    train: ForecastInput,
    options: LstmForecasterOptions = {},
  ): Promise<LstmForecaster> {
    const { windowLength = 50, horizon = 1, units = 50 } = options;
    const { denseUnits = 25, dropout = 0.2, seed = 0 } = options;
    const { maximumWindows = 2000, validationFraction = 0.2 } = options;
    checkForecastInput(train, "fit LstmForecaster");
    const featureCount = train.features.cols;
    const architecture = {
      featureCount,
      windowLength,
      horizon,
      units,
      denseUnits,
    };
    checkArchitecture(architecture);
    checkTraining({ dropout, seed, maximumWindows, validationFraction });

    const [older, newer] = splitForValidation(
      train.target.length,
      validationFraction,
      windowLength + horizon,
    );
    const targetScale = standardizationOf(
      train.target.subarray(older.start, older.end),
    );
    const windowsOf = (part: RowRange, maximum: number) =>
      trainingWindows(train, {
        part,
        maximum,
        windowLength,
        horizon,
        targetScale,
      });
    const model = buildLstmNetwork(architecture, { dropout, seed });
    try {
      const history = await trainNetwork(
        model,
        windowsOf(older, maximumWindows),
        {
          ...options,
          plateau: PLATEAU,
          validation: windowsOf(
            newer,
            Math.ceil(maximumWindows * validationFraction),
          ),
        },
      );
      return new LstmForecaster(architecture, targetScale, model, history);
    } catch (error) {
      model.dispose();
      throw error;
    }
  }

  /**
   * Loads a forecaster.
   *
   * @param json What {@linkcode LstmForecaster.toJSON} returned; not trusted.
   * @returns The forecaster, which gives equal forecasts.
   * @throws {SyntaxError} If a field is missing or not as it should be.
   */
  static fromJSON(json: unknown): LstmForecaster {
    const fields = readObject(json, KIND);
    readText(fields, "kind", [KIND]);
    const size = { minimum: 1, maximum: MAXIMUM_SIZE, integer: true };
    const architecture = {
      featureCount: readNumber(fields, "featureCount", size),
      windowLength: readNumber(fields, "windowLength", size),
      horizon: readNumber(fields, "horizon", size),
      units: readNumber(fields, "units", size),
      denseUnits: readNumber(fields, "denseUnits", size),
    };
    const targetScale = {
      mean: readNumber(fields, "targetMean"),
      deviation: readNumber(fields, "targetDeviation", {
        minimum: Number.MIN_VALUE,
      }),
    };
    const weights = decodeWeights(
      fields.weights,
      lstmWeightShapes(architecture),
    );
    const model = buildLstmNetwork(architecture, { dropout: 0, seed: 0 });
    writeWeightsInPlace(model, weights);
    return new LstmForecaster(architecture, targetScale, model);
  }

  /**
   * Forecasts from several origins.
   *
   * @param input Rows in time order, shape `(n, d)`, scaled as in training;
   * only the features are read.
   * @param origins The last known rows, from `historyLength - 1` to n - 1.
   * @returns One value a step under the probability 0.5, in the unit of the
   * target trained on.
   * @throws {RangeError} If an origin has too little history or lies beyond
   * the rows, a value is not finite, or the width is another.
   */
  forecast(input: ForecastInput, origins: Uint32Array): QuantileForecast {
    const { historyLength, horizon, quantiles, featureCount } = this;
    const action = "forecast with LstmForecaster";
    checkForecastInput(input, action, { cols: featureCount });
    const { features } = input;
    checkOrigins(origins, action, { rows: features.rows, historyLength });
    const starts = origins.map((origin) => origin - historyLength + 1);
    const outputs = predictInChunks(this.#model, origins.length, {
      inputs: (start, end) =>
        tf.tensor3d(
          gatherWindows(features, starts.subarray(start, end), historyLength),
          [end - start, historyLength, featureCount],
        ),
      chunkSize: CHUNK_WINDOWS,
    });
    const scale = this.#targetScale;
    const values = Float64Array.from(
      outputs,
      (output) => scale.mean + scale.deviation * output,
    );
    return { quantiles, horizon, origins: origins.slice(), values };
  }

  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which it loads with equal forecasts, without its
   * history.
   */
  toJSON(): ForecasterJson {
    return {
      kind: KIND,
      ...this.#architecture,
      targetMean: this.#targetScale.mean,
      targetDeviation: this.#targetScale.deviation,
      weights: encodeWeights(this.#model),
    };
  }

  /** Frees the memory of the weights; the model cannot forecast afterwards. */
  dispose(): void {
    this.#model.dispose();
  }
}

function splitForValidation(
  rowCount: number,
  validationFraction: number,
  neededRows: number,
): RowRange[] {
  const border = Math.round(rowCount * (1 - validationFraction));
  const validationRows = rowCount - border;
  if (!(Math.min(border, validationRows) >= neededRows)) {
    throw new RangeError(
      `Cannot fit LstmForecaster: ${rowCount} rows give ${border} for training and ${validationRows} for validation, expected at least ${neededRows} (windowLength + horizon) of each`,
    );
  }
  return [{ start: 0, end: border }, { start: border, end: rowCount }];
}

function checkArchitecture(architecture: LstmArchitecture): void {
  for (const [name, value] of Object.entries(architecture)) {
    checkNumber(value, name, "fit LstmForecaster", {
      minimum: 1,
      maximum: MAXIMUM_SIZE,
      integer: true,
    });
  }
}

function checkTraining(options: {
  dropout: number;
  seed: number;
  maximumWindows: number;
  validationFraction: number;
}): void {
  const { dropout, seed, maximumWindows, validationFraction } = options;
  const action = "fit LstmForecaster";
  checkNumber(dropout, "dropout", action, { minimum: 0, maximum: 0.999 });
  checkNumber(maximumWindows, "maximumWindows", action, {
    minimum: 1,
    integer: true,
  });
  checkNumber(validationFraction, "validationFraction", action, {
    minimum: 0,
    maximum: 1,
    exclusive: true,
  });
  checkSeed(seed, action);
}
