import assert from "node:assert/strict";
import fc from "fast-check";
import { NearestValues } from "lib/detect/nearest_values.ts";

Deno.test("NearestValues agrees with sorting all distances", () => {
  const value = fc.integer({ min: -50, max: 50 });
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 7, maxLength: 40 }),
      fc.array(value, { minLength: 1, maxLength: 10 }),
      fc.integer({ min: 1, max: 6 }),
      (train, asked, neighbor) => {
        const detector = NearestValues.fit(Float64Array.from(train), {
          neighbor,
        });
        const scores = detector.score(Float64Array.from(asked));
        asked.forEach((each, i) => {
          const distances = train.map((other) => Math.abs(other - each))
            .sort((a, b) => a - b);
          assert.equal(scores[i], distances[neighbor]);
        });
        const loaded = NearestValues.fromJSON(
          JSON.parse(JSON.stringify(detector)),
        );
        assert.deepEqual(loaded.score(Float64Array.from(asked)), scores);
      },
    ),
    { seed: 8, numRuns: 300 },
  );
});

Deno.test("NearestValues rejects too few values, bad ones, and bad files", () => {
  const five = new Float64Array(5);
  assert.throws(() => NearestValues.fit(five), {
    name: "RangeError",
    message: /the number of values is 5, expected .*6/,
  });
  const good = Float64Array.of(1, 2, 3);
  for (const value of [NaN, Infinity]) {
    const bad = Float64Array.of(1, value, 3);
    assert.throws(() => NearestValues.fit(bad, { neighbor: 1 }), RangeError);
    const detector = NearestValues.fit(good, { neighbor: 1 });
    assert.throws(() => detector.score(bad), RangeError);
  }
  assert.throws(() => NearestValues.fit(good, { neighbor: 0 }), RangeError);
  const json = JSON.parse(
    JSON.stringify(NearestValues.fit(good, { neighbor: 1 })),
  );
  for (
    const damage of [
      { kind: "other" },
      { neighbor: 3 },
      { neighbor: 0.5 },
      { values: [1, 2, 3] },
      {
        values: JSON.parse(JSON.stringify(
          NearestValues.fit(good, { neighbor: 1 }),
        )).values.base64,
      },
    ]
  ) {
    assert.throws(
      () => NearestValues.fromJSON({ ...json, ...damage }),
      SyntaxError,
    );
  }
});
