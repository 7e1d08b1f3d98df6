/**
 * Model files damaged at random, always alike for a seed, and what a loader
 * must make of them: an error that names the field, or a model that scores.
 * Any detector's test can run it.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { PointDetector } from "lib/detect/detector.ts";
import { type Matrix, matrixFromRows } from "lib/numeric/matrix.ts";
import { Random } from "lib/numeric/random.ts";

/** How {@linkcode checkMutations} loads models, and what it expects. */
export type MutationSubject = {
  /** The model file, sound. Small ones are quicker to load 10,000 times. */
  text: string;
  /** Loads what was parsed. */
  load: (json: unknown) => PointDetector | Promise<PointDetector>;
  /** Rows to score with what loads all the same, shape `(n, d)`. */
  rows: Matrix;
  /**
   * Whether a file that loads must give the very scores of the sound one: true
   * where the file has checksums. @default {false}
   */
  exact?: boolean;
  /**
   * Makes a mutated file consistent again (its checksums), as who wrote it with
   * intent would. @default {as it is}
   */
  repair?: (json: Json) => Json;
  /** How many files. @default {500} */
  count?: number;
  /** Seed of the mutations. @default {1} */
  seed?: number;
};

/** Anything that JSON can hold. */
// deno-lint-ignore no-explicit-any
export type Json = any;

/** A place in a file: its parent, its key there, and the names on the way. */
type Place = { parent: Json; key: string | number; names: string[] };

/** Changes the value at a place, and says which fields may be blamed. */
type Mutation = (place: Place, random: Random, root: Json) => string[];

/** Values of every kind, and numbers at the ends of their ranges. */
const STRANGERS: readonly (() => Json)[] = [
  ...[null, true, false, 0, 1, -1, 0.5, 255, 65_536, 2 ** 31, 2 ** 53, 1e308]
    .map((value) => () => value),
  ...["", "0", "AAAA", "int32", "__proto__", "\u0000", "é", "////"]
    .map((value) => () => value),
  () => [],
  () => ({}),
  () => [[[[]]]],
  () => ({ length: 1e9 }),
  () => JSON.parse('{"__proto__":{"polluted":true}}'),
  () => ({ type: "float64", length: 0, base64: "" }),
  () => ({ type: "int32", length: 2 ** 31, base64: "AAAA" }),
];

const POISONS = ["__proto__", "constructor", "prototype", "toString", "length"];
const ALPHABET = "ABCxyz019+/=-_ {}";

const MUTATIONS: readonly Mutation[] = [
  function remove({ parent, key, names }) {
    if (Array.isArray(parent)) parent.splice(Number(key), 1);
    else delete parent[key];
    return names;
  },
  function replace({ parent, key, names }, random) {
    parent[key] = STRANGERS[random.integer(STRANGERS.length)]();
    return names;
  },
  function nudge(place, random) {
    const { parent, key, names } = place;
    const value = parent[key];
    if (typeof value !== "number") return damageText(place, random);
    const others = [value + 1, value - 1, -value, value * 2, value / 2];
    parent[key] = others[random.integer(others.length)];
    return names;
  },
  (place, random) => damageText(place, random),
  (place, random) => damageBytes(place, random),
  (place, random) => damageBytes(place, random),
  (place, random) => damageBytes(place, random),
  function swap({ parent, key, names }, random) {
    const keys = Object.keys(parent);
    const other = keys[random.integer(keys.length)];
    [parent[key], parent[other]] = [parent[other], parent[key]];
    return [...names, other];
  },
  function poison({ parent, key, names }, random) {
    const inner = typeof parent[key] === "object" ? parent[key] : parent;
    const target = inner ?? parent;
    const drawn = POISONS[random.integer(POISONS.length)];
    // The length of a list cannot be anything but a length.
    const name = Array.isArray(target) ? POISONS[0] : drawn;
    Object.defineProperty(target, name, {
      value: { polluted: true },
      enumerable: true,
      configurable: true,
      writable: true,
    });
    return [...names, name];
  },
  function nest({ parent, key, names }, _random, root) {
    parent[key] = JSON.parse(JSON.stringify(root));
    return names;
  },
];

/**
 * Damages a model file in many ways and loads each.
 *
 * @param subject The file, its loader, and what must hold.
 * @returns How many files were rejected and how many loaded.
 */
export async function checkMutations(
  subject: MutationSubject,
): Promise<{ rejected: number; loaded: number }> {
  const { text, load, rows, exact = false, count = 500, seed = 1 } = subject;
  const { repair = (json: Json) => json } = subject;
  const expected = (await load(JSON.parse(text))).score(rows);
  const prototypes = describePrototypes();
  const result = { rejected: 0, loaded: 0 };
  for (let k = 0; k < count; k++) {
    const { json, names, how } = mutate(text, new Random(seed, k));
    const what = `mutation ${k} of seed ${seed} (${how})`;
    let loaded: PointDetector | undefined;
    try {
      loaded = await load(repair(json));
    } catch (error) {
      assertNames(error, names, what);
      result.rejected++;
    }
    assert.equal(describePrototypes(), prototypes, `${what}: a prototype`);
    if (!loaded) continue;
    result.loaded++;
    const scores = scoresOf(loaded, rows);
    assert(scores.every(Number.isFinite), `${what}: a score is not finite`);
    if (exact) assert.deepEqual(scores, expected, `${what}: other scores`);
  }
  return result;
}

/** One mutation, at a random place of a fresh copy. */
function mutate(
  text: string,
  random: Random,
): { json: Json; names: string[]; how: string } {
  const root = { model: JSON.parse(text) };
  const places = placesIn(root.model, []);
  const place = places[random.integer(places.length)];
  const mutation = MUTATIONS[random.integer(MUTATIONS.length)];
  const names = mutation(place, random, root.model);
  const how = `${mutation.name || "bytes or text"} at ${place.names.join(".")}`;
  return { json: root.model, names, how };
}

function placesIn(value: Json, names: string[]): Place[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.keys(value).flatMap((key): Place[] => {
    const inner = Array.isArray(value) ? names : [...names, key];
    const at = Array.isArray(value) ? Number(key) : key;
    const place = { parent: value, key: at, names: inner };
    return [place, ...placesIn(value[key], inner)];
  });
}

/** Changes, drops, doubles or cuts characters; of other values, their text. */
function damageText(
  { parent, key, names }: Place,
  random: Random,
): string[] {
  const text = typeof parent[key] === "string"
    ? parent[key]
    : JSON.stringify(parent[key]) ?? "";
  const at = random.integer(text.length + 1);
  const other = ALPHABET[random.integer(ALPHABET.length)];
  const results = [
    text.slice(0, at) + other + text.slice(at + 1),
    text.slice(0, at) + text.slice(at + 1),
    text.slice(0, at) + text.slice(at, at + 4) + text.slice(at),
    text.slice(0, at),
  ];
  parent[key] = results[random.integer(results.length)];
  return names;
}

/** Changes the bytes of an encoded array, leaving it well-formed: what only a
 * check of the values finds. */
function damageBytes(place: Place, random: Random): string[] {
  const { parent, key, names } = place;
  const isArray = (value: Json) => typeof value?.base64 === "string";
  const encoded = isArray(parent) ? parent : parent[key];
  if (!isArray(encoded) || encoded.base64.length === 0) {
    return damageText(place, random);
  }
  const bytes = Uint8Array.fromBase64(encoded.base64);
  const at = random.integer(bytes.length);
  const width = Math.max(1, bytes.length / encoded.length);
  const start = Math.floor(at / width) * width;
  const element = bytes.subarray(start, start + width);
  const changes = [
    () => bytes[at] ^= 1 << random.integer(8),
    () => bytes[at] = random.integer(256),
    () => element.fill(0),
    () => element.fill(255),
    () => element.forEach((_, i) => element[i] = random.integer(256)),
    () => element.reverse(),
    () => bytes.copyWithin(start, random.integer(encoded.length) * width, at),
  ];
  changes[random.integer(changes.length)]();
  encoded.base64 = bytes.toBase64();
  return names;
}

/** The scores, of a row of zeros where another width was loaded. */
function scoresOf(detector: PointDetector, rows: Matrix): Float64Array {
  const { featureCount } = detector;
  if (featureCount === rows.cols) return detector.score(rows);
  return detector.score(matrixFromRows([new Float64Array(featureCount)]));
}

/** A field may be blamed under its own name or that of one it stands in. */
function assertNames(error: unknown, names: string[], what: string): void {
  assert(error instanceof SyntaxError, `${what}: ${error}`);
  assert(
    names.some((name) => error.message.includes(name)),
    `${what}: "${error.message}" names none of ${names}`,
  );
}

function describePrototypes(): string {
  const prototypes = [
    Object,
    Array,
    Function,
    String,
    Float64Array,
    SyntaxError,
  ]
    .map(({ prototype }) => Object.getOwnPropertyNames(prototype).join());
  return prototypes.join(" ");
}
