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
import { withChecksums } from "lib/numeric/field_checksums.ts";
import {
  decodeArray,
  decodeIntegers,
  encodeArray,
} from "lib/numeric/typed_array_json.ts";
import { checkPointDetector } from "../detector_contract.ts";
import { forgerySubject, mutationSubject } from "./forest_mutations.ts";
import { checkMutations } from "./model_mutations.ts";
import golden from "../golden/isolation_forest.json" with { type: "json" };
import goldenSets from "../golden/isolation_forest_sets.json" with {
  type: "json",
};

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
  // psi = 5 allows 3 steps; where all trees split off the largest row first,
  // two rows are left at height 3.
  const x = matrixFromRows([[1], [10], [100], [1000], [10000]]);
  const json = IsolationForest.fit(x).toJSON();
  const leafSizes = decodeIntegers(json.leafSizes, "leafSizes");
  assert.deepEqual(new Set(leafSizes), new Set([1, 2]));
});

Deno.test("IsolationForest never splits a constant column", () => {
  const values = Float64Array.from({ length: 64 }, (_, i) => i * i);
  const constant = new Float64Array(64).fill(3);
  const x = matrixFromColumns([constant, values, constant]);
  const json = IsolationForest.fit(x, { treeCount: 10 }).toJSON();
  const features = decodeIntegers(json.features, "features");
  assert.deepEqual(new Set(features), new Set([0, 2]));
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

Deno.test("IsolationForest splits the least doubles and the whole range", () => {
  // Midpoints that round to an end or overflow would leave a side empty.
  const least = Number.MIN_VALUE;
  for (
    const column of [
      [0, least],
      [-least, least],
      [-0, 0, least, 2 * least],
      [-Number.MAX_VALUE, Number.MAX_VALUE],
      [Number.MAX_VALUE, Number.MAX_VALUE * (1 - Number.EPSILON)],
    ]
  ) {
    const x = matrixFromRows(column.map((value) => [value]));
    const json = IsolationForest.fit(x, { treeCount: 50 }).toJSON();
    const thresholds = decodeArray(json.thresholds, "float64", "thresholds");
    const [low, high] = [Math.min(...column), Math.max(...column)];
    assert(thresholds.length >= 50);
    assert(thresholds.every((value) => value >= low && value < high));
  }
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
  const thresholds = (treeCount: number) =>
    decodeArray(scores(treeCount).thresholds, "float64", "thresholds");
  const [few, many] = [thresholds(3), thresholds(8)];
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
  const load = (change: Record<string, unknown>) =>
    IsolationForest.fromJSON(withChecksums({
      kind: "isolation_forest",
      featureCount: 1,
      subsampleSize: 2,
      treeCount: 1,
      features: encodeArray(Uint8Array.of(1, 0, 0)),
      thresholds: encodeArray(Float64Array.of(5)),
      leafSizes: encodeArray(Uint8Array.of(1, 1)),
      ...change,
    }));
  assert.equal(load({}).score(matrixFromRows([[2]]))[0], 0.5);
  const bytes = (...values: number[]) => encodeArray(Uint8Array.from(values));
  const doubles = (...values: number[]) =>
    encodeArray(Float64Array.from(values));
  for (
    const [message, change] of [
      [/features\[0\] is 2/, { features: bytes(2, 0, 0) }], // there is only 1
      [/features\[1\] is -1/, {
        features: encodeArray(Int32Array.of(1, -1, 0)),
      }],
      [/features hold the leaves of 2 trees/, { features: bytes(0, 0) }],
      [/features hold the leaves of 1 trees/, { treeCount: 2 }],
      [/features, node 1 .* splits at depth 1,/, {
        features: bytes(1, 1, 0, 0, 0),
        thresholds: doubles(5, 4),
        leafSizes: bytes(1, 1, 1),
      }],
      [/features hold 3 nodes, expected 1/, {
        features: bytes(0, 1, 0),
        leafSizes: bytes(2, 1),
      }],
      [/thresholds has length 2, expected 1/, { thresholds: doubles(5, 6) }],
      [/thresholds\[0\] is NaN/, { thresholds: doubles(NaN) }],
      [/leafSizes has length 3, expected 2/, { leafSizes: bytes(1, 1, 1) }],
      [/leafSizes\[1\] is 0/, { leafSizes: bytes(1, 0) }],
      [/leafSizes of tree 0.* add up to 3/, { leafSizes: bytes(1, 2) }],
      [/subsampleSize 3/, { subsampleSize: 3 }],
    ] as const
  ) {
    assert.throws(() => load(change), { name: "SyntaxError", message });
  }
});

Deno.test("IsolationForest.fromJSON() names what changed in 500 damaged files", async () => {
  const { rejected, loaded } = await checkMutations(mutationSubject());
  assert(rejected > 400, `${rejected} rejected, ${loaded} loaded alike`);
});

Deno.test("IsolationForest.fromJSON() finds what is wrong in 500 forged files", async () => {
  const { rejected, loaded } = await checkMutations(forgerySubject());
  assert(rejected > 200 && loaded > 50, `${rejected} rejected, ${loaded} not`);
});

Deno.test("IsolationForest saves 100 trees in less than 500 kB", () => {
  // Uniform rows grow the fullest trees.
  const random = new Random(2);
  const shape = { rows: 1000, cols: 300 };
  const data = Float64Array.from({ length: 300_000 }, () => random.uniform());
  const text = JSON.stringify(IsolationForest.fit({ data, ...shape }));
  assert(text.length < 500_000, `${text.length} bytes`);
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

for (const { name, rows, cols, anomalies, ...expected } of goldenSets.cases) {
  Deno.test(`IsolationForest ranks as scikit-learn's does over 20 seeds: ${name}`, () => {
    const { tolerance } = goldenSets;
    const x = { data: Float64Array.from(expected.x), rows, cols };
    const labels = new Uint8Array(rows).fill(1, rows - anomalies);
    const runs = Array.from(
      { length: tolerance.seeds },
      (_, seed) => IsolationForest.fit(x, { seed }).score(x),
    );
    const area = mean(Float64Array.from(runs, (run) => rocAuc(run, labels)));
    assert(Math.abs(area - expected.meanRocAuc) < tolerance.rocAuc, `${area}`);
    const means = Float64Array.from(
      { length: rows },
      (_, i) => mean(Float64Array.from(runs, (run) => run[i])),
    );
    const correlation = rankCorrelation(means, expected.meanScores);
    assert(correlation > tolerance.rankCorrelation, `${correlation}`);
  });
}

/** Spearman's: the correlation of the ranks, which ties share. */
function rankCorrelation(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
): number {
  const [first, second] = [ranksOf(a), ranksOf(b)];
  const centre = (first.length - 1) / 2;
  const sum = (p: number[], q: number[]) =>
    p.reduce((total, rank, i) => total + (rank - centre) * (q[i] - centre), 0);
  return sum(first, second) /
    Math.sqrt(sum(first, first) * sum(second, second));
}

function ranksOf(values: ArrayLike<number>): number[] {
  const all = Array.from(values);
  return all.map((value) => {
    const below = all.filter((other) => other < value).length;
    const equal = all.filter((other) => other === value).length;
    return below + (equal - 1) / 2;
  });
}

function randomRows(n: number): Matrix {
  const random = new Random(1);
  return matrixFromRows(
    Array.from({ length: n }, () => [random.normal(), random.uniform()]),
  );
}
