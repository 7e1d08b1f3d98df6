/**
 * A fitted forecaster of one metric with all that it needs to forecast later
 * rows of it: its inputs, its quantiles, what it forecasts, and the model file
 * that holds them.
 *
 * @module
 */

import type { Forecaster, ForecastInput } from "./forecast/forecaster.ts";
import { loadForecaster } from "./forecast/load_forecaster.ts";
import { ReferencedInputs } from "./forecast/referenced_inputs.ts";
import type { MetricSeries } from "./logs/request_log.ts";
import { checkNumber } from "./numeric/checks.ts";
import {
  type JsonObject,
  readNumber,
  readObject,
  readText,
} from "./numeric/json_fields.ts";
import { matrixFromColumns } from "./numeric/matrix.ts";

/** The forecasters that can be chosen. */
export const FORECAST_METHODS = [
  "lstm",
  "exponential_smoothing",
  "seasonal_naive",
  "rolling_median",
  "last_value",
] as const;

/** The name of a forecaster. */
export type ForecastMethod = typeof FORECAST_METHODS[number];

/** What a model forecasts, where it comes from a log of requests. */
export type ForecastSubject = {
  /** The metric, such as `p95`. */
  readonly metric: string;
  /** The endpoint; null for all. */
  readonly endpoint: string | null;
};

/** The parts of a {@linkcode ForecastModel}. */
export type ForecastModelParts = {
  /** The forecaster's name. */
  readonly method: ForecastMethod;
  /** The fitted forecaster. */
  readonly forecaster: Forecaster;
  /** The inputs of a network; a baseline looks at the values alone. */
  readonly inputs?: ReferencedInputs | undefined;
  /** The step of the series, milliseconds. */
  readonly stepMs: number;
  /** What is forecast; absent for a series that was read as such. */
  readonly subject?: ForecastSubject | undefined;
  /** The least and the greatest value that there can be; null for none. */
  readonly limits: readonly [number | null, number | null];
  /** The seed of everything random. */
  readonly seed: number;
};

/** Quantiles of the next steps of a series. */
export type NextSteps = {
  /** Start of each step, milliseconds since 1970 UTC, shape `(horizon)`. */
  readonly timestampMs: Float64Array;
  /** The probabilities, ascending. */
  readonly quantiles: readonly number[];
  /** The quantiles, shape `(horizon, quantiles)`, row-major, in the unit of
   * the series. */
  readonly values: Float64Array;
};

const FORMAT = "latency-lab-forecast";
const FORMAT_VERSION = 1;

/** A fitted forecaster with its inputs; it loads from a model file. */
export class ForecastModel implements ForecastModelParts {
  /** The forecaster's name. */
  readonly method: ForecastMethod;
  /** The fitted forecaster. */
  readonly forecaster: Forecaster;
  /** The inputs of a network. */
  readonly inputs: ReferencedInputs | undefined;
  /** The step of the series, milliseconds. */
  readonly stepMs: number;
  /** What is forecast. */
  readonly subject: ForecastSubject | undefined;
  /** The least and the greatest value that there can be. */
  readonly limits: readonly [number | null, number | null];
  /** The seed of everything random. */
  readonly seed: number;

  private constructor(parts: ForecastModelParts) {
    this.method = parts.method;
    this.forecaster = parts.forecaster;
    this.inputs = parts.inputs;
    this.stepMs = parts.stepMs;
    this.subject = parts.subject;
    this.limits = parts.limits;
    this.seed = parts.seed;
  }

  /**
   * Puts a model together.
   *
   * @param parts The fitted parts.
   * @returns The model.
   */
  static of(parts: ForecastModelParts): ForecastModel {
    return new ForecastModel(parts);
  }

  /** Whether it wants the request rate beside the series. */
  get usesRate(): boolean {
    return this.inputs?.usesRate ?? false;
  }

  /**
   * Makes the input of its forecaster.
   *
   * @param series Steps in time order, of the length fitted.
   * @param options The request rate of the same steps, where it was fitted on.
   * @returns Features, target and reference.
   * @throws {RangeError} If the steps are of another length, a value is not
   * finite, or the rate is not as in fitting.
   */
  inputOf(
    series: MetricSeries,
    options: { rate?: MetricSeries | undefined } = {},
  ): ForecastInput {
    checkNumber(series.stepMs, "the step in ms", "forecast with this model", {
      minimum: this.stepMs,
      maximum: this.stepMs,
    });
    if (this.inputs) return this.inputs.transform(series, options);
    return valuesAlone(series);
  }

  /**
   * Forecasts the steps after the end of a series.
   *
   * @param series Steps in time order, of the length fitted, at least as many
   * as the forecaster looks back at.
   * @param options The request rate of the same steps, where it was fitted on.
   * @returns The quantiles, within the limits.
   * @throws {RangeError} If there are too few steps, they are of another
   * length, or the rate is not as in fitting.
   */
  next(
    series: MetricSeries,
    options: { rate?: MetricSeries | undefined } = {},
  ): NextSteps {
    const { timestampMs, stepMs } = series;
    const input = this.inputOf(series, options);
    const last = timestampMs.length - 1;
    const { quantiles, horizon, values } = this.forecaster.forecast(
      input,
      Uint32Array.of(last),
    );
    const [least, greatest] = this.limits;
    return {
      timestampMs: Float64Array.from(
        { length: horizon },
        (_, k) => timestampMs[last] + (k + 1) * stepMs,
      ),
      quantiles,
      values: values.map((value) =>
        Math.min(Math.max(value, least ?? -Infinity), greatest ?? Infinity)
      ),
    };
  }

  /**
   * Gives the whole model for a model file.
   *
   * @returns The envelope, ready for `JSON.stringify`.
   */
  toJSON(): { readonly [field: string]: unknown } {
    return {
      format: FORMAT,
      version: FORMAT_VERSION,
      kind: this.method,
      features: this.inputs?.names ?? VALUES_ALONE,
      scaler: this.inputs ?? null,
      encoder: null,
      model: this.forecaster,
      threshold: null,
      stepMs: this.stepMs,
      subject: this.subject ?? null,
      limits: this.limits,
      seed: this.seed,
    };
  }

  /**
   * Loads a model file.
   *
   * @param json Untrusted JSON, as {@linkcode ForecastModel.toJSON} gives it.
   * @returns The model, which gives equal forecasts.
   * @throws {SyntaxError} If a field is missing or wrong.
   */
  static fromJSON(json: unknown): ForecastModel {
    const object = readObject(json, "the file");
    readText(object, "format", [FORMAT]);
    readNumber(object, "version", {
      minimum: FORMAT_VERSION,
      maximum: FORMAT_VERSION,
    });
    const method = readText(object, "kind", FORECAST_METHODS);
    const inputs = object.scaler === null
      ? undefined
      : ReferencedInputs.fromJSON(object.scaler);
    const parts = {
      method,
      inputs,
      stepMs: readNumber(object, "stepMs", { minimum: 1, integer: true }),
      subject: readSubject(object),
      limits: readLimits(object),
      seed: readNumber(object, "seed", { minimum: 0, integer: true }),
    };
    const names = inputs?.names ?? VALUES_ALONE;
    checkSame("features", object.features, names);
    checkSame("encoder", object.encoder, null);
    checkSame("threshold", object.threshold, null);
    if (inputs) checkSame("scaler.stepMs", inputs.stepMs, parts.stepMs);
    const forecaster = loadForecaster(object.model);
    try {
      checkForecaster(forecaster, inputs, names.length);
    } catch (error) {
      forecaster.dispose?.();
      throw error;
    }
    return new ForecastModel({ ...parts, forecaster });
  }

  /** Frees what the forecaster holds; it cannot forecast afterwards. */
  dispose(): void {
    this.forecaster.dispose?.();
  }
}

/**
 * The input of a forecaster that looks at the values alone.
 *
 * @param series The steps.
 * @returns The value as feature and as target.
 */
export function valuesAlone(series: MetricSeries): ForecastInput {
  const { value, observed } = series;
  return { features: matrixFromColumns([value]), target: value, observed };
}

const VALUES_ALONE: readonly string[] = ["value"];

/** Checks that a forecaster goes with the inputs, by a forecast of zeros: what
 * it holds within, its type does not tell. */
function checkForecaster(
  forecaster: Forecaster,
  inputs: ReferencedInputs | undefined,
  width: number,
): void {
  const rows = forecaster.historyLength;
  const { horizon } = forecaster;
  if (inputs && inputs.horizon < horizon) {
    throw new SyntaxError(
      `Cannot load model: scaler.horizon is ${inputs.horizon}, expected at least ${horizon} as model.horizon`,
    );
  }
  checkSize(rows * Math.max(width, horizon));
  try {
    forecaster.forecast({
      features: { data: new Float64Array(rows * width), rows, cols: width },
      target: new Float64Array(rows),
      ...(inputs ? { reference: emptyReference(rows, horizon) } : {}),
    }, Uint32Array.of(rows - 1));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new SyntaxError(
      `Cannot load model: model does not go with scaler: ${error.message}`,
    );
  }
}

/** More cells than any forecast needs: a file that asks for more is hostile. */
const MAXIMUM_CELLS = 5e7;

function checkSize(cells: number): void {
  if (cells <= MAXIMUM_CELLS) return;
  throw new SyntaxError(
    `Cannot load model: model wants ${cells} numbers for one forecast, expected at most ${MAXIMUM_CELLS}`,
  );
}

function emptyReference(rows: number, horizon: number) {
  return {
    horizon,
    value: new Float64Array(rows),
    center: new Float64Array(rows * horizon),
    spread: new Float64Array(rows * horizon).fill(1),
    toUnit: (z: number) => z,
  };
}

function readSubject(object: JsonObject): ForecastSubject | undefined {
  if (object.subject === null) return undefined;
  const subject = readObject(object.subject, "subject");
  return {
    metric: readText(subject, "metric"),
    endpoint: subject.endpoint === null ? null : readText(subject, "endpoint"),
  };
}

function readLimits(object: JsonObject): [number | null, number | null] {
  const { limits } = object;
  if (!Array.isArray(limits) || limits.length !== 2) {
    throw new SyntaxError("Cannot load model: limits is not a list of two");
  }
  const [least, greatest] = Array.from(limits, (limit, i) => {
    const field = `limits[${i}]`;
    return limit === null ? null : readNumber({ [field]: limit }, field);
  });
  if ((least ?? -Infinity) <= (greatest ?? Infinity)) return [least, greatest];
  throw new SyntaxError(
    `Cannot load model: limits are ${least} and ${greatest}, expected them to ascend`,
  );
}

function checkSame(field: string, found: unknown, expected: unknown): void {
  const [a, b] = [found, expected].map((value) => JSON.stringify(value));
  if (a === b) return;
  throw new SyntaxError(
    `Cannot load model: ${field} is ${
      a?.slice(0, 60) ?? "missing"
    }, expected ${b}`,
  );
}
