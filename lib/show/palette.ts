/**
 * The colours and marks of all figures: the Okabe–Ito set, which colour-blind readers
 * can tell apart. Meaning never hangs on colour alone: shape, dash or position
 * says the same.
 *
 * @see M. Okabe and K. Ito, Color Universal Design (2008),
 * https://jfly.uni-koeln.de/color/
 *
 * @module
 */

/** Grey of text and axes, dark enough to read on white. */
export const INK = "#333333";

/** Grey of what stands back: baselines, and what is too rare for a colour. */
export const MUTED = "#999999";

/** The colour of each thing that figures show. */
export const COLOR = {
  /** Ordinary values. */
  normal: "#0072B2",
  /** What a detector flagged. */
  anomaly: "#D55E00",
  /** What came, beside its forecast in the colour of ordinary values. */
  observed: "#56B4E9",
  /** Incidents that are known to have happened. */
  known: "#009E73",
  /** The side above a threshold, pale. */
  zone: "#D55E0026",
  /** What surrounds ordinary values, pale. */
  band: "#0072B240",
  /** A threshold line. */
  threshold: "#000000",
} as const;

/** Colours for the parts of a stack, neighbours far apart in lightness: blue,
 * orange, green, vermillion, sky, purple, black. */
export const STACK_COLORS: readonly string[] = [
  "#0072B2",
  "#E69F00",
  "#009E73",
  "#D55E00",
  "#56B4E9",
  "#CC79A7",
  "#000000",
];

/** How a threshold line is drawn, as Observable Plot takes it. */
export const THRESHOLD_STYLE = {
  stroke: COLOR.threshold,
  strokeWidth: 1.5,
  strokeDasharray: "6,4",
  ariaDescription: "threshold",
} as const;

/** How an anomaly is drawn, as Observable Plot takes it. */
export const ANOMALY_STYLE = {
  symbol: "times",
  r: 4,
  stroke: COLOR.anomaly,
  strokeWidth: 1.5,
  ariaDescription: "anomalies",
} as const;
