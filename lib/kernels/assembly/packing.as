// Weights between their layout in TensorFlow.js, (rows, 4 * units), and that
// of the kernels: gates of `width` floats, panels of 8 columns.

import { PANEL } from "./product";

/** The float of a weight that stands at a padded column; 0 in the padding. */
// @ts-ignore: decorator
@inline
function weightAt(weights: usize, row: i32, col: i32, units: i32, width: i32): f32 {
  const gate = col / width, unit = col % width;
  if (gate >= 4 || unit >= units) return 0;
  return load<f32>(weights + <usize>(row * 4 * units + gate * units + unit) * 4);
}

/** Weights as panels of 8 gate columns, `rows` long. */
export function packPanels(weights: usize, rows: i32, units: i32, width: i32, to: usize): void {
  for (let j = 0; j < 4 * width; j += <i32>PANEL) {
    for (let row = 0; row < rows; row++) {
      for (let c = 0; c < <i32>PANEL; c++) {
        store<f32>(to, weightAt(weights, row, j + c, units, width));
        to += 4;
      }
    }
  }
}

/** The transposed weights as panels of 8 rows, 4 * `width` long. */
export function packTransposed(weights: usize, rows: i32, units: i32, width: i32, to: usize): void {
  for (let j = 0; j < rows; j += <i32>PANEL) {
    for (let col = 0; col < 4 * width; col++) {
      for (let c = 0; c < <i32>PANEL; c++) {
        store<f32>(to, j + c < rows ? weightAt(weights, j + c, col, units, width) : 0);
        to += 4;
      }
    }
  }
}

/** Rows of padded gates as rows of 4 * `units` floats. */
export function unpadGates(padded: usize, rows: i32, units: i32, width: i32, to: usize): void {
  for (let row = 0; row < rows; row++) {
    for (let gate = 0; gate < 4; gate++) {
      memory.copy(to, padded, <usize>units * 4);
      to += <usize>units * 4;
      padded += <usize>width * 4;
    }
  }
}

/** The other way. */
export function padGates(weights: usize, rows: i32, units: i32, width: i32, to: usize): void {
  for (let row = 0; row < rows; row++) {
    for (let gate = 0; gate < 4; gate++) {
      memory.copy(to, weights, <usize>units * 4);
      memory.fill(to + <usize>units * 4, 0, <usize>(width - units) * 4);
      weights += <usize>units * 4;
      to += <usize>width * 4;
    }
  }
}

/** Sequences (batch, steps, from) as rows in time order, `to` floats wide;
 * what lies beyond is filled, as is room for it with `filling`. */
export function toTimeMajor(source: usize, batch: i32, steps: i32, from: i32, target: usize, to: i32, filling: f32): void {
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < steps; t++) {
      const row = target + <usize>((t * batch + b) * to) * 4;
      memory.copy(row, source, <usize>from * 4);
      for (let c = from; c < to; c++) store<f32>(row + <usize>c * 4, filling);
      source += <usize>from * 4;
    }
  }
}

/** Rows in time order, `from` floats wide, as sequences (batch, steps, to). */
export function toBatchMajor(source: usize, batch: i32, steps: i32, from: i32, target: usize, to: i32): void {
  for (let b = 0; b < batch; b++) {
    for (let t = 0; t < steps; t++) {
      const row = source + <usize>((t * batch + b) * from) * 4;
      memory.copy(target, row, <usize>to * 4);
      target += <usize>to * 4;
    }
  }
}
