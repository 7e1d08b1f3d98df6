/**
 * A value over time with incidents in two lanes: known and detected.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { checkLength, checkNumber, checkValues } from "../numeric/checks.ts";
import { domainOf, drawableRows, numberAxis, timeAxis } from "./axes.ts";
import { minMaxSample } from "./downsample.ts";
import { drawFigure, type LegendEntry } from "./drawing.ts";
import type { Figure } from "./figure.ts";
import { lineMark } from "./line_mark.ts";
import { ROLE } from "./palette.ts";
import {
  altText,
  formatCount,
  formatNumber,
  formatTime,
  joinNotes,
} from "./text.ts";

/** Values over time, n of them in time order. */
export type TimedValues = {
  /** Times, milliseconds since 1970 UTC, ascending, shape `(n)`. */
  readonly timestampMs: Float64Array;
  /** The values, shape `(n)`. */
  readonly value: Float64Array;
};

/** A stretch of time. */
export type TimeSpan = {
  /** Its start, milliseconds since 1970 UTC. */
  readonly startMs: number;
  /** Its end, milliseconds since 1970 UTC, not before its start. */
  readonly endMs: number;
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
  /** Whether values have a logarithmic axis. @default {false} */
  logY?: boolean;
};

/** One row of incidents above the line. */
type Lane = {
  name: string;
  color: string;
  spans: readonly TimeSpan[];
};

/** Stretches of the time axis, three pixels wide, in which extremes survive. */
const STRETCH_COUNT = 250;
const MINUTE_MS = 60_000;
const PLOT_HEIGHT = 360;
const MARGIN_TOP = 28;
const MARGIN_BOTTOM = 44;
const LANE_HEIGHT = 12;
const LANE_STEP = 18;

/**
 * Draws values over time. Incidents fill two lanes above the line and shade
 * it, so that a detected one can be held against a known one. A long series is
 * thinned out to its extremes; no spike is lost.
 *
 * @param series The values, n >= 1.
 * @param options Title, label, incidents, threshold and axis.
 * @returns The figure.
 * @throws {RangeError} If the series is empty, lengths differ, a value is not
 * finite, an incident ends before it starts, or a logarithmic axis has nothing
 * to show.
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
  const { title = "Response time and incidents", logY = false } = options;
  const { yLabel = "Response time (ms)", threshold } = options;
  const { timestampMs, value } = series;
  const lanes = lanesOf(options);
  checkTimeline(series, lanes, threshold, logY);

  const { rows, note } = drawableRows(value, logY, "draw a timeline");
  const shownMs = Float64Array.from(rows, (i) => timestampMs[i]);
  const shown = Float64Array.from(rows, (i) => value[i]);
  const drawn = minMaxSample(shownMs, shown, STRETCH_COUNT);
  const firstMs = timestampMs[0];
  const lastMs = timestampMs[timestampMs.length - 1];
  const stretchMinutes = (lastMs - firstMs) / STRETCH_COUNT / MINUTE_MS;
  const lines = threshold === undefined ? [] : [threshold];
  const laneNote = lanes
    .map((lane) => `${lane.name}: ${countIncidents(lane.spans)}`);
  const highest = shown.reduce((best, v, k) => v > shown[best] ? k : best, 0);

  return drawFigure({
    marginTop: MARGIN_TOP,
    marginBottom: MARGIN_BOTTOM,
    x: timeAxis(firstMs, lastMs),
    y: {
      ...numberAxis(yLabel, domainOf([shown, lines], { log: logY }), logY),
      grid: true,
      insetTop: LANE_STEP * lanes.length,
    },
    marks: [
      ...lanes.map((lane, k) => laneMarks(lane, k, timestampMs)),
      lineMark(drawn, {
        x: (k: number) => new Date(shownMs[k]),
        y: (k: number) => shown[k],
        stroke: ROLE.normal,
        strokeWidth: 1,
        ariaDescription: "values",
      }),
      Plot.ruleY(lines, {
        stroke: ROLE.threshold,
        strokeWidth: 1.5,
        strokeDasharray: "6,4",
        ariaDescription: "threshold",
      }),
    ],
  }, {
    title,
    subtitle: joinNotes([
      ...laneNote,
      drawn.length < shown.length
        ? `drawn: lowest and highest of each ${
          formatNumber(stretchMinutes)
        } minutes`
        : "",
      note,
    ]),
    legend: legendOf(lanes, yLabel, threshold),
    height: PLOT_HEIGHT,
    alt: altText(title, `x: Time (UTC); y: ${yLabel}`, [
      `${formatCount(value.length, "value", "values")} from ${
        formatTime(firstMs)
      } to ${formatTime(lastMs)}`,
      `highest ${formatNumber(shown[highest])} at ${
        formatTime(shownMs[highest])
      }`,
      threshold === undefined ? "" : `threshold ${formatNumber(threshold)}`,
      ...laneNote,
      note,
    ]),
  });
}

function lanesOf(options: TimelinePlotOptions): Lane[] {
  const { known, detected } = options;
  const lanes: Lane[] = [];
  if (known) lanes.push({ name: "known", color: ROLE.known, spans: known });
  if (detected) {
    lanes.push({ name: "detected", color: ROLE.anomaly, spans: detected });
  }
  return lanes;
}

function checkTimeline(
  series: TimedValues,
  lanes: readonly Lane[],
  threshold: number | undefined,
  logY: boolean,
): void {
  const action = "draw a timeline";
  const { timestampMs, value } = series;
  checkValues(value, "value", action);
  checkValues(timestampMs, "timestampMs", action);
  checkLength(timestampMs.length, value.length, "timestampMs", action);
  if (threshold !== undefined) {
    checkNumber(threshold, "threshold", action, {
      minimum: logY ? 0 : -Infinity,
      exclusive: true,
    });
  }
  for (const { startMs, endMs } of lanes.flatMap((lane) => lane.spans)) {
    checkNumber(startMs, "startMs", action);
    checkNumber(endMs, "endMs", action, { minimum: startMs });
  }
}

/** Bars in the k-th lane from the top and a pale shade over the line. Incidents
 * outside the time shown are left to the numbers in the subtitle. */
function laneMarks(
  lane: Lane,
  k: number,
  timestampMs: Float64Array,
): Plot.Markish[] {
  const first = timestampMs[0];
  const last = timestampMs[timestampMs.length - 1];
  const shown = lane.spans
    .filter(({ startMs, endMs }) => endMs >= first && startMs <= last);
  const reach = {
    x1: ({ startMs }: TimeSpan) => new Date(Math.max(first, startMs)),
    x2: ({ endMs }: TimeSpan) => new Date(Math.min(last, endMs)),
    fill: lane.color,
  };
  const innerHeight = PLOT_HEIGHT - MARGIN_TOP - MARGIN_BOTTOM;
  return [
    Plot.rect(shown, { ...reach, fillOpacity: 0.15, ariaDescription: "shade" }),
    Plot.rect(shown, {
      ...reach,
      insetTop: k * LANE_STEP,
      insetBottom: innerHeight - k * LANE_STEP - LANE_HEIGHT,
      // Five minutes of two weeks are a quarter of a pixel.
      stroke: lane.color,
      strokeWidth: 2,
      ariaDescription: `${lane.name} incidents`,
    }),
  ];
}

function countIncidents(spans: readonly TimeSpan[]): string {
  return formatCount(spans.length, "incident", "incidents");
}

function legendOf(
  lanes: readonly Lane[],
  yLabel: string,
  threshold: number | undefined,
): LegendEntry[] {
  const places = ["upper lane", "lower lane"];
  return [
    { label: yLabel, color: ROLE.normal, shape: "line" },
    ...lanes.map(({ name, color }, k): LegendEntry => ({
      label: lanes.length === 1
        ? `Incidents ${name}`
        : `Incidents ${name} (${places[k]})`,
      color,
      shape: "area",
    })),
    ...(threshold === undefined ? [] : [{
      label: `Threshold ${formatNumber(threshold)}`,
      color: ROLE.threshold,
      shape: "dashes" as const,
    }]),
  ];
}
