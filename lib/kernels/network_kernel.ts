/**
 * A network of layers one after the other, trained within the memory of the
 * kernels: its weights stay there from step to step, a step is one call
 * forwards and one back, and each thread takes its part of the batch through
 * all layers at once. Gradients are summed part by part in a fixed order, so
 * results do not depend on the number of threads.
 *
 * @module
 */

import type { KernelMemory } from "./kernel_memory.ts";
import type { KernelCall, KernelJob } from "./kernel_workers.ts";
import { MEMORY_BYTES } from "./kernels.ts";
import {
  backwardCall,
  forwardCall,
  type LstmShape,
  outputSize,
  type PackedLstm,
  packPanels,
  packTransposed,
  partsOf,
  productCount,
  type SequenceRange,
  stateSizes,
  takePacked,
  weightCounts,
  zerosCount,
} from "./lstm_calls.ts";

/** A layer that the kernels can train. */
export type KernelLayer =
  | {
    readonly kind: "lstm";
    /** Units. */
    readonly units: number;
    /** Whether the output of every step goes on, or the last alone. */
    readonly everyStep: boolean;
  }
  | {
    readonly kind: "dense";
    /** Units. */
    readonly units: number;
    /** Whether what is below 0 becomes 0. */
    readonly relu: boolean;
  }
  | {
    readonly kind: "dropout";
    /** Share of the values set to 0. */
    readonly rate: number;
    /** Begins a training call: where the generator sfc32 stands. */
    readonly nextStream: () => { state(): number[] };
  };

/** The sizes of a network's input. */
export type NetworkInput = {
  /** The greatest number of samples in a batch. */
  readonly batchSize: number;
  /** Steps of a sample. */
  readonly steps: number;
  /** Values that come in at a step. */
  readonly features: number;
};

/** How Adam moves the weights. */
export type AdamStep = {
  /** Share of a gradient in the mean of gradients. */
  readonly meanShare: number;
  /** Share of its square in the mean of squares. */
  readonly squareShare: number;
  /** Step size, corrected for the start at 0. */
  readonly rate: number;
  /** What corrects the square root for the start at 0. */
  readonly correction: number;
  /** Added to the square root. */
  readonly epsilon: number;
};

/** A layer between its neighbours. */
type PlacedLayer = {
  readonly layer: KernelLayer;
  /** Steps and values of a step that come in. */
  readonly steps: number;
  readonly features: number;
  /** Addresses of its weights, and their sizes. */
  readonly weights: readonly number[];
  readonly sizes: readonly number[];
  readonly packed: PackedLstm | undefined;
};

/** A layer as part of a plan. */
type LayerPlan = {
  /** Address of what comes out. */
  readonly output: number;
  readonly forward: readonly KernelCall[];
  /** Takes the address of the gradient of what comes out, and gives that of
   * what comes in. */
  backward(gradient: number): {
    calls: readonly KernelCall[];
    gradient: number;
  };
};

type PartPlan = SequenceRange & {
  /** Addresses of what comes in and out, of the gradient of the latter, and of
   * the gradients of the weights. */
  readonly input: number;
  readonly output: number;
  readonly outputGradient: number;
  readonly gradients: number;
};

/** All calls for batches of a size. */
type Plan = {
  readonly rows: number;
  readonly parts: readonly PartPlan[];
  readonly inference: readonly KernelJob[];
  readonly forward: readonly KernelJob[];
  readonly backward: readonly KernelJob[];
  readonly masks: readonly { layer: PlacedLayer; address: number }[];
};

/** Below this many products a worker takes longer to wake than to work. */
const PRODUCTS_ALONE = 1e6;
/** Half of 32 random bits decides on a value of dropout. */
const LEVELS = 2 ** 16;

/** The network. */
export class NetworkKernel {
  /** Values that come out for a sample. */
  readonly outputs: number;
  readonly #memory: KernelMemory;
  readonly #input: NetworkInput;
  readonly #layers: readonly PlacedLayer[];
  /** Addresses and total size of weights, their running means and squares. */
  readonly #weights: number;
  readonly #means: number;
  readonly #squares: number;
  readonly #count: number;
  readonly #zeros: number;
  readonly #base: ReturnType<KernelMemory["mark"]>;
  #plan: Plan;

  private constructor(
    memory: KernelMemory,
    layers: readonly KernelLayer[],
    input: NetworkInput,
  ) {
    this.#memory = memory;
    this.#input = input;
    memory.begin(0);
    this.#count = weightSizesOf(layers, input).flat()
      .reduce((sum, size) => sum + size, 0);
    [this.#weights, this.#means, this.#squares] = [0, 1, 2].map(() =>
      memory.take(this.#count)
    );
    this.#layers = placeLayers(memory, layers, input, this.#weights);
    const zeros = Math.max(0, ...this.#layers.map(lstmZeros));
    this.#zeros = memory.take(zeros);
    this.outputs = layers.reduce(sizeAfter, input).features;
    this.#base = memory.mark();
    this.#plan = this.#planFor(input.batchSize);
    if (!this.#fits()) return;
    for (const address of [this.#means, this.#squares]) {
      memory.floats(address, this.#count).fill(0);
    }
    memory.floats(this.#zeros, zeros).fill(0);
  }

  /**
   * Lays a network out.
   *
   * @param memory An empty memory, of which the network takes possession.
   * @param layers The layers; a dense one has no steps before it.
   * @param input The sizes of the input.
   * @returns The network, its weights not yet set; nothing if batches of this
   * size are too large for the memory.
   */
  static create(
    memory: KernelMemory,
    layers: readonly KernelLayer[],
    input: NetworkInput,
  ): NetworkKernel | undefined {
    const network = new NetworkKernel(memory, layers, input);
    if (network.#fits()) return network;
    memory.release();
    return undefined;
  }

  /**
   * Sets the weights.
   *
   * @param values One array for each weight, as in TensorFlow.js.
   */
  setWeights(values: readonly Float32Array[]): void {
    this.weights().forEach((weight, k) => weight.set(values[k]));
  }

  /**
   * Shows the weights.
   *
   * @returns Views of the weights, in the order of the layers.
   */
  weights(): Float32Array[] {
    return this.#layers.flatMap(({ weights, sizes }) =>
      weights.map((address, k) => this.#memory.floats(address, sizes[k]))
    );
  }

  /**
   * Runs a batch through the network.
   *
   * @param inputs The samples, shape `(rows, steps, features)`.
   * @param options With `training` for a gradient, and with dropout.
   * @returns What comes out, shape `(rows, outputs)`.
   */
  forward(
    inputs: Float32Array,
    options: { training: boolean },
  ): Float32Array {
    const { steps, features } = this.#input;
    const rows = inputs.length / (steps * features);
    if (this.#plan.rows !== rows) this.#plan = this.#planFor(rows);
    const { parts, masks, inference, forward } = this.#plan;
    const memory = this.#memory;
    this.#packPanels();
    if (options.training) masks.forEach((mask) => this.#draw(mask));
    for (const { first, rows, input } of parts) {
      const [start, size] = [first, rows].map((n) => n * steps * features);
      const values = inputs.subarray(start, start + size);
      memory.floats(input, size).set(values);
    }
    const jobs = options.training ? forward : inference;
    memory.run(jobs, { alone: this.#isSmall() });
    const outputs = new Float32Array(rows * this.outputs);
    for (const { first, rows, output } of parts) {
      const values = memory.floats(output, rows * this.outputs);
      outputs.set(values, first * this.outputs);
    }
    return outputs;
  }

  /**
   * Computes the gradients of the weights, after a forward call in training.
   *
   * @param gradient The gradient of what came out.
   * @returns Views of the gradients, in the order of the layers.
   */
  backward(gradient: Float32Array): Float32Array[] {
    const { parts, backward } = this.#plan;
    const memory = this.#memory;
    for (const { first, rows, outputGradient } of parts) {
      const [start, size] = [first, rows].map((n) => n * this.outputs);
      memory.floats(outputGradient, size)
        .set(gradient.subarray(start, start + size));
    }
    this.#packTransposed();
    memory.run(backward, { alone: this.#isSmall() });
    const [sum, ...others] = parts.map((part) => part.gradients);
    for (const other of others) {
      memory.functions.addTo(sum, other, this.#count);
    }
    return this.#layers.flatMap(({ weights, sizes }) =>
      weights.map((address, k) =>
        memory.floats(sum + address - this.#weights, sizes[k])
      )
    );
  }

  /**
   * Moves the weights by the gradients just computed.
   *
   * @param step The numbers of Adam.
   */
  move(step: AdamStep): void {
    const { meanShare, squareShare, rate, correction, epsilon } = step;
    this.#memory.functions.adam(
      ...[this.#weights, this.#plan.parts[0].gradients],
      ...[this.#means, this.#squares, this.#count],
      ...[meanShare, squareShare, rate, correction, epsilon],
    );
  }

  /** Gives all memory back. */
  release(): void {
    this.#memory.release();
  }

  #fits(): boolean {
    return this.#memory.mark().top <= MEMORY_BYTES;
  }

  #isSmall(): boolean {
    const { rows } = this.#plan;
    const products = this.#layers.map((placed) =>
      placed.layer.kind === "lstm" ? productCount(lstmShape(placed, rows)) : 0
    );
    return Math.max(0, ...products) < PRODUCTS_ALONE;
  }

  #packPanels(): void {
    for (const placed of this.#layers) {
      const { packed } = placed;
      if (!packed) continue;
      const weights = firstOf(placed);
      packPanels(this.#memory, lstmShape(placed, 1), { weights, packed });
    }
  }

  #packTransposed(): void {
    for (const placed of this.#layers) {
      const { packed } = placed;
      if (!packed) continue;
      const weights = firstOf(placed);
      packTransposed(this.#memory, lstmShape(placed, 1), { weights, packed });
    }
  }

  #draw({ layer: placed, address }: Plan["masks"][number]): void {
    const { layer, steps, features } = placed;
    if (layer.kind !== "dropout") return;
    const limit = Math.round(layer.rate * LEVELS);
    this.#memory.functions.dropoutMask(
      ...layer.nextStream().state(),
      ...[limit, 1 / (1 - layer.rate)],
      ...[address, this.#plan.rows * steps * features],
    );
  }

  /** Plans share the memory: only one is in use at a time. */
  #planFor(rows: number): Plan {
    const memory = this.#memory;
    memory.rewind(this.#base);
    const masks = this.#layers
      .filter(({ layer }) => layer.kind === "dropout")
      .map((layer) => ({
        layer,
        address: memory.take(rows * layer.steps * layer.features),
      }));
    const places = new Map(masks.map(({ layer, address }) => [layer, address]));
    const parts = partsOf(0, rows).map((range) =>
      this.#planPart(range, places)
    );
    if (this.#fits()) memory.begin(0);
    return {
      rows,
      masks,
      parts: parts.map(({ part }) => part),
      inference: parts.map(({ forward }) =>
        forward.filter(({ name }) => name !== "multiplyBy")
      ),
      forward: parts.map(({ forward }) => forward),
      backward: parts.map(({ backward }) => backward),
    };
  }

  #planPart(
    range: SequenceRange,
    masks: ReadonlyMap<PlacedLayer, number>,
  ): { part: PartPlan; forward: KernelJob; backward: KernelJob } {
    const memory = this.#memory;
    const { steps, features } = this.#input;
    const input = memory.take(range.rows * steps * features);
    const gradients = memory.take(this.#count);
    const plans: LayerPlan[] = [];
    let output = input;
    for (const placed of this.#layers) {
      const mask = masks.get(placed);
      const plan = this.#planLayer(placed, {
        ...range,
        source: output,
        gradients: gradients - this.#weights,
        mask: mask === undefined ? 0 : mask +
          range.first * placed.steps * placed.features * 4,
        isFirst: placed === this.#layers[0],
      });
      plans.push(plan);
      output = plan.output;
    }
    const outputGradient = memory.take(range.rows * this.outputs);
    const backward: KernelCall[] = [];
    let gradient = outputGradient;
    for (const plan of plans.toReversed()) {
      const back = plan.backward(gradient);
      backward.push(...back.calls);
      gradient = back.gradient;
    }
    return {
      part: { ...range, input, output, outputGradient, gradients },
      forward: plans.flatMap((plan) => plan.forward),
      backward,
    };
  }

  #planLayer(placed: PlacedLayer, at: LayerPlace): LayerPlan {
    switch (placed.layer.kind) {
      case "lstm":
        return this.#planLstm(placed, at);
      case "dense":
        return this.#planDense(placed, placed.layer, at);
      case "dropout":
        return planDropout(placed, at);
    }
  }

  #planLstm(placed: PlacedLayer, at: LayerPlace): LayerPlan {
    const memory = this.#memory;
    const { rows, source } = at;
    const packed = placed.packed!;
    const shape = lstmShape(placed, rows);
    const states = stateSizes(shape, rows).map((size) => memory.take(size));
    const output = memory.take(outputSize(shape, rows));
    const places = { rows, packed, states };
    const forward = forwardCall(memory, shape, {
      ...{ ...places, source, target: output },
      zeros: this.#zeros,
    });
    return {
      output,
      forward: [forward],
      backward: (gradient) => {
        const target = at.isFirst
          ? 0
          : memory.take(rows * shape.steps * shape.features);
        const call = backwardCall(memory, shape, {
          ...{ ...places, source: gradient, target },
          weights: at.gradients + firstOf(placed),
        });
        return { calls: [call], gradient: target };
      },
    };
  }

  #planDense(
    { steps, features, weights: [kernel, bias] }: PlacedLayer,
    { units, relu }: { units: number; relu: boolean },
    { rows, source, gradients }: LayerPlace,
  ): LayerPlan {
    const output = this.#memory.take(rows * steps * units);
    const sizes = [rows * steps, features, units, Number(relu)];
    return {
      output,
      forward: [{
        name: "denseForward",
        args: [...sizes, source, kernel, bias, output],
      }],
      backward: (gradient) => {
        const target = this.#memory.take(rows * steps * features);
        const found = [gradients + kernel, gradients + bias];
        const places = [source, kernel, output, gradient, target, ...found];
        return {
          calls: [{ name: "denseBackward", args: [...sizes, ...places] }],
          gradient: target,
        };
      },
    };
  }
}

/** Where a layer of a part works. */
type LayerPlace = SequenceRange & {
  readonly source: number;
  /** From the address of a weight to that of its gradient. */
  readonly gradients: number;
  readonly mask: number;
  readonly isFirst: boolean;
};

/** Dropout works in place, both ways. */
function planDropout(
  { steps, features }: PlacedLayer,
  { rows, source, mask }: LayerPlace,
): LayerPlan {
  const times = (values: number): KernelCall[] => [
    { name: "multiplyBy", args: [values, mask, rows * steps * features] },
  ];
  return {
    output: source,
    forward: times(source),
    backward: (gradient) => ({ calls: times(gradient), gradient }),
  };
}

/**
 * Says the sizes of the weights.
 *
 * @param layers The layers.
 * @param input The sizes of the input.
 * @returns For each layer the number of values of each of its weights.
 */
export function weightSizesOf(
  layers: readonly KernelLayer[],
  input: Pick<NetworkInput, "steps" | "features">,
): number[][] {
  let at = input;
  return layers.map((layer) => {
    const { features } = at;
    at = sizeAfter(at, layer);
    switch (layer.kind) {
      case "lstm": {
        const counts = weightCounts({ features, units: layer.units });
        return [counts.kernel, counts.recurrent, counts.bias];
      }
      case "dense":
        return [features * layer.units, layer.units];
      case "dropout":
        return [];
    }
  });
}

function placeLayers(
  memory: KernelMemory,
  layers: readonly KernelLayer[],
  input: NetworkInput,
  start: number,
): PlacedLayer[] {
  const sizes = weightSizesOf(layers, input);
  let at: Pick<NetworkInput, "steps" | "features"> = input;
  let address = start;
  return layers.map((layer, k) => {
    const { steps, features } = at;
    const weights: number[] = [];
    for (const w of layer.kind === "lstm" ? [1, 0, 2] : sizes[k].keys()) {
      weights[w] = address;
      address += sizes[k][w] * 4;
    }
    at = sizeAfter(at, layer);
    const placed = { layer, steps, features, weights, sizes: sizes[k] };
    const packed = layer.kind === "lstm"
      ? takePacked(memory, lstmShape(placed, 1))
      : undefined;
    return { ...placed, packed };
  });
}

function sizeAfter(
  { steps, features }: Pick<NetworkInput, "steps" | "features">,
  layer: KernelLayer,
): Pick<NetworkInput, "steps" | "features"> {
  switch (layer.kind) {
    case "lstm":
      return { steps: layer.everyStep ? steps : 1, features: layer.units };
    case "dense":
      return { steps, features: layer.units };
    case "dropout":
      return { steps, features };
  }
}

function lstmShape(
  { layer, steps, features }: Omit<PlacedLayer, "packed">,
  batch: number,
): LstmShape {
  if (layer.kind !== "lstm") {
    throw new TypeError(
      `Cannot give the shape of an LSTM layer: the layer is ${layer.kind}`,
    );
  }
  const { units, everyStep } = layer;
  return { batch, steps, features, units, everyStep };
}

function lstmZeros(placed: PlacedLayer): number {
  return placed.layer.kind === "lstm" ? zerosCount(lstmShape(placed, 1)) : 0;
}

/** Where the weights of a layer begin: W, U and b of an LSTM layer stand in the
 * order that its kernels want, U, W, b. */
function firstOf({ weights }: PlacedLayer): number {
  return Math.min(...weights);
}
