/**
 * The axes of figures, as settings for Observable Plot.
 *
 * @module
 */

/** The settings of an axis. */
export type Axis = {
  /** What it shows, with its unit. */
  label: string;
  /** The kind of its scale. */
  type: "linear" | "log" | "utc";
  /** Room at its ends, in pixels. */
  inset?: number;
  /** About how many ticks it has. */
  ticks?: number;
  /** How a tick is written: as d3-format has it, or the k-th tick's text. */
  tickFormat?: string | ((time: Date, k: number) => string);
};

/**
 * An axis of numbers.
 *
 * @param label What it shows, with its unit.
 * @param options Whether it is logarithmic.
 * @returns Its settings.
 */
export function numberAxis(
  label: string,
  options: { log?: boolean } = {},
): Axis {
  const { log = false } = options;
  return log
    ? { label, type: "log", inset: 6, tickFormat: "," }
    : { label, type: "linear", inset: 6 };
}

/**
 * An axis of time in UTC. Each midnight is written as its date, any other time
 * as the clock's, the first with its date.
 *
 * @returns Its settings; its values are dates.
 */
export function timeAxis(): Axis {
  return { label: "Time (UTC)", type: "utc", ticks: 6, tickFormat: timeTick };
}

function timeTick(time: Date, k: number): string {
  const end = time.getUTCSeconds() === 0 ? 16 : 19;
  const [date, clock] = time.toISOString().slice(0, end).split("T");
  if (clock === "00:00") return date;
  return k === 0 ? `${clock}\n${date}` : clock;
}
