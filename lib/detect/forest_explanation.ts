/**
 * Shapley values of the path lengths of isolation trees: how much each feature
 * lengthened or shortened the way of one row. A feature that is not known sends
 * a row both ways, weighted by the training rows that went there.
 *
 * Of one leaf with path length v the share of feature j is
 * `v (o_j - z_j) ∫ Π_{k≠j} (z_k (1 - t) + o_k t) dt` over t from 0 to 1, the
 * product over the other features of its path, where `o_k` is 1 if the row goes
 * along at all splits of feature k, else 0, and `z_k` the share of training rows
 * that do: the integral of `t^s (1 - t)^r` is Shapley's weight
 * `s! r! / (s + r + 1)!`. The integrand is a polynomial, so that Gauss's and
 * Legendre's rule gives it exactly with few points, and one walk through a tree
 * serves all features.
 *
 * @see S. M. Lundberg et al., From local explanations to global understanding
 * with explainable AI for trees, Nature Machine Intelligence 2 (2020).
 * @see P. Yu, C. Xu, A. Bifet, J. Read, Linear TreeShap (2022), for sharing the
 * walk among the features by points of a polynomial.
 *
 * @module
 */

import { type IsolationTrees, LEAF } from "./isolation_tree.ts";
import type { Matrix } from "../numeric/matrix.ts";

/** Newton's steps towards a point of the rule; five are enough for doubles. */
const NEWTON_STEPS = 8;

/**
 * Attributes path lengths, summed over all trees, to features.
 *
 * @param trees The trees, grown on d features.
 * @param x The rows, shape `(n, d)`.
 * @returns Shapley values, shape `(n, d)`, in edges: a row's add up to its sum
 * of path lengths less the mean over the training rows of the trees.
 */
export function attributePathLengths(trees: IsolationTrees, x: Matrix): Matrix {
  const { rows, cols } = x;
  const attribution = new Attribution(trees, cols);
  const data = new Float64Array(rows * cols);
  for (let i = 0; i < rows; i++) {
    const [start, end] = [i * cols, (i + 1) * cols];
    attribution.addRow(x.data.subarray(start, end), data.subarray(start, end));
  }
  return { data, rows, cols };
}

/**
 * The points and weights of the Gauss–Legendre rule on [0, 1], exact for
 * polynomials of a degree below twice the number of points.
 *
 * @param count The number of points, at least 1.
 * @returns Points, descending, and weights that add up to 1.
 * @see M. Abramowitz, I. A. Stegun, Handbook of Mathematical Functions, 25.4.29.
 */
export function gaussLegendre(
  count: number,
): { points: Float64Array; weights: Float64Array } {
  const points = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    let root = Math.cos(Math.PI * (k + 0.75) / (count + 0.5));
    for (let step = 0; step < NEWTON_STEPS; step++) {
      const { value, slope } = legendre(count, root);
      root -= value / slope;
    }
    const { slope } = legendre(count, root);
    points[k] = (1 + root) / 2;
    weights[k] = 1 / ((1 - root * root) * slope * slope);
  }
  return { points, weights };
}

/** The Legendre polynomial of a degree, and its derivative. */
function legendre(
  degree: number,
  x: number,
): { value: number; slope: number } {
  let [before, value] = [1, x];
  for (let n = 2; n <= degree; n++) {
    [before, value] = [value, ((2 * n - 1) * x * value - (n - 1) * before) / n];
  }
  return { value, slope: degree * (x * value - before) / (x * x - 1) };
}

/** The walks of one row after the other through all trees. */
class Attribution {
  readonly #trees: IsolationTrees;
  readonly #points: Float64Array;
  readonly #weights: Float64Array;
  /** Per feature: 1 if the row went along so far, and the share that did. */
  readonly #goes: Float64Array;
  readonly #shares: Float64Array;
  /** Per depth and point: the product over all features of the path, and the
   * sum of what lies below. */
  readonly #products: Float64Array;
  readonly #sums: Float64Array;

  constructor(trees: IsolationTrees, cols: number) {
    const depth = Math.max(
      ...Array.from(trees.roots, (root) => depthOf(trees, root)),
    );
    // The degree is one less than the number of features on a path.
    const pointCount = Math.max(1, Math.ceil(Math.min(depth, cols) / 2));
    const { points, weights } = gaussLegendre(pointCount);
    this.#trees = trees;
    this.#points = points;
    this.#weights = weights;
    this.#goes = new Float64Array(cols).fill(1);
    this.#shares = new Float64Array(cols).fill(1);
    this.#products = new Float64Array((depth + 1) * pointCount).fill(1);
    this.#sums = new Float64Array((depth + 1) * pointCount);
  }

  addRow(row: Float64Array, result: Float64Array): void {
    for (const root of this.#trees.roots) this.#walk(root, 0, row, result);
  }

  #walk(
    node: number,
    depth: number,
    row: Float64Array,
    result: Float64Array,
  ): void {
    const { features, values, children, counts } = this.#trees;
    const size = this.#points.length;
    const here = depth * size;
    const feature = features[node];
    if (feature === LEAF) {
      for (let q = 0; q < size; q++) {
        this.#sums[here + q] = values[node] * this.#products[here + q];
      }
      return;
    }
    this.#sums.fill(0, here, here + size);
    const goes = this.#goes[feature];
    const share = this.#shares[feature];
    const taken = row[feature] <= values[node] ? 0 : 1;
    for (let side = 0; side < 2; side++) {
      const child = children[node] + side;
      const goesOn = side === taken ? goes : 0;
      const shareOn = share * counts[child] / counts[node];
      this.#goes[feature] = goesOn;
      this.#shares[feature] = shareOn;
      for (let q = 0; q < size; q++) {
        const t = this.#points[q];
        this.#products[here + size + q] = this.#products[here + q] *
          (shareOn + (goesOn - shareOn) * t) / (share + (goes - share) * t);
      }
      this.#walk(child, depth + 1, row, result);
      // What lies below counted as it was before this split, now does as it is.
      for (let q = 0; q < size; q++) {
        const t = this.#points[q];
        const below = this.#sums[here + size + q];
        const gain = (goesOn - shareOn) / (shareOn + (goesOn - shareOn) * t) -
          (goes - share) / (share + (goes - share) * t);
        result[feature] += this.#weights[q] * below * gain;
        this.#sums[here + q] += below;
      }
    }
    this.#goes[feature] = goes;
    this.#shares[feature] = share;
  }
}

function depthOf(trees: IsolationTrees, node: number): number {
  if (trees.features[node] === LEAF) return 0;
  const left = trees.children[node];
  return 1 + Math.max(depthOf(trees, left), depthOf(trees, left + 1));
}
