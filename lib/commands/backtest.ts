/**
 * `latency backtest`: how well each forecaster would have done.
 *
 * @module
 */

import {
  type Backtest,
  backtest,
  type BacktestScore,
  seriesSource,
} from "../evaluate/backtest.ts";
import { usualSeason } from "../evaluate/baseline_models.ts";
import {
  COMPARED_FORECASTERS,
  comparedForecasters,
  type ComparedName,
} from "../evaluate/compared_forecasters.ts";
import {
  checkQuantiles,
  USUAL_QUANTILES,
} from "../forecast/quantile_levels.ts";
import type { TrainingProgress } from "../numeric/training.ts";
import { formatCount, formatMeasured } from "../show/text.ts";
import {
  type Arguments,
  type Command,
  EXIT,
  messageOf,
  type Output,
  UsageError,
} from "./command.ts";
import { rateOf } from "./forecast_input.ts";
import {
  PARTS_HELP,
  PARTS_OPTIONS,
  READING_HELP,
  READING_OPTIONS,
} from "./reading.ts";
import { readSeriesSource } from "./series_source.ts";
import { readSeriesArguments, seriesInput } from "./series_input.ts";
import { writeTo } from "./writing.ts";

/** The command. */
export const backtestCommand: Command = {
  summary: "compare forecasters on the past of a metric",
  help: `Usage: latency backtest INPUT [options]

Forecasts a metric from several cut-offs in its past, with what was known at
each, and prints one table of all forecasters, the best first:

  MAE, RMSE  errors of the median, in ms for p50, p95 and p99
  MASE       MAE by that of the seasonal naive forecast on the training steps
  pinball    mean pinball loss over all quantiles
  WQL        mean weighted quantile loss, without unit
  coverage   share of values within the outermost quantiles, and their
  width      mean distance
  skill      1 - pinball / that of seasonal_naive: above 0 is better than it

A measure that is not defined, as MASE of a constant, is shown as –.

  --metric NAME        p50, p95, p99, count or error_rate (default p95)
  --bucket 5m          length of a step (default: the smallest usual one with a
                       median of 30 requests)
  --endpoint E         only requests to this endpoint
  --horizon N          steps to forecast, 1 to 1000 (default 12)
  --cutoffs N          number of cut-offs, a horizon apart, 1 to 1000 (default:
                       as many as fit into the last 30 % of steps, at most 20)
  --retrain N          fit anew at every so manieth cut-off (default: as
                       many as make 4 fits of each forecaster, so 5 of 20)
  --quantiles LIST     ascending, with 0.5 (default 0.05,0.5,0.95)
  --method LIST        only these forecasters, as seasonal_naive,lstm (default
                       all); without seasonal_naive there is no skill
  --no-lstm            all but the networks, which take most of the time
  --seed S             seed of the networks (default 0)
  --out FILE           where to write (default standard output)

Forecasters: ${COMPARED_FORECASTERS.slice(0, 4).join(", ")},
${COMPARED_FORECASTERS.slice(4).join(", ")};
those called calibrated are fitted on the older 80 % of what is known and let
their intervals follow the newer steps (adaptive conformal).

The season is a day; a week for steps of a day. A metric series is taken as it
is: --metric and --endpoint do not apply.

${READING_HELP}
${PARTS_HELP};
                       quantiles are then known to 1 %`,
  options: {
    metric: { type: "string" },
    bucket: { type: "string" },
    endpoint: { type: "string" },
    horizon: { type: "string" },
    cutoffs: { type: "string" },
    retrain: { type: "string" },
    quantiles: { type: "string" },
    method: { type: "string" },
    "no-lstm": { type: "boolean" },
    seed: { type: "string" },
    out: { type: "string" },
    ...READING_OPTIONS,
    ...PARTS_OPTIONS,
  },
  inputs: [1, 1],
  run: runBacktest,
};

const MAXIMUM_STEPS = 1000;
/** Each fit of a network takes seconds. */
const USUAL_FITS = 4;

async function runBacktest(args: Arguments, output: Output): Promise<number> {
  const counts = { minimum: 1, maximum: MAXIMUM_STEPS, integer: true };
  const horizon = args.number("horizon", counts) ?? 12;
  const cutoffs = args.number("cutoffs", counts);
  const retrain = args.number("retrain", counts);
  const quantiles = readQuantileList(args);
  const methods = readMethods(args);
  const seed = args.seed() ?? 0;
  const seriesArguments = readSeriesArguments(args);
  const input = await readSeriesSource(args.positionals[0], args, {
    output,
    bucketMs: seriesArguments.bucketMs,
  });
  const { series, limits } = seriesInput(input, seriesArguments, {
    action: "backtest",
    output,
  });
  const season = usualSeason(series.stepMs);
  let fitting = "";
  let fitsLeft = 0;
  const models = comparedForecasters(series, {
    ...{ season, horizon, quantiles, methods, seed },
    rate: rateOf(input, seriesArguments, series),
    onProgress: (progress) =>
      output.progress(
        `${fitting}, epoch ${progress.epoch} of ${progress.epochs}, at most ${
          secondsLeft(progress, fitsLeft).toFixed(0)
        } s left`,
      ),
  });
  const result = await backtest(seriesSource(series), models, {
    ...{ horizon, quantiles, season, limits },
    ...(cutoffs === undefined ? {} : { cutoffs }),
    ...(retrain === undefined ? { fits: USUAL_FITS } : { retrain }),
    onProgress: ({ name, fit, fits }) => {
      fitsLeft = fits - fit;
      fitting = `fit ${fit} of ${fits}: ${name}`;
      output.progress(fitting);
    },
  });
  for (const note of result.notes) output.say(note);
  output.say(
    `${formatCount(result.cutoffs.length, "cut-off")} of ${
      formatCount(horizon, "step")
    }, ${formatCount(result.judgedCount, "value")}; the season is ${
      formatCount(season, "step")
    }`,
  );
  await writeTo(args.text("out"), [formatBacktest(result)], output);
  return EXIT.ok;
}

/** `--method seasonal_naive,lstm`, or `--no-lstm`. */
function readMethods(args: Arguments): readonly ComparedName[] {
  const text = args.text("method");
  if (text === undefined) {
    return args.has("no-lstm")
      ? COMPARED_FORECASTERS.filter((name) => !name.startsWith("lstm"))
      : COMPARED_FORECASTERS;
  }
  if (args.has("no-lstm")) {
    throw new UsageError("--method is given, expected no --no-lstm beside it");
  }
  const asked = text.split(",").map((part) => part.trim());
  const unknown = asked.find((name) =>
    !(COMPARED_FORECASTERS as readonly string[]).includes(name)
  );
  if (unknown === undefined) {
    return COMPARED_FORECASTERS.filter((name) => asked.includes(name));
  }
  throw new UsageError(
    `--method is "${unknown}", expected some of ${
      COMPARED_FORECASTERS.join(", ")
    }`,
  );
}

/** What this fit still takes, and as long again as all of it for each later
 * one: the slow ones come last. */
function secondsLeft(progress: TrainingProgress, fitsLeft: number): number {
  const { epoch, epochs, batch, batches, secondsLeft } = progress;
  const batchesLeft = epochs * batches - (epoch - 1) * batches - batch;
  const whole = batchesLeft > 0
    ? secondsLeft * epochs * batches / batchesLeft
    : 0;
  return secondsLeft + fitsLeft * whole;
}

/** `--quantiles 0.1,0.5,0.9`. */
function readQuantileList(args: Arguments): readonly number[] {
  const text = args.text("quantiles");
  if (text === undefined) return USUAL_QUANTILES;
  const quantiles = text.split(",")
    .map((part) => part.trim() === "" ? NaN : Number(part));
  try {
    checkQuantiles(quantiles, "backtest");
  } catch (error) {
    throw new UsageError(`--quantiles: ${messageOf(error)}`);
  }
  if (quantiles.includes(0.5)) return quantiles;
  throw new UsageError(`--quantiles is "${text}", expected 0.5 among them`);
}

type Column = {
  readonly title: string;
  readonly show: (score: BacktestScore) => string;
};

const COLUMNS: readonly Column[] = [
  { title: "forecaster", show: ({ name }) => name },
  { title: "MAE", show: (score) => shown(score.meanAbsoluteError) },
  { title: "RMSE", show: (score) => shown(score.rootMeanSquaredError) },
  { title: "MASE", show: (score) => shown(score.meanAbsoluteScaledError) },
  { title: "pinball", show: (score) => shown(score.meanPinballLoss) },
  { title: "WQL", show: (score) => shown(score.weightedQuantileLoss) },
  { title: "coverage", show: ({ coverage }) => asPercent(coverage) },
  { title: "width", show: ({ width }) => shown(width) },
  { title: "skill", show: ({ skill }) => asPercent(skill) },
];
const UNDEFINED = "–";

/** Names to the left, numbers to the right, the least loss first. */
function formatBacktest({ scores }: Backtest): string {
  const sorted = scores.toSorted((a, b) =>
    a.meanPinballLoss - b.meanPinballLoss
  );
  const columns = COLUMNS.map(({ title, show }, k) => {
    const cells = [title, ...sorted.map(show)];
    const width = Math.max(...cells.map((cell) => cell.length));
    return cells.map((cell) =>
      k === 0 ? cell.padEnd(width) : cell.padStart(width)
    );
  });
  return columns[0]
    .map((_, row) => columns.map((cells) => cells[row]).join("  ") + "\n")
    .join("");
}

function shown(value: number | null): string {
  return value === null ? UNDEFINED : formatMeasured(value);
}

function asPercent(share: number | null): string {
  return share === null ? UNDEFINED : `${(100 * share).toFixed(1)} %`;
}
