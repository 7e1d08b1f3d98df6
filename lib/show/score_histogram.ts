/**
 * How anomaly scores are spread, and where the threshold cuts them.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { checkNumber } from "../numeric/checks.ts";
import { numberAxis } from "./axes.ts";
import type { Figure } from "./figure.ts";
import { drawFigure } from "./frame.ts";
import { histogram } from "./histogram.ts";
import { COLOR, THRESHOLD_STYLE } from "./palette.ts";
import { checkColumns, drawableRows, extent } from "./rows.ts";
import {
  formatCount,
  formatNumber,
  formatRange,
  formatShare,
  omittedNote,
} from "./text.ts";

/** Options for {@linkcode scoreHistogram}. */
export type ScoreHistogramOptions = {
  /** Scores above it are anomalies. */
  threshold: number;
  /** The title. @default {"Anomaly scores"} */
  title?: string;
  /** What the scores are. @default {"Score (higher is more anomalous)"} */
  xLabel?: string;
  /** Whether scores have a logarithmic axis, as reconstruction errors need.
   * @default {false} */
  logX?: boolean;
};

/**
 * Draws the histogram of scores with the threshold as a dashed line and the
 * side above it shaded.
 *
 * @param scores Anomaly scores, shape `(n)`, n >= 1.
 * @param options The threshold, title and axis.
 * @returns The figure.
 * @throws {RangeError} If `scores` is empty or not finite, the threshold is
 * not finite (above 0 if `logX`), or a logarithmic axis has nothing to show.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { scoreHistogram } from "lib/show/score_histogram.ts";
 *
 * const scores = Float64Array.of(0.4, 0.45, 0.5, 0.8);
 * const figure = scoreHistogram(scores, { threshold: 0.6 });
 * assert.match(figure.alt, /1 of 4 \(25.0 %\) above the threshold 0.6/);
 * ```
 */
export function scoreHistogram(
  scores: Float64Array,
  options: ScoreHistogramOptions,
): Figure {
  const { threshold, title = "Anomaly scores", logX = false } = options;
  const { xLabel = "Score (higher is more anomalous)" } = options;
  const action = "draw a histogram of scores";
  checkColumns({ scores }, action);
  checkNumber(threshold, "threshold", action, {
    minimum: logX ? 0 : -Infinity,
    exclusive: true,
  });
  const drawn = Float64Array.from(
    drawableRows([scores], logX),
    (i) => scores[i],
  );
  const domain = extent(drawn);
  const above = scores.filter((score) => score > threshold).length;
  const limit = formatNumber(threshold);

  return drawFigure({
    x: numberAxis(xLabel, { log: logX }),
    y: { label: "Rows", grid: true, insetTop: 6 },
    marks: [
      Plot.rect([threshold], {
        x1: threshold,
        x2: Math.max(threshold, domain[1]),
        fill: COLOR.zone,
        ariaDescription: "anomalous side",
      }),
      Plot.rectY(histogram(drawn, domain, { log: logX }), {
        x1: "from",
        x2: "to",
        y: "count",
        insetRight: 1,
        fill: COLOR.normal,
        ariaDescription: "bins",
      }),
      Plot.ruleX([threshold], THRESHOLD_STYLE),
      Plot.ruleY([0]),
    ],
  }, {
    title,
    notes: [
      `${formatShare(above, scores.length)} above the threshold ${limit}`,
      omittedNote(scores.length - drawn.length),
    ],
    details: [
      `${formatCount(scores.length, "score")}: ${formatRange(scores)}`,
    ],
    legend: [
      ["■", COLOR.normal, "Scores"],
      ["━ ━", COLOR.threshold, `Threshold ${limit}`],
      ["■", COLOR.zone, "Anomalous side"],
    ],
  });
}
