/**
 * What all forecasters have in common. At an origin, the last row known, a
 * forecaster gives quantiles of the target for each of the next `horizon`
 * rows. Row i of the input is known at time i and not before, so a forecast
 * never depends on rows after its origin.
 *
 * @module
 */

import { checkLength, checkNumber, checkValues } from "../numeric/checks.ts";
import { checkMatrix, type Matrix } from "../numeric/matrix.ts";

/** Rows in time order, one step apart. */
export type ForecastInput = {
  /** What is known at each row: the target's own past, the calendar, other
   * columns; shape `(n, d)`, scaled by the caller. */
  readonly features: Matrix;
  /** What is to be forecast, shape `(n)`, in its own unit. */
  readonly target: Float64Array;
  /** 1 where the target was observed, 0 where it was filled in, shape `(n)`;
   * all were if left out. */
  readonly observed?: Uint8Array;
  /** What a network measures the target from; a network only. */
  readonly reference?: ForecastReference;
};

/**
 * A first guess at each row for each step ahead, and how far off it may be, by
 * which series of any level and scale look alike to one network. It lives on a
 * scale of its own, such as a logarithm of the target.
 */
export type ForecastReference = {
  /** Steps that the guesses reach. */
  readonly horizon: number;
  /** The target on the scale of the reference, shape `(n)`. */
  readonly value: Float64Array;
  /** The guess for step k at row i, made from rows up to i, at
   * `i * horizon + k - 1`. */
  readonly center: Float64Array;
  /** The usual size of its error, above 0, in the same order. */
  readonly spread: Float64Array;
  /** Turns a value into the unit of the target; increasing. */
  readonly toUnit: (value: number) => number;
};

/** Quantiles of the target for every origin and step. */
export type QuantileForecast = {
  /** The probabilities, ascending. */
  readonly quantiles: readonly number[];
  /** Steps ahead, from 1 to this. */
  readonly horizon: number;
  /** The last known row of each forecast. */
  readonly origins: Uint32Array;
  /** The quantiles, shape `(origins, horizon, quantiles)`, row-major, in the
   * unit of the target. */
  readonly values: Float64Array;
};

/** The part of a model file that belongs to the forecaster itself. */
export type ForecasterJson = { readonly [field: string]: unknown };

/** A fitted model that forecasts. */
export interface Forecaster {
  /** The kind of forecaster, as in a model file: `lstm`. */
  readonly kind: string;
  /** Rows up to and including the origin that a forecast needs. */
  readonly historyLength: number;
  /** Steps that it forecasts. */
  readonly horizon: number;
  /** The probabilities that it gives; `[0.5]` stands for a point forecast. */
  readonly quantiles: readonly number[];
  /**
   * Forecasts from several origins.
   *
   * @param input Rows in time order, shape `(n, d)`; rows after an origin are
   * not looked at for it.
   * @param origins The last known rows, from `historyLength - 1` to n - 1.
   * @returns Finite quantiles in the order of `origins`.
   * @throws {RangeError} If an origin has too little history or lies beyond
   * the rows, or the input is not as in training.
   */
  forecast(input: ForecastInput, origins: Uint32Array): QuantileForecast;
  /**
   * Gives the model for a model file.
   *
   * @returns JSON from which it loads with equal forecasts.
   */
  toJSON(): ForecasterJson;
  /** Frees memory that is not JavaScript's own, where there is such; the model
   * cannot forecast afterwards. */
  dispose?(): void;
}

/**
 * Lists all origins in a range that have enough history.
 *
 * @param historyLength Rows that a forecast needs.
 * @param range The first origin wanted, and the row after the last.
 * @returns The origins, ascending.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { originsBetween } from "lib/forecast/forecaster.ts";
 *
 * assert.deepEqual([...originsBetween(3, { start: 0, end: 5 })], [2, 3, 4]);
 * ```
 */
export function originsBetween(
  historyLength: number,
  range: { readonly start: number; readonly end: number },
): Uint32Array {
  const first = Math.max(range.start, historyLength - 1);
  const count = Math.max(0, range.end - first);
  return Uint32Array.from({ length: count }, (_, k) => first + k);
}

/**
 * Takes one step and one quantile out of a forecast.
 *
 * @param forecast The forecast.
 * @param options The step ahead, and the probability.
 * @returns One value an origin, shape `(origins)`, in the target's unit.
 * @throws {RangeError} If the forecast holds no such step or quantile.
 */
export function forecastColumn(
  forecast: QuantileForecast,
  options: {
    /** Steps ahead, from 1. @default {1} */
    step?: number;
    /** The probability. @default {0.5} */
    quantile?: number;
  } = {},
): Float64Array {
  const { step = 1, quantile = 0.5 } = options;
  const { quantiles, horizon, origins, values } = forecast;
  const column = quantiles.indexOf(quantile);
  if (column < 0 || !(step >= 1 && step <= horizon)) {
    throw new RangeError(
      `Cannot read a forecast: wanted quantile ${quantile} of step ${step}, it holds quantiles ${quantiles} of steps 1 to ${horizon}`,
    );
  }
  return Float64Array.from(
    origins,
    (_, i) => values[(i * horizon + step - 1) * quantiles.length + column],
  );
}

/**
 * Takes what really came, to set beside {@linkcode forecastColumn}.
 *
 * @param target The target, shape `(n)`.
 * @param origins The last known rows.
 * @param step Steps ahead, from 1.
 * @returns `target[origin + step]` for each origin.
 * @throws {RangeError} If a row wanted lies beyond the target.
 */
export function actualColumn(
  target: Float64Array,
  origins: Uint32Array,
  step: number,
): Float64Array {
  return Float64Array.from(origins, (origin) => {
    if (!(origin + step < target.length)) {
      throw new RangeError(
        `Cannot compare a forecast: row ${
          origin + step
        } is wanted of ${target.length} rows`,
      );
    }
    return target[origin + step];
  });
}

/**
 * Copies the first rows of an input, as those that are known at some time.
 *
 * @param input Rows in time order.
 * @param rows How many to take.
 * @returns A copy of rows 0 to `rows - 1`.
 * @throws {RangeError} If the input has fewer rows.
 */
export function firstRows(input: ForecastInput, rows: number): ForecastInput {
  const { features, target } = input;
  checkNumber(rows, "rows", "take the first rows", {
    minimum: 0,
    maximum: target.length,
    integer: true,
  });
  const data = features.data.slice(0, rows * features.cols);
  const { observed, reference } = input;
  return {
    features: { data, rows, cols: features.cols },
    target: target.slice(0, rows),
    ...(observed ? { observed: observed.slice(0, rows) } : {}),
    ...(reference ? { reference: firstGuesses(reference, rows) } : {}),
  };
}

function firstGuesses(
  { horizon, value, center, spread, toUnit }: ForecastReference,
  rows: number,
): ForecastReference {
  return {
    horizon,
    value: value.slice(0, rows),
    center: center.slice(0, rows * horizon),
    spread: spread.slice(0, rows * horizon),
    toUnit,
  };
}

/**
 * Checks what every forecaster demands of its input.
 *
 * @param input Features and target, equally long, finite.
 * @param action What is being done, for the message.
 * @param options The exact width of the features; any if left out.
 * @throws {RangeError} If lengths disagree, a value is not finite, or the
 * width is another.
 */
export function checkForecastInput(
  input: ForecastInput,
  action: string,
  options: { cols?: number } = {},
): void {
  checkMatrix(input.features, action, options);
  checkValues(input.target, "target", action);
  const { rows } = input.features;
  checkLength(input.target.length, rows, "target", action);
  const { observed, reference } = input;
  if (observed) checkLength(observed.length, rows, "observed", action);
  if (!reference) return;
  const { horizon, value, center, spread } = reference;
  checkLength(value.length, rows, "reference.value", action);
  checkLength(center.length, rows * horizon, "reference.center", action);
  checkLength(spread.length, rows * horizon, "reference.spread", action);
}

/**
 * Checks that each origin lies within the rows and has enough history.
 *
 * @param origins The last known rows.
 * @param action What is being done, for the message.
 * @param limits Rows of the input, and rows that a forecast needs.
 * @throws {RangeError} If an origin does not.
 */
export function checkOrigins(
  origins: Uint32Array,
  action: string,
  limits: { rows: number; historyLength: number },
): void {
  const { rows, historyLength } = limits;
  for (const origin of origins) {
    if (origin >= historyLength - 1 && origin < rows) continue;
    throw new RangeError(
      `Cannot ${action}: origin ${origin} of ${rows} rows, expected ${
        historyLength - 1
      } (history of ${historyLength} rows) to ${rows - 1}`,
    );
  }
}
