// Between the layouts of TensorFlow.js and those of the kernels: panels of 8
// columns, rows in time order.

import { PANEL } from "./product";

/** Copies floats. For rows this short it is faster than memory.copy. */
// @ts-ignore: decorator
@inline
function copyRow(target: usize, source: usize, count: i32): void {
  let i = 0;
  for (; i + 4 <= count; i += 4) {
    v128.store(target, v128.load(source));
    target += 16;
    source += 16;
  }
  for (; i < count; i++) {
    store<f32>(target, load<f32>(source));
    target += 4;
    source += 4;
  }
}

/** Rows as panels of 8 columns, `rows` long, the last filled up with zeros. */
export function packPanels(
  weights: usize,
  rows: i32,
  cols: i32,
  target: usize,
): void {
  const stride = <usize>cols * 4;
  for (let j = 0; j < cols; j += <i32>PANEL) {
    let source = weights + <usize>j * 4;
    const count = min(<i32>PANEL, cols - j);
    if (count < <i32>PANEL) memory.fill(target, 0, <usize>rows * 32);
    for (let row = 0; row < rows; row++) {
      copyRow(target, source, count);
      target += 32;
      source += stride;
    }
  }
}

/** The transposed of rows as panels of 8 of the rows, `cols` long, the last
 * filled up with zeros. */
export function packTransposed(
  weights: usize,
  rows: i32,
  cols: i32,
  target: usize,
): void {
  const stride = <usize>cols * 4;
  for (let j = 0; j < rows; j += <i32>PANEL) {
    const count = min(<i32>PANEL, rows - j);
    if (count < <i32>PANEL) memory.fill(target, 0, <usize>cols * 32);
    for (let col = 0; col < cols; col++) {
      let source = weights + <usize>j * stride + <usize>col * 4;
      for (let c: usize = 0; c < <usize>count; c++) {
        store<f32>(target + c * 4, load<f32>(source));
        source += stride;
      }
      target += 32;
    }
  }
}

/** Sequences (batch, steps, cols) as rows in time order, `stride` bytes from
 * row to row. */
export function toTimeMajor(
  source: usize,
  batch: i32,
  steps: i32,
  cols: i32,
  target: usize,
  stride: usize,
): void {
  for (let b = 0; b < batch; b++) {
    let row = target + <usize>b * stride;
    for (let t = 0; t < steps; t++) {
      copyRow(row, source, cols);
      source += <usize>cols * 4;
      row += stride * batch;
    }
  }
}

/** Rows in time order, `stride` bytes from row to row, as sequences (batch,
 * steps, cols). */
export function toBatchMajor(
  source: usize,
  batch: i32,
  steps: i32,
  stride: usize,
  target: usize,
  cols: i32,
): void {
  for (let b = 0; b < batch; b++) {
    let row = source + <usize>b * stride;
    for (let t = 0; t < steps; t++) {
      copyRow(target, row, cols);
      target += <usize>cols * 4;
      row += stride * batch;
    }
  }
}
