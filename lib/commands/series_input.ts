/**
 * From an input to the metric series that a command forecasts: which metric,
 * whole steps only, and enough of them observed.
 *
 * @module
 */

import { sliceSeries } from "../forecast/inputs.ts";
import type { MetricSeries } from "../logs/request_log.ts";
import {
  formatDuration,
  type Metric,
  METRICS,
  regularize,
} from "../logs/series.ts";
import { type Arguments, type Output, UsageError } from "./command.ts";
import type { RequestSource, SeriesSource } from "./series_source.ts";

/** What the arguments say of the series. */
export type SeriesArguments = {
  /** The metric, p95 if left out. */
  readonly metric?: Metric;
  /** The length of a step in milliseconds. */
  readonly bucketMs?: number;
  /** Only requests to this endpoint. */
  readonly endpoint?: string;
};

/** A series, and what its values can be. */
export type SeriesInput = {
  /** The series, whole steps only. */
  readonly series: MetricSeries;
  /** The least and the greatest value that there can be. */
  readonly limits: readonly [number, number];
};

/** Share of the last bucket that a log must reach into. */
const WHOLE_SHARE = 0.9;
/** Share of the steps that must hold a value. */
const OBSERVED_SHARE = 0.1;

/**
 * Reads `--metric`, `--bucket` and `--endpoint`.
 *
 * @param args The command's arguments.
 * @returns Those that were given.
 * @throws {UsageError} If one is wrong.
 */
export function readSeriesArguments(args: Arguments): SeriesArguments {
  const metric = args.choice("metric", METRICS);
  const bucketMs = args.durationMs("bucket");
  const endpoint = args.text("endpoint");
  return {
    ...(metric === undefined ? {} : { metric }),
    ...(bucketMs === undefined ? {} : { bucketMs }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

/**
 * Makes the series of an input, and says what a reader should know of it.
 *
 * @param input What was read.
 * @param options What the arguments say.
 * @param context What is being done, for messages, and where it is said.
 * @returns The series and its limits.
 * @throws {UsageError} If an option does not apply to the input.
 * @throws {SyntaxError} If the log lacks what the metric is made of.
 * @throws {RangeError} If too few steps hold a value.
 */
export function seriesInput(
  input: SeriesSource,
  options: SeriesArguments,
  context: { readonly action: string; readonly output: Output },
): SeriesInput {
  const { action, output } = context;
  const series = wholeSteps(seriesOf(input, options, action), input, output);
  checkObserved(series, action, output);
  const count = series.value.length;
  output.say(
    `${count.toLocaleString("en-US")} steps of ${
      formatDuration(series.stepMs)
    }`,
  );
  if (input.kind !== "requests") {
    return { series, limits: [-Infinity, Infinity] };
  }
  const greatest = options.metric === "error_rate" ? 1 : Infinity;
  return { series, limits: [0, greatest] };
}

function seriesOf(
  input: SeriesSource,
  options: SeriesArguments,
  action: string,
): MetricSeries {
  const { bucketMs, endpoint } = options;
  if (input.kind === "requests") {
    const metric = metricOf(input, action, options.metric);
    return input.series({ ...options, metric });
  }
  if (options.metric !== undefined || endpoint !== undefined) {
    throw new UsageError(
      "the input is a metric series, expected no --metric and no --endpoint",
    );
  }
  return regularize(
    input.observations,
    bucketMs === undefined ? {} : { stepMs: bucketMs },
  );
}

/** The metric asked for, else p95, which a log without response times lacks. */
function metricOf(
  source: RequestSource,
  action: string,
  asked: Metric = "p95",
): Metric {
  if (source.hasResponseTimes || asked === "count" || asked === "error_rate") {
    return asked;
  }
  throw new SyntaxError(
    `Cannot ${action} ${asked}: the log has no response times, expected --metric count or --metric error_rate`,
  );
}

/** Leaves out a last bucket that the log ends in the midst of: its count is not
 * that of a whole one. */
function wholeSteps(
  series: MetricSeries,
  input: SeriesSource,
  output: Output,
): MetricSeries {
  if (input.kind !== "requests") return series;
  const count = series.value.length;
  const covered = input.endMs - series.timestampMs[count - 1];
  if (count < 3 || covered >= WHOLE_SHARE * series.stepMs) return series;
  output.say(
    `the log ends ${
      formatDuration(Math.round(covered / 1000) * 1000)
    } into its last bucket, which is left out`,
  );
  return sliceSeries(series, 0, count - 1);
}

/** Says how many steps are filled in, and refuses a series of little else. */
function checkObserved(
  series: MetricSeries,
  action: string,
  output: Output,
): void {
  const count = series.observed.length;
  const observed = series.observed.reduce((sum, flag) => sum + flag, 0);
  if (!(observed >= OBSERVED_SHARE * count)) {
    throw new RangeError(
      `Cannot ${action}: only ${observed} of ${count} steps of ${
        formatDuration(series.stepMs)
      } hold a value, expected at least a tenth; take a longer --bucket`,
    );
  }
  if (observed < count) {
    output.say(
      `${(count - observed).toLocaleString("en-US")} of ${
        count.toLocaleString("en-US")
      } steps hold no value and carry the last one on`,
    );
  }
}
