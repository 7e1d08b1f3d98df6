/**
 * A recurrent network that reads the last rows and forecasts the next ones:
 * LSTM, dropout, LSTM, dropout, Dense ReLU, Dense with one output for each
 * quantile of each step. The target is standardized inside, by numbers taken
 * from the rows trained on, or measured from the reference that the input
 * brings, so forecasts come back in the target's own unit. Features are the
 * caller's business and should come scaled.
 *
 * Without `quantiles` it gives a point forecast under the probability 0.5:
 * with the squared loss the conditional mean, with the absolute loss the
 * conditional median. With them it minimizes the pinball loss, and quantiles
 * never cross. One network may be fitted on many series, each measured on its
 * own scale, as in DeepAR.
 *
 * @see S. Hochreiter, J. Schmidhuber, Long Short-Term Memory (1997).
 * @see D. Salinas, V. Flunkert, J. Gasthaus, T. Januschowski, DeepAR:
 * Probabilistic forecasting with autoregressive recurrent networks (2020).
 *
 * @module
 */

import { gatherWindows } from "../logs/windows.ts";
import { checkNumber, checkSeed } from "../numeric/checks.ts";
import { readNumber, readObject, readText } from "../numeric/json_fields.ts";
import {
  decodeWeights,
  encodeWeights,
  predictInChunks,
  readWeights,
  writeWeightsInPlace,
} from "../numeric/networks.ts";
import { type LayersModel, tf } from "../numeric/tensors.ts";
import {
  type LossName,
  type TrainingControls,
  type TrainingHistory,
  type TrainingOptions,
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
import { kernelStepper } from "./kernel_stepper.ts";
import {
  buildLstmNetwork,
  type LstmArchitecture,
  lstmWeightShapes,
} from "./lstm_network.ts";
import { checkQuantiles, readQuantiles } from "./quantile_levels.ts";
import {
  standardizationOf,
  type TargetScale,
  type TrainingPart,
  trainingWindowsOfMany,
  unscaledOutput,
} from "./training_windows.ts";

/** Options for {@linkcode LstmForecaster.fit}. */
export type LstmForecasterOptions = TrainingControls & {
  /** Rows that the network reads. @default {50} */
  windowLength?: number;
  /** Steps to forecast. @default {1} */
  horizon?: number;
  /** Probabilities to forecast, ascending, between 0 and 1; several of them
   * never cross. @default {[0.5]} */
  quantiles?: readonly number[];
  /** Units of each LSTM layer. @default {50} */
  units?: number;
  /** Units of the dense layer. @default {25} */
  denseUnits?: number;
  /** Share of units dropped in training. @default {0.2} */
  dropout?: number;
  /** What is minimized, on the standardized target.
   * @default {quantiles ? "pinball" : "meanSquaredError"} */
  loss?: LossName;
  /** The greatest number of windows to train on, spread evenly over all, the
   * same number from each series; validation keeps its share of them.
   * @default {2000} */
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
  /** A model of the same sizes to start from, such as the last one saved
   * before an abort; Adam starts afresh. @default {undefined}, new weights */
  from?: LstmForecaster | undefined;
  /** Gets the model for a model file after each epoch better than all before
   * it, so that a training that is aborted can be resumed.
   * @default {undefined} */
  onBest?: ((model: ForecasterJson) => void) | undefined;
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
  readonly quantiles: readonly number[];
  /** The number of features that it was fitted on. */
  readonly featureCount: number;
  /** Losses by epoch, of the standardized target; absent in a model that was
   * loaded. */
  readonly history: TrainingHistory | undefined;
  readonly #architecture: Sizes;
  readonly #targetScale: TargetScale;
  readonly #model: LayersModel;

  private constructor(
    architecture: Sizes,
    targetScale: TargetScale,
    model: LayersModel,
    history?: TrainingHistory,
  ) {
    this.historyLength = architecture.windowLength;
    this.horizon = architecture.horizon;
    this.quantiles = architecture.quantiles;
    this.featureCount = architecture.featureCount;
    this.history = history;
    this.#architecture = architecture;
    this.#targetScale = targetScale;
    this.#model = model;
  }

  /**
   * Fits a forecaster. The newest rows of each series are set apart for
   * validation; training and validation windows share no row.
   *
   * @param train Training rows in time order, shape `(n, d)`; or those of many
   * series with the same features.
   * @param options Size of the network, windows, pace of training, seed.
   * @returns The fitted forecaster, with the weights of its best epoch.
   * @throws {RangeError} If there is no series or one with too few rows for a
   * window in training and one in validation, widths disagree, a value is not
   * finite, a reference does not reach the horizon, `from` has other sizes, or
   * an option is out of range.
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
    train: ForecastInput | readonly ForecastInput[],
    options: LstmForecasterOptions = {},
  ): Promise<LstmForecaster> {
    const { windowLength = 50, horizon = 1, units = 50 } = options;
    const { denseUnits = 25, dropout = 0.2, seed = 0 } = options;
    const { maximumWindows = 2000, validationFraction = 0.2 } = options;
    const { quantiles = [0.5], from, onBest } = options;
    const { loss = options.quantiles ? "pinball" : "meanSquaredError" } =
      options;
    const series = Array.isArray(train) ? train : [train];
    const featureCount = checkSeries(series, horizon);
    const sizes = { featureCount, windowLength, horizon, units, denseUnits };
    const architecture = { ...sizes, quantiles: [...quantiles] };
    checkArchitecture(architecture, loss);
    checkTraining({ dropout, seed, maximumWindows, validationFraction });
    if (from) checkSameSizes(from.#architecture, architecture);

    const parts = series.map((input: ForecastInput) =>
      splitForValidation(input, validationFraction, windowLength + horizon)
    );
    const targetScale = from
      ? from.#targetScale
      : scaleOf(parts.map(({ older }) => older));
    const windowsOf = (kept: TrainingPart[], maximum: number) =>
      trainingWindowsOfMany(kept, {
        maximum,
        windowLength,
        horizon,
        targetScale,
      });
    const model = buildLstmNetwork(architecture, { dropout, seed });
    const fitted = (history?: TrainingHistory) =>
      new LstmForecaster(architecture, targetScale, model, history);
    try {
      if (from) writeWeightsInPlace(model, readWeights(from.#model));
      const history = await trainNetwork(
        model,
        windowsOf(parts.map(({ older }) => older), maximumWindows),
        {
          ...trainingOptionsOf(options),
          loss,
          quantiles,
          plateau: PLATEAU,
          stepper: kernelStepper,
          validation: windowsOf(
            parts.map(({ newer }) => newer),
            Math.ceil(maximumWindows * validationFraction),
          ),
          ...(onBest ? { onBest: () => onBest(fitted().toJSON()) } : {}),
        },
      );
      return fitted(history);
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
      // Files of before there were any lack them.
      quantiles: "quantiles" in fields ? readQuantiles(fields) : [0.5],
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
   * only the features and the reference are read.
   * @param origins The last known rows, from `historyLength - 1` to n - 1.
   * @returns The quantiles of each step, in the unit of the target.
   * @throws {RangeError} If an origin has too little history or lies beyond
   * the rows, a value is not finite, or the width is another.
   */
  forecast(input: ForecastInput, origins: Uint32Array): QuantileForecast {
    const { historyLength, horizon, quantiles, featureCount } = this;
    const action = "forecast with LstmForecaster";
    checkForecastInput(input, action, { cols: featureCount });
    const { features } = input;
    checkReach(input, horizon, action);
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
    const targetScale = this.#targetScale;
    const count = quantiles.length;
    const values = Float64Array.from(outputs, (output, k) => {
      const forecast = Math.floor(k / (horizon * count));
      const step = Math.floor(k / count) % horizon + 1;
      const options = { step, targetScale };
      return unscaledOutput(output, input, origins[forecast], options);
    });
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

type Sizes = LstmArchitecture & { readonly quantiles: readonly number[] };

/** The options that the training loop takes as they are. */
function trainingOptionsOf(options: LstmForecasterOptions): TrainingOptions {
  const { from: _from, onBest: _onBest, ...rest } = options;
  return rest;
}

function splitForValidation(
  input: ForecastInput,
  validationFraction: number,
  neededRows: number,
): { older: TrainingPart; newer: TrainingPart } {
  const rowCount = input.target.length;
  const border = Math.round(rowCount * (1 - validationFraction));
  const validationRows = rowCount - border;
  if (!(Math.min(border, validationRows) >= neededRows)) {
    throw new RangeError(
      `Cannot fit LstmForecaster: ${rowCount} rows give ${border} for training and ${validationRows} for validation, expected at least ${neededRows} (windowLength + horizon) of each`,
    );
  }
  return {
    older: { input, part: { start: 0, end: border } },
    newer: { input, part: { start: border, end: rowCount } },
  };
}

/** The scale of all targets that no reference measures. */
function scaleOf(parts: readonly TrainingPart[]): TargetScale {
  const targets = parts.filter(({ input }) => !input.reference)
    .map(({ input, part }) => input.target.subarray(part.start, part.end));
  if (targets.length === 0) return { mean: 0, deviation: 1 };
  const length = targets.reduce((sum, target) => sum + target.length, 0);
  const joined = new Float64Array(length);
  let start = 0;
  for (const target of targets) {
    joined.set(target, start);
    start += target.length;
  }
  return standardizationOf(joined);
}

/** Checks all series and gives their number of features. */
function checkSeries(
  series: readonly ForecastInput[],
  horizon: number,
): number {
  const action = "fit LstmForecaster";
  checkNumber(series.length, "the number of series", action, { minimum: 1 });
  const { cols } = series[0].features;
  for (const input of series) {
    checkForecastInput(input, action, { cols });
    checkReach(input, horizon, action);
  }
  return cols;
}

function checkReach(
  { reference }: ForecastInput,
  horizon: number,
  action: string,
): void {
  if (!reference || reference.horizon >= horizon) return;
  throw new RangeError(
    `Cannot ${action}: the reference reaches ${reference.horizon} steps, expected at least ${horizon}`,
  );
}

function checkSameSizes(from: Sizes, wanted: Sizes): void {
  const [found, expected] = [from, wanted].map((sizes) =>
    JSON.stringify(Object.entries(sizes).sort())
  );
  if (found === expected) return;
  throw new RangeError(
    `Cannot fit LstmForecaster: from has the sizes ${found}, expected ${expected}`,
  );
}

function checkArchitecture(architecture: Sizes, loss: LossName): void {
  const { quantiles, ...sizes } = architecture;
  const action = "fit LstmForecaster";
  for (const [name, value] of Object.entries(sizes)) {
    checkNumber(value, name, action, {
      minimum: 1,
      maximum: MAXIMUM_SIZE,
      integer: true,
    });
  }
  checkQuantiles(quantiles, action);
  if (loss === "pinball" || (quantiles.length === 1 && quantiles[0] === 0.5)) {
    return;
  }
  throw new RangeError(
    `Cannot ${action}: loss is ${loss} with quantiles ${quantiles}, expected pinball`,
  );
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
