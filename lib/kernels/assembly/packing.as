// Between the layouts of TensorFlow.js and those of the kernels: gates of
// `width` floats instead of `units`, panels of 8 columns, rows in time order.

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

/** Rows of 4 * `units` floats as rows of padded gates. */
export function padGates(
  weights: usize,
  rows: i32,
  units: i32,
  width: i32,
  target: usize,
): void {
  memory.fill(target, 0, <usize>(rows * 4 * width) * 4);
  for (let gate = 0; gate < rows * 4; gate++) {
    copyRow(target, weights, units);
    weights += <usize>units * 4;
    target += <usize>width * 4;
  }
}

/** The other way. */
export function unpadGates(
  padded: usize,
  rows: i32,
  units: i32,
  width: i32,
  target: usize,
): void {
  for (let gate = 0; gate < rows * 4; gate++) {
    copyRow(target, padded, units);
    target += <usize>units * 4;
    padded += <usize>width * 4;
  }
}

/** Rows of padded gates as panels of 8 columns, `rows` long. */
export function packPanels(
  padded: usize,
  rows: i32,
  width: i32,
  target: usize,
): void {
  const stride = <usize>width * 16;
  for (let j = 0; j < 4 * width; j += <i32>PANEL) {
    let source = padded + <usize>j * 4;
    for (let row = 0; row < rows; row++) {
      v128.store(target, v128.load(source));
      v128.store(target, v128.load(source, 16), 16);
      target += 32;
      source += stride;
    }
  }
}

/** The transposed of rows of padded gates as panels of 8 of the rows, which
 * are filled up with zeros, 4 * `width` long. */
export function packTransposed(
  padded: usize,
  rows: i32,
  width: i32,
  target: usize,
): void {
  const stride = <usize>width * 16;
  for (let j = 0; j < rows; j += <i32>PANEL) {
    const count = min(<i32>PANEL, rows - j);
    if (count < <i32>PANEL) memory.fill(target, 0, <usize>width * 128);
    for (let col = 0; col < 4 * width; col++) {
      let source = padded + <usize>j * stride + <usize>col * 4;
      for (let c: usize = 0; c < <usize>count; c++) {
        store<f32>(target + c * 4, load<f32>(source));
        source += stride;
      }
      target += 32;
    }
  }
}

/** Sequences (batch, steps, from) as rows in time order, `to` floats wide,
 * filled up with `filling`. */
export function toTimeMajor(
  source: usize,
  batch: i32,
  steps: i32,
  from: i32,
  target: usize,
  to: i32,
  filling: f32,
): void {
  const stride = <usize>to * 4;
  for (let b = 0; b < batch; b++) {
    let row = target + <usize>b * stride;
    for (let t = 0; t < steps; t++) {
      copyRow(row, source, from);
      for (let c = from; c < to; c++) {
        store<f32>(row + <usize>c * 4, filling);
      }
      source += <usize>from * 4;
      row += stride * batch;
    }
  }
}

/** Rows in time order, `from` floats wide, as sequences (batch, steps, to). */
export function toBatchMajor(
  source: usize,
  batch: i32,
  steps: i32,
  from: i32,
  target: usize,
  to: i32,
): void {
  const stride = <usize>from * 4;
  for (let b = 0; b < batch; b++) {
    let row = source + <usize>b * stride;
    for (let t = 0; t < steps; t++) {
      copyRow(target, row, to);
      target += <usize>to * 4;
      row += stride * batch;
    }
  }
}
