import assert from "node:assert/strict";
import { Autoencoder } from "lib/detect/autoencoder.ts";
import { type Matrix, matrixFromRows, selectRows } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";
import { tf } from "lib/numeric/tensors.ts";
import { encodeArray } from "lib/numeric/typed_array_json.ts";
import { checkPointDetector } from "../detector_contract.ts";

const QUICK = { epochs: 30, batchSize: 64, learningRate: 0.02, seed: 3 };

/** Rows near the line x = y in the unit square. */
function diagonal(rows: number, seed = 1): Matrix {
  const random = new Random(seed);
  return matrixFromRows(Array.from({ length: rows }, () => {
    const along = random.uniform();
    return [along, along + 0.01 * random.normal()];
  }));
}

function weight(shape: number[], ...values: number[]) {
  return { shape, values: encodeArray(Float32Array.from(values)) };
}

/** `hidden = relu(x1 - x2)`, `output = (hidden + 1, 0)`. */
const BY_HAND = {
  kind: "autoencoder",
  featureCount: 2,
  hiddenUnits: 1,
  outputActivation: "linear",
  weights: [
    weight([2, 1], 1, -1),
    weight([1], 0),
    weight([1, 2], 1, 0),
    weight([2], 1, 0),
  ],
};

/** Runs something and asserts that no tensor outlives it. */
async function withoutLeaks(run: () => Promise<void>): Promise<void> {
  const before = tf.memory().numTensors;
  await run();
  assert.equal(tf.memory().numTensors, before, "tensors were left behind");
}

Deno.test("Autoencoder keeps the contract of point detectors", (t) =>
  checkPointDetector(t, {
    fit: (x, seed) => Autoencoder.fit(x, { seed, epochs: 40 }),
    load: Autoencoder.fromJSON,
    tolerance: 1e-6,
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
  model.dispose();
});

Deno.test("Autoencoder squashes the output under the sigmoid", () => {
  const model = Autoencoder.fromJSON({
    ...BY_HAND,
    outputActivation: "sigmoid",
  });
  // Hidden 0: output (1 / (1 + 1/e), 1/2).
  const [score] = model.score(matrixFromRows([[0, 0]]));
  const expected = ((1 / (1 + Math.exp(-1))) ** 2 + 0.25) / 2;
  assert.ok(Math.abs(score - expected) < 1e-6);
  model.dispose();
});

Deno.test("Autoencoder scores across chunks as it scores rows alone", () => {
  const model = Autoencoder.fromJSON(BY_HAND);
  const x = diagonal(5000);
  const scores = model.score(x);
  for (const row of [0, 4095, 4096, 4999]) {
    const [alone] = model.score(selectRows(x, [row]));
    assert.ok(Math.abs(alone - scores[row]) < 1e-6);
  }
  model.dispose();
});

Deno.test("Autoencoder stays finite on the largest doubles", () => {
  const model = Autoencoder.fromJSON(BY_HAND);
  const large = Number.MAX_VALUE;
  const scores = model.score(
    matrixFromRows([[large, -large], [-large, large], [1e30, 1e30], [0, 0]]),
  );
  assert.ok(scores.every(Number.isFinite), `${scores}`);
  assert.equal(Math.min(...scores), scores[3]);
  model.dispose();
});

Deno.test("Autoencoder.fit() learns what rows have in common", async () => {
  await withoutLeaks(async () => {
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
    model.dispose();
  });
});

Deno.test("Autoencoder.fit() is fixed by its seed, leaves its input alone and draws no other chance", async () => {
  const x = diagonal(120);
  const copy = x.data.slice();
  const scoresUnder = async (seed: number) => {
    const model = await Autoencoder.fit(x, { ...QUICK, epochs: 4, seed });
    const scores = model.score(x);
    model.dispose();
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
  scores.forEach((score, i) => assert.ok(Math.abs(score - reversed[i]) < 1e-9));
  model.dispose();
});

Deno.test("Autoencoder copes with a constant column", async () => {
  const x = matrixFromRows(
    Array.from({ length: 30 }, (_, i) => [0.5, i / 30]),
  );
  const model = await Autoencoder.fit(x, { ...QUICK, epochs: 3 });
  assert.ok(model.score(x).every(Number.isFinite));
  model.dispose();
});

Deno.test("Autoencoder scores the same after a round trip through JSON", async () => {
  await withoutLeaks(async () => {
    const x = diagonal(60);
    const model = await Autoencoder.fit(x, {
      ...QUICK,
      epochs: 2,
      hiddenUnits: 5,
      outputActivation: "linear",
    });
    const loaded = Autoencoder.fromJSON(JSON.parse(JSON.stringify(model)));
    assert.deepEqual(loaded.score(x), model.score(x));
    assert.equal(loaded.featureCount, 2);
    assert.equal(loaded.history, undefined);
    model.dispose();
    loaded.dispose();
  });
});

Deno.test("Autoencoder.fromJSON() rejects damaged models and leaves no tensor", async () => {
  await withoutLeaks(() => {
    const [first, second, third, fourth] = BY_HAND.weights;
    const damaged: unknown[] = [
      null,
      [],
      { ...BY_HAND, kind: "lstm" },
      { ...BY_HAND, featureCount: 3 },
      { ...BY_HAND, hiddenUnits: 0 },
      { ...BY_HAND, hiddenUnits: 1e9 },
      { ...BY_HAND, outputActivation: "softmax" },
      { ...BY_HAND, weights: undefined },
      { ...BY_HAND, weights: [first, second, third] },
      { ...BY_HAND, weights: [first, second, fourth, third] },
      { ...BY_HAND, weights: [weight([2, 1], 1, NaN), second, third, fourth] },
      { ...BY_HAND, weights: [weight([2, 1], 1), second, third, fourth] },
    ];
    for (const json of damaged) {
      assert.throws(() => Autoencoder.fromJSON(json), SyntaxError);
    }
    return Promise.resolve();
  });
});

Deno.test("Autoencoder.score() rejects other widths, no rows and non-finite values", () => {
  const model = Autoencoder.fromJSON(BY_HAND);
  const empty = { data: new Float64Array(0), rows: 0, cols: 2 };
  for (const x of [matrixFromRows([[1]]), matrixFromRows([[1, NaN]]), empty]) {
    assert.throws(() => model.score(x), RangeError);
  }
  model.dispose();
});

Deno.test("Autoencoder.fit() rejects too few rows and options out of range", async () => {
  await withoutLeaks(async () => {
    await assert.rejects(Autoencoder.fit(diagonal(9)), {
      name: "RangeError",
      message: /got 9 rows .* expected at least 10/,
    });
    const x = diagonal(20);
    for (
      const options of [
        { hiddenUnits: 0 },
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
});

Deno.test("Autoencoder.fit() stops when aborted and leaves no tensor", async () => {
  await withoutLeaks(async () => {
    const controller = new AbortController();
    await assert.rejects(
      Autoencoder.fit(diagonal(50), {
        signal: controller.signal,
        onProgress: () => controller.abort("enough"),
      }),
      (error) => error === "enough",
    );
  });
});

Deno.test("Autoencoder.fit() validates on a tenth of the rows unless told otherwise", async () => {
  const batchesOf = async (rows: number, validationFraction?: number) => {
    let batches = 0;
    const model = await Autoencoder.fit(diagonal(rows), {
      epochs: 1,
      batchSize: 1,
      ...(validationFraction === undefined ? {} : { validationFraction }),
      onProgress: (progress) => batches = progress.batches,
    });
    model.dispose();
    return batches;
  };
  assert.equal(await batchesOf(40), 36);
  assert.equal(await batchesOf(40, 0.25), 30);
  assert.equal(await batchesOf(10, 0.01), 9);
  assert.equal(await batchesOf(10, 0.99), 1);
});
