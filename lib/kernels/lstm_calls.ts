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

/** Addresses of weights laid out for the kernels. */
export type PackedLstm = {
  /** For the forward call. */
  readonly panels: number;
  /** For the gradient. */
  readonly transposed: number;
};

/** What a part of the batch works on, and where. */
export type LstmPlaces = {
  /** How many sequences. */
  readonly rows: number;
  /** The weights. */
  readonly packed: PackedLstm;
  /** The sequences, or the gradient of what came out. */
  readonly source: number;
  /** What comes out, or the gradient of the sequences; 0 if it is not wanted,
   * for the gradient alone. */
  readonly target: number;
  /** Rows of h x 1, gates, cells, tanh of the cells. */
  readonly states: readonly number[];
};

/** Sequences of a batch are shared out in parts of at least this many; parts
 * do not depend on the number of threads, so neither do sums over them. */
const PART_ROWS = 16;
const MAXIMUM_PARTS = 8;
const GATES = 4;
const PANEL = 8;
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
  const [panels, transposed] = packedSizes(shape).map((n) => memory.take(n));
  return { panels, transposed };
}

/**
 * Lays weights out for a forward call.
 *
 * @param memory Where.
 * @param shape The sizes of the layer.
 * @param places The address of U, W and b, and the room.
 */
export function packPanels(
  memory: KernelMemory,
  { features, units }: LstmShape,
  { weights, packed }: { weights: number; packed: PackedLstm },
): void {
  const rows = units + features + 1;
  memory.functions.packPanels(weights, rows, GATES * units, packed.panels);
}

/**
 * Lays weights out for the gradient.
 *
 * @param memory Where.
 * @param shape The sizes of the layer.
 * @param places The address of U, W and b, and the room.
 */
export function packTransposed(
  memory: KernelMemory,
  { features, units }: LstmShape,
  { weights, packed }: { weights: number; packed: PackedLstm },
): void {
  const rows = units + features;
  const { functions } = memory;
  functions.packTransposed(weights, rows, GATES * units, packed.transposed);
}

/**
 * Makes the forward call of a part, and takes what it needs besides.
 *
 * @param memory Where.
 * @param shape The sizes.
 * @param part The part, and as many zeros as {@linkcode zerosCount} says.
 * @returns The call.
 */
export function forwardCall(
  memory: KernelMemory,
  shape: LstmShape,
  part: LstmPlaces & { zeros: number },
): KernelCall {
  const { rows, packed, zeros, source, target, states } = part;
  const room = memory.take(roomSizes(shape)[0]);
  const places = [packed.panels, zeros, source, target, ...states, room];
  return { name: "lstmForward", args: [...sizesOf(shape, rows), ...places] };
}

/**
 * Makes the call of a part's gradient, and takes what it needs besides.
 *
 * @param memory Where.
 * @param shape The sizes.
 * @param part The part, and where the gradient of U, W and b goes.
 * @returns The call.
 */
export function backwardCall(
  memory: KernelMemory,
  shape: LstmShape,
  part: LstmPlaces & { weights: number },
): KernelCall {
  const { rows, packed, source, target, states, weights } = part;
  const [dx, dCells] = gradientSizes(shape, rows).map((n) => memory.take(n));
  const room = memory.take(roomSizes(shape)[1]);
  const places = [
    ...[packed.transposed, source, target, ...states],
    ...[dx, dCells, weights, room],
  ];
  return { name: "lstmBackward", args: [...sizesOf(shape, rows), ...places] };
}

/**
 * How many zeros {@linkcode forwardCall} wants.
 *
 * @param shape The sizes of the layer.
 * @returns Their number.
 */
export function zerosCount(shape: LstmShape): number {
  return upTo(PANEL, GATES * shape.units);
}

/**
 * How many weights the layer has.
 *
 * @param shape The sizes of the layer.
 * @returns The numbers of values of W, U and b.
 */
export function weightCounts(
  { features, units }: Pick<LstmShape, "features" | "units">,
): { kernel: number; recurrent: number; bias: number } {
  const cols = GATES * units;
  return { kernel: features * cols, recurrent: units * cols, bias: cols };
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
 * @returns Floats of rows of h x 1, gates, cells, tanh of the cells.
 */
export function stateSizes(shape: LstmShape, rows: number): number[] {
  const { steps, features, units } = shape;
  return [
    (steps + 1) * rows * (units + features + 1),
    steps * rows * upTo(PANEL, GATES * units),
    (steps + 1) * rows * units,
    steps * rows * units,
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
  const { kernel, recurrent, bias } = weightCounts(shape);
  return [
    ...gradientSizes(shape, rows),
    ...roomSizes(shape),
    kernel + recurrent + bias,
  ];
}

/**
 * The sizes of weights laid out for the kernels.
 *
 * @param shape The sizes of the layer.
 * @returns Floats for the forward call, and for the gradient.
 */
export function packedSizes({ features, units }: LstmShape): number[] {
  const cols = GATES * units;
  return [
    (units + features + 1) * upTo(PANEL, cols),
    upTo(PANEL, units + features) * cols,
  ];
}

/** Gradients of rows of h x, and of cells. */
function gradientSizes(shape: LstmShape, rows: number): number[] {
  const { steps, features, units } = shape;
  return [
    (steps + 1) * rows * upTo(PANEL, units + features),
    rows * units,
  ];
}

/** Room for rows of h x 1, and of gates. */
function roomSizes({ features, units }: LstmShape): number[] {
  return [ROOM_ROWS * (units + features + 1), ROOM_ROWS * GATES * units];
}

function sizesOf(shape: LstmShape, rows: number): number[] {
  const { steps, features, units, everyStep } = shape;
  return [steps, rows, features, units, Number(everyStep)];
}

function upTo(step: number, count: number): number {
  return Math.ceil(count / step) * step;
}
