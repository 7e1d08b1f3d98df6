import assert from "node:assert/strict";
import fc from "fast-check";
import {
  cyclicHour,
  cyclicWeek,
  FrequencyEncoder,
  hourOfDay,
  hourOfWeek,
  LinearScaler,
  OneHotEncoder,
} from "lib/logs/preprocessing.ts";
import { categoriesOf } from "lib/logs/request_log.ts";
import { matrixFromRows } from "lib/numeric/matrix.ts";

const AT = (text: string) => Float64Array.of(Date.parse(text));

Deno.test("LinearScaler.fitStandard() gives mean 0 and deviation 1", () => {
  // Column 0: mean 3, deviations -2, 0, 2, variance 8 / 3.
  const x = matrixFromRows([[1, 7], [3, 7], [5, 7]]);
  const scaled = LinearScaler.fitStandard(x).transform(x);
  const unit = 2 / Math.sqrt(8 / 3);
  assert.deepEqual([...scaled.data], [-unit, 0, 0, 0, unit, 0]);
});

Deno.test("LinearScaler keeps parameters of training on other rows", () => {
  const scaler = LinearScaler.fitMinMax(matrixFromRows([[10], [20]]));
  const later = scaler.transform(matrixFromRows([[0], [40]]));
  assert.deepEqual([...later.data], [-1, 3]);
});

Deno.test("LinearScaler inverts itself", () => {
  const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(fc.tuple(value, value), { minLength: 1, maxLength: 20 }),
      (rows) => {
        const x = matrixFromRows(rows);
        for (const fit of [LinearScaler.fitMinMax, LinearScaler.fitStandard]) {
          const scaler = fit(x);
          const back = scaler.inverse(scaler.transform(x));
          back.data.forEach((v, k) =>
            assert.ok(Math.abs(v - x.data[k]) <= 1e-6, `${v} ${x.data[k]}`)
          );
        }
      },
    ),
    { seed: 1 },
  );
});

Deno.test("LinearScaler rejects another width and NaN", () => {
  const scaler = LinearScaler.fitMinMax(matrixFromRows([[1, 2], [3, 4]]));
  assert.throws(() => scaler.transform(matrixFromRows([[1]])), {
    name: "RangeError",
    message: "Cannot scale: got 1 columns, expected 2 as in training",
  });
  assert.throws(() => LinearScaler.fitStandard(matrixFromRows([[NaN]])), {
    message: /value at row 0, column 0 is NaN/,
  });
});

Deno.test("LinearScaler loads what it saved, and nothing else", () => {
  const x = matrixFromRows([[1, 200], [4, 100]]);
  const scaler = LinearScaler.fitStandard(x);
  const json = JSON.parse(JSON.stringify(scaler));
  assert.deepEqual(
    LinearScaler.fromJSON(json).transform(x),
    scaler.transform(x),
  );
  assert.throws(
    () => LinearScaler.fromJSON({ ...json, scale: json.offset && {} }),
    {
      name: "SyntaxError",
      message: /scaler.scale/,
    },
  );
  assert.throws(() => LinearScaler.fromJSON(null), SyntaxError);
});

Deno.test("OneHotEncoder pools rare and unknown categories as zeros", () => {
  const train = categoriesOf(["b", "a", "a", "c", "a", "b"]);
  const encoder = OneHotEncoder.fit(train, { maximumCategories: 2 });
  assert.deepEqual(encoder.names, ["a", "b"]);
  const [a, b] = encoder.transform(categoriesOf(["c", "b", "new", "a"]));
  assert.deepEqual([...a], [0, 0, 0, 1]);
  assert.deepEqual([...b], [0, 1, 0, 0]);
  const loaded = OneHotEncoder.fromJSON(JSON.parse(JSON.stringify(encoder)));
  assert.deepEqual(loaded.names, encoder.names);
});

Deno.test("FrequencyEncoder gives shares of training rows, 0 if unknown", () => {
  const encoder = FrequencyEncoder.fit(categoriesOf(["x", "y", "x", "x"]));
  const shares = encoder.transform(categoriesOf(["y", "z", "x"]));
  assert.deepEqual([...shares], [0.25, 0, 0.75]);
  const loaded = FrequencyEncoder.fromJSON(JSON.parse(JSON.stringify(encoder)));
  assert.deepEqual([...loaded.transform(categoriesOf(["y", "x"]))], [
    0.25,
    0.75,
  ]);
});

Deno.test("hourOfDay() and hourOfWeek() count from midnight and Monday, UTC", () => {
  assert.equal(hourOfDay(AT("2026-01-05T23:45:00Z"))[0], 23.75);
  assert.equal(hourOfWeek(AT("2026-01-05T00:00:00Z"))[0], 0); // A Monday.
  assert.equal(hourOfWeek(AT("2026-01-11T23:00:00Z"))[0], 167); // Sunday.
  assert.equal(hourOfWeek(AT("1969-12-31T00:00:00Z"))[0], 48); // Wednesday.
});

Deno.test("cyclicHour() makes 23:59 and 00:01 neighbours", () => {
  const late = cyclicHour(AT("2026-01-05T23:59:00Z"));
  const early = cyclicHour(AT("2026-01-06T00:01:00Z"));
  // Two minutes of 1,440 are an arc of 2π / 720.
  const distance = Math.hypot(
    late.sin[0] - early.sin[0],
    late.cos[0] - early.cos[0],
  );
  assert.ok(Math.abs(distance - 2 * Math.sin(Math.PI / 720)) < 1e-12);
});

Deno.test("cyclicWeek() is at a quarter turn after 42 hours", () => {
  const { sin, cos } = cyclicWeek(AT("2026-01-06T18:00:00Z"));
  assert.equal(sin[0], 1);
  assert.ok(Math.abs(cos[0]) < 1e-12);
});

Deno.test("LinearScaler.fitStandard() knows a constant column in spite of rounding", () => {
  const x = matrixFromRows(Array.from({ length: 1000 }, () => [0.1]));
  const scaler = LinearScaler.fitStandard(x);
  assert.deepEqual([...scaler.offset, ...scaler.scale], [0.1, 1]);
});

Deno.test("LinearScaler refuses columns whose scale overflows", () => {
  const x = matrixFromRows([[-1.7e308], [1.7e308]]);
  for (const fit of [LinearScaler.fitMinMax, LinearScaler.fitStandard]) {
    assert.throws(() => fit(x), { message: /scale\[0\] is (Infinity|NaN)/ });
  }
});
