/**
 * What every network needs beside training: predictions in chunks, and its
 * weights as plain arrays and as JSON.
 *
 * @module
 */

import { checkLength } from "./checks.ts";
import { readObject } from "./json_fields.ts";
import { Random } from "./random.ts";
import { type LayersModel, type Tensor, tf } from "./tensors.ts";
import {
  decodeArray,
  encodeArray,
  type EncodedArray,
} from "./typed_array_json.ts";

/** The values of all weights of a network, in the order of its layers. */
export type NetworkWeights = readonly Float32Array[];

/** One weight of a network as it stands in a model file. */
export type EncodedWeight = {
  /** The shape, such as `[2, 16]`. */
  shape: number[];
  /** The values, row-major. */
  values: EncodedArray;
};

const MAX_LAYER_SEED = 2 ** 31 - 1;

/**
 * Derives a seed for a layer, so that no two layers draw the same numbers.
 *
 * @param seed The seed of the model.
 * @param index The number of the layer, from 0.
 * @returns An integer >= 1: TensorFlow.js takes 0 for "no seed".
 * @throws {RangeError} If the seed or the index is not a seed.
 */
export function layerSeed(seed: number, index: number): number {
  return 1 + new Random(seed, index).integer(MAX_LAYER_SEED);
}

/**
 * Runs a network over many samples, a chunk at a time.
 *
 * @param model The network, n outputs a sample.
 * @param sampleCount The number of samples.
 * @param options `inputs` makes the input of samples `start` to `end - 1`;
 * `chunkSize` is how many samples go through at once.
 * @returns The outputs, sample after sample.
 */
export function predictInChunks(
  model: LayersModel,
  sampleCount: number,
  options: {
    inputs: (start: number, end: number) => Tensor;
    chunkSize: number;
  },
): Float32Array {
  const { inputs, chunkSize } = options;
  let outputs = new Float32Array(0);
  for (let start = 0; start < sampleCount; start += chunkSize) {
    const end = Math.min(start + chunkSize, sampleCount);
    const chunk = tf.tidy(() => {
      const output = model.apply(inputs(start, end), { training: false });
      return (output as Tensor).dataSync() as Float32Array;
    });
    const width = chunk.length / (end - start);
    if (start === 0) outputs = new Float32Array(sampleCount * width);
    outputs.set(chunk, start * width);
  }
  return outputs;
}

/**
 * Copies the weights out of a network.
 *
 * @param model The network.
 * @returns Copies of its weights.
 */
export function readWeights(model: LayersModel): NetworkWeights {
  return model.getWeights().map((weight) =>
    Float32Array.from(weight.dataSync())
  );
}

/**
 * Writes weights into a network.
 *
 * @param model The network; changed.
 * @param weights One array for each of its weights.
 * @throws {RangeError} If the number or the length of the arrays is another.
 */
export function writeWeightsInPlace(
  model: LayersModel,
  weights: NetworkWeights,
): void {
  const current = model.getWeights();
  checkLength(weights.length, current.length, "weights", "set weights");
  current.forEach((weight, k) =>
    checkLength(weights[k].length, weight.size, `weight ${k}`, "set weights")
  );
  tf.tidy(() =>
    model.setWeights(current.map((weight, k) =>
      // A copy, for the backend may keep the array that it is given.
      tf.tensor(weights[k].slice(), weight.shape, "float32")
    ))
  );
}

/**
 * Encodes the weights of a network for a model file.
 *
 * @param model The network.
 * @returns Its weights with their shapes.
 */
export function encodeWeights(model: LayersModel): EncodedWeight[] {
  return model.getWeights().map((weight) => ({
    shape: [...weight.shape],
    values: encodeArray(Float32Array.from(weight.dataSync())),
  }));
}

/**
 * Decodes weights and checks number, shapes, lengths and finiteness, before
 * anything of that size is built.
 *
 * @param json The untrusted JSON value.
 * @param shapes The shapes demanded, in order.
 * @returns The weights.
 * @throws {SyntaxError} If anything is not as demanded.
 */
export function decodeWeights(
  json: unknown,
  shapes: readonly (readonly number[])[],
): NetworkWeights {
  if (!Array.isArray(json) || json.length !== shapes.length) {
    throw new SyntaxError(
      `Cannot load model: weights is not a list of ${shapes.length} weights`,
    );
  }
  return shapes.map((shape, k) => {
    const field = `weights[${k}]`;
    const weight = readObject(json[k], field);
    const found = JSON.stringify(weight.shape)?.slice(0, 60);
    if (found !== JSON.stringify(shape)) {
      throw new SyntaxError(
        `Cannot load model: ${field} has shape ${found}, expected [${shape}]`,
      );
    }
    const length = shape.reduce((product, size) => product * size, 1);
    return decodeArray(weight.values, "float32", field, length);
  });
}
