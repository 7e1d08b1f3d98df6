/**
 * A rolling mean over time with a band of one standard deviation.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { numberAxis, timeAxis } from "./axes.ts";
import type { Figure } from "./figure.ts";
import { drawFigure } from "./frame.ts";
import { COLOR } from "./palette.ts";
import { checkColumns, extremeRows } from "./rows.ts";
import { formatRange, formatSpan } from "./text.ts";

/** Rolling statistics, n rows in time order. */
export type RollingSeries = {
  /** Times, milliseconds since 1970 UTC, ascending, shape `(n)`. */
  readonly timestampMs: Float64Array;
  /** The mean of the last 5 minutes, shape `(n)`. */
  readonly mean: Float64Array;
  /** Their standard deviation, >= 0, shape `(n)`. */
  readonly standardDeviation: Float64Array;
};

/** Options for {@linkcode rollingPlot}. */
export type RollingPlotOptions = {
  /** The title. @default {"Rolling mean of the response time"} */
  title?: string;
};

/**
 * Draws the 5-minute mean of the response time as a line and one standard
 * deviation to either side, down to 0 at most, as a band. A long series is
 * thinned out to its extremes; no spike is lost.
 *
 * @param series The rolling statistics, n >= 1.
 * @param options The title.
 * @returns The figure.
 * @throws {RangeError} If the series is empty, lengths differ or a value is
 * not finite.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { rollingPlot } from "lib/show/rolling_plot.ts";
 *
 * const figure = rollingPlot({
 *   timestampMs: Float64Array.of(0, 60_000),
 *   mean: Float64Array.of(100, 120),
 *   standardDeviation: Float64Array.of(5, 8),
 * });
 * assert.match(figure.alt, /5-minute mean 100 to 120/);
 * ```
 */
export function rollingPlot(
  series: RollingSeries,
  options: RollingPlotOptions = {},
): Figure {
  const { title = "Rolling mean of the response time" } = options;
  const { timestampMs, mean, standardDeviation } = series;
  checkColumns(
    { timestampMs, mean, standardDeviation },
    "draw rolling statistics",
  );
  const lower = mean.map((m, i) => Math.max(0, m - standardDeviation[i]));
  const upper = mean.map((m, i) => m + standardDeviation[i]);
  const rows = extremeRows(timestampMs, [mean, upper]);
  const x = (i: number) => new Date(timestampMs[i]);

  return drawFigure({
    x: timeAxis(),
    y: { ...numberAxis("Response time (ms)"), grid: true },
    marks: [
      Plot.areaY(rows, {
        x,
        y1: (i: number) => lower[i],
        y2: (i: number) => upper[i],
        fill: COLOR.band,
        ariaDescription: "band",
      }),
      Plot.lineY(rows, {
        x,
        y: (i: number) => mean[i],
        stroke: COLOR.normal,
        strokeWidth: 1.2,
        ariaDescription: "mean",
      }),
    ],
  }, {
    title,
    details: [
      `5-minute mean ${formatRange(mean)}`,
      `standard deviation ${formatRange(standardDeviation)}`,
      formatSpan(timestampMs),
    ],
    legend: [
      ["━━", COLOR.normal, "5-minute mean"],
      ["■", COLOR.band, "± 1 standard deviation"],
    ],
  });
}
