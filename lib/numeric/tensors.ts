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
import {
  compileKernels,
  type KernelBuild,
  supportedBuilds,
} from "../kernels/kernels.ts";
import { LstmKernel } from "../kernels/lstm_kernel.ts";

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

/** The options of an LSTM layer: those of `tf.layers.lstm` that are used
 * here; it takes all others too. */
export type LstmLayerConfig = {
  /** The number of units. */
  units: number;
  /** Whether to give the output of every step. */
  returnSequences?: boolean;
  /** What squashes the candidate and the cell state. */
  activation?: "tanh" | "relu" | "linear";
  /** What squashes the gates. */
  recurrentActivation?: "sigmoid" | "hardSigmoid";
  /** Whether there is a bias. */
  useBias?: boolean;
  /** Whether the forget gate starts open. */
  unitForgetBias?: boolean;
  /** How the kernel starts. */
  kernelInitializer?: Initializer | "glorotNormal" | "glorotUniform";
  /** How the recurrent kernel starts. */
  recurrentInitializer?: Initializer | "glorotNormal" | "zeros";
  /** Whether sequences are read from their end. */
  goBackwards?: boolean;
  /** Whether the state is given out too. */
  returnState?: boolean;
  /** Whether the state goes on from batch to batch. */
  stateful?: boolean;
  /** Share of the inputs dropped at each step. */
  dropout?: number;
  /** Share of the state dropped at each step. */
  recurrentDropout?: number;
  /** Steps and features, for the first layer of a network. */
  inputShape?: number[];
};

/** A way to draw the first values of a weight. */
export type Initializer = tensorflow.serialization.Serializable;

/** The stock LSTM layer as a class, to be extended; {@linkcode tf} gives it as
 * a function only. */
export const StockLstm: new (config: LstmLayerConfig) => Layer = tensorflow
  .layers.lstm({ units: 1 })
  .constructor as unknown as new (config: LstmLayerConfig) => Layer;

/** What TensorFlow.js saves of a layer beside its weights. */
export type LayerConfig = tensorflow.serialization.ConfigDict;

/** A backend of TensorFlow.js that this project uses. */
export type BackendName = "wasm" | "cpu";

/** What runs LSTM layers: the project's own kernels, in one of their builds,
 * or the layers of TensorFlow.js. */
export type LstmBackendName = KernelBuild | "stock";

const PACKAGE = "@tensorflow/tfjs-backend-wasm";

await startBackend();

const lstmBuild: KernelBuild | undefined = supportedBuilds().at(0);

/** The kernels of LSTM layers; none where this engine runs no build of them. */
export const lstmKernel: LstmKernel | undefined = lstmBuild &&
  new LstmKernel(await compileKernels(lstmBuild));

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

/**
 * Says what runs LSTM layers.
 *
 * @returns The build of the project's kernels, or `stock` where WebAssembly
 * has no SIMD.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { lstmBackendName } from "lib/numeric/tensors.ts";
 *
 * assert.equal(lstmBackendName(), "relaxed-simd");
 * ```
 */
export function lstmBackendName(): LstmBackendName {
  return lstmBuild ?? "stock";
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
