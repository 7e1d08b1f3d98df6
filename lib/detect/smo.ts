/**
 * Sequential minimal optimization for the one-class problem
 *
 * `min ½ αᵀKα  subject to  0 <= α_i <= 1,  Σ α_i = nu n`,
 *
 * two multipliers at a time, chosen by second-order information, as libsvm
 * solves it: multipliers that seem to stay at a bound are left out (shrinking)
 * until the others have reached their optimum.
 *
 * @see R.-E. Fan, P.-H. Chen, C.-J. Lin, Working Set Selection Using Second
 * Order Information for Training Support Vector Machines (2005).
 * @see C.-C. Chang, C.-J. Lin, LIBSVM (2011), sections 4 and 5.1.
 *
 * @module
 */

import { kernelDiagonal, kernelPoints } from "./kernel_points.ts";
import type { SvmKernel } from "./svm_kernel.ts";
import { SvmRowCache } from "./svm_row_cache.ts";
import { type Matrix, selectRows } from "../numeric/matrix.ts";

/** Stands in for a curvature that is not positive; `TAU` of libsvm. */
const LEAST_CURVATURE = 1e-12;
/** Steps between two attempts to shrink, fewer for fewer rows. */
const STEPS_TO_SHRINK = 1000;
/** Near the optimum by this many tolerances all rows are looked at once. */
const NEAR_OPTIMUM = 10;

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
  /** Whether rows that seem settled are left out for a while. */
  readonly shrinking: boolean;
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

/**
 * Solves the one-class problem.
 *
 * @param problem Rows, kernel and settings, checked by the caller.
 * @returns The multipliers and the offset.
 */
export function solveOneClass(problem: OneClassProblem): OneClassSolution {
  const { x, tolerance, maxIterations, shrinking } = problem;
  const alpha = initialAlpha(x.rows, problem.nu);
  const solver = new Solver(problem, alpha, weightedSums(problem, alpha, x));
  const stepsToShrink = Math.min(x.rows, STEPS_TO_SHRINK);
  let untilShrinking = stepsToShrink;
  let iterations = 0;
  let converged = false;
  while (iterations < maxIterations) {
    if (shrinking && untilShrinking-- === 0) {
      untilShrinking = stepsToShrink;
      solver.shrink();
    }
    let pair = solver.selectPair();
    if (pair === undefined && solver.isShrunk) {
      solver.restore();
      // If others are still wrong, they are soon the only ones looked at.
      untilShrinking = 1;
      pair = solver.selectPair();
    }
    if (pair === undefined) {
      converged = true;
      break;
    }
    solver.optimizePair(pair[0], pair[1]);
    iterations++;
  }
  solver.restore();
  converged ||= !(solver.violation() >= tolerance);
  const rho = offset(solver.alpha, solver.gradient);
  return { alpha: solver.alpha, rho, iterations, converged };
}

/** The rows still looked at, with their multipliers and gradient `G = Kα`. */
class Solver {
  /** The multipliers of the rows looked at. */
  alpha: Float64Array;
  /** Their gradient, kept in step with the multipliers. */
  gradient: Float64Array;
  readonly #problem: OneClassProblem;
  /** Of all rows; those looked at are written back when that changes. */
  readonly #allAlpha: Float64Array;
  readonly #allGradient: Float64Array;
  readonly #allDiagonal: Float64Array;
  /** Which rows are looked at; all if there is none. */
  #active: Uint32Array | undefined;
  #diagonal: Float64Array;
  #cache: SvmRowCache;
  #hasLookedAtAll = false;
  #least = -Infinity;
  #leastAt = -1;
  #greatest = Infinity;

  constructor(
    problem: OneClassProblem,
    alpha: Float64Array,
    gradient: Float64Array,
  ) {
    const { kernel, x, cacheMegabytes } = problem;
    this.#problem = problem;
    this.alpha = this.#allAlpha = alpha;
    this.gradient = this.#allGradient = gradient;
    this.#diagonal = this.#allDiagonal = kernelDiagonal(kernel, x);
    this.#cache = new SvmRowCache(kernel, x, cacheMegabytes);
  }

  /** Whether some rows are left out. */
  get isShrunk(): boolean {
    return this.#active !== undefined;
  }

  /** By how much the rows looked at miss the optimum. */
  violation(): number {
    const { alpha, gradient } = this;
    let least = Infinity;
    let greatest = -Infinity;
    let leastAt = -1;
    for (let k = 0; k < alpha.length; k++) {
      const value = gradient[k];
      if (value < least && alpha[k] < 1) {
        least = value;
        leastAt = k;
      }
      if (value > greatest && alpha[k] > 0) greatest = value;
    }
    this.#least = least;
    this.#leastAt = leastAt;
    this.#greatest = greatest;
    return greatest - least;
  }

  /**
   * Chooses the pair to optimize: i may still grow and has the least gradient;
   * j may still shrink and with i promises the greatest decrease.
   *
   * @returns The pair, or nothing where the optimum is reached.
   */
  selectPair(): [i: number, j: number] | undefined {
    const violation = this.violation();
    const i = this.#leastAt;
    if (!(violation >= this.#problem.tolerance) || i < 0) return undefined;
    const { alpha, gradient } = this;
    const least = this.#least;
    const diagonal = this.#diagonal;
    const row = this.#cache.row(i);
    let j = -1;
    let best = 0;
    for (let k = 0; k < alpha.length; k++) {
      const difference = gradient[k] - least;
      if (alpha[k] === 0 || difference <= 0) continue;
      const decrease = difference * difference /
        curvature(diagonal, i, k, row[k]);
      if (decrease > best) {
        best = decrease;
        j = k;
      }
    }
    return j < 0 ? undefined : [i, j];
  }

  /** Moves weight from j to i, as far as helps and the bounds allow. */
  optimizePair(i: number, j: number): void {
    const { alpha, gradient } = this;
    const rowI = this.#cache.row(i);
    const rowJ = this.#cache.row(j);
    const wanted = (gradient[j] - gradient[i]) /
      curvature(this.#diagonal, i, j, rowI[j]);
    const step = Math.min(wanted, 1 - alpha[i], alpha[j]);
    // Exactly on a bound, or rounding would leave it looking free.
    alpha[i] = step === 1 - alpha[i] ? 1 : alpha[i] + step;
    alpha[j] = step === alpha[j] ? 0 : alpha[j] - step;
    for (let k = 0; k < gradient.length; k++) {
      gradient[k] += step * (rowI[k] - rowJ[k]);
    }
  }

  /** Leaves out rows at a bound that they are pressed against. */
  shrink(): void {
    const { tolerance } = this.#problem;
    const violation = this.violation();
    if (!this.#hasLookedAtAll && violation <= NEAR_OPTIMUM * tolerance) {
      this.#hasLookedAtAll = true;
      this.restore();
      this.violation();
    }
    const { alpha, gradient } = this;
    const kept = Uint32Array.from(alpha.keys()).filter((k) =>
      alpha[k] === 0
        ? gradient[k] <= this.#greatest
        : alpha[k] < 1 || gradient[k] >= this.#least
    );
    if (kept.length < alpha.length) this.#lookAt(kept);
  }

  /** Looks at all rows again. */
  restore(): void {
    const active = this.#active;
    if (active === undefined) return;
    this.#writeBack(active);
    const { x, kernel, cacheMegabytes } = this.#problem;
    const isActive = new Uint8Array(x.rows);
    for (const i of active) isActive[i] = 1;
    const others = Uint32Array.from(isActive.keys()).filter((i) =>
      !isActive[i]
    );
    const rest = selectRows(x, others);
    weightedSums(this.#problem, this.#allAlpha, rest).forEach((value, k) =>
      this.#allGradient[others[k]] = value
    );
    this.#active = undefined;
    this.alpha = this.#allAlpha;
    this.gradient = this.#allGradient;
    this.#diagonal = this.#allDiagonal;
    this.#cache = new SvmRowCache(kernel, x, cacheMegabytes);
  }

  #lookAt(kept: Uint32Array): void {
    const before = this.#active;
    if (before) this.#writeBack(before);
    const active = before ? kept.map((k) => before[k]) : kept;
    const { x, kernel, cacheMegabytes } = this.#problem;
    const pick = (from: Float64Array) =>
      Float64Array.from(active, (i) => from[i]);
    this.#active = active;
    this.alpha = pick(this.#allAlpha);
    this.gradient = pick(this.#allGradient);
    this.#diagonal = pick(this.#allDiagonal);
    // Rows are computed anew, which takes no longer than to cut them.
    this.#cache = new SvmRowCache(
      kernel,
      selectRows(x, active),
      cacheMegabytes,
    );
  }

  #writeBack(active: Uint32Array): void {
    active.forEach((i, k) => {
      this.#allAlpha[i] = this.alpha[k];
      this.#allGradient[i] = this.gradient[k];
    });
  }
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

/** `Σ α_i K(x_i, row)` for rows that are given. */
function weightedSums(
  { x, kernel }: OneClassProblem,
  alpha: Float64Array,
  rows: Matrix,
): Float64Array {
  const weighted = Uint32Array.from(alpha.keys()).filter((i) => alpha[i] > 0);
  const weights = Float64Array.from(weighted, (i) => alpha[i]);
  return kernelPoints(kernel, selectRows(x, weighted)).sums(rows, weights);
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
