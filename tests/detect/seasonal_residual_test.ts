import assert from "node:assert/strict";
import fc from "fast-check";
import { SeasonalResidual, seasonRows } from "lib/detect/seasonal_residual.ts";

const OPTIONS = { seed: 3, numRuns: 60 };

Deno.test("SeasonalResidual measures from the median of the other rows of its phase", () => {
  // Phase 0 holds 1, 2, 9, phase 1 holds 5, 5, 5. The others' medians are 5.5,
  // 5, 1.5 and 5: residuals -4.5, 0, -3, 0, 7.5, 0. Their median is 0, the
  // median distance from it 1.5, in deviations 1.5 x 1.4826.
  const values = Float64Array.of(1, 5, 2, 5, 9, 5);
  const scores = SeasonalResidual.fit(values, { period: 2 }).score(values);
  const scale = 1.5 * 1.482602218505602;
  [4.5, 0, 3, 0, 7.5, 0].forEach((residual, row) => {
    assert(Math.abs(scores[row] - residual / scale) < 1e-12, `row ${row}`);
  });
});

Deno.test("SeasonalResidual that is causal has no evidence in the first season", () => {
  // From row 2 on: 2 - 1, 5 - 5, 9 - 1.5, 6 - 5: distances 1, 0, 7.5, 1 with
  // median 1, and 0, 1, 6.5, 0 from it: MAD 0.5.
  const values = Float64Array.of(1, 5, 2, 5, 9, 6);
  const detector = SeasonalResidual.fit(values, { period: 2, isCausal: true });
  const scale = 0.5 * 1.482602218505602;
  assert.deepEqual(
    [...detector.score(values)],
    [0, 0, 1 / scale, 0, 7.5 / scale, 1 / scale],
  );
});

Deno.test("SeasonalResidual looks at so many seasons only, half on each side", () => {
  const values = Float64Array.of(0, 10, 20, 31, 40, 50);
  const score = (seasons: number, isCausal: boolean) =>
    SeasonalResidual.fit(values, { seasons, isCausal }).score(values);
  // 31 is 1 from (20 + 40) / 2 and 11 from the row before; 50 is 10 from 40.
  const centred = score(2, false);
  assert.equal(centred[3] / centred[5], 0.1);
  const causal = score(1, true);
  assert(Math.abs(causal[3] / causal[5] - 1.1) < 1e-12);
});

Deno.test("SeasonalResidual bears a bad season, and a shift of all values", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 50 }), {
        minLength: 30,
        maxLength: 60,
      }),
      fc.integer({ min: -1000, max: 1000 }),
      (list, shift) => {
        const values = Float64Array.from(list);
        const shifted = values.map((value) => value + shift);
        const [a, b] = [values, shifted].map((each) =>
          SeasonalResidual.fit(each, { period: 5 }).score(each)
        );
        assert.deepEqual(a, b);
      },
    ),
    OPTIONS,
  );
  const days = Float64Array.from({ length: 70 }, (_, i) => i % 7);
  const outage = days.map((value, i) => i >= 28 && i < 35 ? 900 : value);
  const scores = SeasonalResidual.fit(outage, { period: 7 }).score(outage);
  scores.forEach((score, i) => assert.equal(score > 0, i >= 28 && i < 35));
});

Deno.test("SeasonalResidual.fit() rejects a series no longer than a season", () => {
  assert.throws(
    () => SeasonalResidual.fit(new Float64Array(7), { period: 7 }),
    { name: "RangeError", message: /the number of values is 7, expected .*8/ },
  );
  const values = new Float64Array(9);
  for (const bad of [{ period: 0 }, { period: 1.5 }, { seasons: 0 }]) {
    assert.throws(() => SeasonalResidual.fit(values, bad), RangeError);
  }
});

Deno.test("seasonRows() takes the longest season that is there three times", () => {
  const minute = 60_000;
  assert.equal(seasonRows(5 * minute, 21 * 288), 7 * 288);
  assert.equal(seasonRows(5 * minute, 21 * 288 - 1), 288);
  assert.equal(seasonRows(5 * minute, 3 * 288 - 1), undefined);
  // 7 minutes do not divide a day, but a week: 1,440 times.
  assert.equal(seasonRows(7 * minute, 1e5), 1440);
  assert.equal(seasonRows(86_400_000, 30), 7);
  assert.equal(seasonRows(3 * 86_400_000, 30), undefined);
});
