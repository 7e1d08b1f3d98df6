/**
 * From logs and series to what a forecaster takes: scaled features and the
 * target, one row a request or a step. Scalers and encoders are fitted on
 * training rows only; category numbers never stand in as quantities.
 *
 * @module
 */

import {
  cyclicHour,
  cyclicWeek,
  LinearScaler,
  OneHotEncoder,
} from "../logs/preprocessing.ts";
import {
  type Categories,
  categoriesOf,
  type MetricSeries,
  type RequestLog,
  responseTimesOf,
} from "../logs/request_log.ts";
import {
  type Matrix,
  matrixColumn,
  matrixFromColumns,
} from "../numeric/matrix.ts";
import type { ForecastInput } from "./forecaster.ts";

/**
 * Requests as a forecaster takes them: one-hot method, endpoint and class of
 * status, size and response time on a log scale with mean 0 and deviation 1.
 * The target is `ln(1 + t)` for t the response time in ms, whose tail is too
 * heavy for a squared error; {@linkcode toResponseTimeMs} undoes it.
 */
export class RequestInputs {
  /** The names of the features, in the order of the columns. */
  readonly names: readonly string[];
  readonly #method: OneHotEncoder;
  readonly #endpoint: OneHotEncoder;
  readonly #status: OneHotEncoder;
  readonly #scaler: LinearScaler;

  private constructor(log: RequestLog) {
    this.#method = OneHotEncoder.fit(log.method);
    this.#endpoint = OneHotEncoder.fit(log.endpoint);
    this.#status = OneHotEncoder.fit(statusClasses(log));
    this.#scaler = LinearScaler.fitStandard(quantitiesOf(log));
    this.names = [
      ...this.#method.names.map((name) => `method ${name}`),
      ...this.#endpoint.names.map((name) => `endpoint ${name}`),
      ...this.#status.names.map((name) => `status ${name}`),
      "log size",
      "log response time",
    ];
  }

  /**
   * Fits encoders and scalers.
   *
   * @param log Training requests, at least one, with response times.
   * @returns The fitted inputs.
   * @throws {TypeError} If the log has no response times.
   */
  static fit(log: RequestLog): RequestInputs {
    return new RequestInputs(log);
  }

  /**
   * Makes the input of a forecaster.
   *
   * @param log Requests sorted by time, n of them, with response times.
   * @returns Features of shape `(n, names.length)` and the target
   * `ln(1 + response time in ms)`, shape `(n)`.
   * @throws {TypeError} If the log has no response times.
   */
  transform(log: RequestLog): ForecastInput {
    const scaled = this.#scaler.transform(quantitiesOf(log));
    const features = matrixFromColumns([
      ...this.#method.transform(log.method),
      ...this.#endpoint.transform(log.endpoint),
      ...this.#status.transform(statusClasses(log)),
      ...columnsOf(scaled),
    ]);
    return {
      features,
      target: responseTimesOf(log, "forecast").map(Math.log1p),
    };
  }
}

/**
 * Undoes the logarithm of the target of {@linkcode RequestInputs}, once.
 *
 * @param target Values of `ln(1 + t)`, shape `(n)`.
 * @returns Response times t in milliseconds, shape `(n)`.
 */
export function toResponseTimeMs(target: Float64Array): Float64Array {
  return target.map(Math.expm1);
}

/**
 * A metric series as a forecaster takes it: the value with mean 0 and
 * deviation 1, whether it was observed, and the hour and the time of the week
 * on circles. The target is the value itself. `ReferencedInputs`, in
 * `referenced_inputs.ts`, serve one network for many series, and heavy tails.
 */
export class SeriesInputs {
  readonly #scaler: LinearScaler;

  private constructor(scaler: LinearScaler) {
    this.#scaler = scaler;
  }

  /**
   * Fits the scaler.
   *
   * @param series Training steps, at least one.
   * @returns The fitted inputs.
   */
  static fit(series: MetricSeries): SeriesInputs {
    return new SeriesInputs(
      LinearScaler.fitStandard(matrixFromColumns([series.value])),
    );
  }

  /**
   * Makes the input of a forecaster.
   *
   * @param series Steps in time order, n of them.
   * @returns Features of shape `(n, 6)` and the target in the unit of the
   * series, shape `(n)`.
   */
  transform(series: MetricSeries): ForecastInput {
    const { timestampMs, value, observed } = series;
    const hour = cyclicHour(timestampMs);
    const week = cyclicWeek(timestampMs);
    const scaled = this.#scaler.transform(matrixFromColumns([value]));
    const features = matrixFromColumns([
      scaled.data,
      observed,
      hour.sin,
      hour.cos,
      week.sin,
      week.cos,
    ]);
    return { features, target: value };
  }
}

/**
 * Cuts steps out of a series.
 *
 * @param series The series.
 * @param start The first step.
 * @param end The step after the last.
 * @returns Steps `start` to `end - 1`.
 */
export function sliceSeries(
  series: MetricSeries,
  start: number,
  end: number,
): MetricSeries {
  return {
    timestampMs: series.timestampMs.slice(start, end),
    value: series.value.slice(start, end),
    observed: series.observed.slice(start, end),
    stepMs: series.stepMs,
  };
}

function quantitiesOf(log: RequestLog): Matrix {
  return matrixFromColumns([
    log.sizeBytes.map(Math.log1p),
    responseTimesOf(log, "forecast").map(Math.log1p),
  ]);
}

function statusClasses(log: RequestLog): Categories {
  return categoriesOf(
    Array.from(log.statusCode, (code) => `${Math.floor(code / 100)}xx`),
  );
}

function columnsOf(x: Matrix): Float64Array[] {
  return Array.from({ length: x.cols }, (_, j) => matrixColumn(x, j));
}
