/**
 * The rows of a request log as plain lists, for comparison.
 *
 * @module
 */

import type { RequestLog } from "lib/logs/request_log.ts";

/** Time, method, endpoint, status, size, response time and source. */
export function rowsOf(log: RequestLog): (string | number | undefined)[][] {
  return Array.from(log.timestampMs, (time, i) => [
    time,
    log.method.names[log.method.codes[i]],
    log.endpoint.names[log.endpoint.codes[i]],
    log.statusCode[i],
    log.sizeBytes[i],
    log.responseTimeMs?.[i],
    log.sourceRow[i],
  ]);
}
