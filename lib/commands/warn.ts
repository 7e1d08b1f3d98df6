/**
 * `latency warn`: warnings of spikes of slowness and of failures.
 *
 * @module
 */

import { stringify } from "csv-stringify/sync";
import {
  predictSpikes,
  type SpikePredictionOptions,
  type SpikeWarning,
} from "../spike_prediction.ts";
import { type Arguments, type Command, EXIT, type Output } from "./command.ts";
import { readAnyInput, READING_HELP, READING_OPTIONS } from "./reading.ts";
import { checkDistinctFiles, writeTo } from "./writing.ts";

/** The command. */
export const warnCommand: Command = {
  summary: "warn of spikes of slowness and of failures before they come",
  help: `Usage: latency warn INPUT [options]

Writes warnings as CSV: timestamp,signal,endpoint,probability,lead_ms,limit. The
first half of a log of requests is learned from; each warning for the rest is
made from what was known at its time. A signal is the slowness of all requests,
or that of an endpoint beyond all (in times the usual), or the error_rate.
probability is that of exceeding the limit within the horizon; half of it is
reached within lead_ms.

  --limit X            limit of slowness, in times the usual (default 1.5)
  --error-limit S      how far the share of requests with status 500 and more
                       may be above the usual one, 0 to 1 (default 0.02)
  --horizon N          steps within which a spike is foreseen, 1 to 1000
                       (default 15)
  --step 1m            length of a step (default 1m)
  --threshold P        warn above this probability, 0 to 1 (default 0.5)
  --train-share S      share of the steps to learn from (default 0.5)
  --out FILE           where to write (default standard output)

${READING_HELP}`,
  options: {
    limit: { type: "string" },
    "error-limit": { type: "string" },
    horizon: { type: "string" },
    step: { type: "string" },
    threshold: { type: "string" },
    "train-share": { type: "string" },
    out: { type: "string" },
    ...READING_OPTIONS,
  },
  inputs: [1, 1],
  run: runWarn,
};

const LEAST_LIMIT = 0.01;
const MOST_LIMIT = 1000;
const MOST_STEPS = 1000;
const DECIMALS = 4;
const COLUMNS = [
  "timestamp",
  "signal",
  "endpoint",
  "probability",
  "lead_ms",
  "limit",
];

async function runWarn(args: Arguments, output: Output): Promise<number> {
  const options = readOptions(args);
  const [path] = args.positionals;
  const out = args.text("out");
  checkDistinctFiles({ out }, [path]);
  const input = await readAnyInput(path, args);
  if (input.kind !== "requests") {
    throw new SyntaxError(
      `Cannot warn of spikes: ${path} holds no requests, expected a log of requests with response times`,
    );
  }
  if (!input.log.responseTimeMs) {
    throw new SyntaxError(
      `Cannot warn of spikes: ${path} has no response times, expected a log that has`,
    );
  }
  const { warnings, timestampMs } = predictSpikes(input.log, options);
  await writeTo(out, [formatWarnings(warnings)], output);
  output.say(
    `${warnings.length} warnings in ${timestampMs.length} steps after training`,
  );
  return EXIT.ok;
}

function readOptions(args: Arguments): SpikePredictionOptions {
  const share = { minimum: 0, maximum: 1 };
  const given = {
    limit: args.number("limit", { minimum: LEAST_LIMIT, maximum: MOST_LIMIT }),
    errorLimit: args.number("error-limit", share),
    horizon: args.number("horizon", {
      minimum: 1,
      maximum: MOST_STEPS,
      integer: true,
    }),
    stepMs: args.durationMs("step"),
    threshold: args.number("threshold", share),
    trainShare: args.number("train-share", share),
  };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  );
}

function formatWarnings(warnings: readonly SpikeWarning[]): string {
  return stringify([
    COLUMNS,
    ...warnings.map((warning) => [
      new Date(warning.startMs).toISOString(),
      warning.signal,
      warning.endpoint,
      warning.probability.toFixed(DECIMALS),
      warning.leadMs,
      warning.limit.toFixed(DECIMALS),
    ]),
  ]);
}
