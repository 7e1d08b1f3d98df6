import assert from "node:assert/strict";
import { kernelPoints } from "lib/detect/kernel_points.ts";
import {
  chooseLandmarks,
  solveLowerInPlace,
  solveUpperInPlace,
} from "lib/detect/landmarks.ts";
import { OneClassSvm } from "lib/detect/one_class_svm.ts";
import { rocAuc } from "lib/evaluate/point.ts";
import type { Matrix } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";
import { checkPointDetector } from "../detector_contract.ts";

const APPROXIMATE = { approximation: "nystroem" } as const;

Deno.test("an approximate OneClassSvm keeps the contract of point detectors", (t) =>
  checkPointDetector(t, {
    fit: (x, seed) => OneClassSvm.fit(x, { nu: 0.1, seed, ...APPROXIMATE }),
    load: (json) => OneClassSvm.fromJSON(json),
  }));

Deno.test("chooseLandmarks() factors the kernel between its landmarks", () => {
  const { x } = labelledRows(300, 2, 1);
  const kernel = { name: "rbf", gamma: 0.5 } as const;
  const { rows, factor } = chooseLandmarks(kernel, x, { count: 20, seed: 3 });
  const m = rows.rows;
  assert.equal(m, 20);
  const block = kernelPoints(kernel, rows);
  for (let i = 0; i < m; i++) {
    const values = block.row(rows.data.subarray(2 * i, 2 * i + 2));
    for (let k = 0; k < m; k++) {
      let product = 0;
      for (let j = 0; j <= Math.min(i, k); j++) {
        product += factor[i * m + j] * factor[k * m + j];
      }
      assert(Math.abs(product - values[k]) < 1e-12);
    }
  }
});

Deno.test("chooseLandmarks() stops where the landmarks explain the kernel", () => {
  // Products of rows of two numbers have rank 2.
  const { x } = labelledRows(300, 2, 1);
  const { rows } = chooseLandmarks({ name: "linear" }, x, {
    count: 50,
    seed: 0,
  });
  assert.equal(rows.rows, 2);
});

Deno.test("solveLowerInPlace() and solveUpperInPlace() solve as worked by hand", () => {
  // L = [[2, 0], [1, 3]]. L z = (4, 11): z = (2, 3). Lᵀ z = (7, 6): z2 = 2,
  // z1 = (7 - 2) / 2.
  const factor = Float64Array.of(2, 0, 1, 3);
  const y = Float64Array.of(4, 11);
  solveLowerInPlace(factor, y);
  assert.deepEqual([...y], [2, 3]);
  const other = Float64Array.of(7, 6);
  solveUpperInPlace(factor, other);
  assert.deepEqual([...other], [2.5, 2]);
});

Deno.test("an approximate OneClassSvm is the exact one where landmarks suffice", () => {
  // 40 rows, all of them landmarks: only the rounding of the hinge is left, a
  // thousandth of rho.
  const { x } = labelledRows(40, 3, 4);
  const options = { nu: 0.22, gamma: 0.8 };
  const exact = OneClassSvm.fit(x, { ...options, tolerance: 1e-9 });
  const near = OneClassSvm.fit(x, { ...options, ...APPROXIMATE });
  assert(near.converged);
  const expected = exact.score(x);
  near.score(x).forEach((score, i) =>
    assert(Math.abs(score - expected[i]) < 5e-3 * exact.rho)
  );
});

for (const columns of [2, 6]) {
  Deno.test(`an approximate OneClassSvm ranks 4,000 rows of ${columns} features as the exact one`, () => {
    const { x } = labelledRows(4000, columns, 1);
    const test = labelledRows(4000, columns, 2);
    const options = { nu: 0.05, gamma: "auto" } as const;
    const exact = OneClassSvm.fit(x, options);
    const near = OneClassSvm.fit(x, { ...options, ...APPROXIMATE });
    assert.equal(near.approximation, "nystroem");
    assert(near.supportVectors.rows <= 200);
    const areas = [exact, near].map((svm) =>
      rocAuc(svm.score(test.x), test.labels)
    );
    assert(Math.abs(areas[0] - areas[1]) < 0.01, `${areas}`);
    // The boundary leaves out the share asked for.
    const outside = near.score(x).filter((score) => score > 0).length;
    assert(Math.abs(outside / x.rows - 0.05) < 0.005, `${outside}`);
  });
}

Deno.test("OneClassSvm approximates more than 20,000 rows unless told not to", () => {
  const { x } = labelledRows(20_001, 1, 1);
  const options = { nu: 0.02, landmarkCount: 10 };
  const svm = OneClassSvm.fit(x, options);
  assert.equal(svm.approximation, "nystroem");
  const exact = OneClassSvm.fit(x, { ...options, approximation: "none" });
  assert.equal(exact.approximation, "none");
  const fewer = { data: x.data.subarray(1), rows: 20_000, cols: 1 };
  assert.equal(OneClassSvm.fit(fewer, options).approximation, "none");
});

Deno.test("an approximate OneClassSvm refuses what is no inner product", () => {
  const { x } = labelledRows(50, 2, 1);
  for (
    const kernel of [
      { kernel: "sigmoid" },
      { kernel: "polynomial", coef0: -1 },
    ] as const
  ) {
    assert.throws(() => OneClassSvm.fit(x, { ...APPROXIMATE, ...kernel }), {
      name: "TypeError",
      message: new RegExp(kernel.kernel),
    });
    assert.equal(OneClassSvm.fit(x, kernel).approximation, "none");
  }
});

/** Three clouds along a line, a tenth with a tail, 3 % of rows anywhere. */
function labelledRows(
  rows: number,
  cols: number,
  seed: number,
): { x: Matrix; labels: Uint8Array } {
  const random = new Random(seed);
  const data = new Float64Array(rows * cols);
  const labels = new Uint8Array(rows);
  for (let i = 0; i < rows; i++) {
    labels[i] = random.uniform() < 0.03 ? 1 : 0;
    const center = random.integer(3) - 1;
    for (let j = 0; j < cols; j++) {
      data[i * cols + j] = labels[i]
        ? 6 * random.uniform() - 3
        : center + 0.5 * random.normal();
    }
    if (!labels[i] && random.uniform() < 0.1) {
      data[i * cols] += random.exponential();
    }
  }
  return { x: { data, rows, cols }, labels };
}
