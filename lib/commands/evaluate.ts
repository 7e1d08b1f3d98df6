/**
 * `latency evaluate`: how good scores and alarms are, by labels.
 *
 * @module
 */

import { mergeIncidents } from "../detect/incidents.ts";
import {
  type DetectionScore,
  type LabelledScores,
  scoreDetection,
} from "../evaluate/detection.ts";
import type { TimeSpan } from "../evaluate/range.ts";
import { usualStepMs } from "../logs/series.ts";
import { formatCount, formatMeasured, formatNumber } from "../show/text.ts";
import {
  type Arguments,
  type Command,
  EXIT,
  type Output,
  UsageError,
} from "./command.ts";
import { type Labels, layLabels, readLabels } from "./label_input.ts";
import { readScores, type ScoredInput } from "./scored_input.ts";
import { checkDistinctFiles, writeTo } from "./writing.ts";

/** The command. */
export const evaluateCommand: Command = {
  summary: "measure scores and alarms by known incidents",
  help: `Usage: latency evaluate SCORES... --labels FILE [options]

Prints a table, one row for each file of SCORES and one for all together:

  labelled   rows that are anomalies, of all
  ROC, PR    areas under the curves of points: chance gives 0.5 and the share of
             anomalies. PR is the average precision
  best F1    of points, at the best threshold; known only with labels
  F1         of points, at the threshold of the file
  VUS-ROC    volumes under the surface: the areas, with forgiveness for alarms
  VUS-PR     near an anomaly; over several files their mean
  NAB        score of the Numenta Anomaly Benchmark at the best threshold, and
  low-FP     of its profiles for few false alarms and for few misses; 0 is
  low-FN     silence, 100 is perfect. All files together have one threshold
  found      known incidents that an alarm overlaps. Each counts once, however
             long it is: points are not adjusted
  precision  share of alarms that overlap a known incident
  delay      median time from the start of an incident to its first
             alarm
  false/day  alarms that overlap none, a day

A measure that is not defined is shown as –.

SCORES are CSV files as latency detect writes them: timestamp and score, higher is
more anomalous, and if they have them value, anomaly and endpoint. Without
anomaly there are no alarms. Alarms are the incidents that latency detect lists:
in a log flagged rows close together, more of them than chance makes; in a
series flagged rows at most 3 steps apart.

  --labels FILE        what is known, by its content one of these:
                       windows      CSV with start and end, both included, and
                                    perhaps kind and endpoint; of kinds that
                                    begin with "decoy" none is an incident
                       points       CSV with timestamp and label, 0 or 1, one
                                    for each row of SCORES
                       NAB's JSON   windows by file: {"a/b.csv": [[start, end]]}
                       One for all SCORES, or --labels for each in their order
  --alarm-rate R       share of rows that the detection of a log flags where
                       nothing is wrong (default 0.02)
  --gap 15m            longest time between two flagged rows of one alarm
  --buffer N           longest buffer of VUS in rows (default: the period of each
                       series, as the benchmark TSB-AD chooses it)
  --out FILE           where to write (default standard output)`,
  options: {
    labels: { type: "string", multiple: true },
    "alarm-rate": { type: "string" },
    gap: { type: "string" },
    buffer: { type: "string" },
    out: { type: "string" },
  },
  inputs: [1, 100_000],
  run: runEvaluate,
};

/** As in `latency detect`. */
const SERIES_GAP_STEPS = 3;
const LONGEST_BUFFER = 10_000;
const UNDEFINED = "–";

type AlarmOptions = { alarmRate: number; gapMs: number | undefined };

async function runEvaluate(args: Arguments, output: Output): Promise<number> {
  const alarmRate = args.number("alarm-rate", { minimum: 0, maximum: 1 }) ??
    0.02;
  const gapMs = args.durationMs("gap");
  const longestBuffer = args.number("buffer", {
    ...{ minimum: 0, maximum: LONGEST_BUFFER, integer: true },
  });
  const options = longestBuffer === undefined ? {} : { longestBuffer };
  const paths = args.positionals;
  const labelPaths = labelPathsOf(args);
  checkDistinctFiles({ out: args.text("out") }, [...paths, ...labelPaths]);
  const labelFiles = await Promise.all(labelPaths.map(readLabels));
  sayDecoys(labelFiles, output);
  const files: LabelledScores[] = [];
  const rows: Row[] = [];
  for (const [k, path] of paths.entries()) {
    output.progress(`file ${k + 1} of ${paths.length}`);
    const scores = await readScores(path);
    const labels = labelFiles[labelFiles.length === 1 ? 0 : k];
    files.push(labelledScores(scores, labels, { alarmRate, gapMs }, output));
    rows.push({
      name: scores.file,
      score: scoreDetection(files.slice(-1), options),
    });
  }
  if (files.length > 1) {
    rows.push({
      name: `all ${formatCount(files.length, "file")}`,
      score: scoreDetection(files, options),
    });
  }
  await writeTo(args.text("out"), [formatTable(rows)], output);
  return EXIT.ok;
}

function labelPathsOf(args: Arguments): string[] {
  const paths = args.texts("labels");
  const count = args.positionals.length;
  if (paths.length === 1 || (paths.length > 0 && paths.length === count)) {
    return paths;
  }
  throw new UsageError(
    paths.length === 0
      ? "--labels is missing, expected a file of known incidents"
      : `got ${paths.length} --labels for ${
        formatCount(count, "file")
      }, expected one for all or one for each`,
  );
}

function sayDecoys(labelFiles: readonly Labels[], output: Output): void {
  for (const labels of labelFiles) {
    if (labels.kind !== "windows" || labels.decoys === 0) continue;
    output.say(
      `left out ${
        formatCount(labels.decoys, "decoy")
      } of ${labels.file}: an alarm for one is false`,
    );
  }
}

function labelledScores(
  scores: ScoredInput,
  labels: Labels,
  options: AlarmOptions,
  output: Output,
): LabelledScores {
  const { timestampMs, value, score, flags } = scores;
  const laid = layLabels(labels, scores);
  if (laid.outside > 0) {
    const noun = labels.kind === "points" ? "point" : "incident";
    output.say(
      `${
        formatCount(laid.outside, noun)
      } of ${labels.file} outside the rows of ${scores.file}`,
    );
  }
  return {
    ...{ timestampMs, value, score, ...laid },
    ...(flags
      ? { alarms: { flags, incidents: alarmsOf(scores, flags, options) } }
      : {}),
  };
}

/** The incidents that `latency detect` lists. */
function alarmsOf(
  scores: ScoredInput,
  flags: Uint8Array,
  { alarmRate, gapMs }: AlarmOptions,
): TimeSpan[] {
  const { timestampMs, score, value, endpoint } = scores;
  const points = {
    ...{ timestampMs, score, value },
    ...{ anomaly: flags, expected: value },
  };
  if (endpoint) {
    return mergeIncidents(points, {
      alarmRate,
      ...(gapMs === undefined ? {} : { gapMs }),
    });
  }
  const stepMs = usualStepMs(timestampMs) ?? 0;
  return mergeIncidents(points, {
    gapMs: gapMs ?? SERIES_GAP_STEPS * stepMs,
    maximumChance: 1,
  });
}

type Row = { readonly name: string; readonly score: DetectionScore };

const COLUMNS: readonly {
  readonly title: string;
  readonly show: (score: DetectionScore) => string;
}[] = [
  {
    title: "labelled",
    show: ({ rows, positives }) =>
      `${formatNumber(positives)} of ${formatNumber(rows)}`,
  },
  { title: "ROC", show: ({ rocAuc }) => share(rocAuc) },
  { title: "PR", show: ({ averagePrecision }) => share(averagePrecision) },
  { title: "best F1", show: ({ bestF1 }) => share(bestF1) },
  {
    title: "F1",
    show: ({ chosen, positives }) =>
      share(positives > 0 ? chosen?.f1 : undefined),
  },
  { title: "VUS-ROC", show: ({ volumes }) => share(volumes?.roc) },
  { title: "VUS-PR", show: ({ volumes }) => share(volumes?.pr) },
  { title: "NAB", show: ({ nab }) => tenths(nab?.standard) },
  { title: "low-FP", show: ({ nab }) => tenths(nab?.reward_low_FP_rate) },
  { title: "low-FN", show: ({ nab }) => tenths(nab?.reward_low_FN_rate) },
  {
    title: "found",
    show: ({ incidents }) =>
      incidents ? `${incidents.found} of ${incidents.known}` : UNDEFINED,
  },
  { title: "precision", show: ({ incidents }) => share(incidents?.precision) },
  {
    title: "delay (min)",
    show: ({ incidents }) => measured(incidents?.medianDelayMinutes),
  },
  {
    title: "false/day",
    show: ({ incidents }) => measured(incidents?.falseAlarmsPerDay),
  },
];

/** Names to the left, numbers to the right. */
function formatTable(rows: readonly Row[]): string {
  const columns = [
    padded(["scores", ...rows.map(({ name }) => name)], "end"),
    ...COLUMNS.map(({ title, show }) =>
      padded([title, ...rows.map(({ score }) => show(score))], "start")
    ),
  ];
  return columns[0]
    .map((_, row) => columns.map((cells) => cells[row]).join("  ") + "\n")
    .join("");
}

/** Cells of equal width; blanks at the end or at the start. */
function padded(cells: readonly string[], side: "end" | "start"): string[] {
  const width = Math.max(...cells.map((cell) => cell.length));
  return cells.map((cell) =>
    side === "end" ? cell.padEnd(width) : cell.padStart(width)
  );
}

function share(value: number | null | undefined): string {
  return value === null || value === undefined ? UNDEFINED : value.toFixed(3);
}

function tenths(value: number | undefined): string {
  return value === undefined ? UNDEFINED : value.toFixed(1);
}

function measured(value: number | undefined): string {
  return value === undefined ? UNDEFINED : formatMeasured(value);
}
