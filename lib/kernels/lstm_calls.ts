/**
 * How the kernels of an LSTM layer are called: the sizes of what they work on,
 * how a batch is shared out, and the order of their arguments.
 *
 * @module
 */

import type { KernelMemory } from "./kernel_memory.ts";
import type { KernelCall } from "./kernel_workers.ts";

/** The sizes of a call. */
export type LstmShape = {
  /** Sequences. */
  readonly batch: number;
  /** Steps of each. */
  readonly steps: number;
  /** Values that come in at a step. */
  readonly features: number;
  /** Units of the layer. */
  readonly units: number;
  /** Whether the output of every step is wanted, or the last alone. */
  readonly everyStep: boolean;
};

/** Some sequences of the batch. */
export type SequenceRange = {
  /** The first of them. */
  readonly first: number;
  /** How many. */
  readonly rows: number;
};

/** Addresses of W, U and b as in TensorFlow.js. */
export type LstmWeightPlaces = {
  /** W. */
  readonly kernel: number;
  /** U. */
  readonly recurrent: number;
  /** b. */
  readonly bias: number;
};

/** Addresses of weights laid out for the kernels. */
export type PackedLstm = {
  /** Room for the largest weight with wider gates. */
  readonly padded: number;
  /** W, U and b, for the forward call. */
  readonly panels: readonly number[];
  /** W and U, transposed, for the gradient. */
  readonly transposed: readonly number[];
};

/** What a part of the batch works on, and where. */
export type LstmPlaces = {
  /** The sequences, or the gradient of what came out. */
  readonly source: number;
  /** What comes out, or the gradient of the sequences; 0 if it is not wanted,
   * for the gradient alone. */
  readonly target: number;
  /** x with a column of ones, gates, cells, tanh of the cells, hidden. */
  readonly states: readonly number[];
};

/** Sequences of a batch are shared out in parts of at least this many; parts
 * do not depend on the number of threads, so neither do sums over them. */
const PART_ROWS = 16;
const MAXIMUM_PARTS = 8;
const GATES = 4;
const PANEL = 8;
const VECTOR = 4;
/** Rows for which the kernels want room, see `product.as`. */
const ROOM_ROWS = 32;

/**
 * Shares out sequences.
 *
 * @param first The first of them.
 * @param rows How many.
 * @returns The parts, about equal.
 */
export function partsOf(first: number, rows: number): SequenceRange[] {
  const count = Math.min(MAXIMUM_PARTS, Math.max(1, rows / PART_ROWS | 0));
  const border = (k: number) => first + Math.floor(rows * k / count);
  return Array.from(
    { length: count },
    (_, k) => ({ first: border(k), rows: border(k + 1) - border(k) }),
  );
}

/**
 * Takes room for weights laid out for the kernels.
 *
 * @param memory Where.
 * @param shape The sizes of the layer.
 * @returns The addresses.
 */
export function takePacked(memory: KernelMemory, shape: LstmShape): PackedLstm {
  const [padded, ...rest] = packedSizes(shape).map((size) => memory.take(size));
  return { padded, panels: rest.slice(0, 3), transposed: rest.slice(3) };
}

/**
 * Lays weights out for a forward call.
 *
 * @param memory Where.
 * @param shape The sizes of the layer.
 * @param places The weights, and the room for them.
 */
export function packPanels(
  memory: KernelMemory,
  shape: LstmShape,
  places: { weights: LstmWeightPlaces; packed: PackedLstm },
): void {
  const { functions } = memory;
  const { features, units } = shape;
  const { weights, packed: { padded, panels } } = places;
  const width = widthOf(units);
  functions.padGates(weights.kernel, features, units, width, padded);
  functions.packPanels(padded, features, width, panels[0]);
  functions.padGates(weights.recurrent, units, units, width, padded);
  functions.packPanels(padded, units, width, panels[1]);
  functions.padGates(weights.bias, 1, units, width, panels[2]);
}

/**
 * Lays weights out for the gradient.
 *
 * @param memory Where.
 * @param shape The sizes of the layer.
 * @param places The weights, and the room for them.
 */
export function packTransposed(
  memory: KernelMemory,
  shape: LstmShape,
  places: { weights: LstmWeightPlaces; packed: PackedLstm },
): void {
  const { functions } = memory;
  const { features, units } = shape;
  const { weights, packed: { padded, transposed } } = places;
  const width = widthOf(units);
  functions.padGates(weights.kernel, features, units, width, padded);
  functions.packTransposed(padded, features, width, transposed[0]);
  functions.padGates(weights.recurrent, units, units, width, padded);
  functions.packTransposed(padded, units, width, transposed[1]);
}

/**
 * Makes the forward call of a part, and takes what it needs besides.
 *
 * @param memory Where.
 * @param shape The sizes.
 * @param part The part, its weights and where it works.
 * @returns The call.
 */
export function forwardCall(
  memory: KernelMemory,
  shape: LstmShape,
  part: LstmPlaces & { rows: number; packed: PackedLstm },
): KernelCall {
  const { features, units } = shape;
  const { rows, packed, source, target, states } = part;
  const room = memory.take(ROOM_ROWS * Math.max(features, units));
  const places = [...packed.panels, source, target, ...states, room];
  return { name: "lstmForward", args: [...sizesOf(shape, rows), ...places] };
}

/**
 * Makes the call of a part's gradient, and takes what it needs besides.
 *
 * @param memory Where.
 * @param shape The sizes.
 * @param part The part, its weights, where it works, and as many zeros as
 * there are features or units.
 * @returns The call, and the addresses of the gradients of W with b as its
 * last row and of U, both with wider gates.
 */
export function backwardCall(
  memory: KernelMemory,
  shape: LstmShape,
  part: LstmPlaces & {
    rows: number;
    packed: Pick<PackedLstm, "transposed">;
    zeros: number;
  },
): { call: KernelCall; weights: [number, number] } {
  const { rows, packed, zeros, source, target, states } = part;
  const scratch = gradientSizes(shape, rows).map((size) => memory.take(size));
  const room = memory.take(ROOM_ROWS * GATES * widthOf(shape.units));
  const [kernel, recurrent] = packed.transposed;
  const weights = [target === 0 ? 0 : kernel, recurrent];
  const places = [zeros, source, target, ...states, ...scratch, room];
  const args = [...sizesOf(shape, rows), ...weights, ...places];
  return {
    call: { name: "lstmBackward", args },
    weights: [scratch[3], scratch[4]],
  };
}

/**
 * Makes the calls that bring the gradients of weights into the shapes of
 * TensorFlow.js.
 *
 * @param shape The sizes of the layer.
 * @param sums What {@linkcode backwardCall} gave.
 * @param target Where the gradients go.
 * @returns The calls.
 */
export function unpadCalls(
  shape: LstmShape,
  sums: readonly number[],
  target: LstmWeightPlaces,
): KernelCall[] {
  const { features, units } = shape;
  const width = widthOf(units);
  const [kernel, recurrent] = sums;
  const bias = kernel + features * GATES * width * 4;
  const call = (from: number, rows: number, to: number): KernelCall => ({
    name: "unpadGates",
    args: [from, rows, units, width, to],
  });
  return [
    call(kernel, features, target.kernel),
    call(bias, 1, target.bias),
    call(recurrent, units, target.recurrent),
  ];
}

/**
 * How many zeros {@linkcode backwardCall} wants.
 *
 * @param shape The sizes of the layer.
 * @returns Their number.
 */
export function zerosCount(shape: LstmShape): number {
  return upTo(PANEL, Math.max(shape.units, shape.features));
}

/**
 * Multiplications of a forward call, about.
 *
 * @param shape The sizes.
 * @returns Their number.
 */
export function productCount(shape: LstmShape): number {
  const { batch, steps, features, units } = shape;
  return batch * steps * (features + units) * GATES * units;
}

/**
 * How many values come out of the layer.
 *
 * @param shape The sizes.
 * @param rows The sequences.
 * @returns Their number.
 */
export function outputSize(shape: LstmShape, rows: number): number {
  return rows * shape.units * (shape.everyStep ? shape.steps : 1);
}

/**
 * The sizes of the states of a part.
 *
 * @param shape The sizes of the layer.
 * @param rows The sequences of the part.
 * @returns Floats of x with a column of ones, gates, cells, tanh of the cells,
 * hidden.
 */
export function stateSizes(shape: LstmShape, rows: number): number[] {
  const { steps, features } = shape;
  const width = widthOf(shape.units);
  return [
    steps * rows * (features + 1),
    steps * rows * GATES * width,
    (steps + 1) * rows * width,
    steps * rows * width,
    (steps + 1) * rows * width,
  ];
}

/**
 * The sizes of all that a part works on beside its states and its source and
 * target.
 *
 * @param shape The sizes of the layer.
 * @param rows The sequences of the part.
 * @returns Floats.
 */
export function scratchSizes(shape: LstmShape, rows: number): number[] {
  const { features, units } = shape;
  return [
    ...gradientSizes(shape, rows),
    ROOM_ROWS * Math.max(features, units),
    ROOM_ROWS * GATES * widthOf(units),
  ];
}

/**
 * The sizes of weights laid out for the kernels.
 *
 * @param shape The sizes of the layer.
 * @returns Floats of the room for wider gates, of W, U, b, and of W and U
 * transposed.
 */
export function packedSizes(shape: LstmShape): number[] {
  const { features, units } = shape;
  const cols = GATES * widthOf(units);
  return [
    Math.max(features, units) * cols,
    ...[features * cols, units * cols, cols],
    ...[upTo(PANEL, features) * cols, upTo(PANEL, units) * cols],
  ];
}

/**
 * The sizes of the gradients of weights.
 *
 * @param shape The sizes of the layer.
 * @returns Floats of W with b as its last row, and of U, with wider gates.
 */
export function weightSizes(shape: LstmShape): number[] {
  const cols = GATES * widthOf(shape.units);
  return [(shape.features + 1) * cols, shape.units * cols];
}

/** Gradients of hidden, hidden carried, cells, W with b, U, and x. */
function gradientSizes(shape: LstmShape, rows: number): number[] {
  const { steps, features, units, everyStep } = shape;
  const hidden = rows * upTo(PANEL, units);
  return [
    hidden * (everyStep ? steps : 1),
    hidden,
    rows * widthOf(units),
    ...weightSizes(shape),
    steps * rows * upTo(PANEL, features),
  ];
}

function sizesOf(shape: LstmShape, rows: number): number[] {
  const { steps, features, units, everyStep } = shape;
  return [steps, rows, features, units, widthOf(units), Number(everyStep)];
}

function widthOf(units: number): number {
  return upTo(VECTOR, units);
}

function upTo(step: number, count: number): number {
  return Math.ceil(count / step) * step;
}
