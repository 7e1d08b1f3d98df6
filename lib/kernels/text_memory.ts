/**
 * A buffer for text that can be searched at memory speed: it lies in the memory
 * of a WebAssembly kernel where the engine has SIMD, else in an ordinary array
 * with a plain loop.
 *
 * @module
 */

import { wasmBase64 } from "./text_wasm.ts";

/** What the kernel exports; addresses are bytes in its memory. */
type TextFunctions = {
  countByte(start: number, end: number, byte: number): number;
  hasAny(start: number, end: number, a: number, b: number, c: number): number;
  readTimes(
    start: number,
    end: number,
    out: number,
    longest: number,
    isZulu: boolean,
  ): number;
};

/** Times at the beginnings of n lines. */
export type LineTimes = {
  /** Milliseconds since 1970 as if the zone were UTC, shape `(n)`. */
  readonly wallMs: Float64Array;
  /** Whether what follows them is all ASCII, and no blank in it. */
  readonly isTight: boolean;
};

const PAGE_BYTES = 65_536;
/** `2026-01-05T08:15:00` and a comma. */
const SHORTEST_LINE = 20;
/** Times are eight bytes; the kernel looks sixteen ahead. */
const ALIGNMENT = 8;
const AHEAD_BYTES = 64;

/** A buffer of a fixed size. */
export class TextMemory {
  /** The bytes, zero at first. */
  readonly bytes: Uint8Array;
  readonly #functions: TextFunctions | undefined;

  /**
   * Makes a buffer.
   *
   * @param length Its size in bytes, up to 1 GiB.
   * @throws {RangeError} If there is no memory for it.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { TextMemory } from "lib/kernels/text_memory.ts";
   *
   * const text = new TextMemory(4);
   * text.bytes.set(new TextEncoder().encode("abca"));
   * assert.equal(text.count(0, 4, 0x61), 2);
   * assert.equal(text.hasAny(0, 4, [0x62, 0x78, 0x79]), true);
   * ```
   */
  constructor(length: number) {
    // Room for the times of lines; what is not written to takes no memory.
    const room = AHEAD_BYTES + Math.ceil(length / SHORTEST_LINE) * ALIGNMENT;
    const initial = Math.ceil((length + room) / PAGE_BYTES);
    const module = compiled();
    if (!module) {
      this.bytes = new Uint8Array(length);
      return;
    }
    const memory = new WebAssembly.Memory({ initial, maximum: initial });
    const { exports } = new WebAssembly.Instance(module, { env: { memory } });
    this.#functions = exports as TextFunctions;
    this.bytes = new Uint8Array(memory.buffer, 0, length);
  }

  /**
   * Counts a byte.
   *
   * @param start The first place to look at.
   * @param end The place after the last.
   * @param byte The byte.
   * @returns How many there are.
   */
  count(start: number, end: number, byte: number): number {
    if (this.#functions) return this.#functions.countByte(start, end, byte);
    let count = 0;
    for (let i = start; i < end; i++) if (this.bytes[i] === byte) count++;
    return count;
  }

  /**
   * Counts a byte in a view of this memory.
   *
   * @param bytes The view.
   * @param byte The byte.
   * @returns How many there are.
   */
  countIn(bytes: Uint8Array, byte: number): number {
    const start = bytes.byteOffset - this.bytes.byteOffset;
    return this.count(start, start + bytes.length, byte);
  }

  /**
   * Looks for any of three bytes.
   *
   * @param start The first place to look at.
   * @param end The place after the last.
   * @param wanted The bytes.
   * @returns Whether one of them is there.
   */
  hasAny(
    start: number,
    end: number,
    wanted: readonly [number, number, number],
  ): boolean {
    if (this.#functions) {
      return this.#functions.hasAny(start, end, ...wanted) !== 0;
    }
    return this.bytes.subarray(start, end)
      .some((byte) => wanted.includes(byte));
  }

  /**
   * Reads the times at the beginnings of lines, `2026-01-05T08:15:00` and a
   * comma, with a blank for the `T` or not, a fraction of three to nine digits
   * or none, and `Z` at the end or not.
   *
   * @param bytes Whole lines, ended by line feeds; a view of this memory.
   * @param options Bytes of the longest line, and whether times end in `Z`.
   * @returns The times; `undefined` if one is otherwise, a line is too long, or
   * the engine does not run the kernel.
   */
  readTimes(
    bytes: Uint8Array,
    { longest, isZulu }: { longest: number; isZulu: boolean },
  ): LineTimes | undefined {
    if (!this.#functions || bytes.buffer !== this.bytes.buffer) {
      return undefined;
    }
    const start = bytes.byteOffset;
    const out = Math.ceil(this.bytes.length / ALIGNMENT) * ALIGNMENT;
    const found = this.#functions.readTimes(
      ...[start, start + bytes.length, out, longest] as const,
      isZulu,
    );
    if (found === 0) return undefined;
    const times = new Float64Array(this.bytes.buffer, out, Math.abs(found));
    return { wallMs: times.slice(), isTight: found > 0 };
  }
}

/** The module, if this engine runs it; it is a kilobyte. */
function compiled(): WebAssembly.Module | undefined {
  const binary = Uint8Array.from(
    atob(wasmBase64.replaceAll("\n", "")),
    (character) => character.charCodeAt(0),
  );
  return typeof WebAssembly !== "undefined" && WebAssembly.validate(binary)
    ? new WebAssembly.Module(binary)
    : undefined;
}
