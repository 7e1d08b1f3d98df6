/**
 * The forecasts that cost nothing, and that a model must beat to be worth its
 * trouble: the last value, the value one season ago, the median of the last
 * values, and the best constant. They look at the target only and give a
 * point forecast, under the probability 0.5; `residual_quantiles.ts` adds the
 * others.
 *
 * @see R. J. Hyndman, G. Athanasopoulos, Forecasting: Principles and Practice
 * (3rd ed. 2021), section 5.2.
 *
 * @module
 */

import { checkNumber, checkValues } from "../numeric/checks.ts";
import { readNumber, readObject, readText } from "../numeric/json_fields.ts";
import { mean, median } from "../numeric/statistics.ts";
import {
  checkForecastInput,
  checkOrigins,
  type Forecaster,
  type ForecasterJson,
  type ForecastInput,
  type QuantileForecast,
} from "./forecaster.ts";

/** The name of a baseline, as in a model file. */
export type BaselineKind =
  | "last_value"
  | "seasonal_naive"
  | "rolling_median"
  | "constant";

/** What all baselines can be told. */
export type BaselineOptions = {
  /** Steps to forecast. @default {1} */
  horizon?: number;
};

/** Options for {@linkcode constantForecaster}. */
export type ConstantOptions = BaselineOptions & {
  /** Which constant: the median minimizes the absolute error, the mean the
   * squared error. @default {"median"} */
  statistic?: "median" | "mean";
};

/** The target at the origin plus `step`, guessed from rows up to the origin. */
type Rule = (target: Float64Array, origin: number, step: number) => number;

const KINDS = [
  "last_value",
  "seasonal_naive",
  "rolling_median",
  "constant",
] as const;
const MAXIMUM_STEPS = 1e6;

/**
 * Forecasts that nothing changes.
 *
 * @param options The horizon.
 * @returns A forecaster that gives the value at the origin for every step.
 * @throws {RangeError} If the horizon is not an integer >= 1.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { lastValueForecaster } from "lib/forecast/baselines.ts";
 * import { matrixFromColumns } from "lib/numeric/matrix.ts";
 *
 * const target = Float64Array.of(3, 1, 4);
 * const input = { features: matrixFromColumns([target]), target };
 * const forecast = lastValueForecaster().forecast(input, Uint32Array.of(2));
 * assert.deepEqual([...forecast.values], [4]);
 * ```
 */
export function lastValueForecaster(options: BaselineOptions = {}): Forecaster {
  const { horizon = 1 } = options;
  return new Baseline(
    { kind: "last_value", horizon },
    1,
    (target, origin) => target[origin],
  );
}

/**
 * Forecasts what was one season ago: for steps beyond a season, the same step
 * of the last whole season known.
 *
 * @param season Rows in a season, such as 288 for days of 5 minutes.
 * @param options The horizon.
 * @returns The forecaster; it needs one season of history.
 * @throws {RangeError} If the season or the horizon is not an integer >= 1.
 */
export function seasonalNaiveForecaster(
  season: number,
  options: BaselineOptions = {},
): Forecaster {
  const { horizon = 1 } = options;
  checkSteps(season, "season");
  return new Baseline(
    { kind: "seasonal_naive", season, horizon },
    season,
    (target, origin, step) =>
      target[origin + step - season * Math.ceil(step / season)],
  );
}

/**
 * Forecasts the median of the last values.
 *
 * @param window Rows that the median looks at, the origin included.
 * @param options The horizon.
 * @returns The forecaster; it needs `window` rows of history.
 * @throws {RangeError} If the window or the horizon is not an integer >= 1.
 */
export function rollingMedianForecaster(
  window: number,
  options: BaselineOptions = {},
): Forecaster {
  const { horizon = 1 } = options;
  checkSteps(window, "window");
  return new Baseline(
    { kind: "rolling_median", window, horizon },
    window,
    (target, origin) => median(target.slice(origin - window + 1, origin + 1)),
  );
}

/**
 * Forecasts the constant that would have been best on the training rows.
 *
 * @param trainTarget The target on the training rows, shape `(n)`.
 * @param options The horizon, and median or mean.
 * @returns The forecaster.
 * @throws {RangeError} If there is no training row or one is not finite, or
 * the horizon is not an integer >= 1.
 */
export function constantForecaster(
  trainTarget: Float64Array,
  options: ConstantOptions = {},
): Forecaster {
  const { horizon = 1, statistic = "median" } = options;
  checkValues(trainTarget, "trainTarget", "fit a constant");
  const value = statistic === "mean" ? mean(trainTarget) : median(trainTarget);
  return constantOf(value, horizon);
}

/**
 * Loads a baseline.
 *
 * @param json What its `toJSON()` returned; not trusted.
 * @returns The forecaster, which gives equal forecasts.
 * @throws {SyntaxError} If a field is missing or not as it should be.
 */
export function baselineFromJSON(json: unknown): Forecaster {
  const fields = readObject(json, "baseline");
  const steps = { minimum: 1, maximum: MAXIMUM_STEPS, integer: true };
  const kind: BaselineKind = readText(fields, "kind", KINDS);
  const horizon = readNumber(fields, "horizon", steps);
  switch (kind) {
    case "last_value":
      return lastValueForecaster({ horizon });
    case "seasonal_naive":
      return seasonalNaiveForecaster(readNumber(fields, "season", steps), {
        horizon,
      });
    case "rolling_median":
      return rollingMedianForecaster(readNumber(fields, "window", steps), {
        horizon,
      });
    case "constant":
      return constantOf(readNumber(fields, "value"), horizon);
  }
}

class Baseline implements Forecaster {
  readonly kind: BaselineKind;
  readonly horizon: number;
  readonly historyLength: number;
  readonly quantiles = [0.5];
  readonly #fields: ForecasterJson;
  readonly #rule: Rule;

  constructor(
    fields: ForecasterJson & { kind: BaselineKind; horizon: number },
    historyLength: number,
    rule: Rule,
  ) {
    checkSteps(fields.horizon, "horizon");
    this.kind = fields.kind;
    this.horizon = fields.horizon;
    this.historyLength = historyLength;
    this.#fields = fields;
    this.#rule = rule;
  }

  forecast(input: ForecastInput, origins: Uint32Array): QuantileForecast {
    const { horizon, historyLength, quantiles } = this;
    const action = `forecast with ${this.kind}`;
    checkForecastInput(input, action);
    const { target } = input;
    checkOrigins(origins, action, { rows: target.length, historyLength });
    const values = new Float64Array(origins.length * horizon);
    origins.forEach((origin, i) => {
      for (let step = 1; step <= horizon; step++) {
        values[i * horizon + step - 1] = this.#rule(target, origin, step);
      }
    });
    return { quantiles, horizon, origins: origins.slice(), values };
  }

  toJSON(): ForecasterJson {
    return this.#fields;
  }
}

function constantOf(value: number, horizon: number): Forecaster {
  return new Baseline({ kind: "constant", value, horizon }, 1, () => value);
}

function checkSteps(steps: number, name: string): void {
  checkNumber(steps, name, "build a baseline", {
    minimum: 1,
    maximum: MAXIMUM_STEPS,
    integer: true,
  });
}
