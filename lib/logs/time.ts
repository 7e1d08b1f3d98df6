/**
 * Reads one timestamp. Three kinds are told apart by their shape:
 *
 * - ISO 8601, `2025-01-31T08:15:00.250+01:00`, with `T` or a space, seconds
 *   and fraction optional, a date alone standing for its midnight;
 * - seconds or milliseconds since 1970 UTC: a number below 10^11 in size is
 *   seconds (to the year 5138), any other is milliseconds (from March 1973);
 * - the stamp of Apache's error log, `Sun Dec 04 04:47:44.123456 2005`, whose
 *   weekday is not checked against its date.
 *
 * A time without a zone is taken in the zone that is asked for. Where clocks go
 * back, an hour comes twice and its first coming is meant; where they go
 * forward, a time that was skipped is read as that much later (Temporal's
 * "compatible"). A leap second, `23:59:60` UTC, is the second that follows it,
 * as in POSIX time. Digits beyond the millisecond are dropped. Only the years
 * 1900 to 9999 are times of a log; anything else is a mistake.
 *
 * @see ISO 8601-1:2019; POSIX.1-2017, "Seconds Since the Epoch".
 *
 * @module
 */

/** Options for {@linkcode parseTimestamp}. */
export type ParseTimestampOptions = {
  /**
   * The IANA time zone of times that name none.
   * @default {"UTC"}
   */
  timeZone?: string;
};

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(?: ?(Z|UTC|[+-]\d\d(?::?\d\d)?))?)?$/i;
const EPOCH = /^-?\d{1,15}(?:\.\d{1,9})?$/;
const APACHE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) ([A-Z][a-z]{2}) ([ \d]\d) (\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))? (\d{4})$/;
const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";
const OLDEST_YEAR = 1900;
const OLDEST_MS = Date.UTC(OLDEST_YEAR, 0, 1);
const NEWEST_MS = Date.UTC(10000, 0, 1) - 1;
const SECONDS_BELOW = 1e11;
/** 20260105 and 20260105080000 are dates to people; as epochs they would be
 * some day of 1970 or of 2612. */
const COMPACT_DATE = /^(?:19|20)\d{6}(?:\d{6})?$/;
const DAY_MS = 86_400_000;

/** Year, month (1 to 12), day, hour, minute, second (to 60), millisecond. */
type WallTime = readonly [
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  millisecond: number,
];

/**
 * Reads a timestamp of any of the kinds above.
 *
 * @param text The timestamp, without blanks around it.
 * @param options The zone of times that name none.
 * @returns Milliseconds since 1970 UTC, a whole number, or `undefined` if the
 * text is not a timestamp or names a time that does not exist.
 * @throws {RangeError} If the zone is needed and unknown.
 *
 * @example Usage
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseTimestamp } from "lib/logs/time.ts";
 *
 * assert.equal(parseTimestamp("1970-01-01 00:00:01"), 1000);
 * assert.equal(parseTimestamp("2025-02-30"), undefined);
 * ```
 */
export function parseTimestamp(
  text: string,
  options: ParseTimestampOptions = {},
): number | undefined {
  const { timeZone = "UTC" } = options;
  return parseIso(text, timeZone) ?? parseEpoch(text) ??
    parseApache(text, timeZone);
}

/**
 * Checks that a time zone is known.
 *
 * @param timeZone The zone's IANA name, or an offset such as `+02:00`.
 * @param action What is being done, for the message.
 * @throws {RangeError} If the zone is not known.
 */
export function checkTimeZone(timeZone: string, action: string): void {
  try {
    new Temporal.ZonedDateTime(0n, timeZone);
  } catch {
    throw new RangeError(
      `Cannot ${action}: timeZone is ${
        JSON.stringify(timeZone)
      }, expected an IANA time zone such as Europe/Berlin`,
    );
  }
}

function parseIso(text: string, timeZone: string): number | undefined {
  const match = ISO.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second, fraction, offset] = match;
  return instantOf(
    [
      Number(year),
      Number(month),
      Number(day),
      Number(hour ?? 0),
      Number(minute ?? 0),
      Number(second ?? 0),
      milliseconds(fraction),
    ],
    offset ?? timeZone,
  );
}

function parseApache(text: string, timeZone: string): number | undefined {
  const match = APACHE.exec(text);
  if (match === null) return undefined;
  const [, name, day, hour, minute, second, fraction, year] = match;
  return instantOf(
    [
      Number(year),
      MONTHS.indexOf(name) / name.length + 1,
      Number(day),
      Number(hour),
      Number(minute),
      Number(second),
      milliseconds(fraction),
    ],
    timeZone,
  );
}

function parseEpoch(text: string): number | undefined {
  if (!EPOCH.test(text) || COMPACT_DATE.test(text)) return undefined;
  const number = Number(text);
  const isSeconds = Math.abs(number) < SECONDS_BELOW;
  // By way of whole microseconds, or 1.005 s would become 1004 ms.
  const microseconds = Math.round(number * (isSeconds ? 1e6 : 1e3));
  return inRange(Math.floor(microseconds / 1e3));
}

/** The instant of a wall time in a zone, an offset or UTC. */
function instantOf(wall: WallTime, zone: string): number | undefined {
  if (!exists(wall)) return undefined;
  const [year, month, day, hour, minute, second, millisecond] = wall;
  const isLeap = second === 60;
  const args = [hour, minute, isLeap ? 59 : second, millisecond] as const;
  const utc = Date.UTC(year, month - 1, day, ...args);
  let instant: number | undefined = utc;
  if (zone[0] === "+" || zone[0] === "-") instant = atOffset(utc, zone);
  else if (!/^(?:UTC|Z)$/i.test(zone)) {
    instant = new Temporal.PlainDateTime(year, month, day, ...args)
      .toZonedDateTime(zone, { disambiguation: "compatible" })
      .epochMilliseconds;
  }
  if (instant !== undefined && isLeap) {
    instant += 1000;
    if ((instant - millisecond) % DAY_MS !== 0) return undefined;
  }
  return instant === undefined ? undefined : inRange(instant);
}

function exists(wall: WallTime): boolean {
  const [year, month, day, hour, minute, second] = wall;
  return year >= OLDEST_YEAR && Number.isInteger(month) && month >= 1 &&
    month <= 12 && day >= 1 &&
    (day <= 28 || day <= new Date(Date.UTC(year, month, 0)).getUTCDate()) &&
    hour <= 23 && minute <= 59 && second <= 60;
}

function atOffset(utc: number, offset: string): number | undefined {
  const hours = Number(offset.slice(1, 3));
  const minutes = offset.length > 3 ? Number(offset.slice(-2)) : 0;
  if (hours > 23 || minutes > 59) return undefined;
  const sign = offset[0] === "-" ? -1 : 1;
  return utc - sign * (hours * 60 + minutes) * 60_000;
}

function milliseconds(fraction: string | undefined): number {
  return fraction === undefined
    ? 0
    : Number(fraction.slice(0, 3).padEnd(3, "0"));
}

function inRange(instant: number): number | undefined {
  return instant >= OLDEST_MS && instant <= NEWEST_MS ? instant : undefined;
}
