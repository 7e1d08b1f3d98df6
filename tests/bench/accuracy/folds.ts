/**
 * Leave-some-out: settings are chosen on all series but one fold, and that fold
 * is judged with them, so that no series has a say in its own settings.
 *
 * @module
 */

/** Positions chosen on, and those left out. */
export type Fold = {
  /** Ascending positions. */
  readonly chosenOn: readonly number[];
  /** Ascending positions; over all folds each comes once. */
  readonly heldOut: readonly number[];
};

/**
 * Folds by position modulo their number.
 *
 * @param count How many positions there are.
 * @param folds How many folds.
 * @returns The folds.
 */
export function foldsOf(count: number, folds: number): Fold[] {
  const all = Array.from({ length: count }, (_, k) => k);
  return Array.from({ length: folds }, (_, fold) => ({
    chosenOn: all.filter((k) => k % folds !== fold),
    heldOut: all.filter((k) => k % folds === fold),
  }));
}

/**
 * The element with the greatest score, of equals the first.
 *
 * @param elements At least one.
 * @param scoreOf Its score.
 * @returns The element.
 */
export function bestOf<T>(
  elements: readonly T[],
  scoreOf: (element: T) => number,
): T {
  const scores = elements.map(scoreOf);
  return elements[scores.indexOf(Math.max(...scores))];
}
