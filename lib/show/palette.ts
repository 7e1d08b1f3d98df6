/**
 * The colours of all figures: the Okabe–Ito set, which colour-blind readers
 * can tell apart. Meaning never hangs on colour alone: shape, dash or position
 * says the same.
 *
 * @see M. Okabe and K. Ito, Color Universal Design (2008),
 * https://jfly.uni-koeln.de/color/
 *
 * @module
 */

/** The Okabe–Ito colours by name, as CSS hexadecimal. */
export const OKABE_ITO = {
  black: "#000000",
  orange: "#E69F00",
  sky: "#56B4E9",
  green: "#009E73",
  yellow: "#F0E442",
  blue: "#0072B2",
  vermillion: "#D55E00",
  purple: "#CC79A7",
} as const;

/** Grey of text and axes, dark enough to read on white. */
export const INK = "#333333";

/** Grey of what stands back: baselines, the rest, the known truth. */
export const MUTED = "#999999";

/** The colour of each thing that more than one figure shows. */
export const ROLE: {
  /** Ordinary values. */
  readonly normal: string;
  /** What a detector flagged. */
  readonly anomaly: string;
  /** A forecast, or a model's line beside the observed one. */
  readonly forecast: string;
  /** A threshold line. */
  readonly threshold: string;
  /** Incidents that are known to have happened. */
  readonly known: string;
} = {
  normal: OKABE_ITO.blue,
  anomaly: OKABE_ITO.vermillion,
  forecast: OKABE_ITO.orange,
  threshold: OKABE_ITO.black,
  known: OKABE_ITO.green,
};

/** Colours for the parts of a stack, neighbours far apart in lightness. */
export const STACK_COLORS: readonly string[] = [
  OKABE_ITO.blue,
  OKABE_ITO.orange,
  OKABE_ITO.green,
  OKABE_ITO.vermillion,
  OKABE_ITO.sky,
  OKABE_ITO.purple,
  OKABE_ITO.black,
];
