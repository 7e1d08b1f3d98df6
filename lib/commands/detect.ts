/**
 * `latency detect`: a score, a flag and a reason for each row, and incidents.
 *
 * @module
 */

import {
  type AnalysisInput,
  AnomalyModel,
  DETECTION_METHODS,
  MAXIMUM_TRAINING_ROWS,
  type ScoredRows,
} from "../analysis.ts";
import { PartScorer } from "../analysis_parts.ts";
import { type Incident, IncidentMerger } from "../detect/incidents.ts";
import { EXACT_ROWS } from "../detect/one_class_svm.ts";
import {
  describeReport,
  progressOf,
  type ReadReport,
} from "../logs/readers/mod.ts";
import {
  type Arguments,
  type Command,
  EXIT,
  type Output,
  UsageError,
} from "./command.ts";
import { readModelFile } from "./model_file.ts";
import {
  describeProgress,
  PARTS_HELP,
  PARTS_OPTIONS,
  readAnalysisInput,
  readerOptions,
  READING_HELP,
  READING_OPTIONS,
  readRequestParts,
  readsInParts,
} from "./reading.ts";
import { formatIncident, scoredHeader, scoredLines } from "./scored_rows.ts";
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

  --method NAME        iforest, ocsvm, autoencoder, or for a series hybrid, which
                       takes rows in order, at whatever steps, and looks over no
                       gap of more than 12 usual ones; it needs 60 rows to fit,
                       12 to score (default iforest)
  --train FILE         fit on this file instead of INPUT
  --model FILE         use a saved model instead of fitting one
  --save FILE          save the model
  --alarm-rate R       share of training rows to flag (default 0.02)
  --seed S             seed of everything random (default 0)
  --out FILE           where to write (default standard output)
  --fail-on-anomaly    exit 3 if there is an incident: in a series every
                       flagged stretch, in a log more flagged requests close
                       together than the alarm rate makes by chance
${READING_HELP}
${PARTS_HELP};
                       without --train or --model, the model is then fitted on
                       the first part, about half a million rows`,
  options: {
    method: { type: "string" },
    train: { type: "string" },
    model: { type: "string" },
    save: { type: "string" },
    "alarm-rate": { type: "string" },
    seed: { type: "string" },
    out: { type: "string" },
    "fail-on-anomaly": { type: "boolean" },
    ...PARTS_OPTIONS,
    ...READING_OPTIONS,
  },
  inputs: [1, 1],
  run: runDetect,
};

const INCIDENTS_SHOWN = 50;

async function runDetect(args: Arguments, output: Output): Promise<number> {
  const fitting = readFittingOptions(args);
  const [path] = args.positionals;
  checkDistinctFiles(
    { out: args.text("out"), save: args.text("save") },
    [path, args.text("train"), args.text("model")],
  );
  readerOptions(args); // Wrong arguments are said before a file is opened.
  if (await readsInParts(path, args)) {
    return await detectInParts(path, args, fitting, output);
  }
  const input = await readAnalysisInput(path, args, output);
  const model = await modelFor(path, args, fitting, input, output);
  const rows = model.score(input);
  if (rows.score.every((score) => score === rows.score[0])) {
    output.say(
      "all rows have the same score: they are all alike, or those that the model was fitted on are, and it can tell none from another",
    );
  }
  const incidents = model.incidents(rows);
  sayIncidents(rows, incidents, output);
  await writeTo(args.text("out"), [
    scoredHeader(rows.endpoint !== undefined),
    ...scoredLines(rows),
  ], output);
  return args.has("fail-on-anomaly") && incidents.length > 0
    ? EXIT.anomaly
    : EXIT.ok;
}

/** Loads or fits the model, and saves it where it is asked to. */
async function modelFor(
  path: string,
  args: Arguments,
  fitting: FittingOptions,
  input: AnalysisInput,
  output: Output,
): Promise<AnomalyModel> {
  if (input.kind === "requests" && !input.log.responseTimeMs) {
    output.say(
      "no response times: detection runs on sizes, request rates and errors; the value is requests a minute over the last 30 minutes",
    );
  }
  const modelFile = args.text("model");
  const model = modelFile === undefined
    ? await fitModel(args, fitting, input, output)
    : await readModelFile(modelFile, AnomalyModel.fromJSON);
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
  return model;
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
  if (method === "hybrid" && input.kind === "requests") {
    throw new UsageError(
      "--method hybrid is for a series, expected iforest, ocsvm or autoencoder for a log",
    );
  }
  const limit = MAXIMUM_TRAINING_ROWS[method];
  if (rowCount(training) > limit) {
    output.say(
      `${method} is fitted on ${limit.toLocaleString("en-US")} of ${
        rowCount(training).toLocaleString("en-US")
      } rows, drawn evenly; all rows set the threshold`,
    );
  }
  if (method === "ocsvm" && rowCount(training) > EXACT_ROWS) {
    output.say(
      `ocsvm is fitted on all ${
        rowCount(training).toLocaleString("en-US")
      } rows, with an approximate kernel (Nyström) as for any more than ${
        EXACT_ROWS.toLocaleString("en-US")
      }`,
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

function rowCount(input: AnalysisInput): number {
  return input.kind === "requests"
    ? input.log.sourceRow.length
    : input.observations.sourceRow.length;
}

/** Says what was found: a summary first, then the incidents. */
function sayIncidents(
  rows: ScoredRows,
  incidents: readonly Incident[],
  output: Output,
): void {
  const flagged = rows.anomaly.reduce((sum, flag) => sum + flag, 0);
  output.say(describeFlags(flagged, rows.anomaly.length, incidents.length));
  for (const incident of incidents.slice(0, INCIDENTS_SHOWN)) {
    output.say(`  ${formatIncident(incident)}`);
  }
  if (incidents.length > INCIDENTS_SHOWN) {
    output.say(`  … and ${incidents.length - INCIDENTS_SHOWN} more`);
  }
}

function describeFlags(
  flagged: number,
  rows: number,
  incidents: number,
): string {
  return `${flagged.toLocaleString("en-US")} of ${
    rows.toLocaleString("en-US")
  } rows flagged, ${incidents} incidents`;
}

/**
 * The same for a log of any length: the model comes from a file, from other
 * rows, or from the first part; rows are written as they are scored.
 */
async function detectInParts(
  path: string,
  args: Arguments,
  fitting: FittingOptions,
  output: Output,
): Promise<number> {
  const chunks = readRequestParts(path, args);
  let flagged = 0, rows = 0, incidentCount = 0;
  let report: ReadReport | undefined;
  let parts: { scorer: PartScorer; merger: IncidentMerger } | undefined;
  const sayAll = (incidents: readonly Incident[]) => {
    for (const incident of incidents) {
      if (++incidentCount > INCIDENTS_SHOWN) continue;
      output.say(`  ${formatIncident(incident)}`);
    }
  };
  async function* lines(): AsyncGenerator<string> {
    for await (const chunk of chunks) {
      ({ report } = chunk);
      if (chunk.log.timestampMs.length === 0) continue;
      if (!parts) {
        const input = { kind: "requests", log: chunk.log } as const;
        const model = await modelFor(path, args, fitting, input, output);
        parts = {
          scorer: new PartScorer(model),
          merger: new IncidentMerger({ alarmRate: model.alarmRate }),
        };
        yield scoredHeader(true);
      }
      const scored = parts.scorer.score(chunk.log);
      sayAll(parts.merger.add(scored));
      rows += scored.anomaly.length;
      for (const flag of scored.anomaly) flagged += flag;
      yield* scoredLines(scored);
      output.progress(describeProgress(progressOf(chunk)));
    }
    if (parts) sayAll(parts.merger.end());
  }
  await writeTo(args.text("out"), lines(), output);
  if (report) { for (const line of describeReport(report)) output.say(line); }
  if (incidentCount > INCIDENTS_SHOWN) {
    output.say(`  … and ${incidentCount - INCIDENTS_SHOWN} more`);
  }
  const lateRows = parts?.scorer.lateRows ?? 0;
  if (lateRows > 0) {
    output.say(
      `${
        lateRows.toLocaleString("en-US")
      } rows came more than 30 minutes late and were scored without those around them`,
    );
  }
  output.say(describeFlags(flagged, rows, incidentCount));
  return args.has("fail-on-anomaly") && incidentCount > 0
    ? EXIT.anomaly
    : EXIT.ok;
}
