/**
 * A line that is seen even where it has a single point.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";

/** Positions and style of a line, as Observable Plot takes them. */
export type LineOptions = {
  /** The position of the k-th datum across. */
  x: (datum: number, k: number) => number | Date;
  /** The position of the k-th datum upwards. */
  y: (datum: number, k: number) => number;
  /** The colour. */
  stroke: string;
  /** The width in pixels. */
  strokeWidth: number;
  /** Lengths of dashes and gaps; solid if left out. */
  strokeDasharray?: string;
  /** The name of the line in the SVG. */
  ariaDescription: string;
};

/** What Observable Plot draws. */
export type Marks = Plot.Markish;

/** With more points, a dot on each would hide the line. */
const DOT_LIMIT = 60;

/**
 * Draws a line, with a dot on each point where they are few.
 *
 * @param data The points, in order.
 * @param options Positions and style, as Observable Plot takes them.
 * @returns The marks.
 */
export function lineMark(
  data: ArrayLike<number> & Iterable<number>,
  options: LineOptions,
): Marks {
  const { strokeDasharray: _dashes, ariaDescription, ...dots } = options;
  return [
    Plot.line(data, options),
    data.length > DOT_LIMIT ? null : Plot.dot(data, {
      ...dots,
      r: 2.5,
      fill: options.stroke,
      ariaDescription: `${ariaDescription} points`,
    }),
  ];
}
