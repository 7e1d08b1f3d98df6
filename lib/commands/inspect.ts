/**
 * `latency inspect`: what was understood of an input, before anything is made
 * of it.
 *
 * @module
 */

import type { Arguments, Command, Output } from "./command.ts";
import { EXIT } from "./command.ts";
import type { Inspection } from "./inspection/facts.ts";
import { inspectInput } from "./inspection/gather.ts";
import { formatInspection } from "./inspection/text.ts";
import {
  readAnyInput,
  READING_HELP,
  READING_OPTIONS,
  readingArguments,
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

  --json               the same facts as one JSON object

${READING_HELP}`,
  options: { json: { type: "boolean" }, ...READING_OPTIONS },
  inputs: [1, 1],
  run: runInspect,
};

/** Characters that JSON leaves as they are and that a terminal may act on. */
const ACTIVE_CHARACTERS = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

async function runInspect(args: Arguments, output: Output): Promise<number> {
  const [path] = args.positionals;
  const input = await readAnyInput(path, args, { mode: "lenient" });
  const { report } = input;
  const facts = inspectInput(input, report, {
    timeZone: args.text("time-zone") ?? "UTC",
    next: nextCommand(path, args, report.rowsRejected > 0),
  });
  await output.write(
    args.has("json")
      ? formatJson(facts)
      : formatInspection(facts).join("\n") + "\n",
  );
  return EXIT.ok;
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
