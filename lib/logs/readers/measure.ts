/**
 * Metrics of a request log of any size, in one pass over the input.
 *
 * @module
 */

import { RequestMetrics } from "../request_metrics.ts";
import { chooseBucketMs } from "../series.ts";
import {
  type ReadChunksOptions,
  readMeasuredChunks,
  readRequestChunks,
  type RequestChunk,
} from "./chunks.ts";
import type { MeasuredRequests } from "../request_metrics.ts";
import type { ReadReport } from "./report.ts";

/** Options for {@linkcode measureRequestLog}. */
export type MeasureOptions = ReadChunksOptions & {
  /**
   * Length of a bucket in whole milliseconds.
   * @default {chooseBucketMs(firstPart)}, by the first part of the log
   */
  bucketMs?: number;
  /** The greatest relative error of a quantile. @default {0.01} */
  relativeError?: number;
  /** Hears how far it has come. */
  onProgress?: (progress: ReadingProgress) => void;
};

/** How far a reading has come. */
export type ReadingProgress = {
  /** Rows that were read. */
  readonly rows: number;
  /** Share of the bytes that are behind us, 0 to 1; absent where nobody knows. */
  readonly share?: number;
};

const MINUTE_MS = 60_000;

/**
 * Measures a request log per endpoint and bucket.
 *
 * @param path The file or folder; `-` is standard input.
 * @param options Reading, bucket, exactness.
 * @returns The metrics, and the report of the reading.
 * @throws {SyntaxError} If the input holds no requests, or a row is bad in
 * strict mode; in lenient mode if every row is.
 * @throws {RangeError} If an option is out of range, or there are too many
 * buckets.
 * @throws {Error} If the file does not exist or cannot be read.
 */
export async function measureRequestLog(
  path: string,
  options: MeasureOptions = {},
): Promise<{ metrics: RequestMetrics; report: ReadReport }> {
  const { bucketMs = MINUTE_MS, relativeError, onProgress } = options;
  // Only whole minutes can do with times to the minute.
  const chunks: AsyncIterable<RequestChunk<MeasuredRequests>> =
    bucketMs % MINUTE_MS === 0
      ? readMeasuredChunks(path, options)
      : readRequestChunks(path, options);
  let metrics: RequestMetrics | undefined;
  let report: ReadReport | undefined;
  for await (const chunk of chunks) {
    if (chunk.log.timestampMs.length > 0) {
      metrics ??= new RequestMetrics({
        bucketMs: options.bucketMs ?? bucketFor(chunk.log),
        ...(relativeError === undefined ? {} : { relativeError }),
      });
      metrics.add(chunk.log);
    }
    report = chunk.report;
    onProgress?.(progressOf(chunk));
  }
  // The chunks throw where there is no row.
  if (!metrics || !report) throw new TypeError("Cannot measure: no rows");
  return { metrics, report };
}

/** The usual bucket of requests in any order. */
function bucketFor({ timestampMs, endpoint }: MeasuredRequests): number {
  return chooseBucketMs({ timestampMs: timestampMs.toSorted(), endpoint });
}

/**
 * How far a reading has come.
 *
 * @param chunk The last part that was read.
 * @returns Rows and share.
 */
export function progressOf(
  { report, bytesRead, fileBytes }: RequestChunk<unknown>,
): ReadingProgress {
  const rows = report.rowsRead;
  return fileBytes === undefined || fileBytes === 0
    ? { rows }
    : { rows, share: bytesRead / fileBytes };
}
