import assert from "node:assert/strict";
import fc from "fast-check";
import { MahalanobisDetector } from "lib/detect/mahalanobis.ts";
import { matrixFromRows } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";
import { checkPointDetector } from "../detector_contract.ts";

Deno.test("MahalanobisDetector keeps the contract of point detectors", async (t) => {
  await checkPointDetector(t, {
    fit: (x) => MahalanobisDetector.fit(x),
    load: MahalanobisDetector.fromJSON,
  });
});

Deno.test("MahalanobisDetector.score() is the squared distance by the covariance", () => {
  // Mean (2, 0); variances 2 and 8 with divisor 4; no covariance. The ridge of
  // 1e-12 does not show.
  const x = matrixFromRows([[0, 0], [4, 0], [2, -4], [2, 4]]);
  const detector = MahalanobisDetector.fit(x, { steps: 0, ridge: 1e-12 });
  const scores = detector.score(matrixFromRows([[2, 0], [4, 0], [3, 4]]));
  // 0; 2² / 2; 1² / 2 + 4² / 8.
  [0, 2, 2.5].forEach((expected, i) => {
    assert(Math.abs(scores[i] - expected) < 1e-9, `${scores[i]}`);
  });
});

Deno.test("MahalanobisDetector knows how columns hang together", () => {
  // Σ = [[5, 4], [4, 5]] / 4: along the diagonal wide, across it narrow.
  const x = matrixFromRows([[1.5, 1.5], [-1.5, -1.5], [0.5, -0.5], [
    -0.5,
    0.5,
  ]]);
  const detector = MahalanobisDetector.fit(x, { steps: 0, ridge: 1e-12 });
  const [along, across] = detector.score(matrixFromRows([[1, 1], [1, -1]]));
  // Variances of the diagonals: 4.5 / 2 = 2.25 and 0.25; both are √2 away.
  assert(Math.abs(along - 2 / 2.25) < 1e-9, `${along}`);
  assert(Math.abs(across - 2 / 0.25) < 1e-9, `${across}`);
});

Deno.test("MahalanobisDetector is not widened by a tenth of outliers", () => {
  const random = new Random(2);
  const rows = Array.from({ length: 500 }, (_, i) => {
    const far = i % 12 === 0 ? 100 : 0;
    return [random.normal() + far, random.normal() - far];
  });
  const x = matrixFromRows(rows);
  const kept = MahalanobisDetector.fit(x).score(x);
  const all = MahalanobisDetector.fit(x, { steps: 0 }).score(x);
  assert(all[0] < 20, `${all[0]}`);
  assert(kept[0] > 1000, `${kept[0]}`);
});

Deno.test("MahalanobisDetector's scores do not depend on unit and place", () => {
  const random = new Random(3);
  const rows = Array.from(
    { length: 60 },
    () => [random.normal(), random.normal()],
  );
  const scores = MahalanobisDetector.fit(matrixFromRows(rows)).score(
    matrixFromRows(rows),
  );
  fc.assert(
    fc.property(
      fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
      fc.double({ min: -100, max: 100, noNaN: true }),
      (unit, place) => {
        const x = matrixFromRows(
          rows.map((row) => row.map((value) => unit * (value + place))),
        );
        MahalanobisDetector.fit(x).score(x).forEach((score, i) => {
          assert(Math.abs(score - scores[i]) <= 1e-6 * (1 + scores[i]));
        });
      },
    ),
    { seed: 5, numRuns: 100 },
  );
});

Deno.test("MahalanobisDetector stays finite on rows all alike and on the largest numbers", () => {
  const alike = matrixFromRows([[5, 5], [5, 5], [5, 5]]);
  const detector = MahalanobisDetector.fit(alike);
  assert.deepEqual([...detector.score(alike)], [0, 0, 0]);
  const [score] = detector.score(matrixFromRows([[6, 5]]));
  assert(score > 1e6 && Number.isFinite(score));
  const largest = Number.MAX_VALUE;
  const wide = matrixFromRows([[largest, 0], [-largest, 1], [0, largest]]);
  assert(MahalanobisDetector.fit(wide).score(wide).every(Number.isFinite));
  const tiny = matrixFromRows([[5e-324, 0], [0, 5e-324], [0, 0]]);
  assert(MahalanobisDetector.fit(tiny).score(tiny).every(Number.isFinite));
});

Deno.test("MahalanobisDetector.fit() rejects options out of range", () => {
  const x = matrixFromRows([[1], [2]]);
  for (
    const options of [
      { keptShare: 0.4 },
      { keptShare: 1.1 },
      { steps: -1 },
      { steps: 0.5 },
      { ridge: 0 },
      { ridge: NaN },
    ]
  ) {
    const [[name]] = Object.entries(options);
    assert.throws(() => MahalanobisDetector.fit(x, options), {
      name: "RangeError",
      message: new RegExp(`${name} is`),
    });
  }
});
