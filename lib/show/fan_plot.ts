/**
 * A fan chart: what was known, then the quantiles of each step ahead as bands
 * around their median, and what came.
 *
 * @see E. Britton, P. Fisher, J. Whitley, The Inflation Report projections:
 * understanding the fan chart (1998).
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { checkLength, checkNumber } from "../numeric/checks.ts";
import { numberAxis, timeAxis } from "./axes.ts";
import type { Figure } from "./figure.ts";
import { drawFigure, type LegendEntry } from "./frame.ts";
import { COLOR } from "./palette.ts";
import { checkColumns } from "./rows.ts";
import { formatCount, formatNumber, formatTime } from "./text.ts";

/** A series of n rows in time order, the last h of them forecast. */
export type ForecastFan = {
  /** Times, milliseconds since 1970 UTC, ascending, shape `(n)`. */
  readonly timestampMs: Float64Array;
  /** What came, shape `(n)`. */
  readonly observed: Float64Array;
  /** The probabilities, ascending, 0.5 among them; bands join the first with
   * the last, the second with the last but one, and so on. */
  readonly quantiles: readonly number[];
  /** The quantiles of the last h rows, shape `(h, quantiles)`, row-major,
   * 1 <= h <= n. */
  readonly values: Float64Array;
};

/** Options for {@linkcode fanPlot}. */
export type FanPlotOptions = {
  /** The title. @default {"Forecast with its quantiles"} */
  title?: string;
  /** What the values are. @default {"Response time (ms)"} */
  yLabel?: string;
};

const ACTION = "draw a fan chart";
/** Bands from the widest to the narrowest; each lies over those before. */
const BAND_OPACITY = "40";

/**
 * Draws a forecast from one origin as a fan.
 *
 * @param fan The series and the quantiles of its last rows.
 * @param options Title and label.
 * @returns The figure.
 * @throws {RangeError} If the series is empty, lengths disagree, a value is
 * not finite, there are more forecasts than rows or no median.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { fanPlot } from "lib/show/fan_plot.ts";
 *
 * const figure = fanPlot({
 *   timestampMs: Float64Array.of(0, 60_000, 120_000),
 *   observed: Float64Array.of(100, 110, 140),
 *   quantiles: [0.05, 0.5, 0.95],
 *   values: Float64Array.of(95, 105, 120, 90, 105, 130),
 * });
 * assert.match(figure.alt, /2 steps ahead; 1 of 2 within 5 to 95 %/);
 * ```
 */
export function fanPlot(
  fan: ForecastFan,
  options: FanPlotOptions = {},
): Figure {
  const { title = "Forecast with its quantiles" } = options;
  const { yLabel = "Response time (ms)" } = options;
  const { timestampMs, observed, quantiles } = fan;
  const start = firstForecast(fan);
  const ahead = Uint32Array.from(
    { length: observed.length - start },
    (_, k) => start + k,
  );
  const x = (i: number) => new Date(timestampMs[i]);
  const quantileAt = (column: number) => (i: number) =>
    fan.values[(i - start) * quantiles.length + column];
  const bands = bandsOf(quantiles);
  const last = quantiles.length - 1;
  const within = ahead.filter((i) =>
    observed[i] >= quantileAt(0)(i) && observed[i] <= quantileAt(last)(i)
  );

  return drawFigure({
    x: timeAxis(),
    y: { ...numberAxis(yLabel), grid: true },
    marks: [
      ...bands.map(({ lower, upper }) =>
        Plot.areaY(ahead, {
          x,
          y1: quantileAt(lower),
          y2: quantileAt(upper),
          fill: COLOR.normal + BAND_OPACITY,
          ariaDescription: "band",
        })
      ),
      Plot.lineY(Uint32Array.from(observed.keys()), {
        x,
        y: (i: number) => observed[i],
        stroke: COLOR.anomaly,
        strokeWidth: 1.2,
        ariaDescription: "observed",
      }),
      Plot.lineY(ahead, {
        x,
        y: quantileAt(quantiles.indexOf(0.5)),
        stroke: COLOR.normal,
        strokeWidth: 2,
        strokeDasharray: "6,4",
        ariaDescription: "median",
      }),
    ],
  }, {
    title,
    notes: [
      `${formatCount(ahead.length, "step")} ahead`,
      `${within.length} of ${ahead.length} within ${
        rangeName(quantiles[0], quantiles[last])
      }`,
    ],
    details: [
      `from ${formatTime(timestampMs[start])}`,
      `last median ${
        formatNumber(
          quantileAt(quantiles.indexOf(0.5))(observed.length - 1),
        )
      }`,
    ],
    legend: [
      ["━━", COLOR.anomaly, "Observed"],
      ["━ ━", COLOR.normal, "Forecast median"],
      ...bands.map(({ lower, upper }, k): LegendEntry => [
        "■",
        COLOR.normal + LEGEND_OPACITY[Math.min(k, LEGEND_OPACITY.length - 1)],
        rangeName(quantiles[lower], quantiles[upper]),
      ]),
    ],
  });
}

/** How bands look that lie over none, one, two others. */
const LEGEND_OPACITY = ["40", "70", "94"] as const;

/** The row of the first forecast. */
function firstForecast(fan: ForecastFan): number {
  const { timestampMs, observed, quantiles, values } = fan;
  checkColumns({ observed, timestampMs }, ACTION);
  checkColumns({ values }, ACTION);
  const steps = Math.floor(values.length / quantiles.length);
  checkLength(values.length, steps * quantiles.length, "values", ACTION);
  checkNumber(steps, "the number of forecasts", ACTION, {
    minimum: 1,
    maximum: observed.length,
  });
  if (quantiles.includes(0.5)) return observed.length - steps;
  throw new RangeError(
    `Cannot ${ACTION}: quantiles are ${quantiles}, expected 0.5 among them`,
  );
}

/** Pairs of columns, from the outermost inwards. */
function bandsOf(
  quantiles: readonly number[],
): { lower: number; upper: number }[] {
  const count = Math.floor(quantiles.length / 2);
  return Array.from({ length: count }, (_, lower) => ({
    lower,
    upper: quantiles.length - 1 - lower,
  }));
}

function rangeName(lower: number, upper: number): string {
  return `${formatNumber(100 * lower)} to ${formatNumber(100 * upper)} %`;
}
