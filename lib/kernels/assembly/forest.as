// Isolation trees over blocks of rows, of any number of columns. Values are ranks
// among the thresholds of their feature, 16-bit integers, so that comparing them
// is exact and quick.
//
// A tree is complete and in heap order: node k (from 1) has the children 2k and
// 2k + 1. A node is 8 bytes: the byte offset of its feature's column in the
// ranks, then the rank up to which rows go left. The leaves follow as nodes
// 2^depth and up, whose 8 bytes are a double, the path length. There is no gather
// in WebAssembly: the upper four levels compare eight rows with every node at
// once, the others go row by row, eight at a time, so that the processor has
// eight independent walks to overlap.

export { addNarrowPathLengths, splitRanks } from "./narrow_trees";

/** Nodes in the four levels that are compared as a whole, from 1. */
const SIMD_LEVELS: i32 = 4;

/**
 * How many thresholds lie below each value: `table` holds 2^steps - 1 of them
 * in ascending order, filled up with infinity; `stride` is the row's bytes;
 * `rows` is a multiple of 4.
 */
export function rankColumn(
  values: usize,
  stride: usize,
  rows: i32,
  table: usize,
  steps: i32,
  ranks: usize,
): void {
  for (let i = 0; i < rows; i += 4) {
    const a = load<f64>(values);
    const b = load<f64>(values + stride);
    const c = load<f64>(values + 2 * stride);
    const d = load<f64>(values + 3 * stride);
    let p: usize = 0;
    let q: usize = 0;
    let r: usize = 0;
    let s: usize = 0;
    for (let step = (<usize> 1 << steps) >> 1; step > 0; step >>= 1) {
      const middle = table + (step << 3) - 8;
      p += step * usize(load<f64>(middle + (p << 3)) < a);
      q += step * usize(load<f64>(middle + (q << 3)) < b);
      r += step * usize(load<f64>(middle + (r << 3)) < c);
      s += step * usize(load<f64>(middle + (s << 3)) < d);
    }
    store<u16>(ranks, <u16> p);
    store<u16>(ranks, <u16> q, 2);
    store<u16>(ranks, <u16> r, 4);
    store<u16>(ranks, <u16> s, 6);
    values += 4 * stride;
    ranks += 8;
  }
}

/**
 * Adds each row's path length in each tree to its sum, tree after tree: `rows`
 * is a multiple of 8, `depth` at least 4.
 */
export function addPathLengths(
  trees: usize,
  treeCount: i32,
  depth: i32,
  ranks: usize,
  rows: i32,
  sums: usize,
): void {
  const nodeBytes = <usize> 8 << depth;
  for (let t = 0; t < treeCount; t++) {
    for (let i = 0; i < rows; i += 8) {
      walkEight(trees, depth, ranks + (<usize> i << 1), sums + (<usize> i << 3));
    }
    trees += 2 * nodeBytes;
  }
}

/** The rows' answers at node k: all bits where they go right. */
// @ts-ignore: decorator
@inline
function answers(trees: usize, k: usize, column: usize): v128 {
  const node = trees + (k << 3);
  return i16x8.gt_s(
    v128.load(column + load<u32>(node)),
    v128.load16_splat(node, 4),
  );
}

/** The answers of the child that each row went to. */
// @ts-ignore: decorator
@inline
function chosen(left: v128, right: v128, went: v128): v128 {
  return v128.bitselect(right, left, went);
}

// @ts-ignore: decorator
@inline
function upperLevels(trees: usize, column: usize): v128 {
  const first = answers(trees, 1, column);
  const second = chosen(
    answers(trees, 2, column),
    answers(trees, 3, column),
    first,
  );
  const third = chosen(
    chosen(answers(trees, 4, column), answers(trees, 5, column), second),
    chosen(answers(trees, 6, column), answers(trees, 7, column), second),
    first,
  );
  const fourth = chosen(
    chosen(
      chosen(answers(trees, 8, column), answers(trees, 9, column), third),
      chosen(answers(trees, 10, column), answers(trees, 11, column), third),
      second,
    ),
    chosen(
      chosen(answers(trees, 12, column), answers(trees, 13, column), third),
      chosen(answers(trees, 14, column), answers(trees, 15, column), third),
      second,
    ),
    first,
  );
  // An answer is 0 or -1: 16 + 8 first + 4 second + 2 third + fourth.
  let node = i16x8.sub(i16x8.splat(2), first);
  node = i16x8.sub(i16x8.shl(node, 1), second);
  node = i16x8.sub(i16x8.shl(node, 1), third);
  return i16x8.sub(i16x8.shl(node, 1), fourth);
}

/** One level down, for the row whose ranks start `lane` bytes further: right
 * where the node's rank less the row's is negative. */
// @ts-ignore: decorator
@inline
function step(trees: usize, k: usize, column: usize, lane: usize): usize {
  const node = load<u64>(trees + (k << 3));
  const rank = <i64> load<i16>(column + <usize> node + lane);
  return (k << 1) + usize(<u64> (<i64> (node >> 32) - rank) >>> 63);
}

// @ts-ignore: decorator
@inline
function add(sums: usize, trees: usize, leaf: usize): void {
  store<f64>(sums, load<f64>(sums) + load<f64>(trees + (leaf << 3)));
}

// @ts-ignore: decorator
@inline
function walkEight(
  trees: usize,
  depth: i32,
  column: usize,
  sums: usize,
): void {
  const nodes = upperLevels(trees, column);
  let a: usize = i16x8.extract_lane_u(nodes, 0);
  let b: usize = i16x8.extract_lane_u(nodes, 1);
  let c: usize = i16x8.extract_lane_u(nodes, 2);
  let d: usize = i16x8.extract_lane_u(nodes, 3);
  let e: usize = i16x8.extract_lane_u(nodes, 4);
  let f: usize = i16x8.extract_lane_u(nodes, 5);
  let g: usize = i16x8.extract_lane_u(nodes, 6);
  let h: usize = i16x8.extract_lane_u(nodes, 7);
  for (let level = SIMD_LEVELS; level < depth; level++) {
    a = step(trees, a, column, 0);
    b = step(trees, b, column, 2);
    c = step(trees, c, column, 4);
    d = step(trees, d, column, 6);
    e = step(trees, e, column, 8);
    f = step(trees, f, column, 10);
    g = step(trees, g, column, 12);
    h = step(trees, h, column, 14);
  }
  add(sums, trees, a);
  add(sums + 8, trees, b);
  add(sums + 16, trees, c);
  add(sums + 24, trees, d);
  add(sums + 32, trees, e);
  add(sums + 40, trees, f);
  add(sums + 48, trees, g);
  add(sums + 56, trees, h);
}
