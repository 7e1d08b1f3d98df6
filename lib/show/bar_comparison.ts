/**
 * Models side by side by one number, with their baselines in grey.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import type { Figure } from "./figure.ts";
import { drawFigure } from "./frame.ts";
import { COLOR, INK, MUTED } from "./palette.ts";
import { checkColumns } from "./rows.ts";
import { formatMeasured, shorten } from "./text.ts";

/** One bar. */
export type Bar = {
  /** What is compared: the name of a model. */
  readonly label: string;
  /** Its mean absolute error in milliseconds. */
  readonly value: number;
  /** Whether it is a baseline that the others are measured by. */
  readonly baseline: boolean;
};

/** Options for {@linkcode barComparison}. */
export type BarComparisonOptions = {
  /** The title. @default {"Models compared"} */
  title?: string;
};

const BAR_HEIGHT = 34;
const LABEL_LETTERS = 22;

/**
 * Draws the mean absolute error of models as horizontal bars, in the order
 * given, each with its value.
 *
 * @param bars The bars, at least one, with finite values >= 0.
 * @param options The title.
 * @returns The figure.
 * @throws {RangeError} If there is no bar or a value is not finite.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { barComparison } from "lib/show/bar_comparison.ts";
 *
 * const figure = barComparison([
 *   { label: "LSTM", value: 21.5, baseline: false },
 *   { label: "Last value", value: 30, baseline: true },
 * ]);
 * assert.match(figure.alt, /LSTM 21.5; Last value \(baseline\) 30.0\.$/);
 * ```
 */
export function barComparison(
  bars: readonly Bar[],
  options: BarComparisonOptions = {},
): Figure {
  const { title = "Models compared" } = options;
  const value = Float64Array.from(bars, (bar) => bar.value);
  checkColumns({ value }, "compare in bars");
  const labels = bars.map((bar) => shorten(bar.label, LABEL_LETTERS));
  const place = {
    x: (bar: Bar) => bar.value,
    // By place and not by label, so that two bars of one name stay two.
    y: (_bar: Bar, k: number) => k,
  };

  return drawFigure({
    marginTop: 8,
    marginLeft: 170,
    x: {
      label: "Mean absolute error (ms, lower is better)",
      grid: true,
      insetRight: 60, // for the value of the longest bar
    },
    y: {
      type: "band",
      label: null,
      tickFormat: (k: number) => labels[k],
      tickSize: 0,
      padding: 0.25,
    },
    marks: [
      Plot.barX(bars, {
        ...place,
        fill: (bar: Bar) => bar.baseline ? MUTED : COLOR.normal,
        ariaDescription: "bars",
      }),
      Plot.text(bars, {
        ...place,
        text: (bar: Bar) => formatMeasured(bar.value),
        textAnchor: "start",
        dx: 6,
        fontWeight: "bold",
        ariaDescription: "values",
      }),
      Plot.ruleX([0], { stroke: INK }),
    ],
  }, {
    title,
    details: bars.map((bar, k) =>
      `${labels[k]}${bar.baseline ? " (baseline)" : ""} ${
        formatMeasured(bar.value)
      }`
    ),
    legend: [
      ["■", COLOR.normal, "Model"],
      ["■", MUTED, "Baseline"],
    ],
    height: 56 + BAR_HEIGHT * bars.length,
  });
}
