// A whole sequence through an LSTM layer, forwards and back through time.
//
// Rows are time-major: row t * batch + b. A row of gates is i f c o, each
// `width` floats: the units, and zeros up to a multiple of 4. A row of the
// cell or hidden state is `width` floats. Both states have one time more than
// there are steps: time 0 is zeros, before the first step.

import { one4, sigmoid4, tanh4 } from "./math";
import { toBatchMajor, toTimeMajor } from "./packing";
import { product, transposedProduct, upToPanel } from "./product";

/** Activates the gates of one step in place and moves the states on. */
function moveOn(
  rows: i32,
  width: i32,
  gates: usize,
  cells: usize,
  nextCells: usize,
  squashed: usize,
  nextHidden: usize,
): void {
  const one = <usize>width * 4;
  for (let row = 0; row < rows; row++) {
    for (let u: usize = 0; u < one; u += 16) {
      const at = gates + u;
      const input = sigmoid4(v128.load(at));
      const forget = sigmoid4(v128.load(at + one));
      const candidate = tanh4(v128.load(at + 2 * one));
      const output = sigmoid4(v128.load(at + 3 * one));
      const cell = f32x4.add(
        f32x4.mul(forget, v128.load(cells + u)),
        f32x4.mul(input, candidate),
      );
      const tanh = tanh4(cell);
      v128.store(at, input);
      v128.store(at + one, forget);
      v128.store(at + 2 * one, candidate);
      v128.store(at + 3 * one, output);
      v128.store(nextCells + u, cell);
      v128.store(squashed + u, tanh);
      v128.store(nextHidden + u, f32x4.mul(output, tanh));
    }
    gates += 4 * one;
    cells += one;
    nextCells += one;
    squashed += one;
    nextHidden += one;
  }
}

/** Replaces the gates of one step by the gradient before their activation, and
 * moves the gradient of the cell state one step back. */
function moveBack(
  rows: i32,
  width: i32,
  gates: usize,
  cells: usize,
  squashed: usize,
  hiddenGradient: usize,
  hiddenStride: usize,
  cellGradient: usize,
): void {
  const unit = one4();
  const one = <usize>width * 4;
  for (let row = 0; row < rows; row++) {
    for (let u: usize = 0; u < one; u += 16) {
      const at = gates + u;
      const input = v128.load(at);
      const forget = v128.load(at + one);
      const candidate = v128.load(at + 2 * one);
      const output = v128.load(at + 3 * one);
      const tanh = v128.load(squashed + u);
      const dh = v128.load(hiddenGradient + u);
      const dho = f32x4.mul(dh, output);
      const dc = f32x4.add(
        v128.load(cellGradient + u),
        f32x4.mul(dho, f32x4.sub(unit, f32x4.mul(tanh, tanh))),
      );
      const di = f32x4.mul(f32x4.mul(dc, candidate), input);
      const dcf = f32x4.mul(dc, forget);
      v128.store(at, f32x4.mul(di, f32x4.sub(unit, input)));
      v128.store(
        at + one,
        f32x4.mul(
          f32x4.mul(dcf, v128.load(cells + u)),
          f32x4.sub(unit, forget),
        ),
      );
      v128.store(
        at + 2 * one,
        f32x4.mul(
          f32x4.mul(dc, input),
          f32x4.sub(unit, f32x4.mul(candidate, candidate)),
        ),
      );
      v128.store(
        at + 3 * one,
        f32x4.mul(f32x4.mul(dho, tanh), f32x4.sub(unit, output)),
      );
      v128.store(cellGradient + u, dcf);
    }
    gates += 4 * one;
    cells += one;
    squashed += one;
    hiddenGradient += hiddenStride;
    cellGradient += one;
  }
}

/**
 * Forwards: gates, cells, squashed (tanh of the cells) and hidden of all
 * steps.
 *
 * `source` is (batch, steps, features), `target` is (batch, steps, units) or,
 * unless `everyStep`, (batch, units). x, the source in time order, has a column
 * of ones at its end. `kernel` and `recurrent` are panels of all gate columns;
 * `bias` is one row; `room` is for 32 rows of x or of hidden.
 */
export function lstmForward(
  steps: i32,
  batch: i32,
  features: i32,
  units: i32,
  width: i32,
  everyStep: bool,
  kernel: usize,
  recurrent: usize,
  bias: usize,
  source: usize,
  target: usize,
  x: usize,
  gates: usize,
  cells: usize,
  squashed: usize,
  hidden: usize,
  room: usize,
): void {
  const stateStride = <usize>width * 4;
  const gateStride = stateStride * 4;
  const stateStep = stateStride * batch;
  const gateStep = gateStride * batch;
  const xStride = <usize>(features + 1) * 4;
  toTimeMajor(source, batch, steps, features, x, features + 1, 1);
  memory.fill(cells, 0, stateStep);
  memory.fill(hidden, 0, stateStep);
  product(steps * batch, width * 4, features, x, xStride, kernel, bias, 0, gates, gateStride, room);
  let now = hidden;
  for (let t = 0; t < steps; t++) {
    if (t > 0) {
      product(batch, width * 4, units, now, stateStride, recurrent, gates, gateStride, gates, gateStride, room);
    }
    moveOn(batch, width, gates, cells, cells + stateStep, squashed, now + stateStep);
    gates += gateStep;
    cells += stateStep;
    squashed += stateStep;
    now += stateStep;
  }
  if (everyStep) toBatchMajor(hidden + stateStep, batch, steps, width, target, units);
  else toBatchMajor(now, batch, 1, width, target, units);
}

/**
 * Back through time: the gates become their gradient, and the gradients of the
 * weights follow as two products over all steps and rows.
 *
 * `source` is the gradient of what {@link lstmForward} put into its target,
 * `target` takes that of its source, unless `kernelTransposed` is 0. The last
 * row of `dKernel` is the gradient of the bias. `dHidden`, `dHiddenCarried` and
 * `dx` have rows of units or features up to a multiple of 8. `room` is for 32
 * rows of gates.
 */
export function lstmBackward(
  steps: i32,
  batch: i32,
  features: i32,
  units: i32,
  width: i32,
  everyStep: bool,
  kernelTransposed: usize,
  recurrentTransposed: usize,
  zeros: usize,
  source: usize,
  target: usize,
  x: usize,
  gates: usize,
  cells: usize,
  squashed: usize,
  hidden: usize,
  dHidden: usize,
  dHiddenCarried: usize,
  dCells: usize,
  dKernel: usize,
  dRecurrent: usize,
  dx: usize,
  room: usize,
): void {
  const stateStride = <usize>width * 4;
  const gateStride = stateStride * 4;
  const stateStep = stateStride * batch;
  const gateStep = gateStride * batch;
  const gateCount = width * 4;
  const dhWidth = upToPanel(units);
  const dhStride = <usize>dhWidth * 4;
  const dhStep = dhStride * batch;
  toTimeMajor(source, batch, everyStep ? steps : 1, units, dHidden, dhWidth, 0);
  memory.fill(dCells, 0, stateStep);
  let current = everyStep ? dHidden + dhStep * (steps - 1) : dHidden;
  for (let t = steps - 1; t >= 0; t--) {
    const gatesNow = gates + gateStep * t;
    moveBack(batch, width, gatesNow, cells + stateStep * t, squashed + stateStep * t, current, dhStride, dCells);
    if (t == 0) break;
    const before = everyStep ? dHidden + dhStep * (t - 1) : zeros;
    product(batch, dhWidth, gateCount, gatesNow, gateStride, recurrentTransposed, before, everyStep ? dhStride : 0, dHiddenCarried, dhStride, room);
    current = dHiddenCarried;
  }
  const rows = steps * batch;
  const xStride = <usize>(features + 1) * 4;
  memory.fill(dKernel, 0, gateStride * (features + 1));
  memory.fill(dRecurrent, 0, gateStride * units);
  transposedProduct(features + 1, gateCount, rows, x, xStride, gates, gateStride, dKernel, gateStride);
  // Before the first step the hidden state is zeros.
  transposedProduct(units, gateCount, rows - batch, hidden + stateStep, stateStride, gates + gateStep, gateStride, dRecurrent, gateStride);
  if (kernelTransposed == 0) return;
  const dxWidth = upToPanel(features);
  product(rows, dxWidth, gateCount, gates, gateStride, kernelTransposed, zeros, 0, dx, <usize>dxWidth * 4, room);
  toBatchMajor(dx, batch, steps, dxWidth, target, features);
}
