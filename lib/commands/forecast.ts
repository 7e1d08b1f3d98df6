/**
 * `latency forecast`: the next steps of a metric.
 *
 * @module
 */

import type { AnalysisInput } from "../analysis.ts";
import { sliceSeries } from "../forecast/inputs.ts";
import {
  FORECAST_METHODS,
  forecastSeries,
  type SeriesForecast,
} from "../prediction.ts";
import type { MetricSeries, RequestLog } from "../logs/request_log.ts";
import {
  formatDuration,
  type Metric,
  METRICS,
  metricSeries,
  regularize,
} from "../logs/series.ts";
import {
  type Arguments,
  type Command,
  EXIT,
  type Output,
  UsageError,
} from "./command.ts";
import { readAnalysisInput, READING_HELP, READING_OPTIONS } from "./reading.ts";
import { writeTo } from "./writing.ts";

/** The command. */
export const forecastCommand: Command = {
  summary: "forecast the next steps of a metric",
  help: `Usage: latency forecast INPUT [options]

Writes the next steps as CSV: timestamp,q0.5 (the start of the step and its
median, in ms for p50, p95 and p99). Forecasters are fitted on the first 80 % of
the steps and judged on the rest, on standard error; the best one is used.

  --horizon N          steps to forecast, 1 to 1000 (default 12)
  --bucket 5m          length of a step (default: the smallest usual one with a
                       median of 30 requests)
  --metric NAME        p50, p95, p99, count or error_rate (default p95)
  --endpoint E         only requests to this endpoint
  --method NAME        lstm, seasonal_naive, rolling_median or last_value
                       (default: the best on held-out steps)
  --seed S             seed of everything random (default 0)
  --out FILE           where to write (default standard output)

A metric series is forecast as it is: --metric and --endpoint do not apply.

${READING_HELP}`,
  options: {
    horizon: { type: "string" },
    bucket: { type: "string" },
    metric: { type: "string" },
    endpoint: { type: "string" },
    method: { type: "string" },
    seed: { type: "string" },
    out: { type: "string" },
    ...READING_OPTIONS,
  },
  inputs: [1, 1],
  run: runForecast,
};

const MAXIMUM_HORIZON = 1000;
/** Share of the last bucket that a log must reach into. */
const WHOLE_SHARE = 0.9;
/** Share of the steps that must hold a value. */
const OBSERVED_SHARE = 0.1;

async function runForecast(args: Arguments, output: Output): Promise<number> {
  const horizon = args.number("horizon", {
    minimum: 1,
    maximum: MAXIMUM_HORIZON,
    integer: true,
  });
  const method = args.choice("method", FORECAST_METHODS);
  const seed = args.seed();
  const seriesOptions = readSeriesOptions(args);
  const input = await readAnalysisInput(args.positionals[0], args, output);
  const series = wholeSteps(seriesOf(input, seriesOptions), input, output);
  checkObserved(series, output);
  output.say(
    `${series.value.length.toLocaleString("en-US")} steps of ${
      formatDuration(series.stepMs)
    }`,
  );
  const forecast = await forecastSeries(series, {
    ...(horizon === undefined ? {} : { horizon }),
    ...(method === undefined ? {} : { method }),
    ...(seed === undefined ? {} : { seed }),
    ...(input.kind === "requests"
      ? { limits: [0, seriesOptions.metric === "error_rate" ? 1 : Infinity] }
      : {}),
    onProgress: ({ epoch, epochs, secondsLeft }) =>
      output.progress(
        `epoch ${epoch} of ${epochs}, at most ${secondsLeft.toFixed(0)} s left`,
      ),
  });
  sayErrors(forecast, output);
  await writeTo(args.text("out"), [formatForecast(forecast)], output);
  return EXIT.ok;
}

type SeriesOptions = {
  metric?: Metric;
  bucketMs?: number;
  endpoint?: string;
};

function readSeriesOptions(args: Arguments): SeriesOptions {
  const metric = args.choice("metric", METRICS);
  const bucketMs = args.durationMs("bucket");
  const endpoint = args.text("endpoint");
  return {
    ...(metric === undefined ? {} : { metric }),
    ...(bucketMs === undefined ? {} : { bucketMs }),
    ...(endpoint === undefined ? {} : { endpoint }),
  };
}

function seriesOf(input: AnalysisInput, options: SeriesOptions): MetricSeries {
  const { bucketMs, endpoint } = options;
  if (input.kind === "requests") {
    const metric = metricOf(input.log, options.metric);
    return metricSeries(input.log, { ...options, metric });
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

/** Leaves out a last bucket that the log ends in the midst of: its count is not
 * that of a whole one. */
function wholeSteps(
  series: MetricSeries,
  input: AnalysisInput,
  output: Output,
): MetricSeries {
  if (input.kind !== "requests") return series;
  const count = series.value.length;
  const covered = (input.log.timestampMs.at(-1) ?? 0) -
    series.timestampMs[count - 1];
  if (count < 3 || covered >= WHOLE_SHARE * series.stepMs) return series;
  output.say(
    `the log ends ${
      formatDuration(Math.round(covered / 1000) * 1000)
    } into its last bucket, which is left out`,
  );
  return sliceSeries(series, 0, count - 1);
}

/** Says how many steps are filled in, and refuses a series of little else. */
function checkObserved(series: MetricSeries, output: Output): void {
  const count = series.observed.length;
  const observed = series.observed.reduce((sum, flag) => sum + flag, 0);
  if (!(observed >= OBSERVED_SHARE * count)) {
    throw new RangeError(
      `Cannot forecast: only ${observed} of ${count} steps of ${
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

/** The metric asked for, else p95, which a log without response times lacks. */
function metricOf(log: RequestLog, asked: Metric = "p95"): Metric {
  if (log.responseTimeMs || asked === "count" || asked === "error_rate") {
    return asked;
  }
  throw new SyntaxError(
    `Cannot forecast ${asked}: the log has no response times, expected --metric count or --metric error_rate`,
  );
}

function sayErrors(forecast: SeriesForecast, output: Output): void {
  for (const note of forecast.notes) output.say(note);
  if (forecast.errors.length === 0) {
    output.say(`too few steps to hold any out: ${forecast.method} is used`);
    return;
  }
  const errors = forecast.errors
    .map(({ method, error }) => `${method} ${error.toPrecision(4)}`);
  output.say(
    `mean absolute error on held-out steps: ${
      errors.join(", ")
    }; ${forecast.method} is used`,
  );
}

function formatForecast(forecast: SeriesForecast): string {
  const lines = Array.from(
    forecast.median,
    (value, k) =>
      `${new Date(forecast.timestampMs[k]).toISOString()},${value}\n`,
  );
  return `timestamp,q0.5\n${lines.join("")}`;
}
