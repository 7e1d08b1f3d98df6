/**
 * The forecast for series that are too short to measure errors on: the last
 * value, with the spread of a random walk, `sqrt(k)` times the root mean square
 * of the changes from row to row for k steps ahead. The shape of the spread is
 * that of a logistic distribution, which is close to a normal one.
 *
 * @see R. J. Hyndman, G. Athanasopoulos, Forecasting: Principles and Practice
 * (3rd ed. 2021), section 5.5, table 5.2, the naive method.
 *
 * @module
 */

import { checkNumber, checkValues } from "../numeric/checks.ts";
import { encodeArray } from "../numeric/typed_array_json.ts";
import { baselineFromJSON, lastValueForecaster } from "./baselines.ts";
import type { Forecaster } from "./forecaster.ts";
import { checkQuantiles, USUAL_QUANTILES } from "./quantile_levels.ts";
import { ResidualQuantileForecaster } from "./residual_quantiles.ts";

/** Options for {@linkcode randomWalkForecaster}. */
export type RandomWalkOptions = {
  /** Steps to forecast. @default {1} */
  horizon?: number;
  /** The probabilities, ascending. @default {[0.05, 0.5, 0.95]} */
  quantiles?: readonly number[];
};

/** Turns a logistic distribution of unit scale into one about as wide as the
 * standard normal. */
const LOGISTIC_TO_NORMAL = 1 / 1.702;

/**
 * Fits a random walk without drift.
 *
 * @param train The training rows, shape `(n)`, n >= 1; a single one has no
 * changes, and is forecast without spread.
 * @param options The horizon and the probabilities.
 * @returns The forecaster.
 * @throws {RangeError} If there is no row, a value is not finite, or an option
 * is out of range.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { randomWalkForecaster } from "lib/forecast/random_walk.ts";
 * import { matrixFromColumns } from "lib/numeric/matrix.ts";
 *
 * const target = Float64Array.of(5, 6, 5);
 * const input = { features: matrixFromColumns([target]), target };
 * const model = randomWalkForecaster(target, { quantiles: [0.1, 0.5, 0.9] });
 * const [low, middle, high] = model.forecast(input, Uint32Array.of(2)).values;
 * assert.equal(middle, 5);
 * assert.ok(Math.abs(high - 6.29) < 0.01 && low < 4);
 * ```
 */
export function randomWalkForecaster(
  train: Float64Array,
  options: RandomWalkOptions = {},
): Forecaster {
  const { horizon = 1, quantiles = USUAL_QUANTILES } = options;
  const action = "fit a random walk";
  checkValues(train, "train", action);
  checkQuantiles(quantiles, action);
  checkNumber(horizon, "horizon", action, { minimum: 1, integer: true });
  const size = rootMeanSquareChange(train);
  const offsets = Array.from(
    { length: horizon },
    (_, k) =>
      quantiles.map((q) =>
        Math.sqrt(k + 1) * size * LOGISTIC_TO_NORMAL * Math.log(q / (1 - q))
      ),
  ).flat();
  // A forecaster of errors whose errors were not measured but assumed.
  return ResidualQuantileForecaster.fromJSON({
    kind: "residual_quantiles",
    base: lastValueForecaster({ horizon }).toJSON(),
    quantiles,
    offsets: encodeArray(Float64Array.from(offsets)),
  }, baselineFromJSON);
}

function rootMeanSquareChange(train: Float64Array): number {
  let mean = 0;
  for (let i = 1; i < train.length; i++) {
    mean += (train[i] - train[i - 1]) ** 2 / (train.length - 1);
  }
  return Math.min(Math.sqrt(mean), LARGEST_CHANGE);
}

/** So that the spread of a million steps is a finite number. */
const LARGEST_CHANGE = 1e300;
