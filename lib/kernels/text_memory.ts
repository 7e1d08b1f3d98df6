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
};

const PAGE_BYTES = 65_536;

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
    const initial = Math.ceil(length / PAGE_BYTES);
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
}

/** The module, if this engine runs it; it is half a kilobyte. */
function compiled(): WebAssembly.Module | undefined {
  const binary = Uint8Array.from(
    atob(wasmBase64.replaceAll("\n", "")),
    (character) => character.charCodeAt(0),
  );
  return typeof WebAssembly !== "undefined" && WebAssembly.validate(binary)
    ? new WebAssembly.Module(binary)
    : undefined;
}
