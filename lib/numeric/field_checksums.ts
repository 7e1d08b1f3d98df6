/**
 * Checksums of the fields of a model file, so that a damaged number, which may
 * well look like a sound one, is noticed and named at loading. They guard
 * against accidents, not against intent: whoever can write a file can write its
 * checksums, so that loaders check the rest all the same.
 *
 * @see G. Fowler, L. C. Noll, K.-P. Vo, D. Eastlake, The FNV Non-Cryptographic
 * Hash Algorithm (FNV-1a, 32 bits): one changed character always changes it.
 *
 * @module
 */

import { type JsonObject, readObject } from "./json_fields.ts";

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/**
 * Adds a field `checksums` that holds one number for each of the others.
 *
 * @param fields The fields of a model file.
 * @returns The same fields and `checksums`.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import {
 *   checkChecksums,
 *   withChecksums,
 * } from "lib/numeric/field_checksums.ts";
 *
 * const json = withChecksums({ rho: 0.25 });
 * checkChecksums(json, ["rho"]);
 * assert.throws(() => checkChecksums({ ...json, rho: 0.75 }, ["rho"]), {
 *   message: /rho does not agree/,
 * });
 * ```
 */
export function withChecksums<T extends JsonObject>(
  fields: T,
): T & { checksums: JsonObject } {
  const checksums = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, checksumOf(value)]),
  );
  return { ...fields, checksums };
}

/**
 * Checks fields against their checksums.
 *
 * @param object An object read from a model file.
 * @param fields The names of its fields, but for `checksums`.
 * @throws {SyntaxError} If a field or its checksum is missing, or they
 * disagree, naming the field.
 */
export function checkChecksums(
  object: JsonObject,
  fields: readonly string[],
): void {
  const checksums = readObject(object.checksums, "checksums");
  for (const field of fields) {
    if (object[field] === undefined) {
      throw new SyntaxError(`Cannot load model: ${field} is missing`);
    }
    if (checksums[field] !== checksumOf(object[field])) {
      throw new SyntaxError(
        `Cannot load model: ${field} does not agree with its number in checksums, the file is damaged`,
      );
    }
  }
}

/** Of an encoded array what its reader reads; of all else the JSON text. */
function checksumOf(value: unknown): number {
  const { type, length, base64 } = (value ?? {}) as Record<string, unknown>;
  const read = base64 === undefined ? value : [type, length, base64];
  const text = JSON.stringify(read);
  let hash = FNV_OFFSET;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), FNV_PRIME);
  }
  return hash >>> 0;
}
