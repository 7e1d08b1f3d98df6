/**
 * How anomaly scores are spread, and where the threshold cuts them.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { checkNumber, checkValues } from "../numeric/checks.ts";
import { domainOf, drawableRows, numberAxis } from "./axes.ts";
import { drawFigure, type LegendEntry } from "./drawing.ts";
import type { Figure } from "./figure.ts";
import { histogram } from "./histogram.ts";
import { ROLE } from "./palette.ts";
import {
  altText,
  formatCount,
  formatNumber,
  formatRange,
  formatShare,
  joinNotes,
} from "./text.ts";

/** Options for {@linkcode scoreHistogram}. */
export type ScoreHistogramOptions = {
  /** The title. @default {"Anomaly scores"} */
  title?: string;
  /** What the scores are. @default {"Score (higher is more anomalous)"} */
  xLabel?: string;
  /** Scores above it are anomalies. @default {no line} */
  threshold?: number;
  /** Whether scores have a logarithmic axis, as reconstruction errors need.
   * @default {false} */
  logX?: boolean;
  /** Whether counts have a logarithmic axis. @default {false} */
  logCounts?: boolean;
  /** The number of bins. @default {60} */
  binCount?: number;
};

const Y_LABEL = "Rows";
/** Where bars of a logarithmic axis stand: a count of 1 is still seen. */
const LOG_FLOOR = 0.5;

/**
 * Draws the histogram of scores with the threshold as a dashed line and the
 * side above it shaded.
 *
 * @param scores Anomaly scores, shape `(n)`, n >= 1.
 * @param options Title, threshold, axes and bins.
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
  options: ScoreHistogramOptions = {},
): Figure {
  const { title = "Anomaly scores", binCount = 60, threshold } = options;
  const { xLabel = "Score (higher is more anomalous)" } = options;
  const { logX = false, logCounts = false } = options;
  const action = "draw a histogram of scores";
  checkValues(scores, "scores", action);
  if (threshold !== undefined) {
    checkNumber(threshold, "threshold", action, {
      minimum: logX ? 0 : -Infinity,
      exclusive: true,
    });
  }

  const { rows, note } = drawableRows(scores, logX, action);
  const drawn = Float64Array.from(rows, (i) => scores[i]);
  const lines = threshold === undefined ? [] : [threshold];
  const domain = domainOf([drawn, lines], { log: logX });
  const { edges, counts } = histogram(drawn, { domain, binCount, log: logX });
  const tallest = counts.reduce((a, b) => Math.max(a, b));
  const floor = logCounts ? LOG_FLOOR : 0;
  const top = logCounts ? 2 * tallest : 1.05 * tallest;
  const share = threshold === undefined ? "" : `${
    formatShare(
      scores.filter((score) => score > threshold).length,
      scores.length,
    )
  } above the threshold ${formatNumber(threshold)}`;

  return drawFigure({
    x: numberAxis(xLabel, domain, logX),
    y: { ...numberAxis(Y_LABEL, [floor, top], logCounts), grid: true },
    marks: [
      Plot.rect(lines, {
        x1: (line: number) => line,
        x2: domain[1],
        y1: floor,
        y2: top,
        fill: ROLE.anomaly,
        fillOpacity: 0.15,
        ariaDescription: "anomalous side",
      }),
      Plot.rect([...counts.keys()].filter((k) => counts[k] > 0), {
        x1: (k: number) => edges[k],
        x2: (k: number) => edges[k + 1],
        y1: floor,
        y2: (k: number) => counts[k],
        fill: ROLE.normal,
        insetRight: 1,
        ariaDescription: "bins",
      }),
      Plot.ruleX(lines, {
        stroke: ROLE.threshold,
        strokeWidth: 2,
        strokeDasharray: "6,4",
        ariaDescription: "threshold",
      }),
      Plot.ruleY([floor]),
    ],
  }, {
    title,
    subtitle: joinNotes([share, note]),
    legend: legendOf(threshold),
    alt: altText(title, `x: ${xLabel}; y: ${Y_LABEL}`, [
      `${formatCount(scores.length, "score", "scores")}: ${
        formatRange(scores)
      }`,
      share,
      note,
    ]),
  });
}

function legendOf(threshold: number | undefined): LegendEntry[] {
  return threshold === undefined ? [] : [
    { label: "Scores", color: ROLE.normal, shape: "area" },
    {
      label: `Threshold ${formatNumber(threshold)}`,
      color: ROLE.threshold,
      shape: "dashes",
    },
    {
      label: "Anomalous side",
      color: ROLE.anomaly,
      shape: "area",
      opacity: 0.15,
    },
  ];
}
