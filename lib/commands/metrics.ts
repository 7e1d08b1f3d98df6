/**
 * `latency metrics`: counts, error rates and quantiles of a log of any size.
 *
 * @module
 */

import { stringify } from "csv-stringify/sync";
import { describeReport, measureRequestLog } from "../logs/readers/mod.ts";
import {
  LEAST_RELATIVE_ERROR,
  type RequestMetrics,
} from "../logs/request_metrics.ts";
import { formatDuration } from "../logs/series.ts";
import type { Arguments, Command, Output } from "./command.ts";
import { EXIT } from "./command.ts";
import {
  describeProgress,
  readerOptions,
  READING_HELP,
  READING_OPTIONS,
} from "./reading.ts";
import { checkDistinctFiles, writeTo } from "./writing.ts";

/** The command. */
export const metricsCommand: Command = {
  summary: "sum a log of any size up per endpoint and bucket",
  help: `Usage: latency metrics INPUT [options]

Writes one row for each bucket of time and endpoint with requests, as CSV:
timestamp,endpoint,count,error_rate,p50,p95,p99 (start of the bucket, requests,
share of statuses from 500, quantiles of the response time in ms; empty where the
log has none). INPUT is read once, part by part, in bounded memory: a log may be
larger than memory.

  --bucket 5m          length of a bucket (default: the smallest usual one with a
                       median of 30 requests in the first part of the log)
  --error E            greatest relative error of quantiles (default 0.01)
  --out FILE           where to write (default standard output)

${READING_HELP}`,
  options: {
    bucket: { type: "string" },
    error: { type: "string" },
    out: { type: "string" },
    ...READING_OPTIONS,
  },
  inputs: [1, 1],
  run: runMetrics,
};

const HEADER = "timestamp,endpoint,count,error_rate,p50,p95,p99\n";
const ERROR_BOUNDS = { minimum: LEAST_RELATIVE_ERROR, maximum: 0.5 };
const ROWS_A_PIECE = 10_000;

async function runMetrics(args: Arguments, output: Output): Promise<number> {
  const bucketMs = args.durationMs("bucket");
  const relativeError = args.number("error", ERROR_BOUNDS);
  const [path] = args.positionals;
  checkDistinctFiles({ out: args.text("out") }, [path]);
  const { metrics, report } = await measureRequestLog(path, {
    ...readerOptions(args),
    ...(bucketMs === undefined ? {} : { bucketMs }),
    ...(relativeError === undefined ? {} : { relativeError }),
    onProgress: (progress) => output.progress(describeProgress(progress)),
  });
  for (const line of describeReport(report)) output.say(line);
  output.say(
    `${metrics.endpoints.length} endpoints, buckets of ${
      formatDuration(metrics.bucketMs)
    }, quantiles within ${percent(metrics.relativeError)}`,
  );
  await writeTo(args.text("out"), formatMetrics(metrics), output);
  return EXIT.ok;
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

function* formatMetrics(metrics: RequestMetrics): Generator<string> {
  yield HEADER;
  const rows = metrics.rows();
  for (let start = 0; start < rows.length; start += ROWS_A_PIECE) {
    yield stringify(
      rows.slice(start, start + ROWS_A_PIECE).map((row) => [
        new Date(row.timestampMs).toISOString(),
        row.endpoint,
        row.count,
        sixDigits(row.errorRate),
        sixDigits(row.p50),
        sixDigits(row.p95),
        sixDigits(row.p99),
      ]),
    );
  }
}

/** Nothing for what the log does not have. */
function sixDigits(value: number): string {
  return Number.isNaN(value) ? "" : String(Number(value.toPrecision(6)));
}
