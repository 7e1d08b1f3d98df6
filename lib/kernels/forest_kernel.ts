/**
 * A memory in which the WebAssembly kernel walks blocks of rows through isolation
 * trees. Results are those of a plain walk bit by bit: a value is compared by
 * its rank among the thresholds of its feature, and the path lengths are added
 * in the order of the trees.
 *
 * @module
 */

import type { ForestGroup, ForestImage } from "./forest_image.ts";
import { wasmBase64 } from "./forest_wasm.ts";

/** What the kernel exports. */
type ForestFunctions = {
  rankColumn(...args: number[]): void;
  splitRanks(...args: number[]): void;
  addPathLengths(...args: number[]): void;
  addNarrowPathLengths(...args: number[]): void;
};

/** The kernel, with an image in its memory. Workers run the text of this class,
 * so that it names nothing outside itself but globals. */
export class ForestKernel {
  readonly #image: ForestImage;
  readonly #functions: ForestFunctions;
  readonly #values: Float64Array;
  readonly #sums: Float64Array;

  /**
   * Copies an image into a fresh memory.
   *
   * @param module What {@linkcode compileForestKernel} gave.
   * @param image What `layOutForest` gave.
   */
  constructor(module: WebAssembly.Module, image: ForestImage) {
    const { pages, blockRows, cols, addresses } = image;
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    new Uint8Array(memory.buffer).set(new Uint8Array(image.bytes));
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    this.#image = image;
    this.#functions = exports as ForestFunctions;
    const room = blockRows * cols;
    this.#values = new Float64Array(memory.buffer, addresses.values, room);
    this.#sums = new Float64Array(memory.buffer, addresses.sums, blockRows);
  }

  /**
   * Scores a block of rows, `2^(-sum / scale)`.
   *
   * @param block Its number, from 0.
   * @param task All rows, row-major; all scores, where it writes its own; and
   * the scale of the sums.
   */
  scoreBlock(
    block: number,
    task: { values: Float64Array; scores: Float64Array; scale: number },
  ): void {
    const { values, scores, scale } = task;
    const { cols, blockRows } = this.#image;
    const start = block * blockRows;
    const end = Math.min(start + blockRows, scores.length);
    const sums = this.sumBlock(values.subarray(start * cols, end * cols));
    for (let i = 0; i < sums.length; i++) {
      scores[start + i] = 2 ** (-sums[i] / scale);
    }
  }

  /**
   * Sums the path lengths of a block's rows over all trees.
   *
   * @param values The rows, at most `blockRows` of them, row-major.
   * @returns The sums, a view that the next call overwrites.
   */
  sumBlock(values: Float64Array): Float64Array {
    const { cols, isNarrow, blockRows, addresses, groups } = this.#image;
    const rows = values.length / cols;
    const padded = Math.ceil(rows / 16) * 16;
    const { ranks, sums } = addresses;
    this.#values.set(values);
    this.#sums.fill(0);
    for (const { trees, treeCount, depth, tables } of groups) {
      this.#rank(tables, padded);
      if (isNarrow) {
        this.#functions.addNarrowPathLengths(
          ...[trees, treeCount, ranks, cols, blockRows, padded, sums],
        );
      } else {
        this.#functions.addPathLengths(
          ...[trees, treeCount, depth, ranks, padded, sums],
        );
      }
    }
    return this.#sums.subarray(0, rows);
  }

  /** Ranks all values of the block among a group's thresholds. */
  #rank(tables: ForestGroup["tables"], rows: number): void {
    const { cols, isNarrow, blockRows, addresses } = this.#image;
    for (let j = 0; j < cols; j++) {
      const ranks = addresses.ranks + j * 2 * blockRows;
      const column = isNarrow ? addresses.column : ranks;
      const { address, steps } = tables[j];
      const values = addresses.values + 8 * j;
      this.#functions.rankColumn(
        ...[values, 8 * cols, rows, address, steps, column],
      );
      if (!isNarrow) continue;
      this.#functions.splitRanks(column, rows, ranks, ranks + blockRows);
    }
  }
}

/**
 * Compiles the kernel, 5 kB.
 *
 * @returns The module; nothing where the engine has no WebAssembly with SIMD, or
 * does not compile it at once.
 */
export function compileForestKernel(): WebAssembly.Module | undefined {
  if (typeof WebAssembly === "undefined") return undefined;
  const text = atob(wasmBase64.replaceAll("\n", ""));
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  if (!WebAssembly.validate(bytes)) return undefined;
  try {
    return new WebAssembly.Module(bytes);
  } catch {
    // Older browsers compile no more than 4 kB on their main thread at once.
    return undefined;
  }
}
