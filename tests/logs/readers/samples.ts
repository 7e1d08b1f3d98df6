/**
 * A sample of each format of lines, and the same request written in each.
 *
 * @module
 */

import type { FormatName } from "lib/logs/readers/mod.ts";

/** A text of a format. */
export type Sample = {
  readonly name: FormatName;
  readonly text: string;
  /** How many rows it holds. */
  readonly rows: number;
};

/** A request in texts; what is left out is of the good request. */
export type RequestTexts = {
  /** `2025-01-01 00:00:00`, without a zone. */
  readonly stamp: string;
  readonly endpoint?: string;
  readonly status?: string;
  readonly size?: string;
  /** Milliseconds. */
  readonly time?: string;
};

/** Writes requests in a format. */
export type RequestWriter = {
  readonly name: FormatName;
  readonly write: (...rows: RequestTexts[]) => string;
};

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const HEADER = "timestamp,method,endpoint,status_code,size,response_time";

/** The formats of lines that hold requests with response times. */
export const REQUEST_WRITERS: readonly RequestWriter[] = [
  {
    name: "requests-csv",
    write: (...rows) => linesOf([HEADER, ...rows.map(csvLine)]),
  },
  { name: "ndjson", write: (...rows) => linesOf(rows.map(jsonLine)) },
  { name: "access-log", write: (...rows) => linesOf(rows.map(accessLine)) },
  { name: "openstack", write: (...rows) => linesOf(rows.map(openstackLine)) },
];

/** Requests a second apart. */
const REQUESTS: readonly RequestTexts[] = Array.from(
  { length: 8 },
  (_, i) => ({ stamp: `2025-01-01 00:00:0${i}` }),
);

/** A sample of each format of lines. */
export const SAMPLES: readonly Sample[] = [
  ...REQUEST_WRITERS.map(({ name, write }) => ({
    name,
    text: write(...REQUESTS),
    rows: REQUESTS.length,
  })),
  {
    name: "series-csv",
    text: linesOf([
      "timestamp,value",
      ...REQUESTS.map(({ stamp }, i) => `${stamp},${i - 3.5}`),
    ]),
    rows: REQUESTS.length,
  },
  {
    name: "apache-error",
    text: linesOf(
      REQUESTS.map(({ stamp }) =>
        `[Wed Jan 01 ${
          stamp.slice(11)
        } 2025] [core:error] [pid 7] File does not exist: "/GET a"`
      ),
    ),
    rows: REQUESTS.length,
  },
];

function linesOf(lines: readonly string[]): string {
  return lines.map((line) => `${line}\n`).join("");
}

function csvLine(
  { stamp, endpoint = "/a", status = "200", size = "7", time = "250" }:
    RequestTexts,
): string {
  return [stamp, "GET", endpoint, status, size, time].join(",");
}

function jsonLine(
  { stamp, endpoint = "/a", status = "200", size = "7", time = "250" }:
    RequestTexts,
): string {
  return JSON.stringify({
    timestamp: stamp,
    method: "GET",
    endpoint,
    status_code: status,
    size,
    response_time: time,
  });
}

/** The combined format with `%{ms}T`, or seconds where they can be written. */
function accessLine(
  { stamp, endpoint = "/a", status = "200", size = "7", time = "250" }:
    RequestTexts,
): string {
  const [date, clock] = stamp.split(" ");
  const [year, month, day] = date.split("-");
  const name = MONTHS.slice(Number(month) * 3 - 3, Number(month) * 3);
  const seconds = time === "250" ? "0.250" : time;
  return `10.0.0.1 - - [${day}/${
    name || "Foo"
  }/${year}:${clock}] "GET ${endpoint} HTTP/1.1" ${status} ${size} "-" "curl/8 \\"x\\"" rt=${seconds}`;
}

function openstackLine(
  { stamp, endpoint = "/a", status = "200", size = "7", time = "250" }:
    RequestTexts,
): string {
  const seconds = time === "250" ? "0.250" : time;
  return `${stamp}.000 25746 INFO nova.osapi_compute.wsgi.server [req-1 - - -] 10.11.10.1 "GET ${endpoint} HTTP/1.1" status: ${status} len: ${size} time: ${seconds}`;
}
