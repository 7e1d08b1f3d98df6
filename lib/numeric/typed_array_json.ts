/**
 * Typed arrays in JSON: base64 of the little-endian bytes, with the type and
 * the length beside it, all checked at reading. Model files are untrusted.
 *
 * @module
 */

/** A typed array as it stands in a model file. */
export type EncodedArray = {
  /** The element type. */
  type: "float64" | "float32" | "int32" | "uint16" | "uint8";
  /** The number of elements. */
  length: number;
  /** The elements' little-endian bytes, base64. */
  base64: string;
};

const CONSTRUCTORS = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  uint16: Uint16Array,
  uint8: Uint8Array,
};

/** The typed array that belongs to the name of an element type. */
export type ArrayOfType = {
  float64: Float64Array;
  float32: Float32Array;
  int32: Int32Array;
  uint16: Uint16Array;
  uint8: Uint8Array;
};

const CHUNK = 0x8000;

/**
 * Encodes a typed array for JSON.
 *
 * @param values The array.
 * @returns Its JSON form.
 * @throws {TypeError} If the array is of a type that model files do not hold.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { decodeArray, encodeArray } from "lib/numeric/typed_array_json.ts";
 *
 * const json = encodeArray(Float64Array.of(0.1, -2));
 * assert.deepEqual([...decodeArray(json, "float64", "x")], [0.1, -2]);
 * ```
 */
export function encodeArray(
  values: ArrayOfType[keyof ArrayOfType],
): EncodedArray {
  const type = (Object.keys(CONSTRUCTORS) as (keyof ArrayOfType)[])
    .find((name) => values instanceof CONSTRUCTORS[name]);
  if (type === undefined) {
    throw new TypeError("Cannot encode an array: expected a known typed array");
  }
  const bytes = new Uint8Array(
    values.buffer,
    values.byteOffset,
    values.byteLength,
  );
  let binary = "";
  for (let start = 0; start < bytes.length; start += CHUNK) {
    binary += String.fromCharCode(...bytes.subarray(start, start + CHUNK));
  }
  return { type, length: values.length, base64: btoa(binary) };
}

/**
 * Encodes integers in the narrowest type that holds them all.
 *
 * @param values Integers from 0 to 2^31 - 1.
 * @returns Their JSON form, of type `uint8`, `uint16` or `int32`.
 */
export function encodeIntegers(values: Int32Array): EncodedArray {
  const largest = values.reduce((most, value) => Math.max(most, value), 0);
  if (largest < 2 ** 8) return encodeArray(Uint8Array.from(values));
  if (largest < 2 ** 16) return encodeArray(Uint16Array.from(values));
  return encodeArray(values);
}

/**
 * Decodes what {@linkcode encodeIntegers} gave.
 *
 * @param json The untrusted JSON value.
 * @param field The field's name, for messages.
 * @returns A new array; an `int32` one may hold negative integers.
 * @throws {SyntaxError} If it is not such an array.
 */
export function decodeIntegers(json: unknown, field: string): Int32Array {
  const { type } = (json ?? {}) as Partial<EncodedArray>;
  return type === "uint8" || type === "uint16"
    ? Int32Array.from(decodeArray(json, type, field))
    : decodeArray(json, "int32", field);
}

/**
 * Decodes a typed array and checks it: type, length, and for floats that every
 * element is finite.
 *
 * @param json The untrusted JSON value.
 * @param type The element type demanded.
 * @param field The field's name, for messages.
 * @param length The length demanded; any if left out.
 * @returns A new array.
 * @throws {SyntaxError} If anything about it is not as demanded.
 */
export function decodeArray<T extends keyof ArrayOfType>(
  json: unknown,
  type: T,
  field: string,
  length?: number,
): ArrayOfType[T] {
  const found = (json ?? {}) as Partial<EncodedArray>;
  if (found.type !== type || typeof found.base64 !== "string") {
    throw new SyntaxError(
      `Cannot load model: ${field} is not an encoded ${type} array`,
    );
  }
  if (!Number.isInteger(found.length)) {
    throw new SyntaxError(
      `Cannot load model: ${field} has no length that is an integer`,
    );
  }
  if (length !== undefined && found.length !== length) {
    throw new SyntaxError(
      `Cannot load model: ${field} has length ${found.length}, expected ${length}`,
    );
  }
  const bytes = decodeBase64(found.base64, field);
  const Constructor = CONSTRUCTORS[type];
  if (bytes.length !== Number(found.length) * Constructor.BYTES_PER_ELEMENT) {
    throw new SyntaxError(
      `Cannot load model: ${field} holds ${bytes.length} bytes, expected ${found.length} elements of ${type}`,
    );
  }
  const values = new Constructor(bytes.buffer) as ArrayOfType[T];
  const bad = values.findIndex((value: number) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new SyntaxError(
      `Cannot load model: ${field}[${bad}] is ${
        values[bad]
      }, expected a finite number`,
    );
  }
  return values;
}

function decodeBase64(text: string, field: string): Uint8Array<ArrayBuffer> {
  let binary: string;
  try {
    binary = atob(text);
  } catch {
    throw new SyntaxError(`Cannot load model: ${field} is not valid base64`);
  }
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
