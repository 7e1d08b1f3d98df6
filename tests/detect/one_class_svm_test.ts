import assert from "node:assert/strict";
import fc from "fast-check";
import {
  OneClassSvm,
  type OneClassSvmOptions,
} from "lib/detect/one_class_svm.ts";
import { KERNEL_NAMES, type KernelName } from "lib/detect/svm_kernel.ts";
import { withChecksums } from "lib/numeric/field_checksums.ts";
import { type Matrix, matrixFromRows } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";
import { checkPointDetector } from "../detector_contract.ts";
import { checkMutations, type Json } from "./model_mutations.ts";
import golden from "../golden/one_class_svm.json" with { type: "json" };

Deno.test("OneClassSvm keeps the contract of point detectors", (t) =>
  checkPointDetector(t, {
    fit: (x) => OneClassSvm.fit(x, { nu: 0.1 }),
    load: (json) => OneClassSvm.fromJSON(json),
  }));

for (const approximation of ["none", "nystroem"] as const) {
  Deno.test(`OneClassSvm (approximation ${approximation}) rejects damaged files or scores as ever`, async () => {
    const { rejected } = await checkMutations({
      ...mutationSubject(approximation),
      exact: true,
    });
    assert(rejected > 400, `${rejected}`);
  });

  Deno.test(`OneClassSvm (approximation ${approximation}) rejects forged files or scores`, async () => {
    const { rejected } = await checkMutations({
      ...mutationSubject(approximation),
      repair: withNewChecksums,
    });
    assert(rejected > 200, `${rejected}`);
  });
}

Deno.test("OneClassSvm keeps every kernel through JSON", () => {
  const x = randomRows(60);
  for (const kernel of KERNEL_NAMES) {
    const svm = OneClassSvm.fit(x, { kernel, coef0: 0.5, degree: 2 });
    const json = JSON.parse(JSON.stringify(svm));
    const loaded = OneClassSvm.fromJSON(json);
    assert.deepEqual(loaded.kernel, svm.kernel);
    assert.deepEqual(loaded.score(x), svm.score(x));
    for (const [field, value] of Object.entries(svm.kernel)) {
      const damaged = { ...json.kernel, [field]: `${value}?` };
      const forged = withNewChecksums({ ...json, kernel: damaged });
      assert.throws(() => OneClassSvm.fromJSON(forged), {
        name: "SyntaxError",
        message: new RegExp(field),
      });
    }
  }
});

Deno.test("OneClassSvm weighs two rows as worked by hand", () => {
  // n = 2, nu = 0.5: α1 + α2 = 1, by symmetry α = 1/2 each. With gamma ln 2 and
  // distance 1, K12 = 1/2, so rho = G = 1/2 (1 + 1/2) = 3/4. Halfway between
  // them K = 2^(-1/4) for both, and the score is 3/4 - 2^(-1/4).
  const x = matrixFromRows([[0], [1]]);
  const svm = OneClassSvm.fit(x, { gamma: Math.LN2, tolerance: 1e-12 });
  assert.deepEqual([...svm.dualCoefficients], [0.5, 0.5]);
  assertNear(svm.rho, 0.75, 1e-15);
  const [between] = svm.score(matrixFromRows([[0.5]]));
  assertNear(between, 0.75 - 2 ** -0.25, 1e-15);
});

Deno.test("OneClassSvm with a linear kernel finds the nearest point", () => {
  // nu n = 1/2, all of it to the row nearer to the origin: w = 1/2 * 2 = 1,
  // rho = w * 2 = 2, and the score of x is 2 - x.
  const x = matrixFromRows([[2], [4]]);
  const svm = OneClassSvm.fit(x, { kernel: "linear", nu: 0.25 });
  assert.deepEqual([...svm.supportVectors.data], [2]);
  assert.deepEqual([...svm.dualCoefficients], [0.5]);
  const json = JSON.parse(JSON.stringify(svm));
  for (const machine of [svm, OneClassSvm.fromJSON(json)]) {
    const scores = machine.score(matrixFromRows([[1], [2], [3]]));
    assert.deepEqual([...scores], [1, 0, -1]);
  }
});

Deno.test("OneClassSvm chooses gamma as scikit-learn does", () => {
  // All values 1, 2, 3, 6: mean 3, variance (4 + 1 + 0 + 9) / 4 = 3.5, d = 2.
  const x = matrixFromRows([[1, 2], [3, 6]]);
  const gamma = (options: OneClassSvmOptions) => {
    const { kernel } = OneClassSvm.fit(x, options);
    assert(kernel.name === "rbf");
    return kernel.gamma;
  };
  assertNear(gamma({}), 1 / 7, 1e-15);
  assert.equal(gamma({ gamma: "auto" }), 0.5);
  assert.equal(gamma({ gamma: 3 }), 3);
});

Deno.test("OneClassSvm keeps the promises of nu", () => {
  const x = randomRows(200);
  fc.assert(
    fc.property(fc.double({ min: 0.01, max: 1, noNaN: true }), (nu) => {
      const svm = OneClassSvm.fit(x, { nu, tolerance: 1e-8 });
      const sum = svm.dualCoefficients.reduce((part, value) => part + value, 0);
      assertNear(sum, nu * x.rows, 1e-9 * x.rows);
      const outside = svm.score(x).filter((score) => score > 1e-6).length;
      assert(outside <= nu * x.rows);
      assert(svm.dualCoefficients.length >= nu * x.rows - 1e-9);
    }),
    { seed: 2, numRuns: 25 },
  );
});

Deno.test("OneClassSvm meets the conditions of the optimum", () => {
  const x = randomRows(150);
  const tolerance = 1e-9;
  const svm = OneClassSvm.fit(x, { nu: 0.3, tolerance });
  const scores = svm.score(x);
  const weights = weightsOfRows(svm, x);
  weights.forEach((alpha, i) => {
    // Free rows lie on the boundary, full ones outside, the others inside.
    if (alpha < 1) assert(scores[i] < 1e-8);
    if (alpha > 0) assert(scores[i] > -1e-8);
  });
});

Deno.test("OneClassSvm finds the same with a cache of two rows", () => {
  const x = randomRows(80);
  assert.deepEqual(
    OneClassSvm.fit(x, { cacheMegabytes: 1e-9 }).score(x),
    OneClassSvm.fit(x).score(x),
  );
});

Deno.test("OneClassSvm says that it did not converge", () => {
  const x = randomRows(80);
  const stopped = OneClassSvm.fit(x, { maxIterations: 2 });
  assert.equal(stopped.converged, false);
  assert.equal(OneClassSvm.fit(x).converged, true);
  const json = JSON.parse(JSON.stringify(stopped));
  assert.equal(OneClassSvm.fromJSON(json).converged, false);
});

Deno.test("OneClassSvm has a finite offset at nu 1", () => {
  // All weights are 1, so the boundary runs through the row scored highest.
  const x = randomRows(20);
  const svm = OneClassSvm.fit(x, { nu: 1 });
  assert.deepEqual(new Set(svm.dualCoefficients), new Set([1]));
  assertNear(Math.min(...svm.score(x)), 0, 1e-12);
});

Deno.test("OneClassSvm accepts rows that are all equal", () => {
  const x = matrixFromRows([[3, 3], [3, 3], [3, 3], [3, 3]]);
  const svm = OneClassSvm.fit(x, { nu: 0.25 });
  // Gamma falls back to 1; rho = Σα = 1, far away K = 0.
  assert.deepEqual([...svm.score(matrixFromRows([[3, 3], [99, 3]]))], [0, 1]);
});

Deno.test("OneClassSvm scores the largest doubles", () => {
  const svm = OneClassSvm.fit(randomRows(20));
  const far = matrixFromRows([[Number.MAX_VALUE, -Number.MAX_VALUE]]);
  assert.equal(svm.score(far)[0], svm.rho);
});

Deno.test("OneClassSvm rejects what overflows its sums", () => {
  const huge = matrixFromRows([[1e200], [1]]);
  assert.throws(() => OneClassSvm.fit(huge), {
    name: "RangeError",
    message: /row 0, column 0 is 1e\+200.*scale the features/,
  });
  const linear = OneClassSvm.fit(randomRows(20), { kernel: "linear" });
  const far = matrixFromRows([[Number.MAX_VALUE, Number.MAX_VALUE]]);
  assert.throws(() => linear.score(far), /score of row 0 is/);
});

Deno.test("OneClassSvm rejects options out of range", () => {
  const x = randomRows(5);
  for (
    const options of [
      { nu: 0 },
      { nu: 1.1 },
      { nu: NaN },
      { gamma: 0 },
      { gamma: NaN },
      { tolerance: 0 },
      { cacheMegabytes: 0 },
      { maxIterations: -1 },
      { landmarkCount: 0 },
      { seed: -1 },
    ]
  ) {
    assert.throws(() => OneClassSvm.fit(x, options), {
      name: "RangeError",
      message: new RegExp(Object.keys(options)[0]),
    });
  }
  const wrong = { kernel: "cubic" } as unknown as OneClassSvmOptions;
  assert.throws(() => OneClassSvm.fit(x, wrong), TypeError);
  const odd = { gamma: "large" } as unknown as OneClassSvmOptions;
  assert.throws(() => OneClassSvm.fit(x, odd), TypeError);
});

for (const expected of golden.cases) {
  const { data, kernel, gamma, nu } = expected;
  const title = `${data}, ${kernel}, gamma ${gamma}, nu ${nu.toFixed(3)}`;
  Deno.test(`OneClassSvm agrees with libsvm (${title})`, () => {
    const { x, queries } = golden.sets[data as keyof typeof golden.sets];
    const train = shifted(x, expected.shift);
    const svm = OneClassSvm.fit(train, goldenOptions(expected));
    const allowed = golden.tolerance.absolute *
      Math.max(1, Math.abs(expected.rho));
    assert(svm.converged);
    assertNear(svm.rho, expected.rho, allowed);
    const scores = svm.score(train);
    const queryScores = svm.score(shifted(queries, expected.shift));
    expected.decision.forEach((value, i) =>
      assertNear(-scores[i], value, allowed)
    );
    expected.queryDecision.forEach((value, i) =>
      assertNear(-queryScores[i], value, allowed)
    );
    // Rows that are equal may share their weight in any way.
    if (new Set(x.map(String)).size < x.length) return;
    const weights = weightsOfRows(svm, train);
    const support = [...weights.keys()].filter((i) => weights[i] > 0);
    assert.deepEqual(support, expected.support);
  });
}

Deno.test("OneClassSvm finds the same with and without shrinking", () => {
  const x = randomRows(1500);
  for (const nu of [0.05, 0.4]) {
    const options = { nu, gamma: 3, tolerance: 1e-6 };
    const shrunk = OneClassSvm.fit(x, options);
    const plain = OneClassSvm.fit(x, { ...options, shrinking: false });
    assert(shrunk.converged && plain.converged);
    const expected = plain.score(x);
    shrunk.score(x).forEach((score, i) => assertNear(score, expected[i], 1e-4));
  }
});

Deno.test("OneClassSvm rejects powers that overflow, and their parameters", () => {
  const x = randomRows(20);
  const polynomial = { kernel: "polynomial" } as const;
  const high = { ...polynomial, gamma: 1e9, degree: 50 };
  assert.throws(() => OneClassSvm.fit(x, high), {
    name: "RangeError",
    message: /kernel values reach .*scale the features/,
  });
  for (const options of [{ degree: -1 }, { degree: 1.5 }, { coef0: NaN }]) {
    assert.throws(() => OneClassSvm.fit(x, { ...polynomial, ...options }), {
      name: "RangeError",
      message: new RegExp(Object.keys(options)[0]),
    });
  }
});

function mutationSubject(approximation: "none" | "nystroem") {
  const rows = randomRows(40);
  const svm = OneClassSvm.fit(rows, { nu: 0.2, approximation });
  return {
    text: JSON.stringify(svm),
    load: (json: unknown) => OneClassSvm.fromJSON(json),
    rows,
  };
}

function withNewChecksums(json: Json): Json {
  const { checksums, ...fields } = json;
  return checksums === undefined ? json : withChecksums(fields);
}

/** The options of a golden case by our names. */
function goldenOptions(
  expected: typeof golden.cases[number],
): OneClassSvmOptions {
  const { kernel, gamma, degree, coef0, nu, tol } = expected;
  return {
    kernel: (kernel === "poly" ? "polynomial" : kernel) as KernelName,
    nu,
    tolerance: tol,
    ...(gamma === undefined ? {} : { gamma: gamma as "scale" | number }),
    ...(degree === undefined ? {} : { degree }),
    ...(coef0 === undefined ? {} : { coef0 }),
  };
}

/** The weight of each training row; rows must differ from one another. */
function weightsOfRows(svm: OneClassSvm, x: Matrix): Float64Array {
  const key = (from: Matrix, i: number) =>
    from.data.subarray(i * from.cols, (i + 1) * from.cols).join();
  const weights = new Map<string, number>();
  svm.dualCoefficients.forEach((alpha, i) =>
    weights.set(key(svm.supportVectors, i), alpha)
  );
  return Float64Array.from(
    { length: x.rows },
    (_, i) => weights.get(key(x, i)) ?? 0,
  );
}

function shifted(rows: number[][], shift: number): Matrix {
  return matrixFromRows(rows.map((row) => row.map((value) => value + shift)));
}

function assertNear(actual: number, expected: number, allowed: number): void {
  const gap = Math.abs(actual - expected);
  assert(gap <= allowed, `${actual} is not within ${allowed} of ${expected}`);
}

function randomRows(n: number): Matrix {
  const random = new Random(1);
  return matrixFromRows(
    Array.from({ length: n }, () => [random.normal(), random.exponential()]),
  );
}
