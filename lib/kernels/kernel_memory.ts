/**
 * Memory of the kernels, handed out as a stack: a call takes what it needs,
 * works, and gives it back. What a call leaves for a later one (the states of
 * a sequence, for its gradient) stays until it is given back too, or until
 * room runs out: then all that was kept is dropped at once, and whoever finds
 * their states gone computes them again. So memory is bounded, whatever the
 * callers forget.
 *
 * @module
 */

import { type KernelJob, KernelWorkers, runCalls } from "./kernel_workers.ts";
import {
  instantiateKernels,
  type KernelFunctions,
  type KernelInstance,
  MEMORY_BYTES,
} from "./kernels.ts";

/** A place in the stack, and the age of the stack when it was taken. */
export type StackMark = {
  /** The address, in bytes. */
  readonly top: number;
  /** How often the stack had been dropped. */
  readonly generation: number;
};

/** Every array starts at a cache line. */
const ALIGNMENT = 64;
/** Kernels may read, never use, this much beyond an array. */
const SLACK_BYTES = 64;
/** More than this is not held on to between calls. */
const RETAINED_BYTES = 256 * 2 ** 20;

/** The stack, over an instance of the kernels that it makes when needed. */
export class KernelMemory {
  readonly #module: WebAssembly.Module;
  readonly #threads: number;
  #workers: KernelWorkers | undefined;
  #instance: KernelInstance | undefined;
  #top = 0;
  #generation = 0;
  #highest = 0;

  /**
   * Makes an empty stack; no memory is taken yet.
   *
   * @param module The compiled kernels.
   * @param threads How many threads work, the calling one among them.
   */
  constructor(module: WebAssembly.Module, threads: number) {
    this.#module = module;
    this.#threads = threads;
  }

  /** The memory used since it was last given back, in bytes. */
  get bytes(): number {
    return this.#highest;
  }

  /** The kernels. */
  get functions(): KernelFunctions {
    return this.instance.functions;
  }

  /** The instance of the kernels; made now if there is none. */
  get instance(): KernelInstance {
    if (!this.#instance) {
      this.#instance = instantiateKernels(this.#module);
      this.#top = this.#instance.functions.heapBase();
    }
    return this.#instance;
  }

  /**
   * Makes sure that there is room, dropping what was kept if there is not.
   *
   * @param bytes What will be taken before the stack is wound back.
   * @returns Where the stack stands.
   * @throws {RangeError} If this is more than an instance can have.
   */
  begin(bytes: number): StackMark {
    const base = this.functions.heapBase();
    if (this.#top + bytes > MEMORY_BYTES) {
      this.#top = base;
      this.#generation++;
    }
    if (!(this.#top + bytes <= MEMORY_BYTES)) {
      throw new RangeError(
        `Cannot run the kernels: ${bytes} bytes are needed, expected at most ${MEMORY_BYTES}`,
      );
    }
    this.#highest = Math.max(this.#highest, this.#top + bytes);
    return this.mark();
  }

  /**
   * Says where the stack stands.
   *
   * @returns A mark to wind back to.
   */
  mark(): StackMark {
    return { top: this.#top, generation: this.#generation };
  }

  /**
   * Takes room for floats; {@linkcode KernelMemory.begin} has seen to it.
   *
   * @param count How many.
   * @returns Their address, in bytes.
   */
  take(count: number): number {
    const address = this.#top;
    this.#top += roomFor(count);
    return address;
  }

  /**
   * Looks at floats in place, until memory is given back.
   *
   * @param address The address, in bytes.
   * @param count How many.
   * @returns A view, not a copy.
   */
  floats(address: number, count: number): Float32Array {
    return new Float32Array(this.instance.memory.buffer, address, count);
  }

  /**
   * Says whether what was taken at a mark is still there.
   *
   * @param mark A mark taken earlier.
   * @returns Whether the stack was neither dropped nor wound back past it.
   */
  holds(mark: StackMark): boolean {
    return mark.generation === this.#generation && mark.top <= this.#top;
  }

  /**
   * Winds the stack back.
   *
   * @param mark Where to; ignored if the stack has been dropped since.
   */
  rewind(mark: StackMark): void {
    if (this.holds(mark)) this.#top = mark.top;
  }

  /**
   * Winds the stack back at the end of a call. With nothing left in it, memory
   * beyond what is worth keeping goes back to the system.
   *
   * @param mark Where to.
   */
  end(mark: StackMark): void {
    this.rewind(mark);
    const empty = this.#top === this.functions.heapBase();
    if (empty && this.bytes > RETAINED_BYTES) this.release();
  }

  /**
   * Runs kernels that do not depend on each other.
   *
   * @param jobs The jobs.
   * @param options With `alone`, on the calling thread: for what takes less
   * time than a worker needs to wake.
   */
  run(jobs: readonly KernelJob[], options: { alone: boolean }): void {
    if (options.alone || this.#threads === 1 || jobs.length === 1) {
      for (const job of jobs) runCalls(this.functions, job);
      return;
    }
    this.#workers ??= new KernelWorkers(this.instance, this.#threads - 1);
    this.#workers.run(jobs);
  }

  /** Drops everything, ends the workers and gives all memory back. */
  release(): void {
    this.#workers?.terminate();
    this.#workers = undefined;
    this.#instance = undefined;
    this.#top = 0;
    this.#highest = 0;
    this.#generation++;
  }
}

/**
 * The room that floats take in the stack.
 *
 * @param count How many.
 * @returns Bytes.
 */
export function roomFor(count: number): number {
  return Math.ceil((count * 4 + SLACK_BYTES) / ALIGNMENT) * ALIGNMENT;
}
