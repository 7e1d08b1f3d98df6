/**
 * Axes: how far they reach, also where all values are equal, and what a
 * logarithmic axis cannot show.
 *
 * @module
 */

import { cleanText, formatCount, formatNumber } from "./text.ts";

/** From the lowest to the highest value that an axis shows. */
export type Domain = readonly [number, number];

/** The settings of an axis, as Observable Plot takes them. */
export type Axis = {
  /** What it shows, with its unit. */
  label: string;
  /** The kind of its scale. */
  type: "linear" | "log" | "utc";
  /** How far it reaches. */
  domain: [number, number] | [Date, Date];
  /** Where its ticks are, or about how many; left to Plot if left out. */
  ticks?: number | number[];
  /** How the k-th tick is written; left to Plot if left out. */
  tickFormat?: (value: number & Date, k: number) => string;
};

/** Room above the highest value, as a share of the range. */
const PADDING = 0.04;
/** The digits to write on an axis of so many decades at most. D3, below Plot,
 * leaves out the labels of larger digits than these. */
const LOG_DIGITS = [
  { decades: 1.5, digits: [1, 2, 5] },
  { decades: 3, digits: [1, 3] },
];
/** Half the width of an axis of time with a single point. */
const LONE_POINT_ROOM_MS = 1_800_000;
/** Room around equal values on a logarithmic axis, as a factor. */
const LOG_PADDING = 1.1;

/**
 * The range of lists of values with a little room, never empty.
 *
 * @param lists Finite values, all together at least one; positive if `log`.
 * @param options Whether the axis is logarithmic, and a value it must hold.
 * @returns The lower and the upper end, lower < upper.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { domainOf } from "lib/show/axes.ts";
 *
 * assert.deepEqual(domainOf([[0, 100]]), [-4, 104]);
 * assert.deepEqual(domainOf([[5, 5]]), [4.5, 5.5]);
 * assert.deepEqual(domainOf([[50, 100]], { include: 0 }), [0, 104]);
 * ```
 */
export function domainOf(
  lists: readonly ArrayLike<number>[],
  options: { log?: boolean; include?: number } = {},
): Domain {
  const { log = false, include } = options;
  let low = include ?? Infinity;
  let high = include ?? -Infinity;
  for (const list of lists) {
    for (let i = 0; i < list.length; i++) {
      if (list[i] < low) low = list[i];
      if (list[i] > high) high = list[i];
    }
  }
  if (log) return [low / LOG_PADDING, high * LOG_PADDING];
  const padding = high > low
    ? PADDING * (high - low)
    : Math.max(0.1 * Math.abs(high), 0.5);
  return [
    low === include ? low : low - padding,
    high === include && high > low ? high : high + padding,
  ];
}

/**
 * The settings of a number axis.
 *
 * @param label What it shows, with its unit.
 * @param domain How far it reaches.
 * @param log Whether it is logarithmic.
 * @returns A scale for Observable Plot.
 */
export function numberAxis(
  label: string,
  domain: Domain,
  log: boolean = false,
): Axis {
  const [low, high] = domain;
  const axis: Axis = {
    label: cleanText(label),
    type: log ? "log" : "linear",
    domain: [low, high],
  };
  if (!log) return axis;
  const tickFormat = (value: number) => formatNumber(value);
  return { ...axis, ticks: logTicks(domain), tickFormat };
}

/** Some digits of each decade, fewer the more decades there are; the ends of
 * the axis where none of them is inside. */
function logTicks(domain: Domain): number[] {
  const [low, high] = domain.map((value) => Math.log10(value));
  const digits = LOG_DIGITS.find(({ decades }) => high - low <= decades)
    ?.digits ?? [1];
  const stride = Math.ceil((high - low) / 10);
  const ticks: number[] = [];
  for (let power = Math.floor(low); power <= high; power += stride) {
    // Through text, since 10 ** -5 is not exactly 0.00001.
    ticks.push(...digits.map((digit) => Number(`${digit}e${power}`)));
  }
  const inside = ticks.filter((tick) => tick >= domain[0] && tick <= domain[1]);
  return inside.length >= 2 ? inside : [...domain];
}

/**
 * The settings of an axis of time in UTC.
 *
 * @param firstMs The earliest time shown, milliseconds since 1970 UTC.
 * @param lastMs The latest time shown, not before the earliest.
 * @returns A scale for Observable Plot; its values are dates.
 */
export function timeAxis(firstMs: number, lastMs: number): Axis {
  const room = lastMs > firstMs ? 0 : LONE_POINT_ROOM_MS;
  return {
    label: "Time (UTC)",
    type: "utc",
    domain: [new Date(firstMs - room), new Date(lastMs + room)],
    ticks: 6,
    tickFormat: timeTick,
  };
}

/** The date at midnight, else the time; the first tick says the year too. */
function timeTick(time: Date, k: number): string {
  const date = new Intl.DateTimeFormat("en-US", {
    month: "short",
    day: "numeric",
    timeZone: "UTC",
  }).format(time);
  const year = time.getUTCFullYear();
  const clock = time.toISOString().slice(11, time.getUTCSeconds() ? 19 : 16);
  if (clock !== "00:00") return k === 0 ? `${clock}\n${date}, ${year}` : clock;
  return k === 0 || date === "Jan 1" ? `${date}\n${year}` : date;
}

/**
 * The values that an axis can show; a logarithmic one shows none that are not
 * greater than 0.
 *
 * @param values Finite values, shape `(n)`, n >= 1.
 * @param log Whether the axis is logarithmic.
 * @param action What is being drawn, for the message.
 * @returns The indices to draw, and a sentence on those left out, or "".
 * @throws {RangeError} If nothing can be shown.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { drawableRows } from "lib/show/axes.ts";
 *
 * const { rows, note } = drawableRows(Float64Array.of(3, 0), true, "draw");
 * assert.deepEqual([...rows], [0]);
 * assert.equal(note, "1 value ≤ 0 is not on the logarithmic axis");
 * ```
 */
export function drawableRows(
  values: Float64Array,
  log: boolean,
  action: string,
): { rows: Uint32Array; note: string } {
  const all = Uint32Array.from(values.keys());
  const rows = log ? all.filter((i) => values[i] > 0) : all;
  if (rows.length === 0) {
    throw new RangeError(
      `Cannot ${action}: no value is > 0, expected one for a logarithmic axis`,
    );
  }
  const left = values.length - rows.length;
  const verb = left === 1 ? "is" : "are";
  const note = left === 0
    ? ""
    : `${
      formatCount(left, "value", "values")
    } ≤ 0 ${verb} not on the logarithmic axis`;
  return { rows, note };
}
