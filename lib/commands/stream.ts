/**
 * `latency stream`: a score for each value as it arrives.
 *
 * @module
 */

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import process from "node:process";
import { stringify } from "csv-stringify/sync";
import { inputName, STANDARD_INPUT } from "../logs/readers/input.ts";
import { liveLines } from "../monitor/live_lines.ts";
import {
  StreamDetector,
  type StreamScore,
  WARM_UP_ROWS,
} from "../monitor/stream_detector.ts";
import { type TimedValue, ValueLineReader } from "../monitor/value_lines.ts";
import { type Arguments, type Command, EXIT, type Output } from "./command.ts";
import { scoredHeader } from "./scored_rows.ts";

/** The command. */
export const streamCommand: Command = {
  summary: "score each value of a live series as it arrives",
  help: `Usage: latency stream [INPUT] [options]

Reads a metric series line by line, CSV with a header or JSON objects, and
writes for each line, as soon as it has arrived, one of the same format:
timestamp,value,score,threshold,anomaly,reason. A score is from 0 to 1; the
first ${WARM_UP_ROWS} are 0. Anomalies are also said on standard error.

  INPUT                the series; a file or a pipe, or - for standard input
                       (default -)
  --alarms-per-week R  anomalies a week at most, as long as the series goes on
                       as it did (default 1)
  --memory N           values remembered (default 20000)
  --timestamp NAME     the header or name of the timestamp
  --value NAME         the header or name of the value
  --time-zone ZONE     zone of timestamps without one (default UTC)
  --lenient            skip bad lines and count them instead of stopping
  --fail-on-anomaly    exit 3 if there was an anomaly`,
  options: {
    "alarms-per-week": { type: "string" },
    memory: { type: "string" },
    timestamp: { type: "string" },
    value: { type: "string" },
    "time-zone": { type: "string" },
    lenient: { type: "boolean" },
    "fail-on-anomaly": { type: "boolean" },
  },
  inputs: [0, 1],
  run: runStream,
};

const LARGEST_MEMORY = 1_000_000;
const MOST_PROBLEMS_SAID = 20;

/** What happened to the lines. */
type Tally = {
  rows: number;
  anomalies: number;
  rejected: number;
  outOfOrder: number;
};

async function runStream(args: Arguments, output: Output): Promise<number> {
  const path = args.positionals[0] ?? STANDARD_INPUT;
  const file = inputName(path);
  const detector = new StreamDetector(detectorOptions(args));
  const [timestamp, value, timeZone] = ["timestamp", "value", "time-zone"]
    .map((name) => args.text(name));
  const reader = new ValueLineReader({
    file,
    columns: {
      ...(timestamp === undefined ? {} : { timestamp }),
      ...(value === undefined ? {} : { value }),
    },
    ...(timeZone === undefined ? {} : { timeZone }),
  });
  const tally: Tally = { rows: 0, anomalies: 0, rejected: 0, outOfOrder: 0 };
  let lastMs = -Infinity;
  for await (const line of liveLines(await openStream(path))) {
    const read = reader.read(line);
    if (read === undefined) await output.write(scoredHeader(false));
    else if ("reason" in read) {
      const place = `Cannot read ${file} at line ${line.number}`;
      reject(`${place}: ${read.detail}`, args, tally, output);
    } else {
      if (read.timestampMs < lastMs) tally.outOfOrder++;
      lastMs = Math.max(lastMs, read.timestampMs);
      const score = detector.push(read.timestampMs, read.value);
      await output.write(formatRow(read, score, reader.kind));
      tally.rows++;
      if (!score.isAnomaly) continue;
      tally.anomalies++;
      output.say(
        `${timeOf(read)}: ${read.value} is an anomaly; ${reasonOf(score)}`,
      );
    }
  }
  sayTally(tally, file, output);
  return args.has("fail-on-anomaly") && tally.anomalies > 0
    ? EXIT.anomaly
    : EXIT.ok;
}

function detectorOptions(
  args: Arguments,
): { alarmsPerWeek?: number; memory?: number } {
  const alarmsPerWeek = args.number("alarms-per-week", {
    minimum: 1e-6,
    maximum: 1e6,
  });
  const memory = args.number("memory", {
    minimum: 100,
    maximum: LARGEST_MEMORY,
    integer: true,
  });
  return {
    ...(alarmsPerWeek === undefined ? {} : { alarmsPerWeek }),
    ...(memory === undefined ? {} : { memory }),
  };
}

async function openStream(path: string): Promise<AsyncIterable<Uint8Array>> {
  if (path === STANDARD_INPUT) return process.stdin;
  if (!(await stat(path)).isDirectory()) return createReadStream(path);
  throw new SyntaxError(`Cannot read ${path}: it is a folder, expected a file`);
}

/** Stops at a bad line, or counts it and says the first ones. */
function reject(
  message: string,
  args: Arguments,
  tally: Tally,
  output: Output,
): void {
  if (!args.has("lenient")) throw new SyntaxError(message);
  if (++tally.rejected <= MOST_PROBLEMS_SAID) output.say(message);
}

function formatRow(
  read: TimedValue,
  { score, threshold, isAnomaly, ...seen }: StreamScore,
  kind: ValueLineReader["kind"],
): string {
  const row = {
    timestamp: timeOf(read),
    value: read.value,
    score,
    threshold,
    anomaly: isAnomaly,
    reason: isAnomaly ? reasonOf(seen) : "",
  };
  if (kind === "ndjson") return JSON.stringify(row) + "\n";
  return stringify([[...Object.values(row)].map(String)]);
}

function reasonOf({ view, distance }: Pick<StreamScore, "view" | "distance">) {
  const digits = distance.toLocaleString("en-US", {
    maximumSignificantDigits: 4,
    useGrouping: false,
  });
  return `${view} is ${digits} away from all before`;
}

function timeOf({ timestampMs }: TimedValue): string {
  return new Date(timestampMs).toISOString();
}

function sayTally(tally: Tally, file: string, output: Output): void {
  const { rows, anomalies, rejected, outOfOrder } = tally;
  const count = (number: number) => number.toLocaleString("en-US");
  if (rows === 0) {
    throw new SyntaxError(
      `Cannot read ${file}: ${
        count(rejected)
      } lines were bad and none good, expected at least one value`,
    );
  }
  output.say(
    `${count(rows)} values scored, ${count(anomalies)} anomalies` +
      (rejected > 0 ? `, ${count(rejected)} bad lines skipped` : ""),
  );
  if (outOfOrder > 0) {
    output.say(
      `${
        count(outOfOrder)
      } values were older than one before them and were scored as they came`,
    );
  }
  if (rows <= WARM_UP_ROWS) {
    output.say(`no score yet: the warm-up takes ${WARM_UP_ROWS} values`);
  }
}
