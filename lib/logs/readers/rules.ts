/**
 * The rules by which cells of text become values of a log.
 *
 * @module
 */

import { checkTimeZone, parseTimestamp } from "../time.ts";
import type { CellRule } from "./rows.ts";

/** The unit in which response times are written: micro-, milliseconds, seconds. */
export type ResponseTimeUnit = "us" | "ms" | "s";

/** A decimal number; a sign, NaN, infinity or hexadecimal is none. */
const UNSIGNED = /^(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const SIGNED = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const DIGITS = /^\d+$/;
/** The greatest number of a log: squares and sums of larger ones overflow. */
export const LARGEST = 1e150;
/** The units of response times, and the way from each to milliseconds. */
export const RESPONSE_TIME_UNITS: {
  readonly [K in ResponseTimeUnit]: {
    readonly name: string;
    readonly toMs: (value: number) => number;
  };
} = {
  us: { name: "microseconds", toMs: (value) => value / 1000 },
  ms: { name: "milliseconds", toMs: (value) => value },
  s: { name: "seconds", toMs: (value) => value * 1000 },
};

/** What stands in a text where bytes were not UTF-8. */
const REPLACEMENT_CHARACTER = "\ufffd";

/** HTTP status codes, 100 to 599. */
export const STATUS_RULE: CellRule<number> = {
  expected: "an HTTP status from 100 to 599",
  parse: (text) => integerWithin(text, 100, 599),
};

/** Sizes in bytes; `-` is no size. */
export const SIZE_RULE: CellRule<number> = {
  expected: "whole bytes >= 0",
  parse: (text) => integerWithin(text, 0, Number.MAX_SAFE_INTEGER),
};

/** Sizes in bytes as Apache's `%b` writes them: `-` where none were sent. */
export const SENT_SIZE_RULE: CellRule<number> = {
  expected: "whole bytes >= 0 or -",
  parse: (text) => text === "-" ? 0 : SIZE_RULE.parse(text),
};

/** Numbers of any sign whose squares are finite. */
export const VALUE_RULE: CellRule<number> = {
  expected: "a number from -1e150 to 1e150",
  parse: (text) => SIGNED.test(text) ? finite(Number(text)) : undefined,
};

/** Texts that are not empty; kept as they are, upper and lower case. */
export const TEXT_RULE: CellRule<string> = {
  expected: "a text in UTF-8 that is not empty",
  parse: (text) =>
    text === "" || text.includes(REPLACEMENT_CHARACTER) ? undefined : text,
};

/** Texts that may be empty. */
export const MESSAGE_RULE: CellRule<string> = {
  expected: "a text in UTF-8",
  parse: (text) => text.includes(REPLACEMENT_CHARACTER) ? undefined : text,
};

/**
 * The rule for timestamps of any kind that {@linkcode parseTimestamp} knows.
 *
 * @param timeZone The IANA time zone of times that name none.
 * @returns The rule; its values are milliseconds since 1970 UTC.
 * @throws {RangeError} If the zone is not known.
 */
export function timestampRule(timeZone: string): CellRule<number> {
  checkTimeZone(timeZone, "read timestamps");
  return {
    expected: "ISO 8601 or epoch seconds or milliseconds",
    parse: (text) => parseTimestamp(text, { timeZone }),
  };
}

/**
 * The rule for response times.
 *
 * @param unit The unit in which they are written.
 * @returns The rule; its values are milliseconds, finite and >= 0.
 * @throws {RangeError} If the unit is not known.
 */
export function responseTimeRule(unit: ResponseTimeUnit): CellRule<number> {
  if (!Object.hasOwn(RESPONSE_TIME_UNITS, unit)) {
    throw new RangeError(
      `Cannot read response times: unit is ${
        JSON.stringify(unit)
      }, expected "us", "ms" or "s"`,
    );
  }
  const { name, toMs } = RESPONSE_TIME_UNITS[unit];
  return {
    expected: `${name} >= 0`,
    parse: (text) =>
      UNSIGNED.test(text) ? finite(toMs(Number(text))) : undefined,
  };
}

function integerWithin(
  text: string,
  minimum: number,
  maximum: number,
): number | undefined {
  if (!DIGITS.test(text)) return undefined;
  const value = Number(text);
  return value >= minimum && value <= maximum ? value : undefined;
}

/** Squares and sums of larger numbers would overflow in every model. */
function finite(value: number): number | undefined {
  return Math.abs(value) <= LARGEST ? value : undefined;
}
