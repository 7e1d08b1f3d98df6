/**
 * Metric series as one network for many series takes them: everything is
 * measured from the series' own level, in units of its own usual error
 * ({@linkcode seriesReference}), squashed by an inverse hyperbolic sine, beside
 * the calendar, what was observed and, where a log gives it, the request rate.
 * Only the size of the series and of its errors comes from training rows; all
 * else at row i is made from rows up to i.
 *
 * @see D. Salinas, V. Flunkert, J. Gasthaus, T. Januschowski, DeepAR:
 * Probabilistic forecasting with autoregressive recurrent networks (2020), for
 * the scale of each series.
 *
 * @module
 */

import { cyclicHour, cyclicWeek, LinearScaler } from "../logs/preprocessing.ts";
import type { MetricSeries } from "../logs/request_log.ts";
import { checkLength, checkNumber, checkValues } from "../numeric/checks.ts";
import {
  type JsonObject,
  readNumber,
  readObject,
} from "../numeric/json_fields.ts";
import { matrixFromColumns } from "../numeric/matrix.ts";
import { median } from "../numeric/statistics.ts";
import type { ForecastInput } from "./forecaster.ts";
import {
  type SeriesReference,
  seriesReference,
  type SeriesScale,
  seriesScaleOf,
} from "./series_reference.ts";

/** Options for {@linkcode ReferencedInputs.fit}. */
export type ReferencedInputsOptions = {
  /** Steps that will be forecast. @default {12} */
  horizon?: number;
  /** Requests in each step, the same steps as the series; it becomes an input.
   * @default {undefined} */
  rate?: MetricSeries | undefined;
};

const DAY_MS = 86_400_000;
/** Steps ahead whose guesses the network sees, as shares of the horizon. */
const SHOWN = [0, 1 / 3, 2 / 3, 1];
const MAXIMUM_HORIZON = 1e5;
const MAXIMUM_CELLS = 5e7;

/** The inputs of a series, fitted on its training rows. */
export class ReferencedInputs {
  /** The step of the series, milliseconds. */
  readonly stepMs: number;
  /** Steps that can be forecast. */
  readonly horizon: number;
  /** The names of the features, in the order of the columns. */
  readonly names: readonly string[];
  readonly #scale: SeriesScale;
  readonly #usualError: number;
  readonly #rate: LinearScaler | undefined;

  private constructor(fields: Fields) {
    this.stepMs = fields.stepMs;
    this.horizon = fields.horizon;
    this.#scale = fields.scale;
    this.#usualError = fields.usualError;
    this.#rate = fields.rate;
    this.names = namesOf(fields.rate !== undefined);
  }

  /** Whether it wants the request rate beside the series. */
  get usesRate(): boolean {
    return this.#rate !== undefined;
  }

  /**
   * Fits the inputs.
   *
   * @param series Training steps, at least one.
   * @param options The horizon, and the request rate of the same steps.
   * @returns The fitted inputs.
   * @throws {RangeError} If there is no step, a value is not finite, the rate
   * has other steps or the horizon is out of range.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { ReferencedInputs } from "lib/forecast/referenced_inputs.ts";
   *
   * const value = Float64Array.of(3, 4, 3, 5);
   * const inputs = ReferencedInputs.fit({
   *   timestampMs: value.map((_, i) => i * 60_000),
   *   value,
   *   observed: new Uint8Array(4).fill(1),
   *   stepMs: 60_000,
   * }, { horizon: 2 });
   * assert.equal(inputs.names.length, 20);
   * ```
   */
  static fit(
    series: MetricSeries,
    options: ReferencedInputsOptions = {},
  ): ReferencedInputs {
    const { horizon = 12, rate } = options;
    const { stepMs } = series;
    checkSeries(series, horizon, rate);
    const scale = seriesScaleOf(series.value);
    const season = seasonOf(stepMs);
    const reference = seriesReference(series, { scale, season, horizon });
    return new ReferencedInputs({
      stepMs,
      horizon,
      scale,
      usualError: median(reference.innovationSpread),
      rate: rate && LinearScaler.fitStandard(
        matrixFromColumns([rate.value.map(Math.log1p)]),
      ),
    });
  }

  /**
   * Makes the input of a network.
   *
   * @param series Steps in time order, n of them, of the length fitted.
   * @param options The request rate of the same steps, if it was fitted on.
   * @returns Features `(n, names.length)`, the target in the unit of the
   * series, and its reference.
   * @throws {RangeError} If the step is another, a value is not finite, or
   * the rate is missing, not expected, or of other steps.
   */
  transform(
    series: MetricSeries,
    options: { rate?: MetricSeries | undefined } = {},
  ): ForecastInput {
    const { horizon, stepMs } = this;
    const { rate } = options;
    checkSeries(series, horizon, rate);
    checkNumber(series.stepMs, "stepMs", ACTION, {
      minimum: stepMs,
      maximum: stepMs,
    });
    if ((rate === undefined) !== (this.#rate === undefined)) {
      throw new RangeError(
        `Cannot ${ACTION}: the request rate is ${
          rate ? "given" : "missing"
        }, expected it as in fitting`,
      );
    }
    const season = seasonOf(stepMs);
    const scale = this.#scale;
    const reference = seriesReference(series, { scale, season, horizon });
    const hour = cyclicHour(series.timestampMs);
    const week = cyclicWeek(series.timestampMs);
    const features = matrixFromColumns([
      ...this.#historyColumns(reference),
      Float64Array.from(series.observed),
      ...[hour.sin, hour.cos, week.sin, week.cos],
      ...(rate && this.#rate
        ? [
          this.#rate.transform(
            matrixFromColumns([rate.value.map(Math.log1p)]),
          ).data,
        ]
        : []),
    ]);
    const { observed, value: target } = series;
    return { features, target, observed, reference };
  }

  /**
   * Gives the parameters for a model file.
   *
   * @returns The inputs as JSON.
   */
  toJSON(): { readonly [field: string]: unknown } {
    return {
      stepMs: this.stepMs,
      horizon: this.horizon,
      ...this.#scale,
      usualError: this.#usualError,
      rate: this.#rate ?? null,
    };
  }

  /**
   * Loads inputs.
   *
   * @param json Untrusted JSON, as {@linkcode ReferencedInputs.toJSON} gives
   * it.
   * @returns The inputs.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static fromJSON(json: unknown): ReferencedInputs {
    const object = readObject(json, "scaler");
    const positive = { minimum: Number.MIN_VALUE };
    return new ReferencedInputs({
      stepMs: readNumber(object, "stepMs", { minimum: 1, integer: true }),
      horizon: readNumber(object, "horizon", {
        minimum: 1,
        maximum: MAXIMUM_HORIZON,
        integer: true,
      }),
      scale: {
        width: readNumber(object, "width", positive),
        middle: readNumber(object, "middle"),
        deviation: readNumber(object, "deviation", positive),
        bounds: readBounds(object),
      },
      usualError: readNumber(object, "usualError", positive),
      rate: readRate(object),
    });
  }

  /** What the series did up to each row, without unit. */
  #historyColumns(reference: SeriesReference): Float64Array[] {
    const { horizon } = this;
    const { value, fast, slow, center, spread } = reference;
    const { innovation, innovationSpread: unit, disagreement } = reference;
    const { deviation } = this.#scale;
    const column = (valueOf: (row: number) => number) =>
      Float64Array.from(value, (_, row) => valueOf(row));
    const steps = SHOWN.map((share) => Math.round(share * (horizon - 1)));
    return [
      column((i) => Math.asinh(innovation[i] / unit[i])),
      column((i) => Math.asinh((value[i] - slow[i]) / unit[i])),
      column((i) => Math.asinh((fast[i] - slow[i]) / unit[i])),
      column((i) => Math.log(unit[i] / this.#usualError)),
      column((i) => Math.asinh(slow[i] / deviation)),
      column((i) => Math.log(disagreement[i] / unit[i] + LEAST_RATIO)),
      column(() => Math.log(this.#usualError / deviation)),
      ...steps.map((k) =>
        column((i) => Math.asinh((center[i * horizon + k] - slow[i]) / unit[i]))
      ),
      ...steps.map((k) =>
        column((i) => Math.log(spread[i * horizon + k] / unit[i]))
      ),
    ];
  }
}

/**
 * The steps of a day, where a whole number of them, each of a second or more,
 * makes one.
 *
 * @param stepMs The step in milliseconds.
 * @returns Steps of a season; 1 for none.
 */
export function seasonOf(stepMs: number): number {
  const season = DAY_MS / stepMs;
  return Number.isInteger(season) && season <= MAXIMUM_SEASON ? season : 1;
}

/** Steps of a second; a day of shorter ones is too long to keep in mind. */
const MAXIMUM_SEASON = 86_400;

type Fields = {
  stepMs: number;
  horizon: number;
  scale: SeriesScale;
  usualError: number;
  rate: LinearScaler | undefined;
};

const ACTION = "make the inputs of a series";
const LEAST_RATIO = 0.05;

function namesOf(hasRate: boolean): string[] {
  const steps = SHOWN.map((share) => `${Math.round(100 * share)} %`);
  return [
    "innovation",
    "value above slow level",
    "fast level above slow level",
    "log usual error",
    "slow level",
    "log disagreement",
    "log usual error of training",
    ...steps.map((share) => `guess at ${share} of the horizon`),
    ...steps.map((share) => `log spread at ${share} of the horizon`),
    "observed",
    ...["hour sin", "hour cos", "week sin", "week cos"],
    ...(hasRate ? ["log request rate"] : []),
  ];
}

function readBounds(object: JsonObject): [number, number] {
  const { bounds } = object;
  if (!Array.isArray(bounds) || bounds.length !== 2) {
    throw new SyntaxError("Cannot load model: bounds is not a list of two");
  }
  const [least, greatest] = Array.from(bounds, (bound, i) => {
    const field = `bounds[${i}]`;
    return readNumber({ [field]: bound }, field);
  });
  if (least <= greatest) return [least, greatest];
  throw new SyntaxError(
    `Cannot load model: bounds are ${least} and ${greatest}, expected them to ascend`,
  );
}

function readRate(object: JsonObject): LinearScaler | undefined {
  if (object.rate === null) return undefined;
  const rate = LinearScaler.fromJSON(object.rate);
  if (rate.offset.length === 1) return rate;
  throw new SyntaxError(
    `Cannot load model: rate has ${rate.offset.length} columns, expected 1`,
  );
}

function checkSeries(
  series: MetricSeries,
  horizon: number,
  rate: MetricSeries | undefined,
): void {
  const { value, observed } = series;
  checkValues(value, "value", ACTION);
  checkLength(observed.length, value.length, "observed", ACTION);
  checkNumber(horizon, "horizon", ACTION, {
    minimum: 1,
    maximum: Math.min(MAXIMUM_HORIZON, MAXIMUM_CELLS / value.length),
    integer: true,
  });
  if (!rate) return;
  checkValues(rate.value, "rate", ACTION);
  checkLength(rate.value.length, value.length, "rate", ACTION);
}
