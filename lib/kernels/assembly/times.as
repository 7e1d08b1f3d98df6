// Timestamps at the beginnings of lines, as the first column of a CSV has them:
// `2026-01-05T08:15:00` and a comma, with a fraction of three to nine digits or
// without, and `Z` at the end of all or of none.

const MINUTE_BYTES: usize = 16;
const LINE_FEED: u32 = 0x0a;
const COMMA: u32 = 0x2c;
// Since then all zones have been at whole minutes from UTC.
const FIRST_YEAR: u32 = 1973;
const LAST_YEAR: u32 = 9998;

let timeMs: f64 = 0;

/**
 * Reads the times of the lines from `start` to before `end` to `out` (f64 each),
 * in milliseconds since 1970 as if the zone were UTC.
 *
 * Returns how many lines there are, 0 if one is longer than `longest` or begins
 * otherwise; less than 0 if what follows the times of the lines is not all
 * ASCII without blanks.
 */
export function readTimes(
  start: usize, end: usize, out: usize, longest: usize, isZulu: bool,
): i32 {
  let minute = i8x16.splat(0);
  let minuteMs: f64 = 0;
  let loose = 0;
  let lines: i32 = 0;
  let next: usize = 0;
  for (let at = start; at < end; at = next) {
    const bytes = v128.load(at);
    if (lines == 0 || v128.any_true(v128.xor(bytes, minute))) {
      minuteMs = readMinute(at);
      if (minuteMs < 0) return 0;
      minute = bytes;
    }
    const cellEnd = readSecond(at + MINUTE_BYTES, isZulu);
    if (cellEnd == 0 || cellEnd > end) return 0;
    store<f64>(out, minuteMs + timeMs);
    out += 8;
    lines++;
    next = cellEnd;
    let feeds = 0;
    for (; feeds == 0 && next < end; next += 16) {
      const rest = v128.load(next);
      feeds = i8x16.bitmask(i8x16.eq(rest, i8x16.splat(<i8> LINE_FEED)));
      // As signed numbers, bytes beyond ASCII are below a blank.
      const odd = i8x16.bitmask(i8x16.le_s(rest, i8x16.splat(0x20)));
      loose |= odd & ((feeds & -feeds) - 1);
    }
    if (feeds != 0) next += <usize> ctz<i32>(feeds) - 15;
    // The last line may have no end.
    if (next > end) next = end;
    if (next - at > longest) return 0;
  }
  return loose == 0 ? lines : -lines;
}

@inline
function digit(at: usize): u32 {
  return <u32> load<u8>(at) - 0x30;
}

/** A number of `count` digits; one above all others if any is none. */
@inline
function digits(at: usize, count: usize): u32 {
  let value: u32 = 0;
  for (let i: usize = 0; i < count; i++) {
    const next = digit(at + i);
    if (next > 9) return u32.MAX_VALUE;
    value = value * 10 + next;
  }
  return value;
}

/** `2026-01-05T08:15` in milliseconds; -1 if it is none. */
function readMinute(at: usize): f64 {
  const year = digits(at, 4), month = digits(at + 5, 2), day = digits(at + 8, 2);
  const hour = digits(at + 11, 2), minute = digits(at + 14, 2);
  const between = <u32> load<u8>(at + 10);
  if (
    load<u8>(at + 4) != 0x2d || load<u8>(at + 7) != 0x2d ||
    load<u8>(at + 13) != 0x3a || (between != 0x54 && between != 0x20) ||
    year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 ||
    day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59
  ) return -1;
  const days = daysSince1970(year, month, day);
  return 60000 * <f64> ((days * 24 + hour) * 60 + minute);
}

function daysIn(year: u32, month: u32): u32 {
  if (month == 2) {
    const isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return isLeap ? 29 : 28;
  }
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/** Days of the Gregorian calendar, of years that begin in March. */
function daysSince1970(year: u32, month: u32, day: u32): u32 {
  const y = month > 2 ? year : year - 1;
  const dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
  return 365 * y + y / 4 - y / 100 + y / 400 + dayOfYear - 719468;
}

/** `:00`, `:00.250` or `:00.250000`, then the zone and a comma; where it ends. */
@inline
function readSecond(at: usize, isZulu: bool): usize {
  const second = digits(at + 1, 2);
  if (<u32> load<u8>(at) != 0x3a || second > 59) return 0;
  at += 3;
  let ms: u32 = 0;
  // A comma might as well end the cell: only a point begins a fraction here.
  if (<u32> load<u8>(at) == 0x2e) {
    ms = digits(at + 1, 3);
    if (ms > 999) return 0;
    at += 4;
    for (let more = 0; more < 6 && digit(at) <= 9; more++) at++;
  }
  timeMs = <f64> (second * 1000 + ms);
  if (isZulu && <u32> load<u8>(at++) != 0x5a) return 0;
  return <u32> load<u8>(at) == COMMA ? at + 1 : 0;
}
