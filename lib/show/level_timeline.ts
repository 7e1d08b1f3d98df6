/**
 * Events of a log over time, by level.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import type { EventLog } from "../logs/request_log.ts";
import { timeAxis } from "./axes.ts";
import type { Figure } from "./figure.ts";
import { drawFigure } from "./frame.ts";
import { MUTED, STACK_COLORS } from "./palette.ts";
import { checkColumns, type Group, groupRows } from "./rows.ts";
import { formatCount, formatNumber, formatSpan, shorten } from "./text.ts";

/** Events to count. */
export type LeveledEvents = Pick<EventLog, "timestampMs" | "level">;

/** Options for {@linkcode levelTimeline}. */
export type LevelTimelineOptions = {
  /** The title. @default {"Events by level"} */
  title?: string;
};

/** An hour where it fits, else the next coarser usual step. */
const INTERVALS = [
  { interval: "hour", ms: 3_600_000 },
  { interval: "6 hours", ms: 21_600_000 },
  { interval: "day", ms: 86_400_000 },
  { interval: "week", ms: 604_800_000 },
  { interval: "3 months", ms: Infinity },
] as const;
/** More bars than that are too thin to tell apart. */
const BAR_LIMIT = 200;
const LEVEL_LETTERS = 20;

/**
 * Draws the number of events per hour, or per the next coarser usual step
 * where hours would be more than 200 bars, stacked by level. The most frequent
 * levels have a colour each, the rest share one.
 *
 * @param events The events in time order, n >= 1.
 * @param options The title.
 * @returns The figure.
 * @throws {RangeError} If there is no event, lengths differ or a time is not
 * finite.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { categoriesOf } from "lib/logs/request_log.ts";
 * import { levelTimeline } from "lib/show/level_timeline.ts";
 *
 * const figure = levelTimeline({
 *   timestampMs: Float64Array.of(0, 1000, 3_600_000),
 *   level: categoriesOf(["error", "notice", "error"]),
 * });
 * assert.match(figure.alt, /error 2; notice 1/);
 * ```
 */
export function levelTimeline(
  events: LeveledEvents,
  options: LevelTimelineOptions = {},
): Figure {
  const { title = "Events by level" } = options;
  const { timestampMs, level } = events;
  checkColumns({ timestampMs, level: level.codes }, "draw events by level");
  const spanMs = timestampMs[timestampMs.length - 1] - timestampMs[0];
  const tooFine = INTERVALS.filter(({ ms }) => spanMs > BAR_LIMIT * ms);
  const { interval } = INTERVALS[tooFine.length];
  const levels = mergeRare(groupRows(level, timestampMs.keys()))
    .map((group, k) => ({ ...group, color: STACK_COLORS[k] ?? MUTED }));
  const points = levels.flatMap(({ rows, color }) =>
    rows.map((i) => ({ time: new Date(timestampMs[i]), color }))
  );

  return drawFigure({
    x: timeAxis(),
    y: {
      label: `Events per ${interval}`,
      tickSize: 0,
      // Events are whole, where there are few of them too.
      tickFormat: (count: number) =>
        Number.isInteger(count) ? formatNumber(count) : "",
    },
    marks: [
      Plot.rectY(
        points,
        Plot.binX<Plot.RectYOptions>({ y: "count" }, {
          x: "time",
          interval,
          fill: "color",
          ariaDescription: "events",
        }),
      ),
      Plot.ruleY([0]),
    ],
  }, {
    title,
    notes: [formatCount(timestampMs.length, "event")],
    details: [
      formatSpan(timestampMs),
      ...levels.map(({ name, rows }) => `${name} ${formatNumber(rows.length)}`),
    ],
    legend: levels.map((
      { name, rows, color },
    ) => ["■", color, `${name} (${formatNumber(rows.length)})`]),
  });
}

/** As many levels as there are colours, and the rest as one. */
function mergeRare(levels: readonly Group[]): Group[] {
  const named = levels.slice(0, STACK_COLORS.length)
    .map(({ name, rows }) => ({ name: shorten(name, LEVEL_LETTERS), rows }));
  const rest = levels.slice(STACK_COLORS.length);
  if (rest.length === 0) return named;
  const rows = rest.flatMap((level) => level.rows);
  return [...named, { name: `${rest.length} others`, rows }];
}
