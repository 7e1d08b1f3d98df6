/**
 * Polars keeps frames outside of the engine's heap, and the engine, which sees
 * only small objects, lets them pile up: gigabytes in a long loop. So a loop
 * over many frames has to ask for a collection, and then to wait for a turn of
 * the event loop, in which Polars frees what was collected.
 *
 * @module
 */

import { setImmediate } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/**
 * Makes a function that frees what is no longer referred to.
 *
 * @returns A function that takes some milliseconds; where the engine does not
 * let itself be asked, it only waits for a turn, and memory grows until the
 * engine collects by itself.
 */
export function garbageCollector(): () => Promise<void> {
  const collect = exposedCollector();
  return async () => {
    collect();
    await setImmediate();
  };
}

function exposedCollector(): () => void {
  try {
    setFlagsFromString("--expose-gc");
    const collect: unknown = runInNewContext("gc");
    return typeof collect === "function" ? () => collect() : () => {};
  } catch {
    return () => {};
  }
}
