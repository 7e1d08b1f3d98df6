/**
 * `latency detect`: a score, a flag and a reason for each row, and incidents.
 *
 * @module
 */

import { stringify } from "csv-stringify/sync";
import {
  type AnalysisInput,
  AnomalyModel,
  DETECTION_METHODS,
  MAXIMUM_TRAINING_ROWS,
  reasonFor,
  type ScoredRows,
} from "../analysis.ts";
import type { Incident } from "../detect/incidents.ts";
import { readInputBytes } from "../logs/readers/input.ts";
import {
  type Arguments,
  type Command,
  EXIT,
  messageOf,
  type Output,
  UsageError,
} from "./command.ts";
import { readAnalysisInput, READING_HELP, READING_OPTIONS } from "./reading.ts";
import { checkDistinctFiles, writeTo } from "./writing.ts";

/** The command. */
export const detectCommand: Command = {
  summary: "score each row of a log or series, and list incidents",
  help: `Usage: latency detect INPUT [options]

Writes one row for each row of INPUT, in its order, as CSV:
timestamp,endpoint,value,score,threshold,anomaly,reason (a series has no
endpoint). A higher score is more anomalous; above the threshold it is one.
Incidents are listed on standard error. The value is the response time in ms; of
a log without response times, which is judged by its sizes, request rates and
errors, it is requests a minute over the last 30 minutes.

  --method NAME        iforest, ocsvm or autoencoder (default iforest)
  --train FILE         fit on this file instead of INPUT
  --model FILE         use a saved model instead of fitting one
  --save FILE          save the model
  --alarm-rate R       share of training rows to flag (default 0.02)
  --seed S             seed of everything random (default 0)
  --out FILE           where to write (default standard output)
  --fail-on-anomaly    exit 3 if there is an incident: in a series every
                       flagged stretch, in a log more flagged requests close
                       together than the alarm rate makes by chance

${READING_HELP}`,
  options: {
    method: { type: "string" },
    train: { type: "string" },
    model: { type: "string" },
    save: { type: "string" },
    "alarm-rate": { type: "string" },
    seed: { type: "string" },
    out: { type: "string" },
    "fail-on-anomaly": { type: "boolean" },
    ...READING_OPTIONS,
  },
  inputs: [1, 1],
  run: runDetect,
};

const MAXIMUM_MODEL_BYTES = 256 * 2 ** 20;
const ROWS_A_PIECE = 10_000;
const INCIDENTS_SHOWN = 50;

async function runDetect(args: Arguments, output: Output): Promise<number> {
  const fitting = readFittingOptions(args);
  const [path] = args.positionals;
  checkDistinctFiles(
    { out: args.text("out"), save: args.text("save") },
    [path, args.text("train"), args.text("model")],
  );
  const input = await readAnalysisInput(path, args, output);
  if (input.kind === "requests" && !input.log.responseTimeMs) {
    output.say(
      "no response times: detection runs on sizes, request rates and errors; the value is requests a minute over the last 30 minutes",
    );
  }
  const modelFile = args.text("model");
  const model = modelFile === undefined
    ? await fitModel(args, fitting, input, output)
    : await loadModel(modelFile);
  if (model.inputKind !== input.kind) {
    throw new SyntaxError(
      `Cannot score ${path}: it holds ${input.kind}, expected ${model.inputKind} as the model`,
    );
  }
  checkResponseTimes(path, input, model.usesResponseTimes);
  const saveFile = args.text("save");
  if (saveFile !== undefined) {
    await writeTo(saveFile, [JSON.stringify(model)], output);
  }
  const rows = model.score(input);
  if (rows.score.every((score) => score === rows.score[0])) {
    output.say(
      "all rows have the same score: they are all alike, or those that the model was fitted on are, and it can tell none from another",
    );
  }
  const incidents = model.incidents(rows);
  sayIncidents(rows, incidents, output);
  await writeTo(args.text("out"), formatRows(rows), output);
  return args.has("fail-on-anomaly") && incidents.length > 0
    ? EXIT.anomaly
    : EXIT.ok;
}

type FittingOptions = {
  method?: typeof DETECTION_METHODS[number];
  alarmRate?: number;
  seed?: number;
};

function readFittingOptions(args: Arguments): FittingOptions {
  const method = args.choice("method", DETECTION_METHODS);
  const alarmRate = args.number("alarm-rate", { minimum: 0, maximum: 1 });
  const seed = args.seed();
  const options = {
    ...(method === undefined ? {} : { method }),
    ...(alarmRate === undefined ? {} : { alarmRate }),
    ...(seed === undefined ? {} : { seed }),
  };
  if (args.text("model") === undefined) return options;
  const [fixed] = [
    ...Object.keys(options),
    ...(args.text("train") ? ["train"] : []),
  ];
  if (fixed !== undefined) {
    throw new UsageError(
      `--model brings its own method, threshold and seed, expected no --${
        fixed === "alarmRate" ? "alarm-rate" : fixed
      } beside it`,
    );
  }
  return options;
}

async function fitModel(
  args: Arguments,
  options: FittingOptions,
  input: AnalysisInput,
  output: Output,
): Promise<AnomalyModel> {
  const trainFile = args.text("train");
  if (trainFile === undefined) {
    output.say(
      "no --train or --model: fitting on the rows that are scored, so that the threshold flags the alarm rate's share of them",
    );
  }
  const training = trainFile === undefined
    ? input
    : await readAnalysisInput(trainFile, args, output);
  if (training.kind !== input.kind) {
    throw new SyntaxError(
      `Cannot score: ${trainFile} holds ${training.kind}, expected ${input.kind} as the input`,
    );
  }
  const { method = "iforest" } = options;
  const limit = MAXIMUM_TRAINING_ROWS[method];
  if (rowCount(training) > limit) {
    output.say(
      `${method} is fitted on ${limit.toLocaleString("en-US")} of ${
        rowCount(training).toLocaleString("en-US")
      } rows, drawn evenly; all rows set the threshold`,
    );
  }
  return await AnomalyModel.fit(training, {
    ...options,
    onProgress: ({ epoch, epochs, batch, batches }) =>
      output.progress(
        `epoch ${epoch} of ${epochs}, batch ${batch} of ${batches}`,
      ),
  });
}

/** A model looks at response times, or at what there is without them. */
function checkResponseTimes(
  path: string,
  input: AnalysisInput,
  areExpected: boolean,
): void {
  if (input.kind !== "requests") return;
  const areFound = input.log.responseTimeMs !== undefined;
  if (areFound === areExpected) return;
  const [found, expected] = areFound ? ["has", "none"] : ["has no", "some"];
  throw new SyntaxError(
    `Cannot score ${path}: it ${found} response times, expected ${expected} as in training`,
  );
}

async function loadModel(path: string): Promise<AnomalyModel> {
  const bytes = await readInputBytes(path, { maxBytes: MAXIMUM_MODEL_BYTES });
  try {
    const json = JSON.parse(new TextDecoder().decode(bytes));
    return await AnomalyModel.fromJSON(json);
  } catch (error) {
    throw new SyntaxError(`${path}: ${messageOf(error)}`);
  }
}

function rowCount(input: AnalysisInput): number {
  return input.kind === "requests"
    ? input.log.sourceRow.length
    : input.observations.sourceRow.length;
}

/** The scored rows as CSV, in the order of the input. */
function* formatRows(rows: ScoredRows): Generator<string> {
  const { endpoint, sourceRow } = rows;
  const order = Uint32Array.from(sourceRow, (_, row) => row)
    .sort((a, b) => sourceRow[a] - sourceRow[b]);
  const columns = [
    "timestamp",
    "value",
    "score",
    "threshold",
    "anomaly",
    "reason",
  ];
  if (endpoint) columns.splice(1, 0, "endpoint");
  yield columns.join(",") + "\n";
  for (let start = 0; start < order.length; start += ROWS_A_PIECE) {
    const piece = order.subarray(start, start + ROWS_A_PIECE);
    yield stringify(Array.from(piece, (row) => formatRow(rows, row)));
  }
}

function formatRow(rows: ScoredRows, row: number): (string | number)[] {
  const { endpoint } = rows;
  return [
    new Date(rows.timestampMs[row]).toISOString(),
    ...(endpoint ? [endpoint.names[endpoint.codes[row]]] : []),
    rows.value[row],
    rows.score[row],
    rows.threshold,
    String(rows.anomaly[row] === 1),
    reasonFor(rows, row),
  ];
}

function sayIncidents(
  rows: ScoredRows,
  incidents: readonly Incident[],
  output: Output,
): void {
  const flagged = rows.anomaly.reduce((sum, flag) => sum + flag, 0);
  output.say(
    `${flagged.toLocaleString("en-US")} of ${
      rows.anomaly.length.toLocaleString("en-US")
    } rows flagged, ${incidents.length} incidents`,
  );
  for (const incident of incidents.slice(0, INCIDENTS_SHOWN)) {
    output.say(`  ${formatIncident(incident)}`);
  }
  if (incidents.length > INCIDENTS_SHOWN) {
    output.say(`  … and ${incidents.length - INCIDENTS_SHOWN} more`);
  }
}

function formatIncident(incident: Incident): string {
  const { startMs, endMs, endpoint, flagged, points, features } = incident;
  return [
    `${toMinute(startMs)} to ${toMinute(endMs)} UTC`,
    endpoint === "" ? "" : `at ${JSON.stringify(endpoint)}`,
    `${flagged} of ${points} rows flagged`,
    `median ${fourDigits(incident.observed)}, expected ${
      fourDigits(incident.expected)
    }`,
    features.slice(0, 2).join(", "),
  ].filter((part) => part !== "").join("; ");
}

function fourDigits(value: number): string {
  return value.toLocaleString("en-US", { maximumSignificantDigits: 4 });
}

function toMinute(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 16).replace("T", " ");
}
