/**
 * Measures a request log per endpoint and five minutes: FILE WARM_UP_FILE.
 *
 * @module
 */

import { measureRequestLog } from "../../../lib/logs/readers/measure.ts";
import { printSample } from "./sample.ts";

const [file, warmUp] = Deno.args;
const options = { bucketMs: 300_000 };
(await measureRequestLog(warmUp, options)).metrics.rows();
const start = performance.now();
const { metrics } = await measureRequestLog(file, options);
const rows = metrics.rows();
const seconds = (performance.now() - start) / 1000;
printSample(seconds, { check: rows.reduce((sum, { p95 }) => sum + p95, 0) });
