/**
 * From the forecasts of a backtest to its table.
 *
 * @module
 */

import {
  actualColumn,
  forecastColumn,
  type QuantileForecast,
} from "../forecast/forecaster.ts";
import {
  intervalCoverage,
  meanAbsoluteError,
  meanIntervalWidth,
  meanQuantileLoss,
  quantileCrossings,
  rootMeanSquaredError,
  seasonalNaiveScale,
  skill,
  weightedQuantileLoss,
} from "./forecasts.ts";

/** How well a forecaster did, over all cut-offs and steps. A measure is null
 * where it is not defined; none is ever NaN. */
export type BacktestScore<Name extends string = string> = {
  /** Its name. */
  readonly name: Name;
  /** Mean absolute error of the median, in the unit of the target. */
  readonly meanAbsoluteError: number;
  /** Root mean squared error of the median, in the unit of the target. */
  readonly rootMeanSquaredError: number;
  /** The absolute error by that of the seasonal naive forecast one step ahead on
   * the rows before the first cut-off; null if that is 0, as for a constant, or
   * if there is no season of rows. */
  readonly meanAbsoluteScaledError: number | null;
  /** Mean pinball loss over all quantiles, in the unit of the target. */
  readonly meanPinballLoss: number;
  /** Mean weighted quantile loss; null if all values are 0. */
  readonly weightedQuantileLoss: number | null;
  /** The share of values within the outermost quantiles; null for one
   * quantile. */
  readonly coverage: number | null;
  /** The mean width between them, in the unit of the target; null for one
   * quantile. */
  readonly width: number | null;
  /** Neighbouring quantiles in the wrong order. */
  readonly crossings: number;
  /** 1 minus its mean pinball loss over that of the reference: above 0 is
   * better than it; null if the reference is missing or never errs. */
  readonly skill: number | null;
};

/**
 * Scores forecasts from the same origins.
 *
 * @param source What came, shape `(n)`, and which rows are judged.
 * @param forecasts The forecasts, of equal horizon, quantiles and origins.
 * @param options Rows of a season, and the name that skill is relative to.
 * @returns One score a forecast, in their order, and the number of values.
 * @throws {RangeError} If no row to be judged was observed.
 */
export function scoreBacktest<Name extends string>(
  source: { readonly target: Float64Array; readonly observed?: Uint8Array },
  forecasts: readonly {
    readonly name: Name;
    readonly forecast: QuantileForecast;
  }[],
  options: { readonly season: number; readonly reference: string },
): { scores: BacktestScore<Name>[]; judgedCount: number } {
  const { origins, horizon } = forecasts[0].forecast;
  const { target } = source;
  const observed = Float64Array.from(source.observed ?? target.map(() => 1));
  const wanted = overSteps(horizon, (k) => actualColumn(observed, origins, k));
  const judged = (columnAt: (step: number) => Float64Array) =>
    overSteps(horizon, columnAt).filter((_, i) => wanted[i] === 1);
  const actual = judged((step) => actualColumn(target, origins, step));
  if (!(actual.length >= 1)) {
    throw new RangeError(
      `Cannot backtest: none of ${wanted.length} values to be forecast was observed`,
    );
  }
  const scale = scaleOf(target.subarray(0, origins[0] + 1), options.season);
  const isZero = actual.every((value) => value === 0);
  const scored = forecasts.map(({ name, forecast }) => {
    const columns = forecast.quantiles.map((quantile) => ({
      quantile,
      values: judged((step) => forecastColumn(forecast, { step, quantile })),
    }));
    const median = columns[forecast.quantiles.indexOf(0.5)].values;
    const lower = columns[0].values;
    const upper = columns[columns.length - 1].values;
    const isInterval = columns.length > 1;
    const error = meanAbsoluteError(actual, median);
    return {
      name,
      meanAbsoluteError: error,
      rootMeanSquaredError: rootMeanSquaredError(actual, median),
      meanAbsoluteScaledError: scale === null ? null : error / scale,
      meanPinballLoss: meanQuantileLoss(actual, columns),
      weightedQuantileLoss: isZero
        ? null
        : weightedQuantileLoss(actual, columns),
      coverage: isInterval ? intervalCoverage(actual, { lower, upper }) : null,
      width: isInterval ? meanIntervalWidth({ lower, upper }) : null,
      crossings: quantileCrossings(forecast),
    };
  });
  const reference = scored.find(({ name }) => name === options.reference);
  const loss = reference?.meanPinballLoss ?? 0;
  const scores = scored.map((score) => ({
    ...score,
    skill: loss > 0 ? skill(score.meanPinballLoss, loss) : null,
  }));
  return { scores, judgedCount: actual.length };
}

/** The scale of MASE; null where there is none. */
function scaleOf(train: Float64Array, season: number): number | null {
  if (!(train.length > season)) return null;
  const scale = seasonalNaiveScale(train, season);
  return scale > 0 ? scale : null;
}

/** The columns of all steps, one after the other. */
function overSteps(
  horizon: number,
  columnAt: (step: number) => Float64Array,
): Float64Array {
  const columns = Array.from({ length: horizon }, (_, k) => columnAt(k + 1));
  const joined = new Float64Array(horizon * columns[0].length);
  columns.forEach((column, k) => joined.set(column, k * column.length));
  return joined;
}
