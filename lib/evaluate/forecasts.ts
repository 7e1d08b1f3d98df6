/**
 * How far forecasts are from what came: errors in the unit of the target,
 * errors relative to a naive forecast, and losses that judge quantiles.
 * Lower is better everywhere but in {@linkcode skill}.
 *
 * @see R. J. Hyndman, A. B. Koehler, Another look at measures of forecast
 * accuracy (2006).
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { meanLoss } from "./mean_loss.ts";

export {
  type ForecastInterval,
  intervalCoverage,
  meanIntervalWidth,
  meanPinballLoss,
  meanQuantileLoss,
  type QuantileColumn,
  quantileCrossings,
  weightedQuantileLoss,
} from "./quantile_forecasts.ts";

/**
 * The mean absolute error, `mean |y - f|`; the median minimizes it.
 *
 * @param actual What came, shape `(n)`, n >= 1.
 * @param forecast What was forecast, shape `(n)`.
 * @returns The error, in the unit of `actual`.
 * @throws {RangeError} If there is no value, one is not finite, or the lengths
 * differ.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { meanAbsoluteError } from "lib/evaluate/forecasts.ts";
 *
 * const actual = Float64Array.of(1, 2);
 * assert.equal(meanAbsoluteError(actual, Float64Array.of(2, 5)), 2);
 * ```
 */
export function meanAbsoluteError(
  actual: Float64Array,
  forecast: Float64Array,
): number {
  return meanLoss(actual, forecast, Math.abs);
}

/**
 * The root mean squared error, `sqrt(mean (y - f)²)`; the mean minimizes it.
 *
 * @param actual What came, shape `(n)`, n >= 1.
 * @param forecast What was forecast, shape `(n)`.
 * @returns The error, in the unit of `actual`.
 * @throws {RangeError} If there is no value, one is not finite, or the lengths
 * differ.
 */
export function rootMeanSquaredError(
  actual: Float64Array,
  forecast: Float64Array,
): number {
  return Math.sqrt(meanLoss(actual, forecast, (error) => error * error));
}

/**
 * The mean absolute error of the seasonal naive forecast one season ahead on
 * the training rows, `mean |y_t - y_(t - season)|`: the unit of
 * {@linkcode meanAbsoluteScaledError}.
 *
 * @param trainTarget The target on the training rows, shape `(n)`.
 * @param season Rows in a season; 1 compares with the last value.
 * @returns The scale, in the unit of the target; 0 if every season is equal.
 * @throws {RangeError} If there is no row beyond the first season.
 */
export function seasonalNaiveScale(
  trainTarget: Float64Array,
  season: number,
): number {
  checkNumber(season, "season", "scale forecast errors", {
    minimum: 1,
    maximum: trainTarget.length - 1,
    integer: true,
  });
  return meanAbsoluteError(
    trainTarget.subarray(season),
    trainTarget.subarray(0, trainTarget.length - season),
  );
}

/**
 * The mean absolute scaled error (MASE), `MAE / scale`.
 *
 * @param actual What came, shape `(n)`, n >= 1.
 * @param forecast What was forecast, shape `(n)`.
 * @param scale From {@linkcode seasonalNaiveScale}, above 0.
 * @returns A number without unit; below 1 is better than the naive forecast
 * was on the training rows.
 * @throws {RangeError} If the scale is not above 0, there is no value, one is
 * not finite, or the lengths differ.
 */
export function meanAbsoluteScaledError(
  actual: Float64Array,
  forecast: Float64Array,
  scale: number,
): number {
  checkAboveZero(scale, "scale");
  return meanAbsoluteError(actual, forecast) / scale;
}

/**
 * What a model gains over a baseline, `1 - loss / baselineLoss`.
 *
 * @param loss The model's loss, >= 0.
 * @param baselineLoss The baseline's loss on the same rows, above 0.
 * @returns 1 for a perfect model, 0 for one no better than the baseline,
 * negative for a worse one.
 * @throws {RangeError} If a loss is out of range.
 */
export function skill(loss: number, baselineLoss: number): number {
  checkNumber(loss, "loss", "evaluate forecasts", { minimum: 0 });
  checkAboveZero(baselineLoss, "baselineLoss");
  return 1 - loss / baselineLoss;
}

function checkAboveZero(value: number, name: string): void {
  checkNumber(value, name, "evaluate forecasts", {
    minimum: 0,
    exclusive: true,
  });
}
