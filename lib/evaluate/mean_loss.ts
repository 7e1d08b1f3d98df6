/**
 * What all measures of a forecast share.
 *
 * @module
 */

import { checkLength, checkValues } from "../numeric/checks.ts";

/**
 * The mean over rows of a loss of the error.
 *
 * @param actual What came, shape `(n)`, n >= 1.
 * @param forecast What was forecast, shape `(n)`.
 * @param lossOf The loss of an error `y - f`.
 * @returns The mean loss.
 * @throws {RangeError} If there is no value, one is not finite, or the lengths
 * differ.
 */
export function meanLoss(
  actual: Float64Array,
  forecast: Float64Array,
  lossOf: (error: number) => number,
): number {
  const action = "evaluate forecasts";
  checkValues(actual, "actual", action);
  checkValues(forecast, "forecast", action);
  checkLength(forecast.length, actual.length, "forecast", action);
  let sum = 0;
  for (let i = 0; i < actual.length; i++) {
    sum += lossOf(actual[i] - forecast[i]);
  }
  return sum / actual.length;
}
