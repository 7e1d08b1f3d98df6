/**
 * Response time against hour of day, normal and anomalous requests apart.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { evenSubset } from "../logs/windows.ts";
import { numberAxis } from "./axes.ts";
import type { Figure } from "./figure.ts";
import { drawFigure } from "./frame.ts";
import { ANOMALY_STYLE, COLOR } from "./palette.ts";
import { checkColumns, drawableRows } from "./rows.ts";
import { formatNumber, formatRange, formatShare, omittedNote } from "./text.ts";

/** Requests to draw, n of them. */
export type ScatterPoints = {
  /** Hour of day with its fraction, 0 to 24, shape `(n)`. */
  readonly hour: Float64Array;
  /** Response times in milliseconds, shape `(n)`. */
  readonly responseTimeMs: Float64Array;
  /** 1 where a detector flagged the request, else 0, shape `(n)`. */
  readonly anomaly: Uint8Array;
};

/** Options for {@linkcode anomalyScatter}. */
export type AnomalyScatterOptions = {
  /** The title. @default {"Response time by hour of day"} */
  title?: string;
  /** Whether response time has a logarithmic axis. @default {false} */
  logY?: boolean;
};

/** The most normal requests to draw: more would be one blot. */
const NORMAL_LIMIT = 3000;

/**
 * Draws response time against hour of day: normal requests as dots, anomalies
 * as crosses above them. Of many normal requests, an even sample in the order
 * given is drawn, and said.
 *
 * @param points The requests, n >= 1.
 * @param options The title and the kind of axis.
 * @returns The figure.
 * @throws {RangeError} If there is no request, lengths differ, a value is not
 * finite, or a logarithmic axis has nothing to show.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { anomalyScatter } from "lib/show/anomaly_scatter.ts";
 *
 * const figure = anomalyScatter({
 *   hour: Float64Array.of(1, 13.5),
 *   responseTimeMs: Float64Array.of(100, 900),
 *   anomaly: Uint8Array.of(0, 1),
 * });
 * assert.match(figure.alt, /1 of 2 \(50.0 %\) requests are anomalous/);
 * ```
 */
export function anomalyScatter(
  points: ScatterPoints,
  options: AnomalyScatterOptions = {},
): Figure {
  const { title = "Response time by hour of day", logY = false } = options;
  const { hour, responseTimeMs, anomaly } = points;
  checkColumns({ responseTimeMs, hour, anomaly }, "draw a scatter plot");
  const rows = drawableRows([responseTimeMs], logY);
  const flagged = rows.filter((i) => anomaly[i] !== 0);
  const normal = rows.filter((i) => anomaly[i] === 0);
  const drawn = evenSubset(normal, NORMAL_LIMIT);
  const timesOf = (rows: Uint32Array) =>
    [...rows].map((i) => responseTimeMs[i]);
  const place = {
    x: (i: number) => hour[i],
    y: (i: number) => responseTimeMs[i],
  };

  return drawFigure({
    x: {
      label: "Hour of day (UTC)",
      domain: [0, 24],
      ticks: [0, 3, 6, 9, 12, 15, 18, 21, 24],
    },
    y: { ...numberAxis("Response time (ms)", { log: logY }), grid: true },
    marks: [
      Plot.dot(drawn, {
        ...place,
        r: 1.5,
        fill: COLOR.normal,
        fillOpacity: 0.5,
        ariaDescription: "normal",
      }),
      Plot.dot(flagged, { ...place, ...ANOMALY_STYLE }),
    ],
  }, {
    title,
    notes: [
      `${formatShare(flagged.length, rows.length)} requests are anomalous`,
      drawn.length < normal.length
        ? `${formatNumber(drawn.length)} of ${
          formatNumber(normal.length)
        } normal requests drawn, evenly sampled`
        : "",
      omittedNote(responseTimeMs.length - rows.length),
    ],
    details: [
      `normal (ms): ${formatRange(timesOf(normal))}`,
      `anomalies (ms): ${formatRange(timesOf(flagged))}`,
    ],
    legend: [
      ["●", COLOR.normal, "Normal"],
      ["✕", COLOR.anomaly, "Anomaly"],
    ],
  });
}
