/**
 * Reading fields of untrusted JSON, one check and one message for each kind.
 * Only a value's own fields are read, never inherited ones.
 *
 * @module
 */

/** A JSON object whose fields are not yet checked. */
export type JsonObject = { readonly [field: string]: unknown };

/**
 * Takes a JSON value as an object.
 *
 * @param json The untrusted value.
 * @param field The name of the field it stands in, for messages.
 * @returns The value, without a prototype, so that only its own fields exist.
 * @throws {SyntaxError} If the value is not an object.
 */
export function readObject(json: unknown, field: string): JsonObject {
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new SyntaxError(`Cannot load model: ${field} is not an object`);
  }
  return Object.assign(Object.create(null), json) as JsonObject;
}

/**
 * Reads a number.
 *
 * @param object The object read from.
 * @param field The field's name.
 * @param bounds Inclusive bounds; `integer` demands a whole number.
 * @returns The number.
 * @throws {SyntaxError} If the field is not such a number.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { readNumber } from "lib/numeric/json_fields.ts";
 *
 * assert.equal(readNumber({ depth: 8 }, "depth", { integer: true }), 8);
 * assert.throws(() => readNumber({ depth: "8" }, "depth"), SyntaxError);
 * ```
 */
export function readNumber(
  object: JsonObject,
  field: string,
  bounds: { minimum?: number; maximum?: number; integer?: boolean } = {},
): number {
  const { minimum = -Infinity, maximum = Infinity, integer = false } = bounds;
  const value = object[field];
  if (
    typeof value !== "number" || !Number.isFinite(value) ||
    !(value >= minimum && value <= maximum) ||
    (integer && !Number.isInteger(value))
  ) {
    throw new SyntaxError(
      `Cannot load model: ${field} is ${show(value)}, expected ${
        integer ? "an integer" : "a number"
      } from ${minimum} to ${maximum}`,
    );
  }
  return value;
}

/**
 * Reads a truth value.
 *
 * @param object The object read from.
 * @param field The field's name.
 * @returns The truth value.
 * @throws {SyntaxError} If the field is not `true` or `false`.
 */
export function readBoolean(object: JsonObject, field: string): boolean {
  const value = object[field];
  if (typeof value !== "boolean") {
    throw new SyntaxError(
      `Cannot load model: ${field} is ${show(value)}, expected true or false`,
    );
  }
  return value;
}

/**
 * Reads a text, one of a list if one is given.
 *
 * @param object The object read from.
 * @param field The field's name.
 * @param allowed The texts allowed; any if left out.
 * @returns The text.
 * @throws {SyntaxError} If the field is not such a text.
 */
export function readText<T extends string = string>(
  object: JsonObject,
  field: string,
  allowed?: readonly T[],
): T {
  const value = object[field];
  if (
    typeof value !== "string" || (allowed && !allowed.includes(value as T))
  ) {
    throw new SyntaxError(
      `Cannot load model: ${field} is ${show(value)}, expected ${
        allowed ? allowed.join(" or ") : "a text"
      }`,
    );
  }
  return value as T;
}

/**
 * Reads a list of texts.
 *
 * @param object The object read from.
 * @param field The field's name.
 * @param maximum The greatest length allowed.
 * @returns The texts.
 * @throws {SyntaxError} If the field is not such a list.
 */
export function readTexts(
  object: JsonObject,
  field: string,
  maximum: number,
): string[] {
  const value = object[field];
  if (
    !Array.isArray(value) || value.length > maximum ||
    !value.every((text) => typeof text === "string")
  ) {
    throw new SyntaxError(
      `Cannot load model: ${field} is not a list of at most ${maximum} texts`,
    );
  }
  return value;
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? "missing";
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
