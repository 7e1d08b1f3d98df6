/**
 * Isolation trees in flat arrays. The nodes of all trees stand one tree after
 * the other; the two children of a node stand side by side and always after
 * their parent, so that one index names both and no walk can run in a circle.
 *
 * @see F. T. Liu, K. M. Ting, Z.-H. Zhou, Isolation Forest (2008).
 *
 * @module
 */

import type { Matrix } from "../numeric/matrix.ts";
import type { Random } from "../numeric/random.ts";

/** Stands in {@linkcode IsolationTrees} as the feature of a leaf. */
export const LEAF: number = -1;

const EULER_GAMMA = 0.5772156649015329;

/** The nodes of one or more trees, element by element. */
export type IsolationTrees = {
  /** The first node of each tree, shape `(trees)`, ascending from 0. */
  readonly roots: Int32Array;
  /** The feature that a node splits, or {@linkcode LEAF}, shape `(nodes)`. */
  readonly features: Int32Array;
  /**
   * Where a node splits (a value up to and including it goes left); for a leaf
   * the path length, `depth + averagePathLength(rows in it)`. Shape `(nodes)`.
   */
  readonly values: Float64Array;
  /** The left child; the right one follows it. 0 for a leaf. Shape `(nodes)`. */
  readonly children: Int32Array;
  /** How many rows of the subsample reached a node. Shape `(nodes)`. */
  readonly counts: Int32Array;
};

/**
 * The mean path length of an unsuccessful search in a binary search tree of n
 * keys, `c(n) = 2 (ln(n - 1) + γ) - 2 (n - 1) / n`, with `c(2) = 1` and
 * `c(1) = 0`: what a tree would still have to split in a leaf of n rows.
 *
 * @param n Number of rows, an integer >= 1.
 * @returns The mean path length, in edges.
 * @throws {RangeError} If n is not an integer >= 1.
 * @see Liu et al. (2008), equation 1.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { averagePathLength } from "lib/detect/isolation_tree.ts";
 *
 * assert.equal(averagePathLength(2), 1);
 * assert.equal(averagePathLength(256).toFixed(3), "10.245");
 * ```
 */
export function averagePathLength(n: number): number {
  if (!(Number.isInteger(n) && n >= 1)) {
    throw new RangeError(
      `Cannot take an average path length: n is ${n}, expected an integer >= 1`,
    );
  }
  if (n === 1) return 0;
  if (n === 2) return 1;
  return 2 * (Math.log(n - 1) + EULER_GAMMA) - 2 * (n - 1) / n;
}

/**
 * The height at which a tree stops, `ceil(log2(psi))`: about the mean depth of
 * psi rows. What lies deeper is not anomalous.
 *
 * @param subsampleSize Rows of the tree, psi.
 * @returns The height, in edges.
 */
export function heightLimit(subsampleSize: number): number {
  return Math.ceil(Math.log2(subsampleSize));
}

/**
 * Grows one tree: each node splits a feature, drawn from those that are not
 * constant in it, at a value drawn uniformly between its least and greatest,
 * down to single rows, constant rows, or the height `ceil(log2(psi))`.
 *
 * @param x The training rows, shape `(n, d)`.
 * @param sample The rows of this tree, psi of them; reordered.
 * @param random The tree's own stream.
 * @returns The tree, with `roots` holding the one 0.
 */
export function growTree(
  x: Matrix,
  sample: Uint32Array,
  random: Random,
): IsolationTrees {
  const limit = heightLimit(sample.length);
  const capacity = 2 * sample.length - 1;
  const features = new Int32Array(capacity).fill(LEAF);
  const values = new Float64Array(capacity);
  const children = new Int32Array(capacity);
  const counts = new Int32Array(capacity);
  const candidates = Uint32Array.from({ length: x.cols }, (_, j) => j);
  let nodeCount = 1;

  function grow(node: number, rows: Uint32Array, depth: number): void {
    counts[node] = rows.length;
    const split = depth < limit && rows.length > 1
      ? drawSplit(x, rows, candidates, random)
      : undefined;
    if (split === undefined) {
      values[node] = depth + averagePathLength(rows.length);
      return;
    }
    const middle = partitionInPlace(x, rows, split.feature, split.value);
    const left = nodeCount;
    nodeCount += 2;
    features[node] = split.feature;
    values[node] = split.value;
    children[node] = left;
    grow(left, rows.subarray(0, middle), depth + 1);
    grow(left + 1, rows.subarray(middle), depth + 1);
  }

  grow(0, sample, 0);
  return {
    roots: Int32Array.of(0),
    features: features.slice(0, nodeCount),
    values: values.slice(0, nodeCount),
    children: children.slice(0, nodeCount),
    counts: counts.slice(0, nodeCount),
  };
}

/**
 * Joins trees into one set of arrays.
 *
 * @param trees The trees, at least one.
 * @returns The trees in the same order.
 */
export function joinTrees(trees: readonly IsolationTrees[]): IsolationTrees {
  const nodeCount = trees.reduce((sum, tree) => sum + tree.values.length, 0);
  const roots = new Int32Array(trees.length);
  const features = new Int32Array(nodeCount);
  const values = new Float64Array(nodeCount);
  const children = new Int32Array(nodeCount);
  const counts = new Int32Array(nodeCount);
  let root = 0;
  trees.forEach((tree, t) => {
    roots[t] = root;
    features.set(tree.features, root);
    values.set(tree.values, root);
    counts.set(tree.counts, root);
    children.set(
      tree.children.map((child) => child === 0 ? 0 : child + root),
      root,
    );
    root += tree.values.length;
  });
  return { roots, features, values, children, counts };
}

/**
 * Sums the path lengths of each row over all trees.
 *
 * @param trees The trees, grown on d features.
 * @param x The rows, shape `(n, d)`.
 * @returns The sums, shape `(n)`, in edges.
 */
export function sumPathLengths(trees: IsolationTrees, x: Matrix): Float64Array {
  const { roots, features, values, children } = trees;
  const { data, rows, cols } = x;
  const sums = new Float64Array(rows);
  // Trees outside, rows inside: one tree at a time fits the first-level cache.
  for (let t = 0; t < roots.length; t++) {
    const root = roots[t];
    for (let i = 0; i < rows; i++) {
      const start = i * cols;
      let node = root;
      let feature = features[node];
      while (feature !== LEAF) {
        const right = data[start + feature] <= values[node] ? 0 : 1;
        node = children[node] + right;
        feature = features[node];
      }
      sums[i] += values[node];
    }
  }
  return sums;
}

/** Draws a feature and a value, or nothing where all rows are equal. */
function drawSplit(
  x: Matrix,
  rows: Uint32Array,
  candidates: Uint32Array,
  random: Random,
): { feature: number; value: number } | undefined {
  for (let left = candidates.length; left > 0; left--) {
    const pick = random.integer(left);
    const feature = candidates[pick];
    const [low, high] = columnRange(x, rows, feature);
    if (low < high) {
      const share = random.uniform();
      // Not low + share * (high - low), which overflows on the largest doubles.
      const value = low * (1 - share) + high * share;
      // Rounding must leave at least one row on either side.
      return { feature, value: value >= low && value < high ? value : low };
    }
    candidates[pick] = candidates[left - 1];
    candidates[left - 1] = feature;
  }
  return undefined;
}

function columnRange(
  x: Matrix,
  rows: Uint32Array,
  feature: number,
): [low: number, high: number] {
  let low = Infinity;
  let high = -Infinity;
  for (let k = 0; k < rows.length; k++) {
    const value = x.data[rows[k] * x.cols + feature];
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}

/** Moves the rows that go left to the front and counts them. */
function partitionInPlace(
  x: Matrix,
  rows: Uint32Array,
  feature: number,
  split: number,
): number {
  let middle = 0;
  for (let k = 0; k < rows.length; k++) {
    const row = rows[k];
    if (x.data[row * x.cols + feature] <= split) {
      rows[k] = rows[middle];
      rows[middle++] = row;
    }
  }
  return middle;
}
