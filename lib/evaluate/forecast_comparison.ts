/**
 * Forecasters side by side on the same origins, so that a model stands beside
 * its baselines and nobody is judged on easier rows than another.
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
import { evenSubset, type RowRange } from "../logs/windows.ts";
import { meanAbsoluteError, rootMeanSquaredError, skill } from "./forecasts.ts";

/** A forecaster and what it is called. */
export type NamedForecaster<Name extends string = string> = {
  /** Its name. */
  readonly name: Name;
  /** The fitted forecaster. */
  readonly model: Forecaster;
};

/** How well a forecaster did. */
export type ForecastScore<Name extends string = string> = {
  /** Its name. */
  readonly name: Name;
  /** Mean absolute error over all origins and steps. */
  readonly meanAbsoluteError: number;
  /** Root mean squared error over all origins and steps. */
  readonly rootMeanSquaredError: number;
  /** The same before `toUnit`, in the unit of the target. */
  readonly targetRootMeanSquaredError: number;
  /** 1 minus its mean absolute error over that of the first forecaster: above
   * 0 is better than it; 0 for both where that error is 0. */
  readonly skill: number;
};

/** Options for {@linkcode compareForecasters}. */
export type ForecastComparisonOptions = {
  /** Rows to be forecast, first and after the last; all steps of a forecast
   * lie within. */
  readonly range: RowRange;
  /** Undoes a transform of the target, so that errors are in people's unit.
   * @default {identity} */
  readonly toUnit?: (target: Float64Array) => Float64Array;
};

/** Most forecasts of one step that are compared, so that neither memory nor time
 * grows without bound; more origins are thinned out evenly. */
const MAXIMUM_COMPARED = 500_000;

/**
 * Compares forecasters by their medians on rows that none was fitted on.
 *
 * @param forecasters The forecasters, of equal horizon; skill is relative to
 * the first.
 * @param input Rows in time order, with all rows of the range.
 * @param options The rows to be forecast, and the unit of errors.
 * @returns One score a forecaster, in their order; none if the range is too
 * short for a single forecast.
 * @throws {RangeError} If an input is not as in training.
 */
export function compareForecasters<Name extends string>(
  forecasters: readonly NamedForecaster<Name>[],
  input: ForecastInput,
  options: ForecastComparisonOptions,
): ForecastScore<Name>[] {
  const { range, toUnit = (target) => target } = options;
  const horizon = Math.max(...forecasters.map(({ model }) => model.horizon));
  const history = forecasters.map(({ model }) => model.historyLength);
  const possible = originsBetween(Math.max(...history), {
    start: range.start - 1,
    end: range.end - horizon,
  });
  if (possible.length === 0) return [];
  const most = Math.max(1, Math.floor(MAXIMUM_COMPARED / horizon));
  const origins = evenSubset(possible, most);
  const target = overSteps(
    horizon,
    (step) => actualColumn(input.target, origins, step),
  );
  const actual = toUnit(target);
  const scores = forecasters.map(({ name, model }) => {
    const forecast = model.forecast(input, origins);
    const own = overSteps(
      horizon,
      (step) => forecastColumn(forecast, { step }),
    );
    const median = toUnit(own);
    return {
      name,
      meanAbsoluteError: meanAbsoluteError(actual, median),
      rootMeanSquaredError: rootMeanSquaredError(actual, median),
      targetRootMeanSquaredError: rootMeanSquaredError(target, own),
    };
  });
  const first = scores[0].meanAbsoluteError;
  return scores.map((score) => ({
    ...score,
    skill: first > 0 ? skill(score.meanAbsoluteError, first) : 0,
  }));
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
