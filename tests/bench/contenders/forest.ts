/**
 * Fits an Isolation Forest and scores its rows:
 * FILE COLUMNS TREES THREADS OUTLIER_EVERY.
 *
 * @module
 */

import { IsolationForest } from "../../../lib/detect/isolation_forest.ts";
import { rocAuc } from "../../../lib/evaluate/point.ts";
import { type Matrix, selectRows } from "../../../lib/numeric/matrix.ts";
import { printSample } from "./sample.ts";

const WARM_UP_ROWS = 4000;

const [file] = Deno.args;
const [cols, treeCount, threads, every] = Deno.args.slice(1).map(Number);
const data = new Float64Array((await Deno.readFile(file)).buffer);
const x = { data, rows: data.length / cols, cols };
await work(selectRows(x, Array.from({ length: WARM_UP_ROWS }, (_, i) => i)));
const start = performance.now();
const scores = await work(x);
const seconds = (performance.now() - start) / 1000;
const labels = Uint8Array.from(scores, (_, i) => i % every === 0 ? 1 : 0);
printSample(seconds, { check: rocAuc(scores, labels) });

async function work(rows: Matrix): Promise<Float64Array> {
  const forest = IsolationForest.fit(rows, { treeCount });
  return threads === 1
    ? forest.score(rows)
    : await forest.scoreParallel(rows, { workers: threads });
}
