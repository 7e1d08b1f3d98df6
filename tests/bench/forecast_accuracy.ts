/**
 * How good forecasts of public series are: one LSTM for all of them beside the
 * seasonal naive forecast and the last value, both with quantiles of their own
 * errors, by weighted quantile loss (0.1, 0.2 … 0.9) on the last fifth of each
 * series. Prints a table and, last, one line of JSON.
 *
 *     deno run -A tests/bench/forecast_accuracy.ts [--horizon 12] [--seed 0]
 *
 * reads the data of `LATENCY_LAB_DATA` (default `../shared/data`). With
 * `--development` nothing of the last fifth is read: models are fitted on the
 * first 64 % and judged on the 16 % that follow, which is what settings are
 * chosen by; `--unrelated` takes series of other kinds than latency and
 * traffic.
 *
 * @module
 */

import { parseArgs } from "node:util";
import {
  intervalCoverage,
  weightedQuantileLoss,
} from "lib/evaluate/forecasts.ts";
import {
  lastValueForecaster,
  seasonalNaiveForecaster,
} from "lib/forecast/baselines.ts";
import {
  actualColumn,
  forecastColumn,
  type Forecaster,
  type ForecastInput,
  originsBetween,
} from "lib/forecast/forecaster.ts";
import { sliceSeries } from "lib/forecast/inputs.ts";
import { LstmForecaster } from "lib/forecast/lstm.ts";
import { ReferencedInputs, seasonOf } from "lib/forecast/referenced_inputs.ts";
import { ResidualQuantileForecaster } from "lib/forecast/residual_quantiles.ts";
import { readInput } from "lib/logs/readers/mod.ts";
import type { MetricSeries } from "lib/logs/request_log.ts";
import { regularize } from "lib/logs/series.ts";
import { evenSubset } from "lib/logs/windows.ts";

const QUANTILES = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
const MAXIMUM_ORIGINS = 400;
const WINDOW = 48;

/** Latency and traffic: what the project is for. */
const SERIES = [
  ...[1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23].map((number) =>
    `cloud-monitoring/outbound-${String(number).padStart(2, "0")}.csv`
  ),
  "cloud-monitoring/ecommerce-rps-01.csv",
  "nab/realAWSCloudwatch/ec2_network_in_257a54.csv",
  "nab/realAWSCloudwatch/elb_request_count_8c0756.csv",
  "nab/realAWSCloudwatch/iio_us-east-1_i-a2eb1cd9_NetworkIn.csv",
  "nab/realKnownCause/ec2_request_latency_system_failure.csv",
  "nab/realTraffic/TravelTime_387.csv",
  "nab/realTraffic/occupancy_6005.csv",
  "nab/realTraffic/speed_6005.csv",
  "nab/realTraffic/speed_t4013.csv",
];

/** Series of other kinds, by which settings were chosen. */
const UNRELATED = [
  "nab/realAWSCloudwatch/ec2_cpu_utilization_24ae8d.csv",
  "nab/realAWSCloudwatch/ec2_cpu_utilization_5f5533.csv",
  "nab/realAWSCloudwatch/ec2_cpu_utilization_825cc2.csv",
  "nab/realAWSCloudwatch/ec2_disk_write_bytes_1ef3de.csv",
  "nab/realAWSCloudwatch/rds_cpu_utilization_e47b3b.csv",
  "nab/realAdExchange/exchange-2_cpc_results.csv",
  "nab/realAdExchange/exchange-3_cpc_results.csv",
  "nab/realKnownCause/nyc_taxi.csv",
  "nab/realKnownCause/rogue_agent_key_updown.csv",
  "nab/realTweets/Twitter_volume_AAPL.csv",
  "nab/realTweets/Twitter_volume_CRM.csv",
  "nab/realTweets/Twitter_volume_FB.csv",
];

type Case = {
  name: string;
  season: number;
  /** All rows that may be read, as the network takes them. */
  input: ForecastInput;
  /** The training rows alone. */
  training: ForecastInput;
  /** The first row to judge on. */
  trainEnd: number;
};

type Loss = { loss: number; coverage: number };

type Row = {
  series: string;
  lstm: number;
  seasonalNaive: number;
  lastValue: number;
  ratio: number;
  coverage80: number;
};

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      horizon: { type: "string", default: "12" },
      seed: { type: "string", default: "0" },
      development: { type: "boolean", default: false },
      unrelated: { type: "boolean", default: false },
      settings: { type: "string", default: "{}" },
    },
  });
  const horizon = Number(values.horizon);
  const files = values.unrelated ? UNRELATED : SERIES;
  const share = values.development ? 0.8 : 1;
  const cases: Case[] = [];
  for (const file of files) {
    const whole = await readSeries(file);
    const rows = Math.floor(whole.value.length * share);
    cases.push(prepare(file, sliceSeries(whole, 0, rows), horizon));
  }
  const start = performance.now();
  const lstm = await LstmForecaster.fit(
    cases.map(({ training }) => training),
    {
      ...LSTM_SETTINGS,
      horizon,
      seed: Number(values.seed),
      ...JSON.parse(values.settings),
    },
  );
  const seconds = (performance.now() - start) / 1000;
  const rows = cases.map((each) => judge(each, lstm, horizon));
  const summary = {
    horizon,
    seed: Number(values.seed),
    development: values.development,
    unrelated: values.unrelated,
    meanOfRatios: mean(rows.map(({ ratio }) => ratio)),
    ratioOfMeans: mean(rows.map((row) => row.lstm)) /
      mean(rows.map((row) => row.seasonalNaive)),
    meanOfRatiosToLastValue: mean(rows.map((r) => r.lstm / r.lastValue)),
    coverage80: mean(rows.map((row) => row.coverage80)),
    trainingSeconds: seconds,
    epochs: lstm.history?.validationLoss.length,
    validationLoss: Math.min(...lstm.history?.validationLoss ?? []),
  };
  console.table(rows);
  console.table(summary);
  console.log(JSON.stringify({ ...summary, rows }));
  lstm.dispose();
}

const LSTM_SETTINGS = {
  windowLength: WINDOW,
  units: 32,
  quantiles: QUANTILES,
  dropout: 0.1,
  learningRate: 0.003,
  batchSize: 32,
  epochs: 12,
  patience: 4,
  maximumWindows: 10_000,
};

async function readSeries(file: string): Promise<MetricSeries> {
  const folder = Deno.env.get("LATENCY_LAB_DATA") ?? "../shared/data";
  const columns = { timestamp: "TimeStamp", value: "Value" };
  const input = await readInput(
    `${folder}/${file}`,
    file.startsWith("cloud-monitoring") ? { columns } : {},
  );
  if (input.kind !== "series") throw new TypeError(`${file} is no series`);
  return regularize(input.observations);
}

function prepare(file: string, series: MetricSeries, horizon: number): Case {
  const trainEnd = Math.floor(series.value.length * 0.8);
  const training = sliceSeries(series, 0, trainEnd);
  const inputs = ReferencedInputs.fit(training, { horizon });
  return {
    name: file.split("/").at(-1) ?? file,
    season: seasonOf(series.stepMs),
    input: inputs.transform(series),
    training: inputs.transform(training),
    trainEnd,
  };
}

function judge(each: Case, lstm: Forecaster, horizon: number): Row {
  const withErrors = (model: Forecaster) =>
    ResidualQuantileForecaster.fit(model, each.training, {
      quantiles: QUANTILES,
    });
  const own = lossOf(each, lstm);
  const naive = lossOf(
    each,
    withErrors(seasonalNaiveForecaster(each.season, { horizon })),
  );
  const last = lossOf(each, withErrors(lastValueForecaster({ horizon })));
  return {
    series: each.name,
    lstm: own.loss,
    seasonalNaive: naive.loss,
    lastValue: last.loss,
    ratio: own.loss / naive.loss,
    coverage80: own.coverage,
  };
}

/** The loss over all origins and steps of the last rows that were observed. */
function lossOf(each: Case, model: Forecaster): Loss {
  const { input, trainEnd } = each;
  const { target, observed } = input;
  const origins = evenSubset(
    originsBetween(WINDOW, {
      start: trainEnd - 1,
      end: target.length - model.horizon,
    }),
    MAXIMUM_ORIGINS,
  );
  const forecast = model.forecast(input, origins);
  const flags = Float64Array.from(observed ?? target.map(() => 1));
  const steps = Array.from({ length: model.horizon }, (_, k) => {
    const isSeen = actualColumn(flags, origins, k + 1);
    const seen = (column: Float64Array) =>
      [...column].filter((_, i) => isSeen[i] === 1);
    return {
      actual: seen(actualColumn(target, origins, k + 1)),
      columns: QUANTILES.map((quantile) =>
        seen(forecastColumn(forecast, { step: k + 1, quantile }))
      ),
    };
  });
  const actual = Float64Array.from(steps.flatMap((step) => step.actual));
  const columns = QUANTILES.map((quantile, j) => ({
    quantile,
    values: Float64Array.from(steps.flatMap((step) => step.columns[j])),
  }));
  return {
    loss: weightedQuantileLoss(actual, columns),
    coverage: intervalCoverage(actual, {
      lower: columns[0].values,
      upper: columns[columns.length - 1].values,
    }),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

if (import.meta.main) await main();
