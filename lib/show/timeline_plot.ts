/**
 * A value over time with incidents in two lanes: known and detected.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import type { TimeSpan } from "../evaluate/range.ts";
import { numberAxis, timeAxis } from "./axes.ts";
import type { Figure } from "./figure.ts";
import { drawFigure, type LegendEntry, MARGINS, PLOT_HEIGHT } from "./frame.ts";
import { COLOR, THRESHOLD_STYLE } from "./palette.ts";
import { checkColumns, extent, extremeRows } from "./rows.ts";
import { formatCount, formatNumber, formatSpan, formatTime } from "./text.ts";

/** Values over time, n of them in time order. */
export type TimedValues = {
  /** Times, milliseconds since 1970 UTC, ascending, shape `(n)`. */
  readonly timestampMs: Float64Array;
  /** The values, shape `(n)`. */
  readonly value: Float64Array;
};

/** Options for {@linkcode timelinePlot}. */
export type TimelinePlotOptions = {
  /** The title. @default {"Response time and incidents"} */
  title?: string;
  /** What the values are. @default {"Response time (ms)"} */
  yLabel?: string;
  /** Incidents known to have happened. @default {no lane} */
  known?: readonly TimeSpan[];
  /** Incidents that a detector found. @default {no lane} */
  detected?: readonly TimeSpan[];
  /** Above which a value is anomalous. @default {no line} */
  threshold?: number;
};

/** One row of incidents above the line. */
type Lane = { name: string; color: string; spans: readonly TimeSpan[] };

const LANE_HEIGHT = 12;
const LANE_STEP = 18;

/**
 * Draws values over time. Incidents fill two lanes above the line and shade
 * it, so that a detected one can be held against a known one. A long series is
 * thinned out to its extremes; no spike is lost.
 *
 * @param series The values, n >= 1.
 * @param options Title, label, incidents and threshold.
 * @returns The figure.
 * @throws {RangeError} If the series is empty, lengths differ or a value is
 * not finite.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { timelinePlot } from "lib/show/timeline_plot.ts";
 *
 * const figure = timelinePlot({
 *   timestampMs: Float64Array.of(0, 60_000, 120_000),
 *   value: Float64Array.of(100, 900, 110),
 * }, { known: [{ startMs: 50_000, endMs: 70_000 }], detected: [] });
 * assert.match(figure.alt, /known: 1 incident; detected: 0 incidents/);
 * ```
 */
export function timelinePlot(
  series: TimedValues,
  options: TimelinePlotOptions = {},
): Figure {
  const { title = "Response time and incidents", threshold } = options;
  const { yLabel = "Response time (ms)" } = options;
  const { timestampMs, value } = series;
  checkColumns({ value, timestampMs }, "draw a timeline");
  const lanes = lanesOf(options);
  const rows = extremeRows(timestampMs, [value]);
  const lines = threshold === undefined ? [] : [threshold];
  const limits = lines.map((line) => `Threshold ${formatNumber(line)}`);
  const [, highest] = extent(value);

  return drawFigure({
    x: {
      ...timeAxis(),
      domain: extent(timestampMs).map((timeMs) => new Date(timeMs)),
    },
    y: {
      ...numberAxis(yLabel),
      grid: true,
      insetTop: 6 + LANE_STEP * lanes.length,
    },
    marks: [
      ...lanes.flatMap(laneMarks),
      Plot.lineY(rows, {
        x: (i: number) => new Date(timestampMs[i]),
        y: (i: number) => value[i],
        stroke: COLOR.normal,
        strokeWidth: 1,
        ariaDescription: "values",
      }),
      Plot.ruleY(lines, THRESHOLD_STYLE),
    ],
  }, {
    title,
    notes: [
      ...lanes.map(({ name, spans }) =>
        `${name}: ${formatCount(spans.length, "incident")}`
      ),
      rows.length < value.length
        ? "drawn: the lowest and highest values of each stretch of time"
        : "",
    ],
    details: [
      `${formatCount(value.length, "value")}, ${formatSpan(timestampMs)}`,
      `highest ${formatNumber(highest)} at ${
        formatTime(timestampMs[value.indexOf(highest)])
      }`,
      ...limits,
    ],
    legend: [
      ["━━", COLOR.normal, yLabel],
      ...lanes.map((
        { name, color },
        k,
      ): LegendEntry => ["■", color, `Incidents ${name} (lane ${k + 1})`]),
      ...limits.map((limit): LegendEntry => ["━ ━", COLOR.threshold, limit]),
    ],
  });
}

function lanesOf({ known, detected }: TimelinePlotOptions): Lane[] {
  return [
    ...(known ? [{ name: "known", color: COLOR.known, spans: known }] : []),
    ...(detected
      ? [{ name: "detected", color: COLOR.anomaly, spans: detected }]
      : []),
  ];
}

/** Bars in the k-th lane from the top and a pale shade over the line. */
function laneMarks({ name, color, spans }: Lane, k: number): Plot.Markish[] {
  const reach = {
    x1: ({ startMs }: TimeSpan) => new Date(startMs),
    x2: ({ endMs }: TimeSpan) => new Date(endMs),
    fill: color,
    clip: true,
  };
  const innerHeight = PLOT_HEIGHT - MARGINS.marginTop - MARGINS.marginBottom;
  return [
    Plot.rect(spans, { ...reach, fillOpacity: 0.15, ariaDescription: "shade" }),
    Plot.rect(spans, {
      ...reach,
      insetTop: k * LANE_STEP,
      insetBottom: innerHeight - k * LANE_STEP - LANE_HEIGHT,
      // Five minutes of two weeks are a quarter of a pixel.
      stroke: color,
      strokeWidth: 2,
      ariaDescription: `${name} incidents`,
    }),
  ];
}
