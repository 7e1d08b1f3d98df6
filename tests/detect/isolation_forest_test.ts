import assert from "node:assert/strict";
import fc from "fast-check";
import {
  averagePathLength,
  IsolationForest,
} from "lib/detect/isolation_forest.ts";
import { rocAuc } from "lib/evaluate/point.ts";
import {
  type Matrix,
  matrixFromColumns,
  matrixFromRows,
} from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";
import { mean, standardDeviation } from "lib/numeric/statistics.ts";
import { decodeArray, encodeArray } from "lib/numeric/typed_array_json.ts";
import { checkPointDetector } from "../detector_contract.ts";
import golden from "../golden/isolation_forest.json" with { type: "json" };

Deno.test("IsolationForest keeps the contract of point detectors", (t) =>
  checkPointDetector(t, {
    fit: (x, seed) =>
      IsolationForest.fit(x, { treeCount: 20, subsampleSize: 64, seed }),
    load: (json) => IsolationForest.fromJSON(json),
  }));

Deno.test("averagePathLength() follows its formula", () => {
  assert.equal(averagePathLength(1), 0);
  assert.equal(averagePathLength(2), 1);
  // 2 (ln 2 + 0.577215665) - 4 / 3 = 2 * 1.270362845 - 1.333333333.
  assert(Math.abs(averagePathLength(3) - 1.207392357) < 1e-9);
});

Deno.test("averagePathLength() grows with n", () => {
  const size = fc.integer({ min: 1, max: 1e9 });
  fc.assert(
    fc.property(size, (n) => averagePathLength(n) < averagePathLength(n + 1)),
    { seed: 1 },
  );
});

Deno.test("averagePathLength() rejects what is not an integer >= 1", () => {
  for (const n of [0, -1, 1.5, NaN]) {
    assert.throws(() => averagePathLength(n), RangeError);
  }
});

Deno.test("IsolationForest isolates two different rows in one step", () => {
  // Each tree splits 1 | 9: every path is 1 long, c(2) = 1, so 2^(-1 / 1).
  const forest = IsolationForest.fit(matrixFromRows([[1], [9]]));
  assert.deepEqual([...forest.score(matrixFromRows([[1], [9]]))], [0.5, 0.5]);
});

Deno.test("IsolationForest scores three rows as worked by hand", () => {
  // Rows 0, 1, 4 have psi = 3. The first split falls below 1 with probability
  // 1/4, giving paths (1, 2, 2), else (2, 2, 1). So E[h] = 1.75, 2, 1.25.
  const x = matrixFromRows([[0], [1], [4]]);
  const scores = IsolationForest.fit(x, { treeCount: 20000 }).score(x);
  [1.75, 2, 1.25].forEach((length, i) => {
    const expected = 2 ** (-length / averagePathLength(3));
    // The mean of 20,000 lengths has a standard error of 0.003.
    assert(Math.abs(scores[i] - expected) < 0.004, `row ${i}: ${scores[i]}`);
  });
});

Deno.test("IsolationForest stops at the height ceil(log2(psi))", () => {
  // psi = 5 allows 3 steps; two rows left there count c(2) = 1 more.
  const x = matrixFromRows([[1], [10], [100], [1000], [10000]]);
  const json = IsolationForest.fit(x).toJSON();
  const features = decodeArray(json.features, "int32", "features");
  const values = decodeArray(json.values, "float64", "values");
  const lengths = values.filter((_, node) => features[node] === -1);
  assert.equal(Math.max(...lengths), 4);
});

Deno.test("IsolationForest never splits a constant column", () => {
  const values = Float64Array.from({ length: 64 }, (_, i) => i * i);
  const constant = new Float64Array(64).fill(3);
  const x = matrixFromColumns([constant, values, constant]);
  const json = IsolationForest.fit(x, { treeCount: 10 }).toJSON();
  const features = decodeArray(json.features, "int32", "features");
  assert.deepEqual(new Set(features), new Set([-1, 1]));
});

Deno.test("IsolationForest scores 0.5 where all rows are equal", () => {
  // No split is possible: the path is c(psi) and the score 2^-1.
  const x = matrixFromRows(Array.from({ length: 10 }, () => [2, 5]));
  const scores = IsolationForest.fit(x).score(matrixFromRows([[2, 5], [9, 9]]));
  assert(scores.every((score) => Math.abs(score - 0.5) < 1e-12));
});

Deno.test("IsolationForest splits the largest doubles", () => {
  const x = matrixFromRows([[-Number.MAX_VALUE], [0], [Number.MAX_VALUE]]);
  const scores = IsolationForest.fit(x).score(x);
  assert(scores[0] > scores[1] && scores[2] > scores[1]);
});

Deno.test("IsolationForest splits neighbouring doubles", () => {
  const x = matrixFromRows([[1], [1 + Number.EPSILON]]);
  assert.deepEqual([...IsolationForest.fit(x).score(x)], [0.5, 0.5]);
});

Deno.test("IsolationForest caps the subsample at the number of rows", () => {
  const x = matrixFromRows([[1], [2], [3]]);
  assert.equal(IsolationForest.fit(x).subsampleSize, 3);
  assert.equal(IsolationForest.fit(x, { subsampleSize: 2 }).subsampleSize, 2);
});

Deno.test("IsolationForest grows the same trees in a larger forest", () => {
  const x = randomRows(50);
  const scores = (treeCount: number) =>
    IsolationForest.fit(x, { treeCount, seed: 3 }).toJSON();
  const few = decodeArray(scores(3).values, "float64", "values");
  const many = decodeArray(scores(8).values, "float64", "values");
  assert.deepEqual(many.subarray(0, few.length), few);
});

Deno.test("IsolationForest depends on the seed", () => {
  const x = randomRows(50);
  assert.notDeepEqual(
    IsolationForest.fit(x, { seed: 1 }).score(x),
    IsolationForest.fit(x, { seed: 2 }).score(x),
  );
});

Deno.test("IsolationForest ranks alike after scaling a column", () => {
  const x = randomRows(60);
  const scaled = {
    ...x,
    data: x.data.map((value, k) => k % 2 ? value : 4 * value),
  };
  // A power of two scales every split exactly.
  assert.deepEqual(
    IsolationForest.fit(scaled).score(scaled),
    IsolationForest.fit(x).score(x),
  );
});

Deno.test("IsolationForest rejects options out of range", () => {
  const x = matrixFromRows([[1], [2]]);
  for (
    const options of [
      { treeCount: 0 },
      { treeCount: 1.5 },
      { subsampleSize: 1 },
      { subsampleSize: NaN },
      { seed: -1 },
    ]
  ) {
    assert.throws(() => IsolationForest.fit(x, options), {
      name: "RangeError",
      message: new RegExp(Object.keys(options)[0]),
    });
  }
  assert.throws(() => IsolationForest.fit(matrixFromRows([[1]])), RangeError);
});

Deno.test("IsolationForest.fromJSON() rejects trees that are none", () => {
  // One tree of three nodes, 2 | 7 at 5, then damaged in one place.
  const load = (change: Record<string, Int32Array | Float64Array>) => {
    const arrays = {
      roots: Int32Array.of(0),
      features: Int32Array.of(0, -1, -1),
      values: Float64Array.of(5, 1, 1),
      children: Int32Array.of(1, 0, 0),
      ...change,
    };
    return IsolationForest.fromJSON({
      kind: "isolation_forest",
      featureCount: 1,
      subsampleSize: 2,
      treeCount: 1,
      ...Object.fromEntries(
        Object.entries(arrays).map((
          [name, value],
        ) => [name, encodeArray(value)]),
      ),
    });
  };
  assert.equal(load({}).score(matrixFromRows([[2]]))[0], 0.5);
  const int = (...values: number[]) => Int32Array.from(values);
  for (
    const [message, change] of [
      [/children\[0\] is 0/, { children: int(0, 0, 0) }], // its own child
      [/children\[0\] is 2/, { children: int(2, 0, 0) }], // no right child
      [/children\[0\] is -1/, { children: int(-1, 0, 0) }],
      [/children\[2\] is 1/, { children: int(1, 0, 1) }], // of a leaf
      [/children has length 2/, { children: int(1, 0) }],
      [/children\[1\] is 0/, { features: int(0, 0, -1) }], // back to the root
      [/features\[0\] is 1/, { features: int(1, -1, -1) }], // there is only 0
      [/features\[0\] is -2/, { features: int(-2, -1, -1) }],
      [/values\[1\] is -1/, { values: Float64Array.of(5, -1, 1) }],
      [/values\[1\] is 1e\+300/, { values: Float64Array.of(5, 1e300, 1) }],
      [/roots/, { roots: int(1) }],
      [/roots/, { roots: int(0, 1) }],
    ] as const
  ) {
    assert.throws(() => load(change), { name: "SyntaxError", message });
  }
});

for (const { treeCount, subsampleSize, ...expected } of golden.cases) {
  Deno.test(`IsolationForest scores as scikit-learn's does (${treeCount} trees of ${subsampleSize})`, () => {
    const x = matrixFromRows(golden.x);
    const labels = Uint8Array.from(golden.labels);
    const { tolerance } = golden;
    const runs = Array.from(
      { length: tolerance.seeds },
      (_, seed) =>
        IsolationForest.fit(x, { treeCount, subsampleSize, seed }).score(x),
    );
    const byRow = golden.x.map((_, i) =>
      Float64Array.from(runs, (run) => run[i])
    );
    const means = Float64Array.from(byRow, mean);
    const errors = means.map((value, i) => value - expected.meanScores[i]);
    assert(Math.max(...errors.map(Math.abs)) < tolerance.meanScore);
    assert(Math.abs(mean(errors)) < tolerance.overallMean);
    const deviation = mean(Float64Array.from(byRow, standardDeviation));
    const ratio = deviation / expected.meanDeviation;
    assert(Math.abs(ratio - 1) < tolerance.meanDeviationRatio, `${ratio}`);
    const area = mean(Float64Array.from(runs, (run) => rocAuc(run, labels)));
    assert(Math.abs(area - expected.meanRocAuc) < tolerance.rocAuc, `${area}`);
  });
}

function randomRows(n: number): Matrix {
  const random = new Random(1);
  return matrixFromRows(
    Array.from({ length: n }, () => [random.normal(), random.uniform()]),
  );
}
