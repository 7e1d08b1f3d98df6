/**
 * Seeded pseudo-random numbers: the sfc32 generator, with independent streams
 * derived from a seed and any number of stream indices, so that a result does
 * not depend on which worker draws which tree. Not for cryptography.
 *
 * @see C. Doty-Humphrey, PractRand 0.94 (2018), `sfc32`.
 * @see G. L. Steele et al., Fast Splittable Pseudorandom Number Generators
 * (2014), for the mixing of seeds.
 *
 * @module
 */

import { checkSeed } from "./checks.ts";

const TWO_POW_32 = 2 ** 32;
const GOLDEN_RATIO_32 = 0x9e3779b9;
const WARM_UP_DRAWS = 12;

/** A stream of pseudo-random numbers, fixed by its seed and stream indices. */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /**
   * Starts a stream.
   *
   * @param seed An integer from 0 to 2^53 - 1.
   * @param streams Indices of the stream: a tree, a worker, a purpose.
   * @throws {RangeError} If the seed or an index is not such an integer.
   *
   * @example Usage
   * ```ts
   * import assert from "node:assert/strict";
   * import { Random } from "lib/numeric/random.ts";
   *
   * assert.equal(new Random(7).uniform(), new Random(7).uniform());
   * assert.notEqual(new Random(7, 0).uniform(), new Random(7, 1).uniform());
   * ```
   */
  constructor(seed: number, ...streams: number[]) {
    let hash = GOLDEN_RATIO_32;
    const words: number[] = [];
    for (const key of [seed, ...streams]) {
      checkSeed(key, "seed a random stream");
      hash = mix(hash ^ mix(key >>> 0));
      hash = mix(hash ^ mix(Math.floor(key / TWO_POW_32)));
    }
    for (let k = 0; k < 3; k++) {
      hash = mix(hash + GOLDEN_RATIO_32);
      words.push(hash);
    }
    [this.#a, this.#b, this.#c] = words;
    for (let k = 0; k < WARM_UP_DRAWS; k++) this.#next();
  }

  /**
   * Draws 32 random bits.
   *
   * @returns An integer from 0 to 2^32 - 1.
   */
  bits(): number {
    return this.#next() >>> 0;
  }

  /**
   * Tells where the stream stands, for a kernel that draws on from there.
   *
   * @returns The three words and the counter of sfc32.
   */
  state(): number[] {
    return [this.#a, this.#b, this.#c, this.#counter];
  }

  /**
   * Draws from the uniform distribution.
   *
   * @returns A double in [0, 1) with 53 random bits.
   */
  uniform(): number {
    const high = this.#next() >>> 5;
    const low = this.#next() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /**
   * Draws an integer without modulo bias, by rejection.
   *
   * @param bound The exclusive upper bound, from 1 to 2^32.
   * @returns An integer in [0, bound).
   */
  integer(bound: number): number {
    const limit = TWO_POW_32 - (TWO_POW_32 % bound);
    let draw = this.#next();
    while (draw >= limit) draw = this.#next();
    return draw % bound;
  }

  /**
   * Draws from the standard normal distribution (Box and Muller 1958).
   *
   * @returns A draw with mean 0 and standard deviation 1.
   */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.uniform()));
    return radius * Math.cos(2 * Math.PI * this.uniform());
  }

  /**
   * Draws from the exponential distribution.
   *
   * @returns A draw with mean 1.
   */
  exponential(): number {
    return -Math.log(1 - this.uniform());
  }

  /**
   * Shuffles in place (Fisher–Yates).
   *
   * @param values The values to shuffle; changed.
   */
  shuffleInPlace(values: Uint32Array): void {
    for (let i = values.length - 1; i > 0; i--) {
      const j = this.integer(i + 1);
      const held = values[i];
      values[i] = values[j];
      values[j] = held;
    }
  }

  /**
   * Draws without replacement.
   *
   * @param count How many, from 0 to `population`.
   * @param population The numbers to draw from are 0 to `population - 1`.
   * @returns `count` different integers in random order (Floyd 1987).
   * @throws {RangeError} If `count` is larger than `population`.
   */
  sample(count: number, population: number): Uint32Array {
    if (!(count >= 0 && count <= population)) {
      throw new RangeError(
        `Cannot sample: count is ${count}, expected 0 to ${population}`,
      );
    }
    const chosen = new Set<number>();
    for (let top = population - count; top < population; top++) {
      const draw = this.integer(top + 1);
      chosen.add(chosen.has(draw) ? top : draw);
    }
    const result = Uint32Array.from(chosen);
    this.shuffleInPlace(result);
    return result;
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum | 0;
    return sum >>> 0;
  }
}

/** The 32-bit finalizer of MurmurHash3. */
function mix(word: number): number {
  let hash = word | 0;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
