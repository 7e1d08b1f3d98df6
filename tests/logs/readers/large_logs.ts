/**
 * Request logs of every format that are larger than a block, with all that may
 * stand in one: bad cells, blank lines, rows out of order, quoted line ends.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { FormatName, ReadChunksOptions } from "lib/logs/readers/mod.ts";
import { Random } from "lib/numeric/random.ts";
import { REQUEST_WRITERS, type RequestTexts } from "./samples.ts";

/** A log of more than two blocks of the smallest size. */
export type LargeLog = {
  /** What it is. */
  readonly name: string;
  /** Its text. */
  readonly bytes: Uint8Array;
  /** How it is read. */
  readonly options: ReadChunksOptions;
};

/** How bad a log is. */
export type LargeLogOptions = {
  /** Bytes of the log, about. */
  readonly size: number;
  /** The seed of what stands where. */
  readonly seed: number;
  /** Whether bad rows and blank lines are among the others. */
  readonly isBad: boolean;
};

const START = Date.UTC(2026, 0, 5);
const ENDS = ["\n", "\n", "\n", "\r\n", "\r", "\n\n", "\r\n\r\n"];
const BAD: readonly Partial<RequestTexts>[] = [
  { stamp: "2026-13-05 00:00:00" },
  { stamp: "1969-12-31 23:59:59" },
  { status: "99" },
  { status: "2oo" },
  { size: "1.5" },
  { size: "9007199254740993" },
  { time: "fast" },
  { time: "1e999" },
  { endpoint: "" },
];
/** What a CSV may quote. */
const QUOTED = ['"/a,b"', '"/x\ny"', '"/say ""x"""', '"/c\r\nd"', '"/plain"'];

/** The logs of all formats of lines. */
export function largeLogs(options: LargeLogOptions): LargeLog[] {
  return [
    ...REQUEST_WRITERS.map(({ name }) => largeLog(name, options)),
    mapped(largeLog("requests-csv", options)),
    quoted(options),
  ];
}

/** A log of a format. */
export function largeLog(
  name: FormatName,
  options: LargeLogOptions,
): LargeLog {
  const writer = REQUEST_WRITERS.find((one) => one.name === name);
  if (!writer) throw new RangeError(`Cannot write ${name}`);
  const random = new Random(options.seed);
  const headerLines = name === "requests-csv" ? 1 : 0;
  const [header] = writer.write().split("\n");
  return {
    name,
    bytes: joined(header, options, random, (row) => {
      const [line] = writer.write(row).split("\n").slice(headerLines);
      return line;
    }),
    options: { format: name, mode: options.isBad ? "lenient" : "strict" },
  };
}

/** The same under other headings, behind two columns that nobody asks for. */
function mapped({ bytes, options }: LargeLog): LargeLog {
  const headings = ["when", "verb", "path", "code", "length", "took"];
  const names = [
    ...["timestamp", "method", "endpoint"],
    ...["status_code", "size", "response_time"],
  ];
  const text = Buffer.from(bytes).toString("latin1");
  const rest = text.slice(text.indexOf("\n"))
    .replace(/([\r\n]+)([^\r\n]+)/g, "$1x,é,$2");
  return {
    name: "mapped CSV",
    bytes: Buffer.from(`id,note,${headings}${rest}`),
    options: {
      ...options,
      columns: Object.fromEntries(names.map((name, k) => [name, headings[k]])),
      unit: "s",
      timeZone: "Europe/Berlin",
    },
  };
}

/** A CSV whose cells are quoted, with commas, quotes and line ends in them. */
function quoted(options: LargeLogOptions): LargeLog {
  const random = new Random(options.seed);
  const header =
    "timestamp,method,endpoint,status_code,size,response_time,note";
  const bytes = joined(header, options, random, (row) => {
    const { stamp, status = "200", size = "7", time = "250" } = row;
    const endpoint = QUOTED[random.integer(QUOTED.length)];
    const note = QUOTED[random.integer(QUOTED.length)];
    return [stamp, '"GET"', endpoint, status, size, time, note].join(",");
  });
  const mode = options.isBad ? "lenient" : "strict";
  return { name: "quoted CSV", bytes, options: { mode } };
}

/** Rows below a header, if there is one, with ends of all kinds where some are
 * bad. */
function joined(
  header: string,
  { size, isBad }: LargeLogOptions,
  random: Random,
  write: (row: RequestTexts) => string,
): Uint8Array {
  const pieces = header === "" ? [] : [`${header}\n`];
  let length = 0;
  for (let i = 0; length < size; i++) {
    const line = write({
      ...drawRow(i, random),
      ...(isBad && random.integer(8) === 0
        ? BAD[random.integer(BAD.length)]
        : {}),
    });
    const end = isBad ? ENDS[random.integer(ENDS.length)] : "\n";
    pieces.push(line + end);
    length += line.length + end.length;
  }
  return Buffer.from(pieces.join(""));
}

function drawRow(i: number, random: Random): RequestTexts {
  // One in 50 comes up to an hour late.
  const late = random.integer(50) === 0 ? random.integer(3600) : 0;
  const at = new Date(START + 1000 * (3600 + (i >> 2) - late)).toISOString();
  return {
    stamp: at.slice(0, 19).replace("T", " "),
    endpoint: `/users/${random.integer(1000)}/${"abc"[random.integer(3)]}`,
    status: String(200 + random.integer(300)),
    size: String(random.integer(10_000)),
    time: (random.integer(100_000) / 1000).toFixed(3),
  };
}
