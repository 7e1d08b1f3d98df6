/**
 * Landmarks for the Nyström approximation of a kernel: a few rows from whose
 * kernel values those of all others follow, drawn by randomly pivoted Cholesky
 * decomposition, each with the chance that is its share of what the rows drawn
 * before it leave unexplained.
 *
 * @see C. Williams, M. Seeger, Using the Nyström Method to Speed Up Kernel
 * Machines (2001).
 * @see Y. Chen, E. N. Epperly, J. A. Tropp, R. J. Webber, Randomly Pivoted
 * Cholesky (2025), algorithm 2.1.
 *
 * @module
 */

import { kernelDiagonal, kernelPoints } from "./kernel_points.ts";
import type { SvmKernel } from "./svm_kernel.ts";
import { type Matrix, selectRows } from "../numeric/matrix.ts";
import { Random } from "../numeric/random.ts";

/** Rows that stand for all, and how their kernel factors. */
export type Landmarks = {
  /** The rows, shape `(m, d)`. */
  readonly rows: Matrix;
  /** Lower triangular L with `K = L Lᵀ` between them, row-major, `(m, m)`. */
  readonly factor: Float64Array;
};

const STREAM = { candidates: 0, pivots: 1 };
/** Rows among which landmarks are sought. */
const CANDIDATES = 4096;
/** There are enough when this share of the kernel's trace is left. */
const RESIDUAL_SHARE = 1e-6;

/**
 * Draws landmarks.
 *
 * @param kernel A kernel that is positive semi-definite.
 * @param x The rows, shape `(n, d)`.
 * @param options The greatest number of landmarks, and the seed.
 * @returns The landmarks, at least one, fewer where they explain the kernel.
 */
export function chooseLandmarks(
  kernel: SvmKernel,
  x: Matrix,
  options: { count: number; seed: number },
): Landmarks {
  const { seed } = options;
  const among = Math.min(CANDIDATES, x.rows);
  const sample = new Random(seed, STREAM.candidates).sample(among, x.rows);
  const candidates = selectRows(x, sample);
  const { pivots, columns } = pivotedCholesky(kernel, candidates, {
    count: Math.min(options.count, among),
    random: new Random(seed, STREAM.pivots),
  });
  const m = pivots.length;
  const factor = new Float64Array(m * m);
  for (let i = 0; i < m; i++) {
    for (let k = 0; k <= i; k++) factor[i * m + k] = columns[k][pivots[i]];
  }
  return { rows: selectRows(candidates, pivots), factor };
}

/**
 * Solves `L z = y`, in place.
 *
 * @param factor L, lower triangular, row-major, shape `(m, m)`.
 * @param y The right-hand side, shape `(m)`; becomes z.
 */
export function solveLowerInPlace(factor: Float64Array, y: Float64Array): void {
  const m = y.length;
  for (let i = 0; i < m; i++) {
    let rest = y[i];
    for (let k = 0, at = i * m; k < i; k++, at++) rest -= factor[at] * y[k];
    y[i] = rest / factor[i * m + i];
  }
}

/**
 * Solves `Lᵀ z = y`, in place.
 *
 * @param factor L, lower triangular, row-major, shape `(m, m)`.
 * @param y The right-hand side, shape `(m)`; becomes z.
 */
export function solveUpperInPlace(factor: Float64Array, y: Float64Array): void {
  const m = y.length;
  for (let i = m - 1; i >= 0; i--) {
    const value = y[i] / factor[i * m + i];
    y[i] = value;
    for (let k = 0, at = i * m; k < i; k++, at++) y[k] -= factor[at] * value;
  }
}

/** Columns of a factor F with `K ≈ F Fᵀ`, and the rows that they stand for. */
function pivotedCholesky(
  kernel: SvmKernel,
  x: Matrix,
  { count, random }: { count: number; random: Random },
): { pivots: number[]; columns: Float64Array[] } {
  const points = kernelPoints(kernel, x);
  const left = kernelDiagonal(kernel, x);
  const enough = RESIDUAL_SHARE * sumOf(left);
  const pivots: number[] = [];
  const columns: Float64Array[] = [];
  while (pivots.length < count) {
    const total = sumOf(left);
    if (pivots.length > 0 && !(total > enough)) break;
    const pivot = drawIndex(left, random.uniform() * total);
    const start = pivot * x.cols;
    const query = x.data.subarray(start, start + x.cols);
    const column = points.row(query).slice();
    for (const earlier of columns) {
      const factor = earlier[pivot];
      for (let i = 0; i < column.length; i++) column[i] -= factor * earlier[i];
    }
    const scale = 1 / Math.sqrt(column[pivot]);
    for (let i = 0; i < column.length; i++) {
      column[i] *= scale;
      left[i] = Math.max(left[i] - column[i] * column[i], 0);
    }
    left[pivot] = 0;
    pivots.push(pivot);
    columns.push(column);
  }
  return { pivots, columns };
}

/** The index at which the running sum of weights passes `mark`. */
function drawIndex(weights: Float64Array, mark: number): number {
  let last = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] === 0) continue;
    last = i;
    mark -= weights[i];
    if (mark < 0) break;
  }
  return last;
}

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
