/**
 * `latency inspect`: what was understood of an input, before anything is made
 * of it.
 *
 * @module
 */

import { progressOf, type ReadReport } from "../logs/readers/mod.ts";
import type { Arguments, Command, Output } from "./command.ts";
import { EXIT } from "./command.ts";
import type { Inspection } from "./inspection/facts.ts";
import {
  inspectInput,
  type InspectOptions,
  RequestInspection,
} from "./inspection/gather.ts";
import { formatInspection } from "./inspection/text.ts";
import {
  describeProgress,
  PARTS_HELP,
  PARTS_OPTIONS,
  readAnyInput,
  READING_HELP,
  READING_OPTIONS,
  readingArguments,
  readRequestParts,
  readsInParts,
} from "./reading.ts";
import { shellQuote } from "./shell_quote.ts";

/** The command. */
export const inspectCommand: Command = {
  summary: "tell what an input holds; the first thing to run",
  help: `Usage: latency inspect INPUT [options]

Tells what was understood of INPUT: its format, rows and rejected rows, span,
longest gaps, endpoints, statuses, quantiles, warnings, and the command to go on
with. Bad rows are always skipped and counted here, as with --lenient.

The time zone is a guess by the three quietest hours of the day, where these
have less than 0.7 of the mean traffic over two days or more; it changes
nothing.

Read part by part, quantiles are within 1 % of the true ones, of rare endpoints
those that come first keep their names, and rows are compared to find equal ones
as far as they stand close together; all else is the same.

  --json               the same facts as one JSON object

${READING_HELP}
${PARTS_HELP}`,
  options: {
    json: { type: "boolean" },
    ...READING_OPTIONS,
    ...PARTS_OPTIONS,
  },
  inputs: [1, 1],
  run: runInspect,
};

/** Characters that JSON leaves as they are and that a terminal may act on. */
const ACTIVE_CHARACTERS = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

async function runInspect(args: Arguments, output: Output): Promise<number> {
  const [path] = args.positionals;
  const facts = await readsInParts(path, args)
    ? await inspectParts(path, args, output)
    : await inspectWhole(path, args);
  await output.write(
    args.has("json")
      ? formatJson(facts)
      : formatInspection(facts).join("\n") + "\n",
  );
  return EXIT.ok;
}

async function inspectWhole(
  path: string,
  args: Arguments,
): Promise<Inspection> {
  const input = await readAnyInput(path, args, { mode: "lenient" });
  const { report } = input;
  return inspectInput(input, report, optionsOf(path, args, report));
}

async function inspectParts(
  path: string,
  args: Arguments,
  output: Output,
): Promise<Inspection> {
  const inspection = new RequestInspection({ inParts: true });
  let report: ReadReport | undefined;
  for await (const part of readRequestParts(path, args, { mode: "lenient" })) {
    inspection.add(part.log);
    report = part.report;
    output.progress(describeProgress(progressOf(part)));
  }
  // The reader throws where there is no row.
  if (!report) throw new TypeError("Cannot inspect: no rows");
  return inspection.facts(report, optionsOf(path, args, report));
}

function optionsOf(
  path: string,
  args: Arguments,
  report: ReadReport,
): InspectOptions {
  return {
    timeZone: args.text("time-zone") ?? "UTC",
    next: nextCommand(path, args, report.rowsRejected > 0),
  };
}

/** The command that reads the input as it was read here. */
function nextCommand(
  path: string,
  args: Arguments,
  hasBadRows: boolean,
): string {
  // A path that begins with a dash would be taken for an option.
  const input = path.startsWith("-") && path !== "-" ? `./${path}` : path;
  const options = readingArguments(args);
  if (hasBadRows && !options.includes("--lenient")) options.push("--lenient");
  if (args.has("in-parts")) options.push("--in-parts");
  return ["deno", "task", "latency", "detect", input, ...options]
    .map(shellQuote).join(" ");
}

function formatJson(facts: Inspection): string {
  const json = JSON.stringify(facts, undefined, 2);
  return json.replace(
    ACTIVE_CHARACTERS,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  ) + "\n";
}
