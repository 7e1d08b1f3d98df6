// Products of 32-bit matrices, blocked so that a block of the result stays in
// registers: up to 5 rows by 8 columns, 10 of the 15 vector registers that a
// WebAssembly engine has left on x86.
//
// All matrices are row-major; a stride is the distance of two rows in bytes.
// The left factor is read four rows at once, so that they must lie side by
// side: a transposed one does, any other is laid out so first. An engine that
// checks the bounds of every load is the reason: fewer loads, fewer checks.

import { madd } from "./math";

export const PANEL: usize = 8;
const PANEL_BYTES: usize = 32;
// Rows of the left factor that are laid out side by side.
const SIDE: i32 = 4;
const SIDE_BYTES: usize = 16;
// Rows of a block of a transposed left factor.
const TALL: i32 = 5;
// Rows of the left factor that stay in the cache while all panels pass; the
// library reserves room for them.
const ROW_CHUNK: i32 = 32;
// Terms of a sum that are added before the result is stored again.
const SUM_CHUNK: i32 = 128;

/** Columns up to whole panels. */
// @ts-ignore: decorator
@inline
export function upToPanel(cols: i32): i32 {
  return (cols + <i32>PANEL - 1) & -<i32>PANEL;
}

/** One lane of a vector, four times. */
// @ts-ignore: decorator
@inline
function lane0(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 0, 0, 0, 0);
}

// @ts-ignore: decorator
@inline
function lane1(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 1, 1, 1, 1);
}

// @ts-ignore: decorator
@inline
function lane2(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 2, 2, 2, 2);
}

// @ts-ignore: decorator
@inline
function lane3(a: v128): v128 {
  return v128.shuffle<f32>(a, a, 3, 3, 3, 3);
}

/** One block of the result: `rows` by 8, a sum of `terms` outer products. `a`
 * holds the rows of the left factor side by side, `aStep` from term to term;
 * `b` a panel, `bStep` from term to term. For a constant `rows` the compiler
 * leaves out the branches. */
// @ts-ignore: decorator
@inline
function block(
  rows: i32,
  terms: i32,
  a: usize,
  aStep: usize,
  b: usize,
  bStep: usize,
  start: usize,
  startStride: usize,
  c: usize,
  cStride: usize,
): void {
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
  let c40 = c00, c41 = c01;
  if (rows > 1) {
    c10 = v128.load(start + startStride);
    c11 = v128.load(start + startStride, 16);
  }
  if (rows > 2) {
    c20 = v128.load(start + startStride * 2);
    c21 = v128.load(start + startStride * 2, 16);
  }
  if (rows > 3) {
    c30 = v128.load(start + startStride * 3);
    c31 = v128.load(start + startStride * 3, 16);
  }
  if (rows > 4) {
    c40 = v128.load(start + startStride * 4);
    c41 = v128.load(start + startStride * 4, 16);
  }
  for (let k = 0; k < terms; k++) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    const side = v128.load(a);
    const a0 = lane0(side);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    if (rows > 1) {
      const a1 = lane1(side);
      c10 = madd(a1, b0, c10);
      c11 = madd(a1, b1, c11);
    }
    if (rows > 2) {
      const a2 = lane2(side);
      c20 = madd(a2, b0, c20);
      c21 = madd(a2, b1, c21);
    }
    if (rows > 3) {
      const a3 = lane3(side);
      c30 = madd(a3, b0, c30);
      c31 = madd(a3, b1, c31);
    }
    if (rows > 4) {
      const a4 = v128.load32_splat(a, 16);
      c40 = madd(a4, b0, c40);
      c41 = madd(a4, b1, c41);
    }
    a += aStep;
    b += bStep;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  if (rows > 1) {
    v128.store(c + cStride, c10);
    v128.store(c + cStride, c11, 16);
  }
  if (rows > 2) {
    v128.store(c + cStride * 2, c20);
    v128.store(c + cStride * 2, c21, 16);
  }
  if (rows > 3) {
    v128.store(c + cStride * 3, c30);
    v128.store(c + cStride * 3, c31, 16);
  }
  if (rows > 4) {
    v128.store(c + cStride * 4, c40);
    v128.store(c + cStride * 4, c41, 16);
  }
}

/** Rows side by side, 4 by 4: all terms of rows 0 to 3, then of rows 4 to 7.
 * Rows beyond the last hold what happens to be there. */
function layOut(
  rows: i32,
  terms: i32,
  a: usize,
  stride: usize,
  target: usize,
): void {
  for (let i = 0; i < rows; i += SIDE) {
    let source = a + <usize>i * stride;
    let k = 0;
    for (; k + 4 <= terms; k += 4) {
      const r0 = v128.load(source), r1 = v128.load(source + stride);
      const r2 = v128.load(source + 2 * stride);
      const r3 = v128.load(source + 3 * stride);
      const p0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
      const p1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
      const p2 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
      const p3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
      v128.store(target, v128.shuffle<f32>(p0, p2, 0, 1, 4, 5));
      v128.store(target, v128.shuffle<f32>(p0, p2, 2, 3, 6, 7), 16);
      v128.store(target, v128.shuffle<f32>(p1, p3, 0, 1, 4, 5), 32);
      v128.store(target, v128.shuffle<f32>(p1, p3, 2, 3, 6, 7), 48);
      source += 16;
      target += 64;
    }
    for (; k < terms; k++) {
      store<f32>(target, load<f32>(source));
      store<f32>(target, load<f32>(source + stride), 4);
      store<f32>(target, load<f32>(source + 2 * stride), 8);
      store<f32>(target, load<f32>(source + 3 * stride), 12);
      source += 4;
      target += 16;
    }
  }
}

/** A single row times 4 panels: 8 independent sums hide the latency. */
function rowOf4(
  terms: i32,
  a: usize,
  b: usize,
  start: usize,
  c: usize,
): void {
  const pitch = <usize>terms * PANEL_BYTES;
  const q1 = pitch, q2 = pitch * 2, q3 = pitch * 3;
  let c0 = v128.load(start), c1 = v128.load(start, 16);
  let c2 = v128.load(start, 32), c3 = v128.load(start, 48);
  let c4 = v128.load(start, 64), c5 = v128.load(start, 80);
  let c6 = v128.load(start, 96), c7 = v128.load(start, 112);
  for (let k = 0; k < terms; k++) {
    const a0 = v128.load32_splat(a);
    c0 = madd(a0, v128.load(b), c0);
    c1 = madd(a0, v128.load(b, 16), c1);
    c2 = madd(a0, v128.load(b + q1), c2);
    c3 = madd(a0, v128.load(b + q1, 16), c3);
    c4 = madd(a0, v128.load(b + q2), c4);
    c5 = madd(a0, v128.load(b + q2, 16), c5);
    c6 = madd(a0, v128.load(b + q3), c6);
    c7 = madd(a0, v128.load(b + q3, 16), c7);
    a += 4;
    b += PANEL_BYTES;
  }
  v128.store(c, c0);
  v128.store(c, c1, 16);
  v128.store(c, c2, 32);
  v128.store(c, c3, 48);
  v128.store(c, c4, 64);
  v128.store(c, c5, 80);
  v128.store(c, c6, 96);
  v128.store(c, c7, 112);
}

function singleRow(
  cols: i32,
  terms: i32,
  a: usize,
  b: usize,
  start: usize,
  c: usize,
): void {
  const pitch = <usize>terms * PANEL_BYTES;
  let j = 0;
  for (; j + 32 <= cols; j += 32) {
    rowOf4(terms, a, b, start, c);
    b += 4 * pitch;
    start += 128;
    c += 128;
  }
  for (; j < cols; j += <i32>PANEL) {
    block(1, terms, a, 4, b, PANEL_BYTES, start, 0, c, 0);
    b += pitch;
    start += PANEL_BYTES;
    c += PANEL_BYTES;
  }
}

/**
 * C = start + A B.
 *
 * A is (rows, terms) with `aStride`; B is panels of 8 columns, each `terms`
 * rows long; C is (rows, cols), `cols` a multiple of 8. `start` is a matrix, or
 * with a stride of 0 one row for all, such as a bias or zeros. `room` is for
 * 32 rows of A.
 */
export function product(
  rows: i32,
  cols: i32,
  terms: i32,
  a: usize,
  aStride: usize,
  b: usize,
  start: usize,
  startStride: usize,
  c: usize,
  cStride: usize,
  room: usize,
): void {
  if (rows == 1) return singleRow(cols, terms, a, b, start, c);
  const sideStep = <usize>terms * SIDE_BYTES;
  for (let first = 0; first < rows; first += ROW_CHUNK) {
    const count = min(ROW_CHUNK, rows - first);
    layOut(count, terms, a + <usize>first * aStride, aStride, room);
    for (let j = 0; j < cols; j += <i32>PANEL) {
      const panel = b + <usize>j * <usize>terms * 4;
      let side = room;
      let si = start + <usize>first * startStride + <usize>j * 4;
      let ci = c + <usize>first * cStride + <usize>j * 4;
      let left = count;
      for (; left >= SIDE; left -= SIDE) {
        block(4, terms, side, SIDE_BYTES, panel, PANEL_BYTES, si, startStride, ci, cStride);
        side += sideStep;
        si += <usize>SIDE * startStride;
        ci += <usize>SIDE * cStride;
      }
      if (left == 3) {
        block(3, terms, side, SIDE_BYTES, panel, PANEL_BYTES, si, startStride, ci, cStride);
      } else if (left == 2) {
        block(2, terms, side, SIDE_BYTES, panel, PANEL_BYTES, si, startStride, ci, cStride);
      } else if (left == 1) {
        block(1, terms, side, SIDE_BYTES, panel, PANEL_BYTES, si, startStride, ci, cStride);
      }
    }
  }
}

/** Rows that the next block takes, so that all blocks are about equally high. */
// @ts-ignore: decorator
@inline
function nextRows(left: i32): i32 {
  return left / ((left + TALL - 1) / TALL);
}

/**
 * C += A' B, a sum over the rows of both: a gradient of weights.
 *
 * A is (terms, rows) with `aStride`, B is (terms, cols) with `bStride`; C is
 * (rows, cols), `cols` a multiple of 8.
 */
export function transposedProduct(
  rows: i32,
  cols: i32,
  terms: i32,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  c: usize,
  cStride: usize,
): void {
  for (let k = 0; k < terms; k += SUM_CHUNK) {
    const count = min(SUM_CHUNK, terms - k);
    const ak = a + <usize>k * aStride;
    const bk = b + <usize>k * bStride;
    for (let j = 0; j < cols; j += <i32>PANEL) {
      const bj = bk + <usize>j * 4;
      for (let i = 0; i < rows;) {
        const height = nextRows(rows - i);
        const ai = ak + <usize>i * 4;
        const ci = c + <usize>i * cStride + <usize>j * 4;
        if (height == 5) block(5, count, ai, aStride, bj, bStride, ci, cStride, ci, cStride);
        else if (height == 4) block(4, count, ai, aStride, bj, bStride, ci, cStride, ci, cStride);
        else if (height == 3) block(3, count, ai, aStride, bj, bStride, ci, cStride, ci, cStride);
        else if (height == 2) block(2, count, ai, aStride, bj, bStride, ci, cStride, ci, cStride);
        else block(1, count, ai, aStride, bj, bStride, ci, cStride, ci, cStride);
        i += height;
      }
    }
  }
}
