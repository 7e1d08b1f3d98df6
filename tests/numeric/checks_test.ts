import assert from "node:assert/strict";
import {
  checkLength,
  checkNumber,
  checkSeed,
  checkValues,
} from "lib/numeric/checks.ts";

Deno.test("checkNumber() includes its bounds unless they are exclusive", () => {
  checkNumber(0, "x", "test", { minimum: 0, maximum: 1 });
  checkNumber(1, "x", "test", { minimum: 0, maximum: 1, integer: true });
  checkNumber(-1e308, "x", "test");
  const exclusive = { minimum: 0, maximum: 1, exclusive: true };
  checkNumber(0.5, "x", "test", exclusive);
  for (const value of [0, 1]) {
    assert.throws(() => checkNumber(value, "x", "test", exclusive), {
      name: "RangeError",
      message:
        `Cannot test: x is ${value}, expected a finite number > 0 and < 1`,
    });
  }
});

Deno.test("checkNumber() rejects what is no finite number in bounds", () => {
  for (const value of [NaN, Infinity, -Infinity, -1, 3]) {
    assert.throws(
      () => checkNumber(value, "x", "test", { minimum: 0, maximum: 2 }),
      RangeError,
    );
  }
  assert.throws(() => checkNumber(0.5, "x", "test", { integer: true }), {
    message: "Cannot test: x is 0.5, expected an integer",
  });
  const text = "1" as unknown as number;
  assert.throws(() => checkNumber(text, "x", "test"), RangeError);
});

Deno.test("checkSeed() accepts integers from 0 to 2^53 - 1", () => {
  checkSeed(0, "test");
  checkSeed(2 ** 53 - 1, "test");
  for (const seed of [-1, 1.5, 2 ** 53, NaN]) {
    assert.throws(() => checkSeed(seed, "test"), /seed is/);
  }
});

Deno.test("checkValues() names the first bad value", () => {
  checkValues(Float64Array.of(0, Number.MAX_VALUE), "x", "test");
  assert.throws(
    () => checkValues(Float64Array.of(1, NaN, Infinity), "x", "test"),
    {
      name: "RangeError",
      message: "Cannot test: x[1] is NaN, expected a finite number",
    },
  );
  assert.throws(() => checkValues(Float64Array.of(), "x", "test"), {
    name: "RangeError",
    message: "Cannot test: x is empty, expected at least one value",
  });
});

Deno.test("checkLength() demands the same length", () => {
  checkLength(0, 0, "x", "test");
  assert.throws(() => checkLength(2, 3, "x", "test"), {
    name: "RangeError",
    message: "Cannot test: x has 2 values, expected 3",
  });
});
