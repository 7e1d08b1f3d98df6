/**
 * Forecasters judged by all their quantiles on the last steps of a series,
 * which none of them has seen. Each brings its own input; the origins are the
 * same for all, and steps that were not observed do not count.
 *
 * @module
 */

import {
  actualColumn,
  forecastColumn,
  type Forecaster,
  type ForecastInput,
  originsBetween,
} from "../forecast/forecaster.ts";
import type { MetricSeries } from "../logs/request_log.ts";
import { evenSubset } from "../logs/windows.ts";
import { meanAbsoluteError } from "./forecasts.ts";
import { meanQuantileLoss, type QuantileColumn } from "./quantile_forecasts.ts";

/** A forecaster to judge, with its input. */
export type JudgedForecaster<Name extends string = string> = {
  /** Its name. */
  readonly method: Name;
  /** The fitted forecaster, with the probability 0.5 among its own. */
  readonly forecaster: Forecaster;
  /** All rows, as it takes them. */
  readonly input: ForecastInput;
};

/** How a forecaster did on the held-out steps, over all steps ahead. */
export type HeldOutScore<Name extends string = string> = {
  /** The forecaster. */
  readonly method: Name;
  /** Its mean pinball loss over the quantiles, in the unit of the series. */
  readonly loss: number;
  /** Its mean absolute error, in the unit of the series. */
  readonly error: number;
};

/** Forecasts of one step that are judged at most; more are thinned out. */
const MAXIMUM_JUDGED = 200_000;

/**
 * Judges forecasters.
 *
 * @param forecasters The forecasters, of equal horizon, the simplest first.
 * @param series The series.
 * @param start The first held-out row.
 * @returns Their losses, the best first, of equals the simplest; none if there
 * is no forecaster, or too few steps for one forecast.
 * @throws {RangeError} If an input is not as in training.
 */
export function heldOutScores<Name extends string>(
  forecasters: readonly JudgedForecaster<Name>[],
  series: MetricSeries,
  start: number,
): HeldOutScore<Name>[] {
  if (forecasters.length === 0) return [];
  const { horizon } = forecasters[0].forecaster;
  const history = forecasters.map(({ forecaster }) => forecaster.historyLength);
  const possible = originsBetween(Math.max(...history), {
    start: start - 1,
    end: series.value.length - horizon,
  });
  const origins = evenSubset(
    possible,
    Math.max(1, Math.floor(MAXIMUM_JUDGED / horizon)),
  );
  const observed = overSteps(
    horizon,
    (step) => actualColumn(Float64Array.from(series.observed), origins, step),
  );
  if (!observed.includes(1)) return [];
  const seen = (values: Float64Array) => values.filter((_, i) => observed[i]);
  const actual = seen(
    overSteps(horizon, (step) => actualColumn(series.value, origins, step)),
  );
  return forecasters.map(({ method, forecaster, input }) => {
    const forecast = forecaster.forecast(input, origins);
    const columnOf = (quantile: number): QuantileColumn => ({
      quantile,
      values: seen(
        overSteps(
          horizon,
          (step) => forecastColumn(forecast, { step, quantile }),
        ),
      ),
    });
    return {
      method,
      loss: meanQuantileLoss(actual, forecast.quantiles.map(columnOf)),
      error: meanAbsoluteError(actual, columnOf(0.5).values),
    };
  }).sort((a, b) => a.loss - b.loss);
}

/** The columns of all steps, one after the other. */
function overSteps(
  horizon: number,
  columnOf: (step: number) => Float64Array,
): Float64Array {
  const columns = Array.from({ length: horizon }, (_, k) => columnOf(k + 1));
  const joined = new Float64Array(horizon * columns[0].length);
  columns.forEach((column, k) => joined.set(column, k * column.length));
  return joined;
}
