/**
 * What calibrated forecasters share: the errors of each quantile on rows that
 * no model was trained on, their conformal quantile, and moving quantiles
 * without letting them cross.
 *
 * @see V. Chernozhukov, I. Fernández-Val, A. Galichon, Quantile and Probability
 * Curves Without Crossing (2010), on sorting.
 *
 * @module
 */

import { checkNumber } from "../numeric/checks.ts";
import { median } from "../numeric/statistics.ts";
import {
  actualColumn,
  checkForecastInput,
  forecastColumn,
  type Forecaster,
  type ForecastInput,
  originsBetween,
} from "./forecaster.ts";
import { finiteSum } from "./quantile_levels.ts";

/** Options for calibration. */
export type CalibrationOptions = {
  /** The first row that is calibrated on. Rows before it, those that the model
   * was trained on, only serve as history. @default {0} */
  start?: number;
};

/** The errors of one quantile, one step ahead. */
export type CalibrationErrors = {
  /** The probability. */
  readonly quantile: number;
  /** `y - f`, one an origin, in the order of time. */
  readonly errors: Float64Array;
};

/** A rank is whole but for rounding: 20 * 0.95 is 19. */
const ROUNDING = 1e-9;

/**
 * Measures the errors of a forecaster on rows that it was not trained on.
 *
 * @param base The fitted forecaster.
 * @param input Rows in time order.
 * @param options The first row to measure on.
 * @returns The errors, in the order of steps and within a step of quantiles.
 * @throws {RangeError} If there are too few rows, or a value is not finite.
 */
export function calibrationErrors(
  base: Forecaster,
  input: ForecastInput,
  options: CalibrationOptions = {},
): CalibrationErrors[] {
  const { start = 0 } = options;
  const action = "calibrate a forecaster";
  checkForecastInput(input, action);
  checkNumber(start, "start", action, { minimum: 0, integer: true });
  const { horizon, quantiles, historyLength } = base;
  const rows = input.target.length;
  const origins = originsBetween(historyLength, {
    start: start - 1,
    end: rows - horizon,
  });
  const tail = Math.min(quantiles[0], 1 - quantiles[quantiles.length - 1]);
  checkNumber(
    origins.length,
    `the number of forecasts on rows ${start} to ${rows - 1}`,
    action,
    { minimum: Math.ceil(1 / tail - ROUNDING) - 1 },
  );
  const forecast = base.forecast(input, origins);
  return Array.from({ length: horizon }, (_, k) => {
    const actual = actualColumn(input.target, origins, k + 1);
    return quantiles.map((quantile) => {
      const own = forecastColumn(forecast, { step: k + 1, quantile });
      return { quantile, errors: actual.map((y, i) => finiteSum(y, -own[i])) };
    });
  }).flat();
}

/**
 * The conformal quantile of errors.
 *
 * @param errors The errors, shape `(n)`, n (1 - q) and n q about 1 or more.
 * @param q The probability, above 0 and below 1.
 * @returns The ⌈(n + 1) q⌉-th smallest above 0.5, the ⌊(n + 1) q⌋-th below, and
 * the median for 0.5.
 */
export function conformalQuantile(errors: Float64Array, q: number): number {
  if (q === 0.5) return median(errors);
  const sorted = errors.slice().sort();
  const position = (sorted.length + 1) * q;
  const rank = q > 0.5
    ? Math.ceil(position - ROUNDING)
    : Math.floor(position + ROUNDING);
  return sorted[Math.min(Math.max(rank, 1), sorted.length) - 1];
}

/**
 * Moves the quantiles of one forecast and puts them in order.
 *
 * @param values The quantiles, shape `(horizon, quantiles)`.
 * @param shifts What is added to each, of the same shape.
 * @param count The number of quantiles of a step.
 * @returns The moved quantiles, ascending within each step.
 */
export function shiftedQuantiles(
  values: Float64Array,
  shifts: Float64Array,
  count: number,
): Float64Array {
  const moved = values.map((value, k) => finiteSum(value, shifts[k]));
  for (let at = 0; at < moved.length; at += count) {
    moved.subarray(at, at + count).sort();
  }
  return moved;
}
