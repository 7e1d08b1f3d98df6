/**
 * The one-class problem for many rows, in time that grows with their number:
 * the kernel is replaced by its Nyström approximation on a few landmarks, so
 * that a function is `f = Σ β_k K(l_k, ·)`, and the primal
 *
 * `min ½ |f|² - ρ + 1 / (nu n) Σ h(ρ - f(x_i))`
 *
 * is solved by Newton's method. The hinge h is rounded off over a width that
 * falls step by step to a thousandth of ρ, first on a sample of the rows, then
 * on all of them.
 *
 * @see C. Williams, M. Seeger, Using the Nyström Method to Speed Up Kernel
 * Machines (2001).
 * @see O. Chapelle, Training a Support Vector Machine in the Primal (2007).
 *
 * @module
 */

import { type KernelPoints, kernelPoints } from "./kernel_points.ts";
import {
  chooseLandmarks,
  type Landmarks,
  solveLowerInPlace,
  solveUpperInPlace,
} from "./landmarks.ts";
import type { SvmKernel } from "./svm_kernel.ts";
import { type Matrix, selectRows } from "../numeric/matrix.ts";
import { Random } from "../numeric/random.ts";

/** What {@linkcode solveNystroem} is asked for. */
export type NystroemProblem = {
  /** The training rows, shape `(n, d)`. */
  readonly x: Matrix;
  /** A kernel that is positive semi-definite. */
  readonly kernel: SvmKernel;
  /** The share of rows outside, above 0, at most 1. */
  readonly nu: number;
  /** The greatest number of landmarks. */
  readonly landmarkCount: number;
  /** Seed of landmarks and samples. */
  readonly seed: number;
};

/** What {@linkcode solveNystroem} found. */
export type NystroemSolution = {
  /** Chosen training rows, shape `(m, d)`. */
  readonly landmarks: Matrix;
  /** Their weights β, of any sign, times `nu n`, shape `(m)`. */
  readonly coefficients: Float64Array;
  /** The offset: a row scores `rho - Σ β_k K(l_k, row)`. */
  readonly rho: number;
  /** Whether the optimum was reached. */
  readonly converged: boolean;
};

const SAMPLE_STREAM = 2;
/** Rows on which the widths before the last are solved. */
const SAMPLE_ROWS = 10_000;
/** Widths of the rounding of the hinge, relative to ρ. */
const WIDTHS = [0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3];
/** Steps at one width. */
const MAXIMUM_STEPS = 20;
/** A width is solved when a step would lower the objective by less than this
 * share of it; the last width more finely than those that lead to it. */
const ENOUGH = 1e-5;
const ENOUGH_ON_THE_WAY = 1e-3;
/** More rows than this tell no more about the curvature. */
const CURVATURE_ROWS = 8192;
/** Halvings of the interval that a step is sought in. */
const HALVINGS = 12;

/**
 * Solves the problem approximately.
 *
 * @param problem Rows, kernel and settings, checked by the caller.
 * @returns The landmarks, their weights and the offset.
 */
export function solveNystroem(problem: NystroemProblem): NystroemSolution {
  const { x, kernel, nu, landmarkCount: count, seed } = problem;
  const landmarks = chooseLandmarks(kernel, x, { count, seed });
  const points = kernelPoints(kernel, landmarks.rows);
  const sampled = Math.min(x.rows, SAMPLE_ROWS);
  const random = new Random(seed, SAMPLE_STREAM);
  const sample = selectRows(x, random.sample(sampled, x.rows));
  const solver = new NewtonSolver(sample, { points, landmarks, nu });
  for (const width of WIDTHS) solver.solve(width, ENOUGH_ON_THE_WAY);
  const final = sampled < x.rows ? solver.on(x) : solver;
  const converged = final.solve(WIDTHS[WIDTHS.length - 1], ENOUGH);
  const scale = nu * x.rows;
  return {
    landmarks: landmarks.rows,
    coefficients: final.coefficients.map((value) => value * scale),
    rho: final.quantile() * scale,
    converged,
  };
}

type Space = { points: KernelPoints; landmarks: Landmarks; nu: number };

/** A step: in β, in the whitened weights u = Lᵀ β, in ρ, and in f. */
type Step = {
  coefficients: Float64Array;
  whitened: Float64Array;
  rho: number;
  /** How fast the objective falls at first, above 0. */
  slope: number;
};

/** Newton's method on the rounded primal over some rows. */
class NewtonSolver {
  coefficients: Float64Array;
  rho: number;
  readonly #x: Matrix;
  readonly #space: Space;
  #whitened: Float64Array;
  /** f of each row. */
  #heights: Float64Array;

  /** Starts with equal weight on every row, a density estimate. */
  constructor(x: Matrix, space: Space, start?: NewtonSolver) {
    this.#x = x;
    this.#space = space;
    if (start) {
      this.coefficients = start.coefficients;
      this.#whitened = start.#whitened;
    } else {
      const weights = new Float64Array(x.rows).fill(1 / x.rows);
      const u = this.#weightedRows(weights).sum;
      solveLowerInPlace(space.landmarks.factor, u);
      this.#whitened = u;
      this.coefficients = u.slice();
      solveUpperInPlace(space.landmarks.factor, this.coefficients);
    }
    this.#heights = space.points.sums(x, this.coefficients);
    this.rho = this.quantile();
  }

  /** The height that at most a share nu of the rows lies below: the offset
   * itself, but for the rounding of the hinge. */
  quantile(): number {
    const { nu } = this.#space;
    const below = Math.min(Math.floor(nu * this.#x.rows), this.#x.rows - 1);
    return this.#heights.toSorted()[below];
  }

  /** Goes on with other rows. */
  on(x: Matrix): NewtonSolver {
    return new NewtonSolver(x, this.#space, this);
  }

  /** Solves for one width of the hinge, relative to ρ; returns whether it was
   * solved. */
  solve(relativeWidth: number, enough: number): boolean {
    const width = relativeWidth * Math.abs(this.rho);
    for (let k = 0; k < MAXIMUM_STEPS; k++) {
      const step = this.#newtonStep(width);
      if (!(step.slope > enough * this.#scale())) return true;
      this.#take(step, width);
    }
    return false;
  }

  #scale(): number {
    return dot(this.#whitened, this.#whitened);
  }

  #newtonStep(width: number): Step {
    const { nu, landmarks } = this.#space;
    const { factor } = landmarks;
    const m = this.coefficients.length;
    const n = this.#x.rows;
    const weights = this.#heights.map((height) =>
      clipped((this.rho - height) / width) / (nu * n)
    );
    const { sum, products, partial, partialCount, total } = this.#weightedRows(
      weights,
      1 / (nu * n),
    );
    // Curvature and slope in (u, ρ), where |f|² is |u|².
    const share = partialCount / (width * nu * n);
    const curvature = bordered(factor, products, partial, share);
    solveLowerInPlace(factor, sum);
    const downhill = new Float64Array(m + 1);
    for (let k = 0; k < m; k++) downhill[k] = sum[k] - this.#whitened[k];
    downhill[m] = 1 - total;
    const direction = solveSymmetric(curvature, downhill);
    const whitened = direction.subarray(0, m);
    const coefficients = whitened.slice();
    solveUpperInPlace(factor, coefficients);
    const slope = dot(direction, downhill);
    return { coefficients, whitened, rho: direction[m], slope };
  }

  /** Goes along a step to the least value of the objective. */
  #take(step: Step, width: number): void {
    const { points, nu } = this.#space;
    const heights = points.sums(this.#x, step.coefficients);
    const c = 1 / (nu * this.#x.rows);
    const cross = dot(this.#whitened, step.whitened);
    const square = dot(step.whitened, step.whitened);
    const derivative = (s: number) => {
      let sum = 0;
      for (let i = 0; i < heights.length; i++) {
        const change = step.rho - heights[i];
        const gap = this.rho - this.#heights[i] + s * change;
        if (gap > 0) sum += (gap < width ? gap / width : 1) * change;
      }
      return cross + s * square - step.rho + c * sum;
    };
    let low = 0, high = 1;
    if (derivative(high) <= 0) low = high;
    for (let k = 0; k < HALVINGS && low < high; k++) {
      const middle = (low + high) / 2;
      if (derivative(middle) <= 0) low = middle;
      else high = middle;
    }
    const s = (low + high) / 2;
    this.rho += s * step.rho;
    this.#whitened = added(this.#whitened, step.whitened, s);
    this.coefficients = added(this.coefficients, step.coefficients, s);
    this.#heights = added(this.#heights, heights, s);
  }

  /** Sums over rows that have weight: of weight times kernel row; and, over
   * those whose weight lies between 0 and `full`, a mean of products. */
  #weightedRows(weights: Float64Array, full = 0) {
    const { points, landmarks } = this.#space;
    const { stride } = points;
    const m = landmarks.rows.rows;
    const chosen = positiveAt(weights);
    const rows = selectRows(this.#x, chosen);
    const sum = new Float64Array(m);
    const partial = new Float64Array(m);
    const products = new Float64Array(m * m);
    let partialCount = 0, used = 0, total = 0;
    for (let start = 0; start < rows.rows; start += points.blockQueries) {
      const end = Math.min(start + points.blockQueries, rows.rows);
      const data = rows.data.subarray(start * rows.cols, end * rows.cols);
      const values = points.block({ data, rows: end - start });
      for (let i = start; i < end; i++) {
        const weight = weights[chosen[i]];
        const row = values.subarray(
          (i - start) * stride,
          (i - start) * stride + m,
        );
        total += weight;
        for (let k = 0; k < m; k++) sum[k] += weight * row[k];
        if (!(weight < full)) continue;
        partialCount++;
        if (used >= CURVATURE_ROWS) continue;
        used++;
        for (let k = 0; k < m; k++) {
          partial[k] += row[k];
          const value = row[k];
          for (let j = 0, at = k * m; j <= k; j++, at++) {
            products[at] += value * row[j];
          }
        }
      }
    }
    const share = used > 0 ? 1 / used : 0;
    return {
      sum,
      total,
      partialCount,
      partial: partial.map((value) => value * share),
      products: products.map((value) => value * share),
    };
  }
}

function positiveAt(weights: Float64Array): Uint32Array {
  const places = new Uint32Array(weights.length);
  let count = 0;
  for (let i = 0; i < weights.length; i++) {
    if (weights[i] > 0) places[count++] = i;
  }
  return places.subarray(0, count);
}

function clipped(value: number): number {
  return value <= 0 ? 0 : value >= 1 ? 1 : value;
}

/**
 * The curvature in (u, ρ): `[[I + share L⁻¹ P L⁻ᵀ, -share L⁻¹ p], [., share]]`
 * for the mean product P (lower triangle) and the mean p of some kernel rows.
 */
function bordered(
  factor: Float64Array,
  products: Float64Array,
  mean: Float64Array,
  share: number,
): Float64Array {
  const m = mean.length;
  const half = new Float64Array(m * m);
  // Rows of `half` become columns of L⁻¹ P, then `row` those of L⁻¹ (L⁻¹ P)ᵀ.
  for (let k = 0; k < m; k++) {
    const column = half.subarray(k * m, (k + 1) * m);
    for (let i = 0; i < m; i++) {
      column[i] = i >= k ? products[i * m + k] : products[k * m + i];
    }
    solveLowerInPlace(factor, column);
  }
  const size = m + 1;
  const matrix = new Float64Array(size * size);
  const row = new Float64Array(m);
  for (let i = 0; i < m; i++) {
    for (let k = 0; k < m; k++) row[k] = half[k * m + i];
    solveLowerInPlace(factor, row);
    for (let k = 0; k <= i; k++) matrix[i * size + k] = share * row[k];
    matrix[i * size + i] += 1;
  }
  const edge = mean.slice();
  solveLowerInPlace(factor, edge);
  for (let k = 0; k < m; k++) matrix[m * size + k] = -share * edge[k];
  matrix[m * size + m] = share;
  return matrix;
}

/** Solves a positive definite system, given by its lower triangle. */
function solveSymmetric(
  matrix: Float64Array,
  y: Float64Array,
): Float64Array {
  const n = y.length;
  const factor = matrix.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) {
      let rest = factor[i * n + k];
      for (let j = 0; j < k; j++) rest -= factor[i * n + j] * factor[k * n + j];
      factor[i * n + k] = k < i
        ? rest / factor[k * n + k]
        : Math.sqrt(Math.max(rest, LEAST_PIVOT));
    }
  }
  const z = y.slice();
  solveLowerInPlace(factor, z);
  solveUpperInPlace(factor, z);
  return z;
}

/** Stands in for a pivot that rounding made 0 or less. */
const LEAST_PIVOT = 1e-10;

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k] * b[k];
  return sum;
}

/** `a + s b`. */
function added(a: Float64Array, b: Float64Array, s: number): Float64Array {
  return a.map((value, k) => value + s * b[k]);
}
