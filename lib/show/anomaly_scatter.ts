/**
 * Response time against hour of day, normal and anomalous requests apart.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import { checkLength, checkValues } from "../numeric/checks.ts";
import { domainOf, drawableRows, numberAxis } from "./axes.ts";
import { evenSample } from "./downsample.ts";
import { drawFigure } from "./drawing.ts";
import type { Figure } from "./figure.ts";
import { ROLE } from "./palette.ts";
import {
  altText,
  formatCount,
  formatNumber,
  formatRange,
  formatShare,
  joinNotes,
} from "./text.ts";

/** Requests to draw, n of them. */
export type ScatterPoints = {
  /** Hour of day with its fraction, 0 to 24, shape `(n)`. */
  readonly hour: Float64Array;
  /** Response times in milliseconds, shape `(n)`. */
  readonly responseTimeMs: Float64Array;
  /** 1 where a detector flagged the request, else 0, shape `(n)`. */
  readonly anomaly: ArrayLike<number>;
};

/** Options for {@linkcode anomalyScatter}. */
export type AnomalyScatterOptions = {
  /** The title. @default {"Response time by hour of day"} */
  title?: string;
  /** Whether response time has a logarithmic axis. @default {false} */
  logY?: boolean;
  /** The most normal requests to draw; anomalies are all drawn.
   * @default {3000} */
  normalLimit?: number;
};

const X_LABEL = "Hour of day (UTC)";
const Y_LABEL = "Response time (ms)";
/** With so few normal points, larger dots are easier to see. */
const FEW_POINTS = 1500;

/**
 * Draws response time against hour of day: normal requests as dots, anomalies
 * as crosses above them. Of many normal requests, an even sample in the order
 * given is drawn, and the subtitle says so.
 *
 * @param points The requests, n >= 1.
 * @param options Title, axis, and how many normal requests to draw.
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
 *   anomaly: [0, 1],
 * });
 * assert.match(figure.alt, /1 of 2 \(50.0 %\) anomalous/);
 * ```
 */
export function anomalyScatter(
  points: ScatterPoints,
  options: AnomalyScatterOptions = {},
): Figure {
  const { title = "Response time by hour of day", logY = false } = options;
  const { normalLimit = 3000 } = options;
  const { hour, responseTimeMs, anomaly } = points;
  const action = "draw a scatter plot";
  checkValues(responseTimeMs, "responseTimeMs", action);
  checkValues(hour, "hour", action);
  checkLength(hour.length, responseTimeMs.length, "hour", action);
  checkLength(anomaly.length, responseTimeMs.length, "anomaly", action);

  const { rows, note } = drawableRows(responseTimeMs, logY, action);
  const flagged = rows.filter((i) => anomaly[i]);
  const normal = rows.filter((i) => !anomaly[i]);
  const drawn = evenSample(normal.length, normalLimit).map((k) => normal[k]);
  const sampleNote = drawn.length === normal.length
    ? ""
    : `${formatNumber(drawn.length)} of ${
      formatCount(normal.length, "normal request", "normal requests")
    } drawn, evenly sampled`;
  const share = formatShare(flagged.length, rows.length);
  const channels = {
    x: (i: number) => hour[i],
    y: (i: number) => responseTimeMs[i],
  };

  return drawFigure({
    x: {
      ...numberAxis(X_LABEL, [0, 24]),
      ticks: [0, 3, 6, 9, 12, 15, 18, 21, 24],
    },
    y: {
      ...numberAxis(
        Y_LABEL,
        domainOf([Float64Array.from(rows, channels.y)], { log: logY }),
        logY,
      ),
      grid: true,
    },
    marks: [
      Plot.dot(drawn, {
        ...channels,
        r: drawn.length > FEW_POINTS ? 1.5 : 2.5,
        fill: ROLE.normal,
        fillOpacity: 0.5,
        ariaDescription: "normal",
      }),
      Plot.dot(flagged, {
        ...channels,
        symbol: "times",
        r: 4,
        stroke: ROLE.anomaly,
        strokeWidth: 1.5,
        ariaDescription: "anomalies",
      }),
    ],
  }, {
    title,
    subtitle: joinNotes([
      `${share} requests are anomalous`,
      sampleNote,
      note,
    ]),
    legend: [
      { label: "Normal", color: ROLE.normal, shape: "dot" },
      { label: "Anomaly", color: ROLE.anomaly, shape: "cross" },
    ],
    alt: altText(title, `x: ${X_LABEL}; y: ${Y_LABEL}`, [
      `${share} anomalous`,
      rangeFact("normal", normal, responseTimeMs),
      rangeFact("anomalies", flagged, responseTimeMs),
    ]),
  });
}

function rangeFact(
  name: string,
  rows: Uint32Array,
  valuesMs: Float64Array,
): string {
  return rows.length === 0
    ? ""
    : `${name} ${formatRange(Array.from(rows, (i) => valuesMs[i]))} ms`;
}
