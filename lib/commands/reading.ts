/**
 * The options with which every command reads its input, and what it says of
 * what it read.
 *
 * @module
 */

import { open } from "node:fs/promises";
import type { ParseArgsOptionsConfig } from "node:util";
import type { AnalysisInput } from "../analysis.ts";
import { isGzip } from "../logs/readers/input.ts";
import {
  describeReport,
  INPUT_FORMATS,
  NoRequestsError,
  type ReadingProgress,
  readInput,
  type ReadInputOptions,
  type ReadReport,
  readRequestChunks,
  REQUEST_COLUMNS,
  type RequestChunk,
  SERIES_COLUMNS,
  STANDARD_INPUT,
} from "../logs/readers/mod.ts";
import { type Arguments, type Output, UsageError } from "./command.ts";
import type { InspectedInput } from "./inspection/facts.ts";
import { shellQuote } from "./shell_quote.ts";

/** Enough of an input to tell what it holds. */
const PROBE_BYTES = 2 * 2 ** 20;
const FORMAT_NAMES = INPUT_FORMATS.map(({ name }) => name);

/** Options for reading, for `node:util`'s `parseArgs`. */
export const READING_OPTIONS: ParseArgsOptionsConfig = {
  format: { type: "string" },
  "log-format": { type: "string" },
  "raw-endpoints": { type: "boolean" },
  timestamp: { type: "string" },
  value: { type: "string" },
  column: { type: "string", multiple: true },
  "time-zone": { type: "string" },
  unit: { type: "string" },
  lenient: { type: "boolean" },
};

/** Their part of a help text. */
export const READING_HELP = `Reading
  INPUT                a log of requests or a metric series (timestamp, value),
                       or - for standard input; may be gzipped. Its content
                       tells its format, one of these:
${formatLines()}
  --format NAME        the format, where the content is not to decide
  --log-format STRING  the log_format or LogFormat by which nginx or Apache
                       wrote it: '$remote_addr … $request_time'
  --raw-endpoints      keep paths as they are: no templates such as /users/:id,
                       no pooling of rare ones
  --timestamp NAME     the header of the timestamp column
  --value NAME         the header of a series' value column
  --column NAME=HEADER the header of any other column; may be repeated
  --time-zone ZONE     zone of timestamps without one (default UTC)
  --unit s|ms|us       unit of response_time (default: the format's own, or ms)
  --lenient            skip bad rows and count them instead of stopping`;

/** A file of requests that is larger than this is read part by part. */
export const LARGE_BYTES: number = 256 * 2 ** 20;
/** The same of a gzipped file, as it is stored. */
export const LARGE_GZIP_BYTES: number = 64 * 2 ** 20;

/** The option of commands that can read part by part. */
export const PARTS_OPTIONS: ParseArgsOptionsConfig = {
  "in-parts": { type: "boolean" },
};

/** Its part of a help text, to follow {@linkcode READING_HELP}. */
export const PARTS_HELP =
  `  --in-parts           read a log of requests part by part, in memory that does
                       not grow with it, as is done anyway where the file has
                       more than ${LARGE_BYTES / 2 ** 20} MiB, or ${
    LARGE_GZIP_BYTES / 2 ** 20
  } MiB if it is gzipped`;

/** What was read, and a report of its reading. */
export type ReadAnyResult = InspectedInput & { readonly report: ReadReport };

/**
 * Reads one input of any kind.
 *
 * @param path The file, `-` for standard input.
 * @param args The command's arguments.
 * @param options What a bad row does; by default what the arguments say.
 * @returns A log of requests, timed values or a log of events.
 * @throws {UsageError} If an option is wrong.
 * @throws {SyntaxError} If the data are bad.
 */
export async function readAnyInput(
  path: string,
  args: Arguments,
  options: { mode?: "strict" | "lenient" } = {},
): Promise<ReadAnyResult> {
  return await readInput(path, readerOptions(args, options));
}

/** Options for {@linkcode readRequestParts}. */
export type PartsOptions = {
  /** What a bad row does; by default what the arguments say. */
  mode?: "strict" | "lenient";
  /** Bytes of a part, unpacked. @default {33554432} */
  blockBytes?: number;
};

/**
 * Reads a log of requests part by part.
 *
 * @param path The file, `-` for standard input.
 * @param args The command's arguments.
 * @param options What a bad row does, and how large a part is.
 * @returns The parts in order.
 * @throws {UsageError} If an option is wrong.
 * @throws {SyntaxError} If the data are bad, or no requests.
 */
export function readRequestParts(
  path: string,
  args: Arguments,
  options: PartsOptions = {},
): AsyncGenerator<RequestChunk> {
  const { blockBytes } = options;
  return readRequestChunks(path, {
    ...readerOptions(args, options),
    ...(blockBytes === undefined ? {} : { blockBytes }),
  });
}

/**
 * Whether an input is read part by part: where the arguments say so, else where
 * it is a large file of requests. A large file of anything else is read whole,
 * as far as that goes.
 *
 * @param path The file, `-` for standard input.
 * @param args The command's arguments, {@linkcode PARTS_OPTIONS} among them.
 * @returns Whether it is.
 * @throws {UsageError} If an option is wrong.
 * @throws {Error} If the file does not exist or cannot be read.
 */
export async function readsInParts(
  path: string,
  args: Arguments,
): Promise<boolean> {
  if (args.has("in-parts")) return true;
  if (path === STANDARD_INPUT || !(await isLargeFile(path))) return false;
  try {
    const parts = readRequestParts(path, args, {
      mode: "lenient",
      blockBytes: PROBE_BYTES,
    });
    await parts.next();
    await parts.return(undefined);
    return true;
  } catch (error) {
    // Whatever else is wrong is said by the reading itself.
    return !(error instanceof NoRequestsError);
  }
}

/**
 * Says how far a reading has come.
 *
 * @param progress Rows, and the share of the bytes if it is known.
 * @returns What a terminal shows meanwhile.
 */
export function describeProgress({ rows, share }: ReadingProgress): string {
  const read = `${rows.toLocaleString("en-US")} rows read`;
  return share === undefined ? read : `${read}, ${Math.floor(100 * share)} %`;
}

/**
 * Reads one input and says what is worth knowing of it.
 *
 * @param path The file, `-` for standard input.
 * @param args The command's arguments.
 * @param output Where it is said.
 * @returns A log of requests or timed values.
 * @throws {UsageError} If an option is wrong.
 * @throws {SyntaxError} If the data are bad, or a log of events.
 */
export async function readAnalysisInput(
  path: string,
  args: Arguments,
  output: Output,
): Promise<AnalysisInput> {
  const input = await readAnyInput(path, args);
  for (const line of describeReport(input.report)) output.say(line);
  if (input.kind !== "events") return input;
  throw new SyntaxError(
    `Cannot go on with ${input.report.file}: it is a log of events (time, level, message), expected requests or a metric series; latency inspect ${
      shellQuote(path)
    } tells its levels, its most frequent messages and its gaps`,
  );
}

/**
 * The options for reading as they were given, for a command that reads alike.
 *
 * @param args The command's arguments.
 * @returns The arguments, not quoted.
 */
export function readingArguments(args: Arguments): string[] {
  return Object.entries(READING_OPTIONS).flatMap(([name, { type }]) => {
    if (type === "boolean") return args.has(name) ? [`--${name}`] : [];
    const text = args.text(name);
    const values = text === undefined ? args.texts(name) : [text];
    // A value that begins with a dash would be taken for an option.
    return values.flatMap((value) =>
      value.startsWith("-") ? [`--${name}=${value}`] : [`--${name}`, value]
    );
  });
}

/**
 * The options of the readers that the arguments ask for.
 *
 * @param args The command's arguments.
 * @param options What a bad row does; by default what the arguments say.
 * @returns The options.
 * @throws {UsageError} If an option is wrong.
 */
export function readerOptions(
  args: Arguments,
  options: { mode?: "strict" | "lenient" } = {},
): ReadInputOptions {
  const { mode = args.has("lenient") ? "lenient" : "strict" } = options;
  const timeZone = args.text("time-zone");
  if (timeZone !== undefined) checkTimeZone(timeZone);
  const unit = args.choice("unit", ["s", "ms", "us"]);
  const format = args.choice("format", FORMAT_NAMES);
  const logFormat = args.text("log-format");
  return {
    mode,
    columns: columnsOf(args),
    ...(timeZone === undefined ? {} : { timeZone }),
    ...(unit === undefined ? {} : { unit }),
    ...(format === undefined ? {} : { format }),
    ...(logFormat === undefined ? {} : { logFormat }),
    ...(args.has("raw-endpoints") ? { endpoints: "raw" as const } : {}),
  };
}

async function isLargeFile(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const found = await file.stat();
    // A pipe or a device does not tell its size; reading would take from it.
    if (!found.isFile() || !(found.size > LARGE_GZIP_BYTES)) return false;
    const head = new Uint8Array(2);
    await file.read(head, 0, head.length, 0);
    return isGzip(head) || found.size > LARGE_BYTES;
  } finally {
    await file.close();
  }
}

function formatLines(): string {
  return INPUT_FORMATS.map(({ name, describe }) =>
    `${" ".repeat(23)}${name.padEnd(12)} ${describe}`
  ).join("\n");
}

const COLUMN_NAMES: readonly string[] = [
  ...new Set([...REQUEST_COLUMNS, ...SERIES_COLUMNS]),
];

function columnsOf(args: Arguments): Record<string, string> {
  const columns: Record<string, string> = {};
  for (const pair of args.texts("column")) {
    const at = pair.indexOf("=");
    if (!(at > 0)) {
      throw new UsageError(`--column is "${pair}", expected NAME=HEADER`);
    }
    const name = pair.slice(0, at);
    if (!COLUMN_NAMES.includes(name)) {
      throw new UsageError(
        `--column names "${name}", expected ${COLUMN_NAMES.join(", ")}`,
      );
    }
    columns[name] = pair.slice(at + 1);
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
