/**
 * The last values of a series beside their forecast, with anomalies, the
 * threshold and the zone above it.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { meanAbsoluteError } from "../evaluate/forecasts.ts";
import { checkNumber } from "../numeric/checks.ts";
import { numberAxis, timeAxis } from "./axes.ts";
import type { Figure } from "./figure.ts";
import { drawFigure, type LegendEntry } from "./frame.ts";
import { ANOMALY_STYLE, COLOR, THRESHOLD_STYLE } from "./palette.ts";
import { checkColumns, drawableRows, extent } from "./rows.ts";
import { formatCount, formatNumber, formatRange, omittedNote } from "./text.ts";

/** A series and what was forecast for it, n rows in time order. */
export type ForecastSeries = {
  /** What came, shape `(n)`. */
  readonly observed: Float64Array;
  /** What was forecast for the same rows, shape `(n)`. */
  readonly forecast: Float64Array;
  /** Times, milliseconds since 1970 UTC, ascending, shape `(n)`; without them
   * rows are numbered. */
  readonly timestampMs?: Float64Array;
  /** 1 where a row is anomalous, else 0, shape `(n)`. */
  readonly anomaly: Uint8Array;
  /** Above which an observed value is anomalous: one, or one a row. */
  readonly threshold: number | Float64Array;
};

/** Options for {@linkcode forecastPlot}. */
export type ForecastPlotOptions = {
  /** The title. @default {"Observed and forecast"} */
  title?: string;
  /** How many of the last rows to draw. @default {500} */
  last?: number;
  /** Whether values have a logarithmic axis. @default {false} */
  logY?: boolean;
};

const LEGEND: readonly LegendEntry[] = [
  ["━━", COLOR.observed, "Observed"],
  ["━━", COLOR.normal, "Forecast"],
  ["✕", COLOR.anomaly, "Anomaly"],
  ["━ ━", COLOR.threshold, "Threshold"],
  ["■", COLOR.zone, "Anomaly zone"],
];

/**
 * Draws observed against forecast response times for the last rows. The zone
 * above the threshold is shaded, anomalies are crosses.
 *
 * @param series The series in milliseconds, n >= 1.
 * @param options The title, how many rows to draw, and the kind of axis.
 * @returns The figure.
 * @throws {RangeError} If the series is empty, lengths differ, a value is not
 * finite, `last` is not a positive integer, or a logarithmic axis has nothing
 * to show.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { forecastPlot } from "lib/show/forecast_plot.ts";
 *
 * const figure = forecastPlot({
 *   observed: Float64Array.of(100, 110, 400),
 *   forecast: Float64Array.of(105, 105, 105),
 *   anomaly: Uint8Array.of(0, 0, 1),
 *   threshold: 200,
 * });
 * assert.match(figure.alt, /1 anomaly; .* threshold 200/);
 * ```
 */
export function forecastPlot(
  series: ForecastSeries,
  options: ForecastPlotOptions = {},
): Figure {
  const { title = "Observed and forecast", last = 500, logY = false } = options;
  const drawn = lastRows(series, last);
  const { observed, forecast, threshold, timestampMs } = drawn;
  const rows = drawableRows([observed, forecast, threshold], logY);
  const flagged = rows.filter((i) => drawn.anomaly[i] !== 0);
  const count = observed.length;
  const total = series.observed.length;
  const x = (i: number) =>
    timestampMs ? new Date(timestampMs[i]) : total - count + i + 1;
  const error = meanAbsoluteError(observed, forecast);

  return drawFigure({
    x: timestampMs ? timeAxis() : numberAxis("Row in time order"),
    y: { ...numberAxis("Response time (ms)", { log: logY }), grid: true },
    marks: [
      ...lineMarks(drawn, rows, x),
      Plot.dot(flagged, {
        x,
        y: (i: number) => observed[i],
        ...ANOMALY_STYLE,
      }),
    ],
  }, {
    title,
    notes: [
      `last ${formatNumber(count)} of ${formatCount(total, "row")}`,
      formatCount(flagged.length, "anomaly", "anomalies"),
      omittedNote(count - rows.length),
    ],
    details: [
      `mean absolute error ${formatNumber(error)}`,
      `threshold ${formatRange(threshold)}`,
      `observed ${formatRange(observed)}`,
    ],
    legend: LEGEND,
  });
}

/** The last rows of a series, each with its threshold. */
function lastRows(
  series: ForecastSeries,
  last: number,
): ForecastSeries & { threshold: Float64Array } {
  const { observed, forecast, anomaly, timestampMs } = series;
  const threshold = typeof series.threshold === "number"
    ? new Float64Array(observed.length).fill(series.threshold)
    : series.threshold;
  const action = "draw a forecast";
  checkColumns({ observed, forecast, anomaly, threshold }, action);
  if (timestampMs) checkColumns({ observed, timestampMs }, action);
  checkNumber(last, "last", action, { minimum: 1, integer: true });
  return {
    observed: observed.slice(-last),
    forecast: forecast.slice(-last),
    anomaly: anomaly.slice(-last),
    threshold: threshold.slice(-last),
    ...(timestampMs ? { timestampMs: timestampMs.slice(-last) } : {}),
  };
}

/** The zone above the threshold, and the lines. */
function lineMarks(
  { observed, forecast, threshold }: ReturnType<typeof lastRows>,
  rows: Uint32Array,
  x: (i: number) => number | Date,
): Plot.Markish[] {
  const [, top] = extent([...observed, ...forecast, ...threshold]);
  const line = (values: Float64Array) => ({ x, y: (i: number) => values[i] });
  return [
    Plot.areaY(rows, {
      x,
      y1: (i: number) => threshold[i],
      y2: top,
      fill: COLOR.zone,
      ariaDescription: "anomaly zone",
    }),
    Plot.lineY(rows, {
      ...line(observed),
      stroke: COLOR.observed,
      strokeWidth: 1.2,
      ariaDescription: "observed",
    }),
    Plot.lineY(rows, {
      ...line(forecast),
      stroke: COLOR.normal,
      strokeWidth: 2,
      ariaDescription: "forecast",
    }),
    Plot.lineY(rows, { ...line(threshold), ...THRESHOLD_STYLE }),
  ];
}
