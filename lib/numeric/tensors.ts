/**
 * The one place that imports TensorFlow.js and picks its backend: `wasm`, or
 * `cpu` (about 6 times slower) where WebAssembly cannot be loaded. The backend
 * is ready once this module is imported, so models may be built, loaded and
 * asked for scores without waiting. Tensors hold 32-bit floats.
 *
 * @module
 */

import * as tensorflow from "@tensorflow/tfjs";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";

/** TensorFlow.js itself. */
export const tf: typeof tensorflow = tensorflow;

/** An array on the backend, any shape; it must be disposed of. */
export type Tensor = tensorflow.Tensor;

/** A single number on the backend. */
export type Scalar = tensorflow.Scalar;

/** An array on the backend that can be assigned to: a weight. */
export type Variable = tensorflow.Variable;

/** A layer of a network. */
export type Layer = tensorflow.layers.Layer;

/** A network: layers with their weights. */
export type LayersModel = tensorflow.LayersModel;

/** What TensorFlow.js saves of a layer beside its weights. */
export type LayerConfig = tensorflow.serialization.ConfigDict;

/** A backend of TensorFlow.js that this project uses. */
export type BackendName = "wasm" | "cpu";

const PACKAGE = "@tensorflow/tfjs-backend-wasm";

await startBackend();

/**
 * Says which backend computes.
 *
 * @returns `wasm` where WebAssembly could be loaded, else `cpu`.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { backendName } from "lib/numeric/tensors.ts";
 *
 * assert.ok(["wasm", "cpu"].includes(backendName()));
 * ```
 */
export function backendName(): BackendName {
  return tf.getBackend() === "wasm" ? "wasm" : "cpu";
}

async function startBackend(): Promise<void> {
  // Without this the library greets and advises on the console.
  tf.enableProdMode();
  try {
    setWasmPaths(wasmFolder());
    if (await tf.setBackend("wasm")) return;
  } catch {
    // No WebAssembly, or its files are not where the package was found.
  }
  await tf.setBackend("cpu");
}

/** The folder of the `.wasm` files: beside the package's entry, wherever it is
 * installed. A path for files, an address in a browser. */
function wasmFolder(): string {
  const folder = new URL(".", import.meta.resolve(PACKAGE));
  if (folder.protocol !== "file:") return folder.href;
  return decodeURIComponent(folder.pathname).replace(/^\/(?=[A-Z]:)/, "");
}
