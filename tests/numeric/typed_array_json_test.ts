import assert from "node:assert/strict";
import fc from "fast-check";
import {
  decodeArray,
  decodeIntegers,
  encodeArray,
  encodeIntegers,
} from "lib/numeric/typed_array_json.ts";

const finite = { noNaN: true, noDefaultInfinity: true };

Deno.test("encodeArray() writes little-endian bytes as base64", () => {
  // 258 = 0x0102: bytes 02 01 00 00.
  assert.deepEqual(encodeArray(Int32Array.of(258)), {
    type: "int32",
    length: 1,
    base64: "AgEAAA==",
  });
});

Deno.test("arrays of each type come back through JSON text", () => {
  fc.assert(
    fc.property(
      fc.float64Array(finite),
      fc.float32Array(finite),
      fc.int32Array(),
      fc.uint8Array(),
      (float64, float32, int32, uint8) => {
        const json = JSON.parse(JSON.stringify({
          float64: encodeArray(float64),
          float32: encodeArray(float32),
          int32: encodeArray(int32),
          uint8: encodeArray(uint8),
        }));
        assert.deepEqual(decodeArray(json.float64, "float64", "x"), float64);
        assert.deepEqual(decodeArray(json.float32, "float32", "x"), float32);
        assert.deepEqual(decodeArray(json.int32, "int32", "x"), int32);
        assert.deepEqual(decodeArray(json.uint8, "uint8", "x"), uint8);
      },
    ),
    { seed: 1 },
  );
});

Deno.test("encodeArray() takes a view, not the buffer behind it", () => {
  const view = Float64Array.of(1, 2, 3).subarray(1, 2);
  assert.deepEqual([...decodeArray(encodeArray(view), "float64", "x")], [2]);
});

Deno.test("arrays longer than one chunk come back", () => {
  const long = Uint8Array.from({ length: 100_001 }, (_, i) => i % 251);
  assert.deepEqual(decodeArray(encodeArray(long), "uint8", "x"), long);
});

Deno.test("encodeArray() rejects other arrays", () => {
  const other = Uint32Array.of(1) as unknown as Uint8Array;
  assert.throws(() => encodeArray(other), TypeError);
});

Deno.test("decodeArray() rejects what is damaged, naming the field", () => {
  const good = encodeArray(Float64Array.of(1, 2));
  const nan = btoa("\x00\x00\x00\x00\x00\x00\xf8\x7f");
  for (
    const bad of [
      undefined,
      null,
      7,
      "text",
      [],
      {},
      { ...good, type: "float32" },
      { ...good, type: "__proto__" },
      { ...good, length: 3 },
      { ...good, length: 1 },
      { ...good, length: -2 },
      { ...good, length: "2" },
      { ...good, length: [2] },
      { ...good, length: undefined },
      { ...good, base64: "" },
      { ...good, base64: "%" },
      { ...good, base64: 5 },
      { ...good, base64: good.base64.slice(4) },
      { type: "float64", length: 1, base64: nan },
    ]
  ) {
    assert.throws(() => decodeArray(bad, "float64", "weights"), {
      name: "SyntaxError",
      message: /weights/,
    });
  }
});

Deno.test("decodeArray() demands the length it is told", () => {
  const json = encodeArray(Float64Array.of(1, 2));
  assert.equal(decodeArray(json, "float64", "x", 2).length, 2);
  assert.throws(() => decodeArray(json, "float64", "x", 3), {
    name: "SyntaxError",
    message: "Cannot load model: x has length 2, expected 3",
  });
});

Deno.test("encodeIntegers() takes the narrowest type, decodeIntegers() any of them", () => {
  for (
    const [largest, type] of [
      [0, "uint8"],
      [255, "uint8"],
      [256, "uint16"],
      [65_535, "uint16"],
      [65_536, "int32"],
      [2 ** 31 - 1, "int32"],
    ] as const
  ) {
    const json = encodeIntegers(Int32Array.of(0, largest, 3));
    assert.equal(json.type, type);
    assert.deepEqual(decodeIntegers(json, "x"), Int32Array.of(0, largest, 3));
  }
  assert.deepEqual(
    decodeIntegers(encodeIntegers(new Int32Array(0)), "x"),
    new Int32Array(0),
  );
});

Deno.test("decodeIntegers() rejects what is no list of integers", () => {
  for (
    const json of [undefined, null, 3, {}, encodeArray(Float64Array.of(1))]
  ) {
    assert.throws(() => decodeIntegers(json, "x"), {
      name: "SyntaxError",
      message: /x is not an encoded int32 array/,
    });
  }
});
