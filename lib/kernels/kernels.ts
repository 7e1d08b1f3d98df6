/**
 * The WebAssembly kernels: which build this engine runs, and fresh instances
 * of it. Built with `deno task kernels` from the sources in `assembly/`.
 *
 * @module
 */

import { wasmBase64 as relaxedSimd } from "./relaxed_simd_wasm.ts";
import { wasmBase64 as simd } from "./simd_wasm.ts";

/** A build of the kernels: relaxed SIMD multiplies and adds in one step, about
 * twice as fast; not every engine has it. */
export type KernelBuild = "relaxed-simd" | "simd";

/** What the kernels export. Addresses are bytes in their memory; shapes and
 * layouts are described in `assembly/`. */
export type KernelFunctions = {
  /** Runs a sequence forwards. */
  lstmForward(...args: number[]): void;
  /** Runs a sequence back through time. */
  lstmBackward(...args: number[]): void;
  /** Lays weights out as panels of 8 columns. */
  packPanels(...args: number[]): void;
  /** Lays transposed weights out as panels of 8 rows. */
  packTransposed(...args: number[]): void;
  /** Runs rows through a dense layer. */
  denseForward(...args: number[]): void;
  /** The gradients of a dense layer. */
  denseBackward(...args: number[]): void;
  /** Multiplies one array by another. */
  multiplyBy(...args: number[]): void;
  /** Draws zeros and one other number. */
  dropoutMask(...args: number[]): void;
  /** Moves weights against their gradient. */
  adam(...args: number[]): void;
  /** Adds one array to another. */
  addTo(...args: number[]): void;
  /** e^x of an array, in place. */
  exponentials(values: number, count: number): void;
  /** 1 / (1 + e^-x) of an array, in place. */
  sigmoids(values: number, count: number): void;
  /** tanh x of an array, in place. */
  tangents(values: number, count: number): void;
  /** The first byte that is free for data. */
  heapBase(): number;
};

/** A name of a function that a worker can run. */
export type KernelName =
  | "lstmForward"
  | "lstmBackward"
  | "denseForward"
  | "denseBackward"
  | "multiplyBy";

/** The kernels over a memory of their own. */
export type KernelInstance = {
  /** The compiled module. */
  readonly module: WebAssembly.Module;
  /** The memory, shared, so that workers can join. */
  readonly memory: WebAssembly.Memory;
  /** The functions. */
  readonly functions: KernelFunctions;
};

/** The size of a page of WebAssembly's memory, in bytes. */
export const PAGE_BYTES = 65_536;
/** The memory of an instance, in bytes: addresses, of which the system backs
 * only those that are used. Its size is fixed, see `.tasks/kernels.ts`. */
export const MEMORY_BYTES: number = 8192 * PAGE_BYTES;

/** All builds, the fastest first. */
const SOURCES: Readonly<Record<KernelBuild, string>> = {
  "relaxed-simd": relaxedSimd,
  simd,
};

/**
 * Says which builds this engine runs.
 *
 * @returns Their names, the fastest first; none where there is no SIMD.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { supportedBuilds } from "lib/kernels/kernels.ts";
 *
 * assert.deepEqual(supportedBuilds(), ["relaxed-simd", "simd"]);
 * ```
 */
export function supportedBuilds(): KernelBuild[] {
  if (typeof WebAssembly === "undefined") return [];
  return (Object.keys(SOURCES) as KernelBuild[]).filter((build) =>
    WebAssembly.validate(bytesOf(build))
  );
}

/**
 * Compiles a build.
 *
 * @param build One that this engine runs.
 * @returns The module, to be instantiated as often as wanted.
 */
export function compileKernels(
  build: KernelBuild,
): Promise<WebAssembly.Module> {
  return WebAssembly.compile(bytesOf(build));
}

/**
 * Makes an instance with a memory of its own.
 *
 * @param module What {@linkcode compileKernels} gave.
 * @returns The instance; its memory is freed once nothing refers to it.
 */
export function instantiateKernels(module: WebAssembly.Module): KernelInstance {
  const memory = new WebAssembly.Memory({
    initial: MEMORY_BYTES / PAGE_BYTES,
    maximum: MEMORY_BYTES / PAGE_BYTES,
    shared: true,
  });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { module, memory, functions: exports as KernelFunctions };
}

function bytesOf(build: KernelBuild): Uint8Array<ArrayBuffer> {
  const text = atob(SOURCES[build].replaceAll("\n", ""));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
