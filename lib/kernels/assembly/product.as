// Products of 32-bit matrices, blocked so that a block of the result stays in
// registers: up to 6 rows by 8 columns, 12 of the 15 vector registers that a
// WebAssembly engine has left on x86.
//
// All matrices are row-major; a stride is the distance of two rows in bytes.
// The right factor comes as panels of 8 columns, or as a plain matrix whose
// stride and panel pitch are given. A result starts at `start`: with
// a stride of 0 that is one row for all, such as a bias or zeros.

import { madd } from "./math";

export const PANEL: usize = 8;
/** Columns up to whole panels. */
// @ts-ignore: decorator
@inline
export function upToPanel(cols: i32): i32 {
  return (cols + <i32>PANEL - 1) & -<i32>PANEL;
}

const PANEL_BYTES: usize = 32;
const ROW_BLOCK: i32 = 6;
// Rows of the left factor that stay in the cache while all panels pass.
const ROW_CHUNK: i32 = 96;
// Terms of a sum that are added before the result is stored again.
const SUM_CHUNK: i32 = 128;

/** One block of the result: `rows` by 8, a sum of `terms` outer products. For
 * a constant `rows` the compiler leaves out the branches. `rowStep` is the
 * distance of two rows of the left factor, `termStep` of two terms. */
// @ts-ignore: decorator
@inline
function block(
  rows: i32,
  terms: i32,
  a: usize,
  rowStep: usize,
  termStep: usize,
  b: usize,
  bStride: usize,
  start: usize,
  startStride: usize,
  c: usize,
  cStride: usize,
): void {
  let c00 = v128.load(start), c01 = v128.load(start, 16);
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01;
  let c40 = c00, c41 = c01, c50 = c00, c51 = c01;
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
  if (rows > 5) {
    c50 = v128.load(start + startStride * 5);
    c51 = v128.load(start + startStride * 5, 16);
  }
  for (let k = 0; k < terms; k++) {
    const b0 = v128.load(b), b1 = v128.load(b, 16);
    const a0 = v128.load32_splat(a);
    c00 = madd(a0, b0, c00);
    c01 = madd(a0, b1, c01);
    if (rows > 1) {
      const a1 = v128.load32_splat(a + rowStep);
      c10 = madd(a1, b0, c10);
      c11 = madd(a1, b1, c11);
    }
    if (rows > 2) {
      const a2 = v128.load32_splat(a + rowStep * 2);
      c20 = madd(a2, b0, c20);
      c21 = madd(a2, b1, c21);
    }
    if (rows > 3) {
      const a3 = v128.load32_splat(a + rowStep * 3);
      c30 = madd(a3, b0, c30);
      c31 = madd(a3, b1, c31);
    }
    if (rows > 4) {
      const a4 = v128.load32_splat(a + rowStep * 4);
      c40 = madd(a4, b0, c40);
      c41 = madd(a4, b1, c41);
    }
    if (rows > 5) {
      const a5 = v128.load32_splat(a + rowStep * 5);
      c50 = madd(a5, b0, c50);
      c51 = madd(a5, b1, c51);
    }
    a += termStep;
    b += bStride;
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
  if (rows > 5) {
    v128.store(c + cStride * 5, c50);
    v128.store(c + cStride * 5, c51, 16);
  }
}

function blockOf1(terms: i32, a: usize, b: usize, start: usize, c: usize): void {
  block(1, terms, a, 0, 4, b, PANEL_BYTES, start, 0, c, 0);
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
    blockOf1(terms, a, b, start, c);
    b += pitch;
    start += PANEL_BYTES;
    c += PANEL_BYTES;
  }
}

/** Rows that the next block takes, so that all blocks are about equally high. */
// @ts-ignore: decorator
@inline
function nextRows(left: i32): i32 {
  const blocks = (left + ROW_BLOCK - 1) / ROW_BLOCK;
  return left / blocks;
}

function blockOf2(terms: i32, a: usize, rowStep: usize, b: usize, start: usize, startStride: usize, c: usize, cStride: usize): void {
  block(2, terms, a, rowStep, 4, b, PANEL_BYTES, start, startStride, c, cStride);
}
function blockOf3(terms: i32, a: usize, rowStep: usize, b: usize, start: usize, startStride: usize, c: usize, cStride: usize): void {
  block(3, terms, a, rowStep, 4, b, PANEL_BYTES, start, startStride, c, cStride);
}
function blockOf4(terms: i32, a: usize, rowStep: usize, b: usize, start: usize, startStride: usize, c: usize, cStride: usize): void {
  block(4, terms, a, rowStep, 4, b, PANEL_BYTES, start, startStride, c, cStride);
}
function blockOf5(terms: i32, a: usize, rowStep: usize, b: usize, start: usize, startStride: usize, c: usize, cStride: usize): void {
  block(5, terms, a, rowStep, 4, b, PANEL_BYTES, start, startStride, c, cStride);
}
function blockOf6(terms: i32, a: usize, rowStep: usize, b: usize, start: usize, startStride: usize, c: usize, cStride: usize): void {
  block(6, terms, a, rowStep, 4, b, PANEL_BYTES, start, startStride, c, cStride);
}

/**
 * C = start + A B.
 *
 * A is (rows, terms) with `aStride`; B is panels, `terms` rows of 8 each; C is
 * (rows, cols), `cols` a multiple of 8.
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
): void {
  if (rows == 1) return singleRow(cols, terms, a, b, start, c);
  for (let first = 0; first < rows; first += ROW_CHUNK) {
    const last = min(first + ROW_CHUNK, rows);
    for (let j = 0; j < cols; j += <i32>PANEL) {
      const panel = b + <usize>j * <usize>terms * 4;
      for (let i = first; i < last;) {
        const count = nextRows(last - i);
        const ai = a + <usize>i * aStride;
        const si = start + <usize>i * startStride + <usize>j * 4;
        const ci = c + <usize>i * cStride + <usize>j * 4;
        if (count == 6) blockOf6(terms, ai, aStride, panel, si, startStride, ci, cStride);
        else if (count == 5) blockOf5(terms, ai, aStride, panel, si, startStride, ci, cStride);
        else if (count == 4) blockOf4(terms, ai, aStride, panel, si, startStride, ci, cStride);
        else if (count == 3) blockOf3(terms, ai, aStride, panel, si, startStride, ci, cStride);
        else if (count == 2) blockOf2(terms, ai, aStride, panel, si, startStride, ci, cStride);
        else blockOf1(terms, ai, panel, si, ci);
        i += count;
      }
    }
  }
}

function sumOf1(terms: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  block(1, terms, a, 4, aStride, b, bStride, c, cStride, c, cStride);
}
function sumOf2(terms: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  block(2, terms, a, 4, aStride, b, bStride, c, cStride, c, cStride);
}
function sumOf3(terms: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  block(3, terms, a, 4, aStride, b, bStride, c, cStride, c, cStride);
}
function sumOf4(terms: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  block(4, terms, a, 4, aStride, b, bStride, c, cStride, c, cStride);
}
function sumOf5(terms: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  block(5, terms, a, 4, aStride, b, bStride, c, cStride, c, cStride);
}
function sumOf6(terms: i32, a: usize, aStride: usize, b: usize, bStride: usize, c: usize, cStride: usize): void {
  block(6, terms, a, 4, aStride, b, bStride, c, cStride, c, cStride);
}

/**
 * C += A' B, a sum over the rows of both: a gradient of weights.
 *
 * A is (terms, rows) with `aStride`, B is (terms, cols) with `bStride`, both
 * plain; C is (rows, cols), `cols` a multiple of 8.
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
        if (height == 6) sumOf6(count, ai, aStride, bj, bStride, ci, cStride);
        else if (height == 5) sumOf5(count, ai, aStride, bj, bStride, ci, cStride);
        else if (height == 4) sumOf4(count, ai, aStride, bj, bStride, ci, cStride);
        else if (height == 3) sumOf3(count, ai, aStride, bj, bStride, ci, cStride);
        else if (height == 2) sumOf2(count, ai, aStride, bj, bStride, ci, cStride);
        else sumOf1(count, ai, aStride, bj, bStride, ci, cStride);
        i += height;
      }
    }
  }
}
