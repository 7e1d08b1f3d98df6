import assert from "node:assert/strict";
import fc from "fast-check";
import {
  averagePrecision,
  bestF1,
  confusion,
  precisionRecallCurve,
  rocAuc,
  rocCurve,
} from "lib/evaluate/point.ts";
import golden from "../golden/point_metrics.json" with { type: "json" };

/** Scores with many ties, and labels of both classes. */
const labelledScores = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 5 }), fc.boolean()), {
    minLength: 2,
    maxLength: 40,
  })
  .map((pairs) => ({
    scores: Float64Array.from(pairs, ([score]) => score),
    labels: Uint8Array.from(pairs, ([, label]) => label ? 1 : 0),
  }))
  .filter(({ labels }) => labels.includes(0) && labels.includes(1));

Deno.test("rocCurve() moves along ties in one step", () => {
  // From the top: score 3 one anomaly, score 2 one of each, score 1 normal.
  const curve = rocCurve(
    Float64Array.of(2, 3, 1, 2),
    Uint8Array.of(1, 1, 0, 0),
  );
  assert.deepEqual([...curve.thresholds], [Infinity, 3, 2, 1]);
  assert.deepEqual([...curve.truePositiveRates], [0, 0.5, 1, 1]);
  assert.deepEqual([...curve.falsePositiveRates], [0, 0, 0.5, 1]);
});

Deno.test("rocAuc() is the share of pairs in the right order", () => {
  fc.assert(
    fc.property(labelledScores, ({ scores, labels }) => {
      let won = 0;
      let pairs = 0;
      scores.forEach((high, i) =>
        scores.forEach((low, j) => {
          if (labels[i] === 0 || labels[j] === 1) return;
          pairs++;
          won += high > low ? 1 : high === low ? 0.5 : 0;
        })
      );
      assert.equal(rocAuc(scores, labels), won / pairs);
    }),
    { seed: 3 },
  );
});

Deno.test("rocAuc() of reversed scores is the rest to 1", () => {
  fc.assert(
    fc.property(labelledScores, ({ scores, labels }) => {
      const reversed = scores.map((score) => -score);
      const sum = rocAuc(scores, labels) + rocAuc(reversed, labels);
      assert(Math.abs(sum - 1) < 1e-12);
    }),
    { seed: 4 },
  );
});

Deno.test("averagePrecision() is the area of precisionRecallCurve() as steps", () => {
  fc.assert(
    fc.property(labelledScores, ({ scores, labels }) => {
      const { precisions, recalls } = precisionRecallCurve(scores, labels);
      let area = 0;
      for (let k = 0; k + 1 < recalls.length; k++) {
        area += (recalls[k] - recalls[k + 1]) * precisions[k];
      }
      assert(Math.abs(averagePrecision(scores, labels) - area) < 1e-12);
    }),
    { seed: 5 },
  );
});

Deno.test("averagePrecision() of tied scores is the share of anomalies", () => {
  const scores = new Float64Array(4).fill(2);
  assert.equal(averagePrecision(scores, Uint8Array.of(0, 0, 1, 0)), 0.25);
});

Deno.test("curves accept the largest doubles", () => {
  const scores = Float64Array.of(-Number.MAX_VALUE, Number.MAX_VALUE);
  assert.equal(rocAuc(scores, Uint8Array.of(0, 1)), 1);
  assert.equal(rocAuc(scores, Uint8Array.of(1, 0)), 0);
});

Deno.test("confusion() counts each of the four kinds", () => {
  // One missed, two found, three false alarms, four left alone.
  const flags = Uint8Array.of(0, 1, 1, 1, 1, 1, 0, 0, 0, 0);
  const labels = Uint8Array.of(1, 1, 1, 0, 0, 0, 0, 0, 0, 0);
  assert.deepEqual(confusion(flags, labels), {
    truePositives: 2,
    falsePositives: 3,
    falseNegatives: 1,
    trueNegatives: 4,
    precision: 2 / 5,
    recall: 2 / 3,
    f1: 0.5, // 2 * 2 / (5 + 3)
  });
});

Deno.test("confusion() gives 0 for a ratio without a denominator", () => {
  const { precision, recall, f1 } = confusion(
    Uint8Array.of(0, 0),
    Uint8Array.of(0, 0),
  );
  assert.deepEqual([precision, recall, f1], [0, 0, 0]);
});

for (
  const measure of [rocCurve, rocAuc, precisionRecallCurve, averagePrecision]
) {
  Deno.test(`${measure.name}() rejects what it cannot measure`, () => {
    const scores = Float64Array.of(1, 2);
    for (
      const [bad, labels, message] of [
        [scores, Uint8Array.of(0, 0), /all labels are 0, expected both/],
        [scores, Uint8Array.of(1, 1), /all labels are 1, expected both/],
        [scores, Uint8Array.of(0, 2), /labels\[1\] is 2, expected 0 or 1/],
        [scores, Uint8Array.of(1), /labels has 1 values, expected 2/],
        [Float64Array.of(1, NaN), Uint8Array.of(0, 1), /scores\[1\] is NaN/],
        [Float64Array.of(), Uint8Array.of(), /scores is empty/],
      ] as const
    ) {
      assert.throws(() => measure(bad, labels), {
        name: "RangeError",
        message,
      });
    }
  });

  Deno.test(`${measure.name}() leaves its inputs as they are`, () => {
    const scores = Float64Array.of(2, 3, 1);
    const labels = Uint8Array.of(1, 0, 1);
    measure(scores, labels);
    assert.deepEqual([...scores, ...labels], [2, 3, 1, 1, 0, 1]);
  });
}

Deno.test("confusion() rejects lengths that differ, none, and other values", () => {
  const one = Uint8Array.of(1);
  for (
    const [flags, labels, message] of [
      [Uint8Array.of(0, 1), one, /labels has 1 values, expected 2/],
      [Uint8Array.of(), Uint8Array.of(), /flags is empty/],
      [Uint8Array.of(3), one, /flags\[0\] is 3, expected 0 or 1/],
      [one, Uint8Array.of(9), /labels\[0\] is 9, expected 0 or 1/],
    ] as const
  ) {
    assert.throws(() => confusion(flags, labels), {
      name: "RangeError",
      message,
    });
  }
});

for (const expected of golden.cases) {
  Deno.test(`measures agree with scikit-learn (${expected.name})`, () => {
    const scores = Float64Array.from(expected.scores);
    const labels = Uint8Array.from(expected.labels);
    near([rocAuc(scores, labels)], [expected.rocAuc]);
    near([averagePrecision(scores, labels)], [expected.averagePrecision]);
    const roc = rocCurve(scores, labels);
    near(roc.falsePositiveRates, expected.roc.falsePositiveRates);
    near(roc.truePositiveRates, expected.roc.truePositiveRates);
    assert.equal(expected.roc.thresholds[0], "inf");
    assert.equal(roc.thresholds[0], Infinity);
    near(roc.thresholds.slice(1), expected.roc.thresholds.slice(1).map(Number));
    const curve = precisionRecallCurve(scores, labels);
    near(curve.precisions, expected.precisionRecall.precisions);
    near(curve.recalls, expected.precisionRecall.recalls);
    near(curve.thresholds, expected.precisionRecall.thresholds);
    const counts = confusion(Uint8Array.from(expected.flags), labels);
    const names = Object.keys(expected.confusion) as (keyof typeof counts)[];
    assert.equal(names.length, Object.keys(counts).length);
    for (const name of names) near([counts[name]], [expected.confusion[name]]);
  });
}

function near(actual: ArrayLike<number>, expected: ArrayLike<number>): void {
  assert.equal(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    const gap = Math.abs(actual[i] - expected[i]);
    assert(gap <= golden.tolerance.absolute, `${i}: ${actual[i]}`);
  }
}

Deno.test("bestF1() is the greatest F1 of flags at any score", () => {
  fc.assert(
    fc.property(labelledScores, ({ scores, labels }) => {
      const f1At = (threshold: number) =>
        confusion(
          Uint8Array.from(scores, (score) => score >= threshold ? 1 : 0),
          labels,
        ).f1;
      const best = bestF1(scores, labels);
      assert.equal(best.f1, Math.max(...[...scores].map(f1At)));
      assert.equal(best.f1, f1At(best.threshold));
      const { precision, recall, f1 } = best;
      const harmonic = 2 * precision * recall / (precision + recall);
      assert(Math.abs(harmonic - f1) < 1e-12);
    }),
    { seed: 8 },
  );
});

Deno.test("bestF1() takes the highest of equal thresholds", () => {
  // At 3: 1 of 1, 1 of 2 found; at 1: 2 of 4, 2 of 2: both 2 / 3.
  const best = bestF1(Float64Array.of(3, 1, 1, 1), Uint8Array.of(1, 1, 0, 0));
  assert.deepEqual(best, {
    f1: 2 / 3,
    threshold: 3,
    precision: 1,
    recall: 0.5,
  });
  assert.throws(
    () => bestF1(Float64Array.of(1, 2), Uint8Array.of(0, 0)),
    RangeError,
  );
});
