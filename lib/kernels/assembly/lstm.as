// A whole sequence through an LSTM layer, forwards and back through time.
//
// Rows are time-major: row t * batch + b. A row of gates is i f c o, each of as
// many floats as there are units, and zeros up to a whole panel. What a step
// works on is one row, h x 1: the hidden state of the step before, what comes
// in, and a 1 for the bias, so that the weights are one matrix, U over W over
// b, and each step is one product. There is one time more than there are
// steps, for the last hidden state; cells have one more, too, for time 0.

import { one4, sigmoid4, tanh4 } from "./math";
import { toBatchMajor, toTimeMajor } from "./packing";
import { product, SUM_CHUNK, transposedProduct, upToPanel } from "./product";

/** Stores the first floats of a vector, at most 4. */
// @ts-ignore: decorator
@inline
function storeFirst(target: usize, values: v128, count: i32): void {
  if (count >= 4) {
    v128.store(target, values);
    return;
  }
  let lane: usize = 0;
  if (count >= 2) {
    v128.store64_lane(target, values, 0);
    lane = 8;
  }
  if (count == 1) v128.store32_lane(target, values, 0);
  else if (count == 3) v128.store32_lane(target + lane, values, 2);
}

/** sigmoid x of some floats in place. */
// @ts-ignore: decorator
@inline
function sigmoidInPlace(values: usize, count: i32): void {
  for (; count > 0; count -= 4) {
    storeFirst(values, sigmoid4(v128.load(values)), count);
    values += 16;
  }
}

/** Activates the gates of one step in place and moves the states on. What
 * stands beyond the last unit is read, never stored. Gates come first, by
 * themselves: no vector waits for another then. */
function moveOn(
  rows: i32,
  units: i32,
  gates: usize,
  gateStride: usize,
  cells: usize,
  nextCells: usize,
  squashed: usize,
  nextHidden: usize,
  hiddenStride: usize,
): void {
  const one = <usize>units * 4;
  for (let row = 0; row < rows; row++) {
    sigmoidInPlace(gates, 2 * units);
    const candidates = gates + 2 * one;
    for (let u: usize = 0, left = units; left > 0; left -= 4) {
      storeFirst(candidates + u, tanh4(v128.load(candidates + u)), left);
      u += 16;
    }
    sigmoidInPlace(gates + 3 * one, units);
    for (let u: usize = 0, left = units; left > 0; left -= 4) {
      const at = gates + u;
      const cell = f32x4.add(
        f32x4.mul(v128.load(at + one), v128.load(cells + u)),
        f32x4.mul(v128.load(at), v128.load(at + 2 * one)),
      );
      const tanh = tanh4(cell);
      const hidden = f32x4.mul(v128.load(at + 3 * one), tanh);
      storeFirst(nextCells + u, cell, left);
      storeFirst(squashed + u, tanh, left);
      storeFirst(nextHidden + u, hidden, left);
      u += 16;
    }
    gates += gateStride;
    cells += one;
    nextCells += one;
    squashed += one;
    nextHidden += hiddenStride;
  }
}

/** Replaces the gates of one step by the gradient before their activation, and
 * moves the gradient of the cell state one step back. */
function moveBack(
  rows: i32,
  units: i32,
  gates: usize,
  gateStride: usize,
  cells: usize,
  squashed: usize,
  hiddenGradient: usize,
  hiddenStride: usize,
  cellGradient: usize,
): void {
  const unit = one4();
  const one = <usize>units * 4;
  for (let row = 0; row < rows; row++) {
    let left = units;
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
      const df = f32x4.mul(dcf, v128.load(cells + u));
      const dg = f32x4.mul(dc, input);
      const squares = f32x4.mul(candidate, candidate);
      const dO = f32x4.mul(dho, tanh);
      storeFirst(at, f32x4.mul(di, f32x4.sub(unit, input)), left);
      storeFirst(at + one, f32x4.mul(df, f32x4.sub(unit, forget)), left);
      storeFirst(at + 2 * one, f32x4.mul(dg, f32x4.sub(unit, squares)), left);
      storeFirst(at + 3 * one, f32x4.mul(dO, f32x4.sub(unit, output)), left);
      storeFirst(cellGradient + u, dcf, left);
      left -= 4;
    }
    gates += gateStride;
    cells += one;
    squashed += one;
    hiddenGradient += hiddenStride;
    cellGradient += one;
  }
}

/**
 * Forwards: x (h x 1), gates, cells and squashed (tanh of the cells) of all
 * steps.
 *
 * `source` is (batch, steps, features), `target` is (batch, steps, units) or,
 * unless `everyStep`, (batch, units). `weights` are panels of all gate columns;
 * `zeros` are as many as there are; `room` is for 32 rows of x.
 */
export function lstmForward(
  steps: i32,
  batch: i32,
  features: i32,
  units: i32,
  everyStep: bool,
  weights: usize,
  zeros: usize,
  source: usize,
  target: usize,
  x: usize,
  gates: usize,
  cells: usize,
  squashed: usize,
  room: usize,
): void {
  const terms = units + features + 1;
  const xStride = <usize>terms * 4;
  const xStep = xStride * batch;
  const one = <usize>units * 4;
  const stateStep = one * batch;
  const cols = upToPanel(units * 4);
  const gateStride = <usize>cols * 4;
  toTimeMajor(source, batch, steps, features, x + one, xStride);
  const ones = x + xStride - 4;
  for (let row = 0; row < steps * batch; row++) {
    store<f32>(ones + <usize>row * xStride, 1);
  }
  for (let row = 0; row < batch; row++) {
    memory.fill(x + <usize>row * xStride, 0, one);
  }
  memory.fill(cells, 0, stateStep);
  let now = x;
  for (let t = 0; t < steps; t++) {
    product(batch, cols, terms, now, xStride, weights, zeros, 0, gates, gateStride, room);
    moveOn(batch, units, gates, gateStride, cells, cells + stateStep, squashed, now + xStep, xStride);
    gates += gateStride * batch;
    cells += stateStep;
    squashed += stateStep;
    now += xStep;
  }
  if (everyStep) toBatchMajor(x + xStep, batch, steps, xStride, target, units);
  else toBatchMajor(now, batch, 1, xStride, target, units);
}

/**
 * Back through time: the gates become their gradient, and the gradient of the
 * weights follows, some steps at a time, as products over all their rows.
 *
 * `source` is the gradient of what {@link lstmForward} put into its target,
 * `target` takes that of its source, unless it is 0. `transposed` are panels of
 * the rows of U and W; `dWeights` gets U, W and b. `dx` has rows h x up to a
 * whole panel, one time more than there are steps; `room` is for 32 rows of
 * gates.
 */
export function lstmBackward(
  steps: i32,
  batch: i32,
  features: i32,
  units: i32,
  everyStep: bool,
  transposed: usize,
  source: usize,
  target: usize,
  x: usize,
  gates: usize,
  cells: usize,
  squashed: usize,
  dx: usize,
  dCells: usize,
  dWeights: usize,
  room: usize,
): void {
  const one = <usize>units * 4;
  const stateStep = one * batch;
  const gateStride = <usize>upToPanel(units * 4) * 4;
  const gateStep = gateStride * batch;
  const dxStride = <usize>upToPanel(units + features) * 4;
  const dxStep = dxStride * batch;
  const dxCols = upToPanel(target == 0 ? units : units + features);
  memory.fill(dx, 0, dxStep * (steps + 1));
  if (everyStep) toTimeMajor(source, batch, steps, units, dx + dxStep, dxStride);
  else toTimeMajor(source, batch, 1, units, dx + dxStep * steps, dxStride);
  memory.fill(dCells, 0, stateStep);
  const rows = units + features + 1;
  const xStride = <usize>rows * 4;
  memory.fill(dWeights, 0, 4 * one * rows);
  const group = max(1, SUM_CHUNK / batch);
  let last = steps;
  for (let t = steps - 1; t >= 0; t--) {
    const gatesNow = gates + gateStep * t;
    const dxNow = dx + dxStep * t;
    moveBack(batch, units, gatesNow, gateStride, cells + stateStep * t, squashed + stateStep * t, dxNow + dxStep, dxStride, dCells);
    if (t > 0 || target != 0) {
      product(batch, dxCols, units * 4, gatesNow, gateStride, transposed, dxNow, dxStride, dxNow, dxStride, room);
    }
    if (t > 0 && last - t < group) continue;
    // While they are still in the cache.
    transposedProduct(rows, units * 4, (last - t) * batch, x + xStride * (t * batch), xStride, gatesNow, gateStride, dWeights, 4 * one);
    last = t;
  }
  if (target == 0) return;
  toBatchMajor(dx + one, batch, steps, dxStride, target, features);
}
