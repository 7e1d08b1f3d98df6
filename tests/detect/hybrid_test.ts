import assert from "node:assert/strict";
import type { SeriesDetector } from "lib/detect/detector.ts";
import { HybridDetector } from "lib/detect/hybrid.ts";
import { NearestValues } from "lib/detect/nearest_values.ts";

/** A detector whose scores are a function of the values. */
function scoredBy(
  score: (value: number) => number,
  isCausal = true,
): SeriesDetector {
  return {
    kind: "test",
    isCausal,
    minimumRows: 2,
    score: (values) => values.map(score),
    toJSON: () => ({}),
  };
}

const TRAIN = Float64Array.of(1, 2, 3, 4);
const ITSELF = { name: "itself", detector: scoredBy((value) => value) };
const INVERSE = { name: "inverse", detector: scoredBy((value) => 1 / value) };

function assertClose(actual: ArrayLike<number>, expected: readonly number[]) {
  assert.equal(actual.length, expected.length);
  expected.forEach((value, i) => {
    assert(Math.abs(actual[i] - value) < 1e-12, `${i}: ${actual[i]}, ${value}`);
  });
}

Deno.test("HybridDetector adds the evidence of its members", () => {
  const hybrid = HybridDetector.fit(TRAIN, [ITSELF, INVERSE], {
    spreadRows: 0,
  });
  const { log10 } = Math;
  // Of 4, one training score in four is as high by the first member, and all
  // are by the second; of 2 it is three, and three.
  const asked = Float64Array.of(4, 2);
  const parts = hybrid.explain(asked);
  assert.deepEqual([parts.rows, parts.cols], [2, 2]);
  assertClose(parts.data, [log10(4), 0, log10(4 / 3), log10(4 / 2)]);
  assertClose(hybrid.score(asked), [log10(4), log10(4 / 3) + log10(4 / 2)]);
  assert.deepEqual(hybrid.members, ["itself", "inverse"]);
});

Deno.test("HybridDetector goes on beyond the highest training score", () => {
  const hybrid = HybridDetector.fit(TRAIN, [ITSELF], { spreadRows: 0 });
  // 1 / 4 of a share for 4, a tenth of it for 40.
  assertClose(
    hybrid.score(Float64Array.of(4, 40)),
    [Math.log10(4), Math.log10(40)],
  );
});

Deno.test("HybridDetector does not depend on the units of its members", () => {
  const other = {
    name: "itself",
    detector: scoredBy((value) => 1e6 * value),
  };
  const fit = (member: typeof other) =>
    HybridDetector.fit(TRAIN, [member, INVERSE]).score(TRAIN);
  assert.deepEqual(fit(other), fit(ITSELF));
});

Deno.test("HybridDetector shares the evidence of a row with those around", () => {
  const values = Float64Array.of(1, 1, 4, 1, 1);
  const alone = HybridDetector.fit(TRAIN, [ITSELF], { spreadRows: 0 });
  const shared = HybridDetector.fit(TRAIN, [ITSELF], { spreadRows: 1 });
  const four = Math.log10(4);
  assertClose(alone.score(values), [0, 0, four, 0, 0]);
  assertClose(shared.score(values), [0, four, four, four, 0]);
  assert.equal(alone.isCausal, true);
  assert.equal(shared.isCausal, false);
  const later = { name: "later", detector: scoredBy((value) => value, false) };
  const spreadRows = 0;
  const hybrid = HybridDetector.fit(TRAIN, [ITSELF, later], { spreadRows });
  assert.equal(hybrid.isCausal, false);
});

Deno.test("HybridDetector keeps scores through JSON, and names what is wrong", async () => {
  const member = {
    name: "value",
    detector: NearestValues.fit(TRAIN, { neighbor: 1 }),
  };
  const hybrid = HybridDetector.fit(TRAIN, [member]);
  const json = JSON.parse(JSON.stringify(hybrid));
  const loaded = await HybridDetector.fromJSON(json, NearestValues.fromJSON);
  const asked = Float64Array.of(2, 9, -3);
  assert.deepEqual(loaded.score(asked), hybrid.score(asked));
  assert.equal(JSON.stringify(loaded), JSON.stringify(hybrid));
  for (
    const [damage, field] of [
      [{ kind: "sum" }, "kind"],
      [{ spreadRows: -1 }, "spreadRows"],
      [{ names: [] }, "members"],
      [{ names: [7] }, "names"],
      [{ members: {} }, "members"],
      [{ members: [null] }, "members"],
      [{ members: [{ ...json.members[0], scores: "x" }] }, "scores"],
      [{ members: [{ ...json.members[0], detector: 3 }] }, "model"],
    ] as const
  ) {
    await assert.rejects(
      () =>
        HybridDetector.fromJSON({ ...json, ...damage }, NearestValues.fromJSON),
      (error) => error instanceof SyntaxError && error.message.includes(field),
      field,
    );
  }
});

Deno.test("HybridDetector.fit() rejects no members and a negative reach", () => {
  assert.throws(() => HybridDetector.fit(TRAIN, []), RangeError);
  assert.throws(
    () => HybridDetector.fit(TRAIN, [ITSELF], { spreadRows: -1 }),
    RangeError,
  );
});
