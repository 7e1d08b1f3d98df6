/**
 * The last values of a series beside their forecast, with anomalies, the
 * threshold and the zone above it.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { checkLength, checkNumber, checkValues } from "../numeric/checks.ts";
import { type Domain, domainOf, numberAxis, timeAxis } from "./axes.ts";
import { drawFigure, type LegendEntry } from "./drawing.ts";
import type { Figure } from "./figure.ts";
import { lineMark } from "./line_mark.ts";
import { OKABE_ITO, ROLE } from "./palette.ts";
import { altText, formatCount, formatNumber, formatRange } from "./text.ts";

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
  readonly anomaly?: ArrayLike<number>;
  /** Above which an observed value is anomalous: one, or one a row. */
  readonly threshold?: number | Float64Array;
  /** Lower and upper quantile of the forecast, shape `(n)` each. */
  readonly band?: {
    /** The lower quantile. */
    readonly lower: Float64Array;
    /** The upper quantile. */
    readonly upper: Float64Array;
  };
};

/** Options for {@linkcode forecastPlot}. */
export type ForecastPlotOptions = {
  /** The title. @default {"Observed and forecast"} */
  title?: string;
  /** What the values are. @default {"Response time (ms)"} */
  yLabel?: string;
  /** How many of the last rows to draw. @default {500} */
  last?: number;
  /** Whether values have a logarithmic axis; they are then above 0.
   * @default {false} */
  logY?: boolean;
  /** What the band is. @default {"Forecast interval"} */
  bandLabel?: string;
};

/** The rows that are drawn, with one threshold each. */
type DrawnSeries = {
  rows: number[];
  x: (i: number) => number | Date;
  threshold: Float64Array | undefined;
  flagged: number[];
};

/**
 * Draws observed against forecast values for the last rows. The zone above the
 * threshold is shaded, anomalies are crosses.
 *
 * @param series The series, n >= 1.
 * @param options Title, labels and how many rows to draw.
 * @returns The figure.
 * @throws {RangeError} If the series is empty, lengths differ, a value is not
 * finite (above 0 if `logY`), or `last` is not a positive integer.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { forecastPlot } from "lib/show/forecast_plot.ts";
 *
 * const figure = forecastPlot({
 *   observed: Float64Array.of(100, 110, 400),
 *   forecast: Float64Array.of(105, 105, 105),
 *   anomaly: [0, 0, 1],
 *   threshold: 200,
 * });
 * assert.match(figure.alt, /1 anomaly; threshold 200/);
 * ```
 */
export function forecastPlot(
  series: ForecastSeries,
  options: ForecastPlotOptions = {},
): Figure {
  const { title = "Observed and forecast", last = 500 } = options;
  const { yLabel = "Response time (ms)", bandLabel = "Forecast interval" } =
    options;
  const { logY = false } = options;
  checkSeries(series);
  checkNumber(last, "last", "draw a forecast", { minimum: 1, integer: true });
  const { observed, forecast, timestampMs, band } = series;
  const drawn = drawnRows(series, last);
  const { rows, threshold, flagged } = drawn;
  const start = rows[0];
  const tail = (list: Float64Array | undefined) =>
    list?.subarray(start) ?? new Float64Array();
  const domain = domainOf(
    [observed, forecast, threshold, band?.lower, band?.upper].map(tail),
    { log: logY },
  );
  if (logY) {
    checkNumber(domain[0], "the least value", "draw a logarithmic axis", {
      minimum: 0,
      exclusive: true,
    });
  }
  const xAxis = timestampMs
    ? timeAxis(timestampMs[start], timestampMs[timestampMs.length - 1])
    : numberAxis("Row in time order", rowDomain(rows));
  const count = formatCount(rows.length, "row", "rows");

  return drawFigure({
    x: xAxis,
    y: { ...numberAxis(yLabel, domain, logY), grid: true },
    marks: seriesMarks(series, drawn, domain),
  }, {
    title,
    subtitle: [
      rows.length < observed.length
        ? `last ${formatNumber(rows.length)} of ${
          formatNumber(observed.length)
        } rows`
        : count,
      ...(series.anomaly
        ? [formatCount(flagged.length, "anomaly", "anomalies")]
        : []),
    ].join(", "),
    legend: legendOf(series, bandLabel),
    alt: altText(title, `x: ${xAxis.label}; y: ${yLabel}`, [
      `last ${count}`,
      `mean absolute error ${formatNumber(absoluteError(series, start))}`,
      series.anomaly ? formatCount(flagged.length, "anomaly", "anomalies") : "",
      threshold ? `threshold ${formatRange(tail(threshold))}` : "",
      `observed ${formatRange(tail(observed))}`,
    ]),
  });
}

function checkSeries(series: ForecastSeries): void {
  const action = "draw a forecast";
  const { observed, forecast, timestampMs, band } = series;
  checkValues(observed, "observed", action);
  const columns = {
    forecast,
    timestampMs,
    threshold: thresholdOf(series),
    "band.lower": band?.lower,
    "band.upper": band?.upper,
  };
  for (const [name, column] of Object.entries(columns)) {
    if (column === undefined) continue;
    checkValues(column, name, action);
    checkLength(column.length, observed.length, name, action);
  }
  if (series.anomaly) {
    checkLength(series.anomaly.length, observed.length, "anomaly", action);
  }
}

function drawnRows(series: ForecastSeries, last: number): DrawnSeries {
  const { observed, timestampMs, anomaly } = series;
  const rows = [...observed.keys()].slice(-last);
  return {
    rows,
    x: (i) => timestampMs ? new Date(timestampMs[i]) : i + 1,
    threshold: thresholdOf(series),
    flagged: anomaly ? rows.filter((i) => anomaly[i]) : [],
  };
}

function thresholdOf(series: ForecastSeries): Float64Array | undefined {
  const { observed, threshold } = series;
  return typeof threshold === "number"
    ? new Float64Array(observed.length).fill(threshold)
    : threshold;
}

function seriesMarks(
  series: ForecastSeries,
  drawn: DrawnSeries,
  domain: Domain,
): Plot.Markish[] {
  const { observed, forecast, band } = series;
  const { rows, x, threshold, flagged } = drawn;
  const line = (list: Float64Array) => ({ x, y: (i: number) => list[i] });
  return [
    threshold
      ? Plot.areaY(rows, {
        x,
        y1: (i: number) => threshold[i],
        y2: domain[1],
        fill: ROLE.anomaly,
        fillOpacity: 0.12,
        ariaDescription: "anomaly zone",
      })
      : null,
    band
      ? Plot.areaY(rows, {
        x,
        y1: (i: number) => band.lower[i],
        y2: (i: number) => band.upper[i],
        fill: ROLE.forecast,
        fillOpacity: 0.3,
        ariaDescription: "band",
      })
      : null,
    lineMark(rows, {
      ...line(observed),
      stroke: OKABE_ITO.sky,
      strokeWidth: 1.2,
      ariaDescription: "observed",
    }),
    lineMark(rows, {
      ...line(forecast),
      stroke: OKABE_ITO.blue,
      strokeWidth: 2,
      ariaDescription: "forecast",
    }),
    threshold
      ? lineMark(rows, {
        ...line(threshold),
        stroke: ROLE.threshold,
        strokeWidth: 1.5,
        strokeDasharray: "6,4",
        ariaDescription: "threshold",
      })
      : null,
    Plot.dot(flagged, {
      ...line(observed),
      symbol: "times",
      r: 4,
      stroke: ROLE.anomaly,
      strokeWidth: 2,
      ariaDescription: "anomalies",
    }),
  ];
}

function legendOf(series: ForecastSeries, bandLabel: string): LegendEntry[] {
  const entries: LegendEntry[] = [
    { label: "Observed", color: OKABE_ITO.sky, shape: "line" },
    { label: "Forecast", color: OKABE_ITO.blue, shape: "line" },
  ];
  if (series.band) {
    entries.push({
      label: bandLabel,
      color: ROLE.forecast,
      shape: "area",
      opacity: 0.3,
    });
  }
  if (series.anomaly) {
    entries.push({ label: "Anomaly", color: ROLE.anomaly, shape: "cross" });
  }
  if (series.threshold !== undefined) {
    entries.push(
      { label: "Threshold", color: ROLE.threshold, shape: "dashes" },
      {
        label: "Anomaly zone",
        color: ROLE.anomaly,
        shape: "area",
        opacity: 0.12,
      },
    );
  }
  return entries;
}

function rowDomain(rows: readonly number[]): Domain {
  const first = rows[0] + 1;
  return rows.length === 1
    ? [first - 0.5, first + 0.5]
    : [first, first + rows.length - 1];
}

function absoluteError(series: ForecastSeries, start: number): number {
  const { observed, forecast } = series;
  let sum = 0;
  for (let i = start; i < observed.length; i++) {
    sum += Math.abs(observed[i] - forecast[i]);
  }
  return sum / (observed.length - start);
}
