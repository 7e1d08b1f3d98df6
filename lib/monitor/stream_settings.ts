/**
 * What the stream detector was made with. Users do not choose these; the
 * measurements of `tests/bench/accuracy.md` vary them, to say what each earns.
 *
 * @module
 */

/** What a stream is looked at by. */
export type StreamView =
  | "value"
  | "mean of 3"
  | "greatest of 24"
  | "value less the median of 250"
  | "value less its time of day";

/** The settings of a detector. */
export type StreamSettings = {
  /** What each view counts; a view that is not named is not taken. Of rows
   * that are alike, `sum of weights · α` are rarer than α. */
  readonly weights: Readonly<Partial<Record<StreamView, number>>>;
  /** How the evidence of a rarity grows with the history: 1 not to make it less
   * the longer that is. */
  readonly historyExponent: number;
  /** Rows after evidence that as much again is not told. */
  readonly quietRows: number;
  /** The strangeness of a flagged row is remembered if its `stranger` is at
   * least this: 0.05 is ten times as strange as any before, 0 remembers all. */
  readonly beyond: number;
};

/** The settings that are used. */
export const STREAM_SETTINGS: StreamSettings = {
  weights: {
    "value": 1,
    "mean of 3": 0.5,
    "greatest of 24": 0.5,
    "value less the median of 250": 0.25,
    "value less its time of day": 0.25,
  },
  historyExponent: 0.7,
  quietRows: 125,
  beyond: 0.05,
};
