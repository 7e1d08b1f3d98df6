// Isolation trees of at most 8 levels over tables of few columns: sixteen rows at
// a time, all in SIMD. A swizzle looks sixteen bytes up in a table of sixteen,
// so the nodes stand in tables of bytes, one each for the feature and the upper
// and lower byte of the rank up to which rows go left, 256 bytes each by the
// number of the node: 1, its children 2 and 3, and so on. The lengths of the 256
// leaves follow as doubles. A column's ranks are two planes of bytes likewise.
// Lower bytes are stored less 128, for SIMD compares bytes with their sign.

const TABLE_BYTES: usize = 256;
const TREE_BYTES: usize = 3 * TABLE_BYTES + 8 * 256;

/** Takes a column's 16-bit ranks apart; `rows` is a multiple of 16. */
export function splitRanks(
  ranks: usize,
  rows: i32,
  upper: usize,
  lower: usize,
): void {
  const byte = i16x8.splat(255);
  const sign = i8x16.splat(-128);
  for (let i = 0; i < rows; i += 16) {
    const a = v128.load(ranks);
    const b = v128.load(ranks, 16);
    v128.store(
      upper,
      i8x16.narrow_i16x8_u(i16x8.shr_u(a, 8), i16x8.shr_u(b, 8)),
    );
    const low = i8x16.narrow_i16x8_u(v128.and(a, byte), v128.and(b, byte));
    v128.store(lower, v128.xor(low, sign));
    ranks += 32;
    upper += 16;
    lower += 16;
  }
}

/**
 * Adds each row's path length in each tree to its sum, tree after tree. Column j
 * has its upper bytes `2 * j * plane` bytes into `ranks` and its lower bytes
 * `plane` further; `rows` is a multiple of 16.
 */
export function addNarrowPathLengths(
  trees: usize,
  treeCount: i32,
  ranks: usize,
  cols: i32,
  plane: usize,
  rows: i32,
  sums: usize,
): void {
  for (let t = 0; t < treeCount; t++) {
    for (let i = 0; i < rows; i += 16) {
      const column = ranks + <usize> i;
      let k = i8x16.splat(1);
      k = step(trees, k, column, cols, plane, 0);
      k = step(trees, k, column, cols, plane, 1);
      k = step(trees, k, column, cols, plane, 2);
      k = step(trees, k, column, cols, plane, 3);
      k = step(trees, k, column, cols, plane, 4);
      k = step(trees, k, column, cols, plane, 5);
      k = step(trees, k, column, cols, plane, 6);
      k = step(trees, k, column, cols, plane, 7);
      addLeaves(trees + 3 * TABLE_BYTES, k, sums + (<usize> i << 3));
    }
    trees += TREE_BYTES;
  }
}

/** One level down for sixteen rows at nodes `k`. */
// @ts-ignore: decorator
@inline
function step(
  trees: usize,
  k: v128,
  column: usize,
  cols: i32,
  plane: usize,
  level: i32,
): v128 {
  const feature = look(trees, k, level);
  let upper = i8x16.splat(0);
  let lower = i8x16.splat(0);
  let j = i8x16.splat(0);
  for (let c = 0; c < cols; c++) {
    const isIt = i8x16.eq(feature, j);
    upper = v128.or(upper, v128.and(isIt, v128.load(column)));
    lower = v128.or(lower, v128.and(isIt, v128.load(column + plane)));
    j = i8x16.sub(j, i8x16.splat(-1));
    column += 2 * plane;
  }
  const upperOfNode = look(trees + TABLE_BYTES, k, level);
  const lowerOfNode = look(trees + 2 * TABLE_BYTES, k, level);
  const goesRight = v128.or(
    i8x16.gt_s(upper, upperOfNode),
    v128.and(i8x16.eq(upper, upperOfNode), i8x16.gt_s(lower, lowerOfNode)),
  );
  return i8x16.sub(i8x16.add(k, k), goesRight);
}

/** Looks nodes of one level up. An index outside a table of sixteen gives 0. */
// @ts-ignore: decorator
@inline
function look(table: usize, k: v128, level: i32): v128 {
  if (level < 4) return i8x16.swizzle(v128.load(table), k);
  if (level == 4) return lookIn(table, k, 16);
  if (level == 5) return lookInTwo(table, k, 32);
  if (level == 6) return lookInFour(table, k, 64);
  return v128.or(lookInFour(table, k, 128), lookInFour(table, k, 192));
}

// @ts-ignore: decorator
@inline
function lookIn(table: usize, k: v128, first: i32): v128 {
  const index = i8x16.sub(k, i8x16.splat(<i8> first));
  return i8x16.swizzle(v128.load(table + first), index);
}

// @ts-ignore: decorator
@inline
function lookInTwo(table: usize, k: v128, first: i32): v128 {
  return v128.or(lookIn(table, k, first), lookIn(table, k, first + 16));
}

// @ts-ignore: decorator
@inline
function lookInFour(table: usize, k: v128, first: i32): v128 {
  return v128.or(lookInTwo(table, k, first), lookInTwo(table, k, first + 32));
}

// @ts-ignore: decorator
@inline
function addLeaves(leaves: usize, k: v128, sums: usize): void {
  add(leaves, i8x16.extract_lane_u(k, 0), sums);
  add(leaves, i8x16.extract_lane_u(k, 1), sums + 8);
  add(leaves, i8x16.extract_lane_u(k, 2), sums + 16);
  add(leaves, i8x16.extract_lane_u(k, 3), sums + 24);
  add(leaves, i8x16.extract_lane_u(k, 4), sums + 32);
  add(leaves, i8x16.extract_lane_u(k, 5), sums + 40);
  add(leaves, i8x16.extract_lane_u(k, 6), sums + 48);
  add(leaves, i8x16.extract_lane_u(k, 7), sums + 56);
  add(leaves, i8x16.extract_lane_u(k, 8), sums + 64);
  add(leaves, i8x16.extract_lane_u(k, 9), sums + 72);
  add(leaves, i8x16.extract_lane_u(k, 10), sums + 80);
  add(leaves, i8x16.extract_lane_u(k, 11), sums + 88);
  add(leaves, i8x16.extract_lane_u(k, 12), sums + 96);
  add(leaves, i8x16.extract_lane_u(k, 13), sums + 104);
  add(leaves, i8x16.extract_lane_u(k, 14), sums + 112);
  add(leaves, i8x16.extract_lane_u(k, 15), sums + 120);
}

/** Leaf 256 + `leaf`. */
// @ts-ignore: decorator
@inline
function add(leaves: usize, leaf: usize, sum: usize): void {
  store<f64>(sum, load<f64>(sum) + load<f64>(leaves + (leaf << 3)));
}
