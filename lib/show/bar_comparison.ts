/**
 * Models side by side by one number, with their baselines in grey.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { checkValues } from "../numeric/checks.ts";
import { numberAxis } from "./axes.ts";
import { drawFigure } from "./drawing.ts";
import type { Figure } from "./figure.ts";
import { INK, MUTED, ROLE } from "./palette.ts";
import { altText, formatMeasured, shorten } from "./text.ts";

/** One bar. */
export type Bar = {
  /** What is compared: the name of a model. */
  readonly label: string;
  /** Its number. */
  readonly value: number;
  /** Whether it is a baseline that the others are measured by; drawn grey.
   * Absent means no. */
  readonly baseline?: boolean;
};

/** Options for {@linkcode barComparison}. */
export type BarComparisonOptions = {
  /** The title. @default {"Models compared"} */
  title?: string;
  /** What the number is, with its unit and which way is better.
   * @default {"Mean absolute error (ms, lower is better)"} */
  xLabel?: string;
  /** Significant digits of the values. @default {3} */
  digits?: number;
};

const BAR_HEIGHT = 34;
const LABEL_LETTERS = 30;
/** Room for the value written beyond the longest bar, as a share of it. */
const VALUE_ROOM = 0.14;

/**
 * Draws horizontal bars from zero, in the order given, each with its value.
 *
 * @param bars The bars, at least one, with finite values.
 * @param options Title, label and digits.
 * @returns The figure.
 * @throws {RangeError} If there is no bar or a value is not finite.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { barComparison } from "lib/show/bar_comparison.ts";
 *
 * const figure = barComparison([
 *   { label: "LSTM", value: 21.5 },
 *   { label: "Last value", value: 30, baseline: true },
 * ]);
 * assert.match(figure.alt, /LSTM 21.5; Last value \(baseline\) 30.0\.$/);
 * ```
 */
export function barComparison(
  bars: readonly Bar[],
  options: BarComparisonOptions = {},
): Figure {
  const { title = "Models compared", digits = 3 } = options;
  const { xLabel = "Mean absolute error (ms, lower is better)" } = options;
  const values = Float64Array.from(bars, (bar) => bar.value);
  checkValues(values, "bars", "compare in bars");
  // By row and not by label, so that two bars of one name stay two.
  const rows = [...bars.keys()];
  const labels = bars.map((bar) => shorten(bar.label, LABEL_LETTERS));
  const longest = labels.reduce(
    (most, label) => Math.max(most, label.length),
    0,
  );
  const colorOf = (i: number) => bars[i].baseline ? MUTED : ROLE.normal;

  return drawFigure({
    marginTop: 8,
    marginLeft: Math.max(64, 24 + 7.5 * longest),
    x: { ...numberAxis(xLabel, barDomain(values)), grid: true },
    y: {
      type: "band",
      domain: rows,
      label: null,
      tickFormat: (i: number) => labels[i],
      tickSize: 0,
      padding: 0.25,
    },
    marks: [
      Plot.barX(rows, {
        x1: 0,
        x2: (i: number) => values[i],
        y: (i: number) => i,
        fill: colorOf,
        ariaDescription: "bars",
      }),
      Plot.text(rows, {
        x: (i: number) => Math.max(0, values[i]),
        y: (i: number) => i,
        text: (i: number) => formatMeasured(values[i], digits),
        textAnchor: "start",
        dx: 6,
        fontWeight: "bold",
        ariaDescription: "values",
      }),
      Plot.ruleX([0], { stroke: INK }),
    ],
    color: { type: "identity" },
  }, {
    title,
    legend: bars.some((bar) => bar.baseline)
      ? [
        { label: "Model", color: ROLE.normal, shape: "area" },
        { label: "Baseline", color: MUTED, shape: "area" },
      ]
      : [],
    alt: altText(
      title,
      `x: ${xLabel}`,
      bars.map((bar, i) =>
        `${labels[i]}${bar.baseline ? " (baseline)" : ""} ${
          formatMeasured(bar.value, digits)
        }`
      ),
    ),
    height: 56 + BAR_HEIGHT * bars.length,
  });
}

/** From zero, or the lowest value, to beyond the highest. */
function barDomain(values: Float64Array): [number, number] {
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const reach = high > low ? high - low : 1;
  return [low < 0 ? low - 0.02 * reach : 0, high + VALUE_ROOM * reach];
}
