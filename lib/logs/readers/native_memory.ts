/**
 * Polars keeps frames outside of the engine's heap, and the engine, which sees
 * only small objects, lets them pile up: gigabytes in a long loop. So a loop
 * over many frames has to ask for a collection.
 *
 * @module
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Makes a function that frees what is no longer referred to.
 *
 * @returns A function that takes some milliseconds; where the engine does not
 * let itself be asked, it does nothing and memory grows until the engine collects
 * by itself.
 */
export function garbageCollector(): () => void {
  try {
    setFlagsFromString("--expose-gc");
    const collect: unknown = runInNewContext("gc");
    return typeof collect === "function" ? () => collect() : () => {};
  } catch {
    return () => {};
  }
}
