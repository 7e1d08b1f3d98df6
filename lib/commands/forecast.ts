/**
 * `latency forecast`: the next steps of a metric.
 *
 * @module
 */

import { USUAL_QUANTILES } from "../forecast/quantile_levels.ts";
import { readInputBytes } from "../logs/readers/input.ts";
import {
  type ChosenModel,
  fitForecastModel,
  FORECAST_METHODS,
  type ForecastMethod,
  ForecastModel,
  type NextSteps,
  selectQuantiles,
} from "../prediction.ts";
import {
  type Arguments,
  type Command,
  EXIT,
  messageOf,
  type Output,
  UsageError,
} from "./command.ts";
import {
  argumentsOf,
  metricAsked,
  rateOf,
  relatedSeries,
} from "./forecast_input.ts";
import {
  PARTS_HELP,
  PARTS_OPTIONS,
  READING_HELP,
  READING_OPTIONS,
} from "./reading.ts";
import {
  readSeriesArguments,
  type SeriesArguments,
  type SeriesInput,
  seriesInput,
} from "./series_input.ts";
import { readSeriesSource, type SeriesSource } from "./series_source.ts";
import { checkDistinctFiles, writeTo } from "./writing.ts";

/** The command. */
export const forecastCommand: Command = {
  summary: "forecast the next steps of a metric, with quantiles",
  help: `Usage: latency forecast INPUT [options]

Writes quantiles of the next steps as CSV: timestamp,q0.05,q0.5,q0.95 (the start
of the step; in ms for p50, p95 and p99). Forecasters are fitted on the first
80 % of the steps and judged on the rest by mean pinball loss, on standard error;
the best one is calibrated on that rest and used.

  --horizon N          steps to forecast, 1 to 1000 (default 12)
  --quantiles LIST     probabilities, ascending (default 0.05,0.5,0.95)
  --bucket 5m          length of a step (default: the smallest usual one with a
                       median of 30 requests)
  --metric NAME        p50, p95, p99, count or error_rate (default p95)
  --endpoint E         only requests to this endpoint; the network learns from
                       the others too
  --method NAME        lstm, exponential_smoothing, seasonal_naive,
                       rolling_median or last_value (default: the best on
                       held-out steps)
  --save FILE          save the model
  --model FILE         use a saved model instead of fitting one; it brings its
                       own metric, endpoint, step and method, and may be asked
                       for fewer steps and quantiles than it has
  --seed S             seed of everything random (default 0)
  --out FILE           where to write (default standard output)

A metric series is forecast as it is: --metric and --endpoint do not apply.

${READING_HELP}
${PARTS_HELP};
                       quantiles are then known to 1 %`,
  options: {
    horizon: { type: "string" },
    quantiles: { type: "string" },
    bucket: { type: "string" },
    metric: { type: "string" },
    endpoint: { type: "string" },
    method: { type: "string" },
    save: { type: "string" },
    model: { type: "string" },
    seed: { type: "string" },
    out: { type: "string" },
    ...READING_OPTIONS,
    ...PARTS_OPTIONS,
  },
  inputs: [1, 1],
  run: runForecast,
};

const MAXIMUM_HORIZON = 1000;
const MAXIMUM_MODEL_BYTES = 256 * 2 ** 20;

async function runForecast(args: Arguments, output: Output): Promise<number> {
  const wanted = readWanted(args);
  const given = readSeriesArguments(args);
  const [path] = args.positionals;
  const modelFile = args.text("model");
  const saveFile = args.text("save");
  checkDistinctFiles(
    { out: args.text("out"), save: saveFile },
    [path, modelFile],
  );
  const loaded = modelFile === undefined
    ? undefined
    : await loadModel(modelFile, wanted);
  let model = loaded;
  try {
    const input = await readSeriesSource(path, args, {
      output,
      bucketMs: loaded?.stepMs ?? given.bucketMs,
    });
    const options = loaded ? argumentsOf(loaded, input, path) : given;
    const found = seriesInput(input, options, { action: "forecast", output });
    model ??= await fitModel(input, found, { options, wanted, output });
    if (saveFile !== undefined) {
      await writeTo(saveFile, [JSON.stringify(model)], output);
    }
    const { series } = found;
    const rate = model.usesRate ? rateOf(input, options, series) : undefined;
    const steps = selectQuantiles(
      model.next(series, { rate }),
      quantilesOf(wanted, model),
    );
    const text = formatSteps(steps, wanted.horizon ?? Infinity);
    await writeTo(args.text("out"), [text], output);
  } finally {
    model?.dispose();
  }
  return EXIT.ok;
}

/** What the arguments ask of the model. */
type Wanted = {
  horizon?: number;
  quantiles?: number[];
  method?: ForecastMethod;
  seed?: number;
};

function readWanted(args: Arguments): Wanted {
  const horizon = args.number("horizon", {
    minimum: 1,
    maximum: MAXIMUM_HORIZON,
    integer: true,
  });
  const quantiles = readQuantiles(args);
  const method = args.choice("method", FORECAST_METHODS);
  const seed = args.seed();
  if (args.text("model") !== undefined) {
    const fixed = ["method", "seed", "metric", "endpoint", "bucket"].find(
      (name) => args.text(name) !== undefined,
    );
    if (fixed !== undefined) {
      throw new UsageError(
        `--model brings its own, expected no --${fixed} beside it`,
      );
    }
  }
  return {
    ...(horizon === undefined ? {} : { horizon }),
    ...(quantiles === undefined ? {} : { quantiles }),
    ...(method === undefined ? {} : { method }),
    ...(seed === undefined ? {} : { seed }),
  };
}

function readQuantiles(args: Arguments): number[] | undefined {
  const text = args.text("quantiles");
  if (text === undefined) return undefined;
  const quantiles = text.split(",").map((part) =>
    part.trim() === "" ? NaN : Number(part)
  );
  const isGood = quantiles.every((q, k) =>
    q > (k === 0 ? 0 : quantiles[k - 1]) && q < 1
  );
  if (isGood) return quantiles;
  throw new UsageError(
    `--quantiles is "${text}", expected ascending numbers above 0 and below 1 such as 0.05,0.5,0.95`,
  );
}

/** The quantiles to write: those asked for, else the usual ones, else, of a
 * model that lacks them, all that it has. */
function quantilesOf(wanted: Wanted, model: ForecastModel): readonly number[] {
  const { quantiles } = model.forecaster;
  if (wanted.quantiles) return wanted.quantiles;
  return USUAL_QUANTILES.every((q) => quantiles.includes(q))
    ? USUAL_QUANTILES
    : quantiles;
}

async function loadModel(
  path: string,
  { horizon = 1, quantiles = [] }: Wanted,
): Promise<ForecastModel> {
  const bytes = await readInputBytes(path, { maxBytes: MAXIMUM_MODEL_BYTES });
  let model: ForecastModel;
  try {
    model = ForecastModel.fromJSON(JSON.parse(new TextDecoder().decode(bytes)));
  } catch (error) {
    throw new SyntaxError(`${path}: ${messageOf(error)}`);
  }
  const { forecaster } = model;
  const missing = quantiles.find((q) => !forecaster.quantiles.includes(q));
  if (horizon <= forecaster.horizon && missing === undefined) return model;
  model.dispose();
  throw new UsageError(
    missing === undefined
      ? `--horizon is ${horizon}, expected at most ${forecaster.horizon} as the model`
      : `--quantiles asks for ${missing}, expected some of ${forecaster.quantiles} as the model`,
  );
}

async function fitModel(
  input: SeriesSource,
  { series, limits }: SeriesInput,
  context: { options: SeriesArguments; wanted: Wanted; output: Output },
): Promise<ForecastModel> {
  const { options, wanted, output } = context;
  const metric = metricAsked(input, options);
  const chosen = await fitForecastModel(series, {
    ...wanted,
    limits,
    ...(metric === undefined
      ? {}
      : { subject: { metric, endpoint: options.endpoint ?? null } }),
    rate: rateOf(input, options, series),
    related: relatedSeries(input, options, series),
    onProgress: ({ epoch, epochs, secondsLeft }) =>
      output.progress(
        `epoch ${epoch} of ${epochs}, at most ${secondsLeft.toFixed(0)} s left`,
      ),
  });
  sayErrors(chosen, output);
  return chosen.model;
}

function sayErrors(chosen: ChosenModel, output: Output): void {
  const { errors, notes, model } = chosen;
  for (const note of notes) output.say(note);
  if (errors.length === 0) {
    output.say(`too few steps to hold any out: ${model.method} is used`);
    return;
  }
  const losses = errors.map(({ method, loss, error }) =>
    `${method} ${loss.toPrecision(4)} (${error.toPrecision(4)})`
  );
  output.say(
    `mean pinball loss (and mean absolute error) on held-out steps: ${
      losses.join(", ")
    }; ${model.method} is used`,
  );
}

function formatSteps(steps: NextSteps, horizon: number): string {
  const { timestampMs, quantiles, values } = steps;
  const count = quantiles.length;
  const lines = Array.from(
    timestampMs.subarray(0, Math.min(horizon, timestampMs.length)),
    (at, k) =>
      `${new Date(at).toISOString()},${
        values.subarray(k * count, (k + 1) * count).join(",")
      }\n`,
  );
  return `timestamp,${quantiles.map((q) => `q${q}`).join(",")}\n${
    lines.join("")
  }`;
}
