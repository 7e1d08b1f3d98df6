/**
 * How good forecasts of public series are: one LSTM for all of them beside the
 * baselines, which have quantiles of their own errors, by weighted quantile
 * loss (0.1, 0.2 … 0.9) on the last fifth of each series, 12 and 24 steps ahead.
 *
 * Settings are chosen without these rows:
 *
 *     deno run -A tests/bench/accuracy/public_forecasts.ts --development
 *
 * reads nothing of the last fifth: models are fitted on the first 64 % and
 * judged on the 16 % that follow. `--unrelated` takes series of other kinds
 * than latency and traffic, `--settings` other ones than are in use.
 *
 * @module
 */

import { parseArgs } from "node:util";
import {
  baselineModels,
  BASELINES,
} from "../../../lib/evaluate/baseline_models.ts";
import { weightedQuantileLoss } from "../../../lib/evaluate/forecasts.ts";
import {
  firstRows,
  type Forecaster,
  type ForecastInput,
  originsBetween,
} from "../../../lib/forecast/forecaster.ts";
import { sliceSeries } from "../../../lib/forecast/inputs.ts";
import {
  LstmForecaster,
  type LstmForecasterOptions,
} from "../../../lib/forecast/lstm.ts";
import {
  ReferencedInputs,
  seasonOf,
} from "../../../lib/forecast/referenced_inputs.ts";
import { readInput } from "../../../lib/logs/readers/mod.ts";
import type { MetricSeries } from "../../../lib/logs/request_log.ts";
import { regularize } from "../../../lib/logs/series.ts";
import { evenSubset } from "../../../lib/logs/windows.ts";
import { mean } from "../../../lib/numeric/statistics.ts";
import type { TableRow } from "../../../lib/show/tables.ts";
import { coverageOf, judgedRows } from "./judged.ts";
import type { AccuracyMeasurement } from "./measurement.ts";

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

const LSTM_SETTINGS: LstmForecasterOptions = {
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

const HORIZONS = [12, 24];
const FORECASTERS = ["lstm", ...BASELINES] as const;
const REFERENCE = "seasonal_naive";

type Name = typeof FORECASTERS[number];

type Case = {
  name: string;
  season: number;
  /** All rows that may be read. */
  input: ForecastInput;
  /** The first row to judge on. */
  trainEnd: number;
};

/** How each forecaster did on one series. */
type SeriesScore = {
  series: string;
  losses: Record<Name, number>;
  coverages: Record<Name, number>;
};

type Options = {
  data: string;
  horizon: number;
  files?: readonly string[];
  /** The share of the rows that is read at all. */
  share?: number;
  settings?: LstmForecasterOptions;
};

/** The measurement. */
export const publicForecasts: AccuracyMeasurement = {
  name: "public-forecasts",
  title: `Forecasts of ${SERIES.length} public series of latency and traffic`,
  async run({ data, report }) {
    const rows: TableRow[] = [];
    const details: TableRow[] = [];
    for (const horizon of HORIZONS) {
      report(`One network for ${SERIES.length} series, ${horizon} steps …`);
      const scores = await scoreSeries({ data, horizon });
      rows.push(...summaryOf(scores, horizon));
      details.push(...scores.map(({ series, losses }) => ({
        series,
        "steps ahead": horizon,
        ...losses,
        "lstm / seasonal_naive": losses.lstm / losses[REFERENCE],
      })));
    }
    return { rows, details };
  },
};

/** One row a forecaster, the best first. */
function summaryOf(scores: SeriesScore[], horizon: number): TableRow[] {
  const meanLoss = (name: Name) => mean(lossesOf(scores, name));
  return FORECASTERS.toSorted((a, b) => meanLoss(a) - meanLoss(b)).map(
    (name) => {
      const ratios = scores.map(({ losses }) =>
        losses[name] / losses[REFERENCE]
      );
      return {
        "steps ahead": horizon,
        forecaster: name,
        "mean weighted quantile loss": meanLoss(name),
        "to seasonal_naive": meanLoss(name) / meanLoss(REFERENCE),
        "mean of ratios": mean(Float64Array.from(ratios)),
        "better on": betterOn(scores, name, REFERENCE),
        "lstm better on": betterOn(scores, "lstm", name),
        "80 % interval covers (%)": 100 *
          mean(Float64Array.from(scores, ({ coverages }) => coverages[name])),
      };
    },
  );
}

/** On how many series one has a lower loss than another. */
function betterOn(
  scores: SeriesScore[],
  name: Name,
  other: Name,
): string | undefined {
  if (name === other) return undefined;
  const better = scores.filter(({ losses }) => losses[name] < losses[other]);
  return `${better.length} of ${scores.length}`;
}

function lossesOf(scores: SeriesScore[], name: Name): Float64Array {
  return Float64Array.from(scores, ({ losses }) => losses[name]);
}

async function scoreSeries(options: Options): Promise<SeriesScore[]> {
  const { data, horizon, files = SERIES, share = 1, settings } = options;
  const cases: Case[] = [];
  for (const file of files) {
    const whole = await readSeries(data, file);
    const rows = Math.floor(whole.value.length * share);
    cases.push(prepare(file, sliceSeries(whole, 0, rows), horizon));
  }
  const lstm = await LstmForecaster.fit(
    cases.map(({ input, trainEnd }) => firstRows(input, trainEnd)),
    { ...LSTM_SETTINGS, horizon, ...settings },
  );
  try {
    const scores: SeriesScore[] = [];
    for (const each of cases) scores.push(await scoreCase(each, lstm));
    return scores;
  } finally {
    lstm.dispose();
  }
}

async function readSeries(data: string, file: string): Promise<MetricSeries> {
  const columns = { timestamp: "TimeStamp", value: "Value" };
  const input = await readInput(
    `${data}/${file}`,
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
    trainEnd,
  };
}

async function scoreCase(
  { name, season, input, trainEnd }: Case,
  lstm: LstmForecaster,
): Promise<SeriesScore> {
  const { horizon } = lstm;
  const models: [Name, Forecaster][] = [["lstm", lstm]];
  const settings = { season, horizon, quantiles: QUANTILES };
  for (const { name, fit } of baselineModels(settings)) {
    models.push([name, await fit(firstRows(input, trainEnd))]);
  }
  const scores = models.map(([name, model]) => ({
    name,
    ...score(model, input, trainEnd),
  }));
  const column = (key: "loss" | "coverage") =>
    Object.fromEntries(
      scores.map((each) => [each.name, each[key]]),
    ) as Record<Name, number>;
  return {
    series: name,
    losses: column("loss"),
    coverages: column("coverage"),
  };
}

/** Loss and coverage on the last rows that were observed. */
function score(
  model: Forecaster,
  input: ForecastInput,
  trainEnd: number,
): { loss: number; coverage: number } {
  const { target, observed } = input;
  const origins = evenSubset(
    originsBetween(WINDOW, {
      start: trainEnd - 1,
      end: target.length - model.horizon,
    }),
    MAXIMUM_ORIGINS,
  );
  const judged = judgedRows(
    model.forecast(input, origins),
    target,
    (row) => observed?.[row] !== 0,
  );
  return {
    loss: weightedQuantileLoss(judged.actual, judged.columns),
    coverage: coverageOf(judged),
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      horizon: { type: "string", default: "12" },
      development: { type: "boolean", default: false },
      unrelated: { type: "boolean", default: false },
      settings: { type: "string", default: "{}" },
    },
  });
  const horizon = Number(values.horizon);
  const scores = await scoreSeries({
    data: Deno.env.get("LATENCY_LAB_DATA") ?? "../shared/data",
    horizon,
    files: values.unrelated ? UNRELATED : SERIES,
    share: values.development ? 0.8 : 1,
    settings: JSON.parse(values.settings),
  });
  console.table(
    scores.map(({ series, losses }) => ({ series, ...losses })),
  );
  console.table(summaryOf(scores, horizon));
}

if (import.meta.main) await main();
