/**
 * Sequential minimal optimization for the one-class problem
 *
 * `min ½ αᵀKα  subject to  0 <= α_i <= 1,  Σ α_i = nu n`,
 *
 * two multipliers at a time, chosen by second-order information, as libsvm
 * solves it (without shrinking).
 *
 * @see R.-E. Fan, P.-H. Chen, C.-J. Lin, Working Set Selection Using Second
 * Order Information for Training Support Vector Machines (2005).
 * @see C.-C. Chang, C.-J. Lin, LIBSVM (2011), section 4.
 *
 * @module
 */

import { kernelDiagonal, type SvmKernel } from "./svm_kernel.ts";
import { SvmRowCache } from "./svm_row_cache.ts";
import type { Matrix } from "../numeric/matrix.ts";

/** Stands in for a curvature that is not positive; `TAU` of libsvm. */
const LEAST_CURVATURE = 1e-12;

/** What {@linkcode solveOneClass} is asked for. */
export type OneClassProblem = {
  /** The training rows, shape `(n, d)`. */
  readonly x: Matrix;
  /** The kernel. */
  readonly kernel: SvmKernel;
  /** The multipliers sum to `nu * n`; above 0, at most 1. */
  readonly nu: number;
  /** Stops when no pair violates the optimum by more than this. */
  readonly tolerance: number;
  /** Room for kernel rows. */
  readonly cacheMegabytes: number;
  /** Stops after this many pairs in any case. */
  readonly maxIterations: number;
};

/** What {@linkcode solveOneClass} found. */
export type OneClassSolution = {
  /** The multipliers α, shape `(n)`, each from 0 to 1. */
  readonly alpha: Float64Array;
  /** The offset: a row scores `rho - Σ α_i K(x_i, row)`. */
  readonly rho: number;
  /** How many pairs were optimized. */
  readonly iterations: number;
  /** Whether the tolerance was reached before the limit. */
  readonly converged: boolean;
};

/** The multipliers, and the gradient `G = Kα` kept in step with them. */
type State = {
  alpha: Float64Array;
  gradient: Float64Array;
  diagonal: Float64Array;
  cache: SvmRowCache;
};

/**
 * Solves the one-class problem.
 *
 * @param problem Rows, kernel and settings, checked by the caller.
 * @returns The multipliers and the offset.
 */
export function solveOneClass(problem: OneClassProblem): OneClassSolution {
  const { x, kernel, tolerance, maxIterations } = problem;
  const cache = new SvmRowCache(kernel, x, problem.cacheMegabytes);
  const alpha = initialAlpha(x.rows, problem.nu);
  const gradient = initialGradient(alpha, cache);
  const diagonal = kernelDiagonal(kernel, x);
  const state: State = { alpha, gradient, diagonal, cache };
  let iterations = 0;
  let pair = selectPair(state, tolerance);
  while (pair !== undefined && iterations < maxIterations) {
    optimizePair(state, pair[0], pair[1]);
    iterations++;
    pair = selectPair(state, tolerance);
  }
  const rho = offset(alpha, gradient);
  return { alpha, rho, iterations, converged: pair === undefined };
}

/** The first rows carry all the weight, as in libsvm: any feasible start will
 * do, and the same start makes results comparable. */
function initialAlpha(n: number, nu: number): Float64Array {
  const alpha = new Float64Array(n);
  let left = nu * n;
  for (let i = 0; i < n && left > 0; i++) {
    alpha[i] = Math.min(1, left);
    left -= alpha[i];
  }
  return alpha;
}

function initialGradient(
  alpha: Float64Array,
  cache: SvmRowCache,
): Float64Array {
  const gradient = new Float64Array(alpha.length);
  for (let i = 0; i < alpha.length && alpha[i] > 0; i++) {
    const row = cache.row(i);
    for (let k = 0; k < gradient.length; k++) gradient[k] += alpha[i] * row[k];
  }
  return gradient;
}

/**
 * Chooses the pair to optimize: i may still grow and has the least gradient;
 * j may still shrink and with i promises the greatest decrease.
 *
 * @returns The pair, or nothing where the optimum is reached.
 */
function selectPair(
  state: State,
  tolerance: number,
): [i: number, j: number] | undefined {
  const { alpha, gradient, diagonal, cache } = state;
  let i = -1;
  let least = Infinity;
  let greatest = -Infinity;
  for (let k = 0; k < alpha.length; k++) {
    if (alpha[k] < 1 && gradient[k] < least) {
      least = gradient[k];
      i = k;
    }
    if (alpha[k] > 0 && gradient[k] > greatest) greatest = gradient[k];
  }
  if (!(greatest - least >= tolerance) || i < 0) return undefined;

  const row = cache.row(i);
  let j = -1;
  let best = 0;
  for (let k = 0; k < alpha.length; k++) {
    const violation = gradient[k] - least;
    if (alpha[k] === 0 || violation <= 0) continue;
    const decrease = violation ** 2 / curvature(diagonal, i, k, row[k]);
    if (decrease > best) {
      best = decrease;
      j = k;
    }
  }
  return j < 0 ? undefined : [i, j];
}

/** Moves weight from j to i, as far as helps and the bounds allow. */
function optimizePair(state: State, i: number, j: number): void {
  const { alpha, gradient, diagonal, cache } = state;
  const rowI = cache.row(i);
  const rowJ = cache.row(j);
  const wanted = (gradient[j] - gradient[i]) /
    curvature(diagonal, i, j, rowI[j]);
  const step = Math.min(wanted, 1 - alpha[i], alpha[j]);
  // Exactly on a bound, or rounding would leave it looking free.
  alpha[i] = step === 1 - alpha[i] ? 1 : alpha[i] + step;
  alpha[j] = step === alpha[j] ? 0 : alpha[j] - step;
  for (let k = 0; k < gradient.length; k++) {
    gradient[k] += step * (rowI[k] - rowJ[k]);
  }
}

/** The second derivative along the direction that grows i and shrinks j. */
function curvature(
  diagonal: Float64Array,
  i: number,
  j: number,
  kernelValue: number,
): number {
  const value = diagonal[i] + diagonal[j] - 2 * kernelValue;
  return value > 0 ? value : LEAST_CURVATURE;
}

/** The gradient where multipliers are free; between the bounded if none is. */
function offset(alpha: Float64Array, gradient: Float64Array): number {
  let sum = 0;
  let free = 0;
  let lower = -Infinity;
  let upper = Infinity;
  for (let k = 0; k < alpha.length; k++) {
    if (alpha[k] >= 1) lower = Math.max(lower, gradient[k]);
    else if (alpha[k] <= 0) upper = Math.min(upper, gradient[k]);
    else {
      sum += gradient[k];
      free++;
    }
  }
  if (free > 0) return sum / free;
  // With nu = 1 all are at their upper bound, and any greater offset would do.
  return upper === Infinity ? lower : (lower + upper) / 2;
}
