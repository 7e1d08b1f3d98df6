/**
 * When training has improved, when to stop it, and when to cut its learning
 * rate: plain rules on a sequence of losses. A loss improves when it is
 * strictly below every earlier one.
 *
 * @module
 */

import { checkNumber } from "./checks.ts";

/** How the learning rate falls when the loss does not. */
export type PlateauOptions = {
  /** What the rate is multiplied by, above 0 and below 1. @default {0.5} */
  factor?: number;
  /** Epochs without improvement before it is. @default {3} */
  patience?: number;
  /** The rate is never cut below this. @default {1e-5} */
  minimum?: number;
};

/** Remembers the epoch with the least loss. */
export class BestEpoch {
  #epoch = 0;
  #loss = Infinity;

  /** The epoch with the least loss, from 1; 0 before the first. */
  get epoch(): number {
    return this.#epoch;
  }

  /**
   * Takes note of an epoch.
   *
   * @param epoch The epoch, from 1.
   * @param loss Its loss.
   * @returns Whether it is the best so far.
   */
  observe(epoch: number, loss: number): boolean {
    if (!(loss < this.#loss)) return false;
    this.#epoch = epoch;
    this.#loss = loss;
    return true;
  }
}

/**
 * Multiplies the learning rate by `factor` after every `patience` epochs in a
 * row without improvement, down to `minimum`.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { PlateauSchedule } from "lib/numeric/stopping.ts";
 *
 * const schedule = new PlateauSchedule({ patience: 2 });
 * const rates = [5, 6, 5].map((loss) => schedule.next(loss, 0.1));
 * assert.deepEqual(rates, [0.1, 0.1, 0.05]);
 * ```
 */
export class PlateauSchedule {
  readonly #factor: number;
  readonly #patience: number;
  readonly #minimum: number;
  #best = Infinity;
  #waited = 0;

  /**
   * Starts a schedule.
   *
   * @param options Factor, patience and least rate.
   * @throws {RangeError} If one of them is out of range.
   */
  constructor(options: PlateauOptions = {}) {
    const { factor = 0.5, patience = 3, minimum = 1e-5 } = options;
    const action = "schedule the learning rate";
    checkNumber(factor, "factor", action, {
      minimum: 0,
      maximum: 1,
      exclusive: true,
    });
    checkNumber(patience, "patience", action, { minimum: 1, integer: true });
    checkNumber(minimum, "minimum", action, { minimum: 0 });
    this.#factor = factor;
    this.#patience = patience;
    this.#minimum = minimum;
  }

  /**
   * Takes note of an epoch's loss.
   *
   * @param loss The loss after the epoch.
   * @param rate The learning rate that the epoch used.
   * @returns The learning rate of the next epoch.
   */
  next(loss: number, rate: number): number {
    if (loss < this.#best) {
      this.#best = loss;
      this.#waited = 0;
      return rate;
    }
    if (++this.#waited < this.#patience) return rate;
    this.#waited = 0;
    return Math.min(rate, Math.max(rate * this.#factor, this.#minimum));
  }
}
