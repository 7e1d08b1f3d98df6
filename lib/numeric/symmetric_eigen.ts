/**
 * Eigenvalues and eigenvectors of a symmetric matrix by Jacobi's rotations,
 * which are slow for hundreds of rows, but accurate and short.
 *
 * @see G. H. Golub, C. F. Van Loan, Matrix Computations (4th ed. 2013),
 * section 8.5.
 *
 * @module
 */

import { checkLength } from "./checks.ts";

/** What {@linkcode symmetricEigen} finds. */
export type SymmetricEigen = {
  /** Eigenvalues, descending, shape `(d)`. */
  readonly values: Float64Array;
  /** Unit eigenvectors as rows, in the order of the values, shape `(d, d)`. */
  readonly vectors: Float64Array;
};

const MOST_SWEEPS = 60;
/** Off-diagonal elements below this share of the largest are nothing. */
const NEGLIGIBLE = 1e-15;

/**
 * Decomposes a symmetric matrix, `A = Σ λ v vᵀ`.
 *
 * @param matrix Finite elements, row-major, shape `(d, d)`; not changed. Only
 * the symmetric matrix that the lower triangle makes is looked at.
 * @param d The number of rows.
 * @returns Eigenvalues and eigenvectors.
 * @throws {RangeError} If there are not d x d elements.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { symmetricEigen } from "lib/numeric/symmetric_eigen.ts";
 *
 * // [[2, 1], [1, 2]] stretches (1, 1) by 3 and (1, -1) by 1.
 * const { values } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
 * assert.deepEqual([...values].map((value) => value.toFixed(9)), [
 *   "3.000000000",
 *   "1.000000000",
 * ]);
 * ```
 */
export function symmetricEigen(
  matrix: Float64Array,
  d: number,
): SymmetricEigen {
  checkLength(matrix.length, d * d, "matrix", "find eigenvalues");
  const a = Float64Array.from(
    matrix,
    (_, k) =>
      matrix[Math.max(row(k, d), k % d) * d + Math.min(row(k, d), k % d)],
  );
  const v = Float64Array.from(matrix, (_, k) => row(k, d) === k % d ? 1 : 0);
  const limit = NEGLIGIBLE *
    a.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  for (let sweep = 0; sweep < MOST_SWEEPS; sweep++) {
    let rotated = false;
    for (let p = 0; p < d; p++) {
      for (let q = p + 1; q < d; q++) {
        if (Math.abs(a[p * d + q]) <= limit) continue;
        rotateInPlace(a, v, d, p, q);
        rotated = true;
      }
    }
    if (!rotated) break;
  }
  const order = Array.from({ length: d }, (_, i) => i)
    .sort((i, j) => a[j * d + j] - a[i * d + i]);
  const vectors = new Float64Array(d * d);
  order.forEach((i, k) => vectors.set(v.subarray(i * d, (i + 1) * d), k * d));
  return { values: Float64Array.from(order, (i) => a[i * d + i]), vectors };
}

function row(k: number, d: number): number {
  return Math.floor(k / d);
}

/** Turns rows and columns p and q so that element (p, q) becomes 0. */
function rotateInPlace(
  a: Float64Array,
  v: Float64Array,
  d: number,
  p: number,
  q: number,
): void {
  const theta = (a[q * d + q] - a[p * d + p]) / (2 * a[p * d + q]);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (let k = 0; k < d; k++) turn(a, k * d + p, k * d + q, c, s);
  for (let k = 0; k < d; k++) turn(a, p * d + k, q * d + k, c, s);
  for (let k = 0; k < d; k++) turn(v, p * d + k, q * d + k, c, s);
  a[p * d + q] = a[q * d + p] = 0;
}

function turn(
  x: Float64Array,
  i: number,
  j: number,
  c: number,
  s: number,
): void {
  const [xi, xj] = [x[i], x[j]];
  x[i] = c * xi - s * xj;
  x[j] = s * xi + c * xj;
}
