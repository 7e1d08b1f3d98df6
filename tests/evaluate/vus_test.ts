import assert from "node:assert/strict";
import fc from "fast-check";
import { averagePrecision, rocAuc } from "lib/evaluate/point.ts";
import { volumeUnderSurface } from "lib/evaluate/vus.ts";
import golden from "../golden/volumes_under_surface.json" with { type: "json" };

function assertNear(actual: number, expected: number, within = 1e-12): void {
  assert.ok(Math.abs(actual - expected) <= within, `${actual}, ${expected}`);
}

for (const { name, scores, labels, roc, pr, ...options } of golden.cases) {
  Deno.test(`volumeUnderSurface() agrees with TSB-AD: ${name}`, () => {
    const volumes = volumeUnderSurface(
      Float64Array.from(scores),
      Uint8Array.from(labels),
      options,
    );
    assertNear(volumes.roc, roc, golden.tolerance.absolute);
    assertNear(volumes.pr, pr, golden.tolerance.absolute);
  });
}

Deno.test("volumeUnderSurface() counts the slopes beside a stretch", () => {
  // Row 2 is the anomaly, row 3 scores highest; thresholds 1 and 0.
  const scores = Float64Array.of(0, 0, 0, 1);
  const labels = Uint8Array.of(0, 0, 1, 0);
  const options = { thresholdCount: 2 };
  // Buffers 0 and 1 reach no row: at 1 nothing is hit, at 0 all: recall 1,
  // precision 1 / 4; roc: false rates 1 / 3 and 1, recalls 0 and 1, 1 / 3.
  const strict = volumeUnderSurface(scores, labels, {
    ...options,
    longestBuffer: 1,
  });
  assertNear(strict.pr, 1 / 4);
  assertNear(strict.roc, 1 / 3);
  // Buffer 2 gives rows 1 and 3 the label h = sqrt(1 / 2). At 1: TP = h,
  // recall h / (1 + h / 2), precision h. At 0: TP = 1 + 2 h, recall 1,
  // precision (1 + 2 h) / 4.
  const h = Math.SQRT1_2;
  const recall = h / (1 + h / 2);
  const pr = recall * h + (1 - recall) * (1 + 2 * h) / 4;
  const falseRates = [(1 - h) / (3 - h / 2), (3 - 2 * h) / (3 - h)];
  const roc = falseRates[0] * recall / 2 +
    (falseRates[1] - falseRates[0]) * (recall + 1) / 2 + 1 - falseRates[1];
  const wide = volumeUnderSurface(scores, labels, {
    ...options,
    longestBuffer: 2,
  });
  assertNear(wide.pr, (1 / 4 + 1 / 4 + pr) / 3);
  assertNear(wide.roc, (1 / 3 + 1 / 3 + roc) / 3);
});

Deno.test("volumeUnderSurface() halves recall while one of two stretches is missed", () => {
  const scores = Float64Array.of(3, 0, 0, 0, 2, 1);
  const labels = Uint8Array.of(1, 0, 0, 0, 1, 0);
  // Thresholds 3, 2, 1, 0, 0, 0: recall 1/2 times 1/2, then 1, precision 1.
  const options = { longestBuffer: 0, thresholdCount: 6 };
  assertNear(volumeUnderSurface(scores, labels, options).pr, 1);
  // Behind a false row: recall 0, 1/4, 1 at precisions 0, 1/2, 2/3.
  const behind = volumeUnderSurface(
    Float64Array.of(3, 0, 0, 0, 2, 4),
    labels,
    options,
  );
  assertNear(behind.pr, 1 / 4 * 1 / 2 + 3 / 4 * 2 / 3);
});

Deno.test("volumeUnderSurface() without buffer is the areas where one stretch is labelled", () => {
  const rows = fc.array(fc.integer({ min: -3, max: 3 }), {
    minLength: 12,
    maxLength: 30,
  });
  fc.assert(
    fc.property(rows, (values) => {
      const scores = Float64Array.from(values);
      const labels = Uint8Array.from(values, (_, row) => row === 5 ? 1 : 0);
      const { roc, pr } = volumeUnderSurface(scores, labels, {
        longestBuffer: 0,
        thresholdCount: scores.length,
      });
      assertNear(roc, rocAuc(scores, labels));
      assertNear(pr, averagePrecision(scores, labels));
    }),
    { seed: 7 },
  );
});

Deno.test("volumeUnderSurface() depends on the order of scores only", () => {
  const row = golden.cases[0];
  const labels = Uint8Array.from(row.labels);
  const scores = Float64Array.from(row.scores);
  assert.deepEqual(
    volumeUnderSurface(scores, labels),
    volumeUnderSurface(scores.map((score) => Math.exp(score)), labels),
  );
});

Deno.test("volumeUnderSurface() says what is wrong with its input", () => {
  const scores = Float64Array.of(1, 2);
  const labels = Uint8Array.of(0, 1);
  const fails = (message: RegExp, run: () => unknown) =>
    assert.throws(run, { name: "RangeError", message });
  fails(
    /all labels are 0/,
    () => volumeUnderSurface(scores, Uint8Array.of(0, 0)),
  );
  fails(
    /scores\[0\] is NaN/,
    () => volumeUnderSurface(Float64Array.of(NaN, 1), labels),
  );
  fails(
    /labels has 1 values/,
    () => volumeUnderSurface(scores, Uint8Array.of(1)),
  );
  fails(
    /longestBuffer is 1.5/,
    () => volumeUnderSurface(scores, labels, { longestBuffer: 1.5 }),
  );
  fails(
    /thresholdCount is 1/,
    () => volumeUnderSurface(scores, labels, { thresholdCount: 1 }),
  );
});
