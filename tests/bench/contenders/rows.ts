/**
 * Reads the rows of a benchmark.
 *
 * @module
 */

import { type Matrix, selectRows } from "../../../lib/numeric/matrix.ts";

/**
 * Reads rows.
 *
 * @param path A file that ends in `_ROWSxCOLS.f64`.
 * @returns All rows, and the first few, to warm up on.
 */
export function readRows(path: string): { x: Matrix; warmUp: Matrix } {
  const [, rows, cols] = /_(\d+)x(\d+)\.f64$/.exec(path) ?? [];
  const data = new Float64Array(Deno.readFileSync(path).buffer);
  const x = { data, rows: Number(rows), cols: Number(cols) };
  const few = Array.from({ length: Math.min(2000, x.rows) }, (_, i) => i);
  return { x, warmUp: selectRows(x, few) };
}
