/**
 * Events of a log over time, by level.
 *
 * @module
 */

import * as Plot from "@observablehq/plot";
import type { Categories } from "../logs/request_log.ts";
import { checkLength, checkValues } from "../numeric/checks.ts";
import { numberAxis, timeAxis } from "./axes.ts";
import { drawFigure } from "./drawing.ts";
import type { Figure } from "./figure.ts";
import { MUTED, STACK_COLORS } from "./palette.ts";
import {
  altText,
  formatCount,
  formatNumber,
  formatTime,
  shorten,
} from "./text.ts";

/** Events to count, n of them in time order. */
export type LeveledEvents = {
  /** Times, milliseconds since 1970 UTC, ascending, shape `(n)`. */
  readonly timestampMs: Float64Array;
  /** The level of each event. */
  readonly level: Categories;
};

/** Options for {@linkcode levelTimeline}. */
export type LevelTimelineOptions = {
  /** The title. @default {"Events by level"} */
  title?: string;
};

/** A level with its colour and number of events; the last may be the rest. */
type Slot = { name: string; color: string; total: number };

/** Events of one slot in one bucket, stacked from `low` to `high`. */
type Block = { startMs: number; slot: number; low: number; high: number };

const MOST_TICKS = 8;
const HOUR_MS = 3_600_000;
/** An hour where it fits, else the next coarser usual step. */
const BUCKETS: readonly { name: string; ms: number }[] = [
  { name: "hour", ms: HOUR_MS },
  { name: "6 hours", ms: 6 * HOUR_MS },
  { name: "day", ms: 24 * HOUR_MS },
  { name: "7 days", ms: 7 * 24 * HOUR_MS },
  { name: "90 days", ms: 90 * 24 * HOUR_MS },
];
/** More bars than that are too thin to tell apart. */
const BAR_LIMIT = 200;
const LEVEL_LETTERS = 20;

/**
 * Draws the number of events per hour, or per the next coarser usual step
 * where hours would be more than 200 bars, stacked by level. The most frequent
 * levels have a colour each, the rest share one.
 *
 * @param events The events, n >= 1.
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
  const action = "draw events by level";
  checkValues(timestampMs, "timestampMs", action);
  checkLength(level.codes.length, timestampMs.length, "level", action);
  const bucket = bucketFor(timestampMs);
  const { slots, slotOf } = slotsFor(level);
  const blocks = stackBlocks(events, slotOf, bucket.ms);
  const tallest = blocks.reduce((most, { high }) => Math.max(most, high), 0);
  const yLabel = `Events per ${bucket.name}`;
  const count = formatCount(timestampMs.length, "event", "events");

  return drawFigure({
    x: timeAxis(
      blocks[0].startMs,
      blocks[blocks.length - 1].startMs + bucket.ms,
    ),
    y: {
      ...numberAxis(yLabel, [0, 1.05 * tallest]),
      // Events are whole: no ticks between them where there are few.
      ...(tallest < MOST_TICKS ? { ticks: tallest } : {}),
      grid: true,
    },
    color: { type: "identity" },
    marks: [
      Plot.rect(blocks, {
        x1: ({ startMs }: Block) => new Date(startMs),
        x2: ({ startMs }: Block) => new Date(startMs + bucket.ms),
        y1: "low",
        y2: "high",
        fill: ({ slot }: Block) => slots[slot].color,
        insetRight: 0.5,
        insetTop: 0.5,
        ariaDescription: "events",
      }),
      Plot.ruleY([0]),
    ],
  }, {
    title,
    subtitle: count,
    legend: slots.map(({ name, color, total }) => ({
      label: `${name} (${formatNumber(total)})`,
      color,
      shape: "area",
    })),
    alt: altText(title, `x: Time (UTC); y: ${yLabel}`, [
      `${count} from ${formatTime(timestampMs[0])} to ${
        formatTime(timestampMs[timestampMs.length - 1])
      }`,
      ...slots.map(({ name, total }) => `${name} ${formatNumber(total)}`),
      `at most ${formatNumber(tallest)} per ${bucket.name}`,
    ]),
  });
}

function bucketFor(timestampMs: Float64Array): { name: string; ms: number } {
  const spanMs = timestampMs[timestampMs.length - 1] - timestampMs[0];
  return BUCKETS.find(({ ms }) => spanMs / ms <= BAR_LIMIT) ??
    BUCKETS[BUCKETS.length - 1];
}

/** Slots by falling number of events, and the slot of each level's code. */
function slotsFor(level: Categories): { slots: Slot[]; slotOf: number[] } {
  const totals = level.names.map(() => 0);
  for (const code of level.codes) totals[code]++;
  const ranked = [...totals.keys()].filter((code) => totals[code] > 0)
    .sort((a, b) => totals[b] - totals[a]);
  const named = ranked.slice(0, STACK_COLORS.length);
  const rest = ranked.slice(STACK_COLORS.length);
  const slots = named.map((code, k) => ({
    name: shorten(level.names[code], LEVEL_LETTERS),
    color: STACK_COLORS[k],
    total: totals[code],
  }));
  if (rest.length > 0) {
    const total = rest.reduce((sum, code) => sum + totals[code], 0);
    slots.push({ name: `${rest.length} others`, color: MUTED, total });
  }
  const slotOf = totals.map((_, code) => {
    const place = named.indexOf(code);
    return place >= 0 ? place : named.length;
  });
  return { slots, slotOf };
}

function stackBlocks(
  events: LeveledEvents,
  slotOf: readonly number[],
  bucketMs: number,
): Block[] {
  const counts = new Map<number, Map<number, number>>();
  events.timestampMs.forEach((timeMs, i) => {
    const startMs = Math.floor(timeMs / bucketMs) * bucketMs;
    const slot = slotOf[events.level.codes[i]];
    const stack = counts.get(startMs) ?? new Map<number, number>();
    counts.set(startMs, stack.set(slot, 1 + (stack.get(slot) ?? 0)));
  });
  return [...counts].flatMap(([startMs, stack]) => {
    let high = 0;
    return [...stack].sort(([a], [b]) => a - b).map(([slot, count]) => {
      const low = high;
      high += count;
      return { startMs, slot, low, high };
    });
  });
}
