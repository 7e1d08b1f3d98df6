/**
 * The Cholesky factor of a covariance, and distances by it.
 *
 * @module
 */

/**
 * Factors a symmetric positive definite matrix, `A = L Lᵀ`, in place.
 *
 * @param a The matrix, row-major, shape `(d, d)`; only its lower triangle is
 * read, and holds L afterwards.
 * @param d Its width.
 * @throws {RangeError} If it is not positive definite.
 * @see G. H. Golub, C. F. Van Loan, Matrix Computations (4th ed.), algorithm
 * 4.2.1.
 */
export function choleskyInPlace(a: Float64Array, d: number): void {
  for (let i = 0; i < d; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * d + j];
      for (let k = 0; k < j; k++) sum -= a[i * d + k] * a[j * d + k];
      if (i > j) a[i * d + j] = sum / a[j * d + j];
      else if (sum > 0) a[i * d + i] = Math.sqrt(sum);
      else {
        throw new RangeError(
          `Cannot factor a matrix: pivot ${i} is ${sum}, expected a positive definite matrix`,
        );
      }
    }
  }
}

/**
 * The squared length of `L⁻¹ v`, which is `vᵀ A⁻¹ v`.
 *
 * @param factor L, row-major, shape `(d, d)`; its lower triangle is read.
 * @param v A vector, shape `(d)`; overwritten by `L⁻¹ v`.
 * @returns The squared length.
 */
export function squaredDistanceInPlace(
  factor: Float64Array,
  v: Float64Array,
): number {
  const d = v.length;
  let squares = 0;
  for (let i = 0; i < d; i++) {
    let sum = v[i];
    for (let k = 0; k < i; k++) sum -= factor[i * d + k] * v[k];
    v[i] = sum / factor[i * d + i];
    squares += v[i] * v[i];
  }
  return squares;
}
