/**
 * Rows for benchmarks of detectors, as a file of doubles that any language
 * reads: three clouds along a line, a tenth of the rows with a tail, three in a
 * hundred anywhere, all cut to the range from 0 to 1.
 *
 * @module
 */

import { join } from "node:path";
import { Random } from "../../lib/numeric/random.ts";

/** Half the range that is mapped to 0 to 1. */
const REACH = 4;
const ANYWHERE = 0.03;
const TAILED = 0.1;

/**
 * The path of a contender's programs, without an ending.
 *
 * @param name The benchmark's name.
 * @returns The path.
 */
export function contenderPath(name: string): string {
  return join(import.meta.dirname ?? ".", "contenders", name);
}

/**
 * Rows as a file, made where it is missing.
 *
 * @param rows How many.
 * @param cols How wide.
 * @param folder Where files are made.
 * @returns The path; it ends in `_ROWSxCOLS.f64`, little-endian, row by row.
 */
export async function rowsOf(
  rows: number,
  cols: number,
  folder: string,
): Promise<string> {
  const path = join(folder, `rows_${rows}x${cols}.f64`);
  if (await Deno.stat(path).then(() => true, () => false)) return path;
  const values = makeRows(rows, cols);
  await Deno.writeFile(path, new Uint8Array(values.buffer));
  return path;
}

function makeRows(rows: number, cols: number): Float64Array<ArrayBuffer> {
  const random = new Random(7);
  const values = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    const isAnywhere = random.uniform() < ANYWHERE;
    const center = random.integer(3) - 1;
    const tail = random.uniform() < TAILED ? random.exponential() : 0;
    for (let j = 0; j < cols; j++) {
      const value = isAnywhere
        ? REACH * (2 * random.uniform() - 1)
        : center + 0.5 * random.normal() + (j === 0 ? tail : 0);
      const unit = (value + REACH) / (2 * REACH);
      values[i * cols + j] = Math.min(Math.max(unit, 0), 1);
    }
  }
  return values;
}
