import assert from "node:assert/strict";
import { PrincipalComponents } from "lib/detect/principal_components.ts";
import { matrixFromRows } from "lib/numeric/matrix.ts";
import { checkPointDetector } from "../detector_contract.ts";

for (const scoreBy of ["reconstruction", "minor"] as const) {
  Deno.test(`PrincipalComponents keeps the contract, by ${scoreBy}`, (t) =>
    checkPointDetector(t, {
      fit: (x) => PrincipalComponents.fit(x, { scoreBy }),
      load: PrincipalComponents.fromJSON,
    }));
}

Deno.test("PrincipalComponents scores by the parts that it says", () => {
  const x = matrixFromRows([[2, 2], [-2, -2], [0.5, -0.5], [-0.5, 0.5]]);
  const scoreOf = (scoreBy: "reconstruction" | "minor" | "major") =>
    PrincipalComponents.fit(x, { scoreBy, trimmedShare: 0 })
      .score(matrixFromRows([[3, 1]]))[0];
  // (3, 1) is 4 / √2 along and 2 / √2 across: squares 8 and 2; the variances
  // are (8 + 8) / 4 = 4 and (0.5 + 0.5) / 4 = 0.25.
  for (
    const [scoreBy, expected] of [
      ["reconstruction", 2],
      ["minor", 2 / 0.25],
      ["major", 8 / 4],
    ] as const
  ) {
    const score = scoreOf(scoreBy);
    assert(Math.abs(score - expected) < 1e-9, `${scoreBy}: ${score}`);
  }
});

Deno.test("PrincipalComponents leaves the furthest rows out of the second fit", () => {
  const rows = Array.from({ length: 99 }, (_, i) => [i, i]);
  const x = matrixFromRows([...rows, [0, 4000]]);
  const all = PrincipalComponents.fit(x, { trimmedShare: 0 });
  const trimmed = PrincipalComponents.fit(x, { trimmedShare: 0.01 });
  const asked = matrixFromRows([[80, 20]]);
  // Without the outlier, 60 apart is 60 / √2 from the line; with it, the line
  // leans to the outlier and all rows are off it.
  assert(Math.abs(trimmed.score(asked)[0] - 1800) < 1e-6);
  assert(all.score(x)[98] > 1000 * trimmed.score(x)[98]);
});

Deno.test("PrincipalComponents has as many major components as hold the share", () => {
  // Variances 16, 4, 1 of 21: 0.76, 0.95, 1.
  const x = matrixFromRows(
    [[4, 0, 0], [0, 2, 0], [0, 0, 1]].flatMap((row) => [
      row,
      row.map((value) => -value),
    ]),
  );
  const count = (majorShare: number) =>
    PrincipalComponents.fit(x, { majorShare, trimmedShare: 0 }).majorCount;
  // One at least is a minor one.
  assert.deepEqual([0.5, 0.8, 0.99].map(count), [1, 2, 2]);
});

Deno.test("PrincipalComponents.fit() rejects one feature and unknown scores", () => {
  assert.throws(() => PrincipalComponents.fit(matrixFromRows([[1], [2]])), {
    name: "RangeError",
    message: /the number of features is 1, expected .*2/,
  });
  const x = matrixFromRows([[1, 2], [2, 1]]);
  assert.throws(
    () => PrincipalComponents.fit(x, { scoreBy: "all" as "minor" }),
    { name: "TypeError", message: /scoreBy is "all", expected reconstruction/ },
  );
  for (const bad of [{ majorShare: 1 }, { trimmedShare: 0.6 }]) {
    assert.throws(() => PrincipalComponents.fit(x, bad), RangeError);
  }
});
