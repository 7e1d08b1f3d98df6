/**
 * The options with which every command reads its input, and what it says of
 * what it read.
 *
 * @module
 */

import type { ParseArgsOptionsConfig } from "node:util";
import type { AnalysisInput } from "../analysis.ts";
import { describeReport, readInput } from "../logs/readers/mod.ts";
import { type Arguments, type Output, UsageError } from "./command.ts";

/** Options for reading, for `node:util`'s `parseArgs`. */
export const READING_OPTIONS: ParseArgsOptionsConfig = {
  timestamp: { type: "string" },
  value: { type: "string" },
  column: { type: "string", multiple: true },
  "time-zone": { type: "string" },
  unit: { type: "string" },
  lenient: { type: "boolean" },
};

/** Their part of a help text. */
export const READING_HELP = `Reading
  INPUT                a request log (CSV with the columns timestamp, method,
                       endpoint, status_code, size, response_time) or a metric
                       series (CSV with timestamp, value); may be gzipped
  --timestamp NAME     the header of the timestamp column
  --value NAME         the header of a series' value column
  --column NAME=HEADER the header of any other column; may be repeated
  --time-zone ZONE     zone of timestamps without one (default UTC)
  --unit s|ms          unit of response_time (default ms)
  --lenient            skip bad rows and count them instead of stopping`;

/**
 * Reads one input and says what is worth knowing of it.
 *
 * @param path The file.
 * @param args The command's arguments.
 * @param output Where it is said.
 * @returns A request log or timed values.
 * @throws {UsageError} If an option is wrong.
 * @throws {SyntaxError} If the data are bad.
 */
export async function readAnalysisInput(
  path: string,
  args: Arguments,
  output: Output,
): Promise<AnalysisInput> {
  const timeZone = args.text("time-zone");
  if (timeZone !== undefined) checkTimeZone(timeZone);
  const unit = args.choice("unit", ["s", "ms"]);
  const input = await readInput(path, {
    mode: args.has("lenient") ? "lenient" : "strict",
    columns: columnsOf(args),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(unit === undefined ? {} : { unit }),
  });
  for (const line of describeReport(input.report)) output.say(line);
  return input;
}

function columnsOf(args: Arguments): Record<string, string> {
  const columns: Record<string, string> = {};
  for (const pair of args.texts("column")) {
    const at = pair.indexOf("=");
    if (!(at > 0)) {
      throw new UsageError(`--column is "${pair}", expected NAME=HEADER`);
    }
    columns[pair.slice(0, at)] = pair.slice(at + 1);
  }
  for (const name of ["timestamp", "value"]) {
    const header = args.text(name);
    if (header !== undefined) columns[name] = header;
  }
  return columns;
}

function checkTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat("en", { timeZone });
  } catch {
    throw new UsageError(
      `--time-zone is "${timeZone}", expected a name such as Europe/Berlin`,
    );
  }
}
