import assert from "node:assert/strict";
import { Autoencoder } from "lib/detect/autoencoder.ts";
import { trainAutoencoder } from "lib/detect/autoencoder_training.ts";
import { DenseNetwork } from "lib/numeric/dense_network.ts";
import { type Matrix, matrixFromRows, selectRows } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";
import { encodeArray } from "lib/numeric/typed_array_json.ts";
import { withChecksums } from "lib/numeric/field_checksums.ts";
import { checkPointDetector } from "../detector_contract.ts";
import golden from "../golden/autoencoder_losses.json" with { type: "json" };
import { checkMutations, type Json } from "./model_mutations.ts";

const QUICK = { epochs: 30, batchSize: 64, learningRate: 0.02, seed: 3 };

/** Rows near the line x = y in the unit square. */
function diagonal(rows: number, seed = 1): Matrix {
  const random = new Random(seed);
  return matrixFromRows(Array.from({ length: rows }, () => {
    const along = random.uniform();
    return [along, along + 0.01 * random.normal()];
  }));
}

/** `hidden = relu(x1 - x2)`, `output = (hidden + 1, 0)`. */
const BY_HAND = byHand({});

function byHand(fields: { [field: string]: unknown }): Json {
  const { values = [1, -1, 0, 1, 0, 1, 0], ...others } = fields;
  return withChecksums({
    kind: "autoencoder",
    featureCount: 2,
    hidden: [1],
    outputActivation: "linear",
    weights: encodeArray(Float32Array.from(values as number[])),
    ...others,
  });
}

Deno.test("Autoencoder keeps the contract of point detectors", (t) =>
  checkPointDetector(t, {
    fit: (x, seed) => Autoencoder.fit(x, { seed, epochs: 40 }),
    load: Autoencoder.fromJSON,
  }));

Deno.test("Autoencoder scores the mean squared reconstruction error", () => {
  const model = Autoencoder.fromJSON(BY_HAND);
  // (5, 2): hidden 3, output (4, 0), errors 1² and 2². (2, 5): hidden 0,
  // output (1, 0), errors 1² and 5². (1, 0): hidden 1, output (2, 0).
  const x = matrixFromRows([[5, 2], [2, 5], [1, 0]]);
  assert.deepEqual([...model.reconstructionErrors(x).data], [
    1,
    4,
    1,
    25,
    1,
    0,
  ]);
  assert.deepEqual([...model.score(x)], [2.5, 13, 0.5]);
});

Deno.test("Autoencoder squashes the output under the sigmoid", () => {
  const model = Autoencoder.fromJSON(byHand({ outputActivation: "sigmoid" }));
  // Hidden 0: output (1 / (1 + 1/e), 1/2).
  const [score] = model.score(matrixFromRows([[0, 0]]));
  const expected = ((1 / (1 + Math.exp(-1))) ** 2 + 0.25) / 2;
  assert.ok(Math.abs(score - expected) < 1e-6);
});

Deno.test("Autoencoder scores across chunks as it scores rows alone", () => {
  const model = Autoencoder.fromJSON(BY_HAND);
  const x = diagonal(5000);
  const scores = model.score(x);
  for (const row of [0, 1023, 1024, 4999]) {
    const [alone] = model.score(selectRows(x, [row]));
    assert.equal(alone, scores[row]);
  }
});

Deno.test("Autoencoder stays finite on the largest doubles", () => {
  const model = Autoencoder.fromJSON(BY_HAND);
  const large = Number.MAX_VALUE;
  const scores = model.score(
    matrixFromRows([[large, -large], [-large, large], [1e30, 1e30], [0, 0]]),
  );
  assert.ok(scores.every(Number.isFinite), `${scores}`);
  assert.equal(Math.min(...scores), scores[3]);
});

Deno.test("Autoencoder.fit() learns what rows have in common", async () => {
  const x = diagonal(400);
  const model = await Autoencoder.fit(x, { ...QUICK, epochs: 60 });
  const normal = model.score(diagonal(200, 2)).sort();
  // Each coordinate is usual, their combination is not.
  const strange = model.score(matrixFromRows([[0.1, 0.9], [0.9, 0.1]]));
  assert.ok(Math.min(...strange) > 2 * normal[197], `${strange} ${normal}`);
  const { history } = model;
  assert.ok(history && history.validationLoss.length >= 1);
  assert.equal(
    Math.min(...history.validationLoss),
    history.validationLoss[history.bestEpoch - 1],
  );
});

Deno.test("Autoencoder.fit() is fixed by its seed, leaves its input alone and draws no other chance", async () => {
  const x = diagonal(120);
  const copy = x.data.slice();
  const scoresUnder = async (seed: number) => {
    const model = await Autoencoder.fit(x, { ...QUICK, epochs: 4, seed });
    const scores = model.score(x);
    return scores;
  };
  const { random } = Math;
  Math.random = () => {
    throw new Error("Math.random was called");
  };
  try {
    const expected = await scoresUnder(5);
    assert.deepEqual(await scoresUnder(5), expected);
    assert.notDeepEqual(await scoresUnder(6), expected);
    assert.deepEqual(x.data, copy);
  } finally {
    Math.random = random;
  }
});

Deno.test("Autoencoder scores a row the same wherever it stands", async () => {
  const x = diagonal(100);
  const model = await Autoencoder.fit(x, { ...QUICK, epochs: 2 });
  const order = Array.from({ length: 100 }, (_, i) => 99 - i);
  const scores = model.score(x);
  const reversed = model.score(selectRows(x, order)).reverse();
  assert.deepEqual(reversed, scores);
});

Deno.test("Autoencoder copes with a constant column", async () => {
  const x = matrixFromRows(
    Array.from({ length: 30 }, (_, i) => [0.5, i / 30]),
  );
  const model = await Autoencoder.fit(x, { ...QUICK, epochs: 3 });
  assert.ok(model.score(x).every(Number.isFinite));
});

Deno.test("Autoencoder scores the same after a round trip through JSON", async () => {
  const x = diagonal(60);
  const model = await Autoencoder.fit(x, {
    ...QUICK,
    epochs: 2,
    hidden: [5, 2],
    outputActivation: "linear",
    noise: 0.1,
  });
  const loaded = Autoencoder.fromJSON(JSON.parse(JSON.stringify(model)));
  assert.deepEqual(loaded.score(x), model.score(x));
  assert.equal(loaded.featureCount, 2);
  assert.equal(loaded.history, undefined);
});

Deno.test("Autoencoder.fromJSON() rejects damaged models, naming the field", () => {
  const damaged: [unknown, RegExp][] = [
    [null, /object/],
    [[], /object/],
    [byHand({ kind: "lstm" }), /kind/],
    [byHand({ featureCount: 3 }), /weights has length 7.*featureCount 3/],
    [byHand({ hidden: [0] }), /hidden\[0\]/],
    [byHand({ hidden: [] }), /hidden/],
    [byHand({ hidden: 16 }), /hidden/],
    [byHand({ hidden: [1, 1e9] }), /hidden\[1\]/],
    [byHand({ outputActivation: "softmax" }), /outputActivation/],
    [{ ...BY_HAND, weights: undefined }, /weights/],
    [byHand({ values: [1, 2, 3] }), /weights has length 3, expected 7/],
    [byHand({ values: [1, -1, 0, 1, 0, NaN, 0] }), /weights\[5\]/],
    [{ ...BY_HAND, hidden: [2] }, /hidden does not agree/],
  ];
  for (const [json, message] of damaged) {
    const error = { name: "SyntaxError", message };
    assert.throws(() => Autoencoder.fromJSON(json), error);
  }
});

Deno.test("Autoencoder rejects damaged files or scores as ever", async () => {
  const subject = await mutationSubject();
  const { rejected } = await checkMutations({ ...subject, exact: true });
  assert.ok(rejected > 400, `${rejected}`);
});

Deno.test("Autoencoder rejects forged files or scores", async () => {
  const { rejected } = await checkMutations({
    ...await mutationSubject(),
    repair: ({ checksums, ...fields }: Json) =>
      checksums === undefined ? fields : withChecksums(fields),
  });
  assert.ok(rejected > 200, `${rejected}`);
});

Deno.test("Autoencoder.score() rejects other widths, no rows and non-finite values", () => {
  const model = Autoencoder.fromJSON(BY_HAND);
  const empty = { data: new Float64Array(0), rows: 0, cols: 2 };
  for (const x of [matrixFromRows([[1]]), matrixFromRows([[1, NaN]]), empty]) {
    assert.throws(() => model.score(x), RangeError);
  }
});

Deno.test("Autoencoder.fit() rejects too few rows and options out of range", async () => {
  await assert.rejects(Autoencoder.fit(diagonal(9)), {
    name: "RangeError",
    message: /got 9 rows .* expected at least 10/,
  });
  const x = diagonal(20);
  for (
    const options of [
      { hidden: [0] },
      { hidden: [4, 2.5] },
      { hidden: [] },
      { noise: -1 },
      { patience: 0 },
      { validationFraction: 0 },
      { validationFraction: 1 },
      { epochs: 0 },
      { batchSize: -1 },
      { learningRate: NaN },
      { seed: 0.5 },
    ]
  ) {
    await assert.rejects(Autoencoder.fit(x, options), RangeError);
  }
  x.data[3] = Infinity;
  await assert.rejects(Autoencoder.fit(x), RangeError);
});

Deno.test("Autoencoder.fit() stops when aborted", async () => {
  const controller = new AbortController();
  await assert.rejects(
    Autoencoder.fit(diagonal(50), {
      signal: controller.signal,
      onProgress: () => controller.abort("enough"),
    }),
    (error) => error === "enough",
  );
});

Deno.test("Autoencoder.fit() validates on a tenth of the rows unless told otherwise", async () => {
  const batchesOf = async (rows: number, validationFraction?: number) => {
    let batches = 0;
    await Autoencoder.fit(diagonal(rows), {
      epochs: 1,
      batchSize: 1,
      ...(validationFraction === undefined ? {} : { validationFraction }),
      onProgress: (progress) => batches = progress.batches,
    });
    return batches;
  };
  assert.equal(await batchesOf(40), 36);
  assert.equal(await batchesOf(40, 0.25), 30);
  assert.equal(await batchesOf(10, 0.01), 9);
  assert.equal(await batchesOf(10, 0.99), 1);
});

Deno.test("Autoencoder.fit() mirrors the layers that it is given", async () => {
  const x = diagonal(60);
  const model = await Autoencoder.fit(x, { epochs: 1, hidden: [7, 4, 3] });
  assert.deepEqual(model.hidden, [7, 4, 3]);
  // 2-7-4-3-4-7-2: weights and biases.
  const count = 2 * 7 + 7 + 7 * 4 + 4 + 4 * 3 + 3 + 3 * 4 + 4 + 4 * 7 + 7 +
    7 * 2 + 2;
  const { weights } = JSON.parse(JSON.stringify(model));
  assert.equal(weights.length, count);
});

Deno.test("Autoencoder.fit() keeps the weights of the best epoch", async () => {
  // A rate so high that the loss goes up and down.
  const x = diagonal(100);
  const options = { ...QUICK, learningRate: 0.5, epochs: 12, patience: 3 };
  const model = await Autoencoder.fit(x, options);
  const { history } = model;
  assert.ok(history);
  const { validationLoss, bestEpoch } = history;
  assert.ok(bestEpoch < validationLoss.length, `${validationLoss}`);
  const shorter = await Autoencoder.fit(x, { ...options, epochs: bestEpoch });
  assert.deepEqual(shorter.score(x), model.score(x));
});

Deno.test("Autoencoder.fit() with noise learns to remove it", async () => {
  // Of a standard normal x and noise of the same spread, the best guess at x
  // is half of what is seen: 1 for 2.
  const random = new Random(6);
  const x = matrixFromRows(
    Array.from({ length: 2000 }, () => [random.normal()]),
  );
  const guessOf = async (noise: number) => {
    const options = { ...QUICK, learningRate: 0.005, noise };
    const model = await Autoencoder.fit(x, {
      ...options,
      outputActivation: "linear",
    });
    return 2 - Math.sqrt(model.score(matrixFromRows([[2]]))[0]);
  };
  const [plain, denoising] = [await guessOf(0), await guessOf(1)];
  assert.ok(Math.abs(plain - 2) < 0.1, `${plain}`);
  assert.ok(Math.abs(denoising - 1) < 0.25, `${denoising}`);
});

for (const { data, hidden, runs } of golden.cases) {
  Deno.test(`Autoencoder reaches the validation loss of Keras (${data}, hidden ${hidden})`, async () => {
    const x = matrixFromRows(golden.sets[data as keyof typeof golden.sets]);
    const rows = Array.from({ length: x.rows }, (_, i) => i);
    const validation = selectRows(x, rows.splice(0.9 * x.rows));
    const train = selectRows(x, rows);
    const sizes = [x.cols, ...hidden, ...hidden.slice(0, -1).reverse(), x.cols];
    const losses = [];
    for (const [seed, { initial }] of runs.entries()) {
      const network = new DenseNetwork(
        { sizes, outputActivation: "sigmoid" },
        Float64Array.from(initial),
      );
      const history = await trainAutoencoder(network, train, {
        ...{ validation, epochs: 50, batchSize: 32, patience: 5 },
        ...{ learningRate: 0.001, noise: 0, seed },
      });
      losses.push(Math.min(...history.validationLoss));
    }
    const expected = runs.map(({ loss }) => loss);
    const ratio = mean(losses) / mean(expected);
    const { relative } = golden.tolerance;
    assert.ok(Math.abs(ratio - 1) < relative, `${losses} against ${expected}`);
  });
}

async function mutationSubject() {
  const rows = diagonal(40);
  const model = await Autoencoder.fit(rows, { hidden: [3, 2], epochs: 1 });
  return {
    text: JSON.stringify(model),
    load: (json: unknown) => Autoencoder.fromJSON(json),
    rows,
  };
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += values[k];
  return sum / values.length;
}
