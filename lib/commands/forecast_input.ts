/**
 * What a forecast takes beside the series itself: the request rate, the same
 * metric of other endpoints, and which series a saved model is of.
 *
 * @module
 */

import { sliceSeries } from "../forecast/inputs.ts";
import type { MetricSeries } from "../logs/request_log.ts";
import { type Metric, METRICS, regularize } from "../logs/series.ts";
import type { ForecastModel, RatedSeries } from "../prediction.ts";
import type { SeriesArguments } from "./series_input.ts";
import type { SeriesSource } from "./series_source.ts";

/** Other endpoints that a network learns from beside the one asked for. */
const MAXIMUM_RELATED = 8;
const DEFAULT_METRIC: Metric = "p95";

/**
 * Says what is forecast.
 *
 * @param input What was read.
 * @param options What the arguments say of the series.
 * @returns The metric; undefined for a series that was read as such.
 */
export function metricAsked(
  input: SeriesSource,
  options: SeriesArguments,
): Metric | undefined {
  return input.kind === "requests"
    ? options.metric ?? DEFAULT_METRIC
    : undefined;
}

/**
 * Counts the requests in each step of a series, unless they are the series.
 *
 * @param input What the series was made from.
 * @param options What the arguments say of the series.
 * @param series The series.
 * @returns The request rate; undefined where the input has none.
 */
export function rateOf(
  input: SeriesSource,
  options: SeriesArguments,
  series: MetricSeries,
): MetricSeries | undefined {
  const metric = metricAsked(input, options);
  if (input.kind !== "requests" || metric === "count") return undefined;
  const count = input.series({
    ...options,
    metric: "count",
    bucketMs: series.stepMs,
  });
  return sliceSeries(count, 0, series.value.length);
}

/**
 * Makes the same series of the most frequent other endpoints, where one is
 * forecast.
 *
 * @param input What the series was made from.
 * @param options What the arguments say of the series.
 * @param series The series; the others go no further in time.
 * @returns The others with their request rates; none if all endpoints are
 * forecast together.
 */
export function relatedSeries(
  input: SeriesSource,
  options: SeriesArguments,
  series: MetricSeries,
): RatedSeries[] {
  const { endpoint } = options;
  const metric = metricAsked(input, options);
  if (input.kind !== "requests" || !metric || endpoint === undefined) return [];
  const { stepMs: bucketMs, timestampMs } = series;
  const lastMs = timestampMs[timestampMs.length - 1];
  return input.endpoints
    .filter((name) => name !== endpoint)
    .slice(0, MAXIMUM_RELATED)
    .map((name) => {
      const own = { metric, bucketMs, endpoint: name };
      const whole = input.series(own);
      const end = whole.timestampMs.filter((at) => at <= lastMs).length;
      const other = sliceSeries(whole, 0, end);
      return { series: other, rate: rateOf(input, own, other) };
    })
    .filter((other) => other.series.value.length > 0);
}

/**
 * Says which series of an input a saved model is of.
 *
 * @param model The model.
 * @param input What was read.
 * @param path The input's name, for messages.
 * @returns The arguments that make the series.
 * @throws {SyntaxError} If the input is of another kind, or the model of no
 * known metric.
 */
export function argumentsOf(
  { subject, stepMs: bucketMs }: ForecastModel,
  input: SeriesSource,
  path: string,
): SeriesArguments {
  if ((subject === undefined) !== (input.kind === "series")) {
    throw new SyntaxError(
      `Cannot forecast ${path}: it holds ${input.kind}, expected ${
        subject ? "requests" : "series"
      } as the model`,
    );
  }
  if (input.kind === "series") {
    // A series that has the step already keeps its own grid, as in fitting.
    const ownMs = regularize(input.observations).stepMs;
    return ownMs === bucketMs ? {} : { bucketMs };
  }
  const metric = METRICS.find((name) => name === subject?.metric);
  if (metric === undefined) {
    throw new SyntaxError(
      `Cannot load model: subject.metric is "${subject?.metric}", expected ${
        METRICS.join(" or ")
      }`,
    );
  }
  const endpoint = subject?.endpoint ?? undefined;
  return { metric, bucketMs, ...(endpoint === undefined ? {} : { endpoint }) };
}
