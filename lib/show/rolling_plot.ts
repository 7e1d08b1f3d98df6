/**
 * A rolling mean over time with a band of one standard deviation.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { checkLength, checkValues } from "../numeric/checks.ts";
import { domainOf, numberAxis, timeAxis } from "./axes.ts";
import { minMaxSample } from "./downsample.ts";
import { drawFigure } from "./drawing.ts";
import type { Figure } from "./figure.ts";
import { lineMark } from "./line_mark.ts";
import { ROLE } from "./palette.ts";
import { altText, formatRange, formatTime } from "./text.ts";

/** Rolling statistics, n rows in time order. */
export type RollingSeries = {
  /** Times, milliseconds since 1970 UTC, ascending, shape `(n)`. */
  readonly timestampMs: Float64Array;
  /** The rolling mean, shape `(n)`. */
  readonly mean: Float64Array;
  /** The rolling standard deviation, >= 0, shape `(n)`. */
  readonly standardDeviation: Float64Array;
};

/** Options for {@linkcode rollingPlot}. */
export type RollingPlotOptions = {
  /** The title. @default {"Rolling mean of the response time"} */
  title?: string;
  /** What the values are. @default {"Response time (ms)"} */
  yLabel?: string;
  /** The name of the window. @default {"5-minute"} */
  windowLabel?: string;
  /** The least value there can be; the band goes no lower. @default {0} */
  floor?: number;
};

/** Stretches of the time axis, three pixels wide, in which extremes survive. */
const STRETCH_COUNT = 250;

/**
 * Draws the rolling mean as a line and one standard deviation to either side
 * as a band. A long series is thinned out to the extremes of each border.
 *
 * @param series The rolling statistics, n >= 1.
 * @param options Title and labels.
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
 * assert.match(figure.alt, /mean 100 to 120/);
 * ```
 */
export function rollingPlot(
  series: RollingSeries,
  options: RollingPlotOptions = {},
): Figure {
  const { title = "Rolling mean of the response time" } = options;
  const { yLabel = "Response time (ms)", windowLabel = "5-minute" } = options;
  const { floor = 0 } = options;
  const { timestampMs, mean, standardDeviation } = series;
  const action = "draw rolling statistics";
  for (const [name, column] of Object.entries(series)) {
    checkValues(column, name, action);
    checkLength(column.length, mean.length, name, action);
  }
  const lower = mean.map((center, i) =>
    Math.max(floor, center - standardDeviation[i])
  );
  const upper = mean.map((center, i) => center + standardDeviation[i]);
  const drawn = [mean, lower, upper]
    .flatMap((line) => [...minMaxSample(timestampMs, line, STRETCH_COUNT)]);
  const rows = [...new Set(drawn)].sort((a, b) => a - b);
  const x = (i: number) => new Date(timestampMs[i]);

  return drawFigure({
    x: timeAxis(timestampMs[0], timestampMs[timestampMs.length - 1]),
    y: { ...numberAxis(yLabel, domainOf([lower, upper])), grid: true },
    marks: [
      Plot.areaY(rows, {
        x,
        y1: (i: number) => lower[i],
        y2: (i: number) => upper[i],
        fill: ROLE.normal,
        fillOpacity: 0.25,
        ariaDescription: "band",
      }),
      lineMark(rows, {
        x,
        y: (i: number) => mean[i],
        stroke: ROLE.normal,
        strokeWidth: 1.2,
        ariaDescription: "mean",
      }),
    ],
  }, {
    title,
    legend: [
      { label: `${windowLabel} mean`, color: ROLE.normal, shape: "line" },
      {
        label: "± 1 standard deviation",
        color: ROLE.normal,
        shape: "area",
        opacity: 0.25,
      },
    ],
    alt: altText(title, `x: Time (UTC); y: ${yLabel}`, [
      `${windowLabel} mean ${formatRange(mean)}`,
      `standard deviation ${formatRange(standardDeviation)}`,
      `${formatTime(timestampMs[0])} to ${
        formatTime(timestampMs[timestampMs.length - 1])
      }`,
    ]),
  });
}
