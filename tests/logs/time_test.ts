import assert from "node:assert/strict";
import fc from "fast-check";
import { checkTimeZone, parseTimestamp } from "lib/logs/time.ts";

const AT_8_15 = Date.UTC(2025, 0, 31, 8, 15);

Deno.test("parseTimestamp() reads ISO 8601 in all its usual shapes", () => {
  for (
    const [text, expected] of [
      ["2025-01-31T08:15:00Z", AT_8_15],
      ["2025-01-31 08:15:00", AT_8_15],
      ["2025-01-31t08:15z", AT_8_15],
      ["2025-01-31 08:15:00 UTC", AT_8_15],
      ["2025-01-31T09:15:00+01:00", AT_8_15],
      ["2025-01-31 13:45:00 +0530", AT_8_15],
      ["2025-01-31T00:15:00-08", AT_8_15],
      ["2025-01-31T08:15:00.25Z", AT_8_15 + 250],
      ["2025-01-31T08:15:00,123456789", AT_8_15 + 123],
      ["2025-01-31", Date.UTC(2025, 0, 31)],
      ["1969-12-31 23:59:59", -1000],
      ["9999-12-31 23:59:59.999", Date.UTC(9999, 11, 31, 23, 59, 59, 999)],
    ] as const
  ) assert.equal(parseTimestamp(text), expected, text);
});

Deno.test("parseTimestamp() takes numbers below 10^11 as seconds, others as ms", () => {
  for (
    const [text, expected] of [
      ["0", 0],
      ["1738311300", AT_8_15],
      ["1738311300000", AT_8_15],
      ["1738311300.25", AT_8_15 + 250],
      ["1.005", 1005], // 1.005 * 1000 is 1004.9999999999999 in doubles.
      ["-1.5", -1500],
      ["99999999999", 99999999999000],
      ["100000000000", 100000000000],
    ] as const
  ) assert.equal(parseTimestamp(text), expected, text);
});

Deno.test("parseTimestamp() reads the stamp of Apache's error log", () => {
  const time = Date.UTC(2005, 11, 4, 4, 47, 44);
  assert.equal(parseTimestamp("Sun Dec 04 04:47:44 2005"), time);
  assert.equal(parseTimestamp("Sun Dec  4 04:47:44 2005"), time);
  assert.equal(parseTimestamp("Sun Dec 04 04:47:44.123456 2005"), time + 123);
  assert.equal(
    parseTimestamp("Sun Dec 04 04:47:44 2005", { timeZone: "Asia/Tokyo" }),
    time - 9 * 3600_000,
  );
});

Deno.test("parseTimestamp() refuses what is no time", () => {
  for (
    const text of [
      "",
      "abc",
      "NaN",
      "Infinity",
      "1e9",
      "0x10",
      "2025-02-29",
      "2025-02-30",
      "1900-02-29",
      "2025-04-31 00:00:00",
      "2025-13-01",
      "2025-00-10",
      "2025-01-00",
      "2025-01-01 24:00:00",
      "2025-01-01 12:60:00",
      "2025-01-01 12:00:61",
      "2025-01-01 12:00:60",
      "2025-01-01T00:00:00+24:00",
      "2025-01-01T00:00:00+01:60",
      "2025-01-01T00:00:00 Europe/Berlin",
      " 2025-01-01",
      "2025-1-1",
      "0001-01-01T00:00:00Z",
      "1899-12-31",
      "1738311300000000", // Microseconds.
      "Sun Foo 04 04:47:44 2005",
      "Sun anF 04 04:47:44 2005",
      "Sun Feb 30 04:47:44 2005",
      "Xyz Dec 04 04:47:44 2005",
    ]
  ) assert.equal(parseTimestamp(text), undefined, text);
});

Deno.test("parseTimestamp() accepts the 29th of February in leap years only", () => {
  assert.equal(parseTimestamp("2024-02-29"), Date.UTC(2024, 1, 29));
  assert.equal(parseTimestamp("2000-02-29"), Date.UTC(2000, 1, 29));
});

Deno.test("parseTimestamp() reads a leap second as the second after it", () => {
  assert.equal(
    parseTimestamp("2016-12-31T23:59:60.5Z"),
    Date.UTC(2017, 0, 1, 0, 0, 0, 500),
  );
  assert.equal(
    parseTimestamp("2017-01-01T05:29:60+05:30"),
    Date.UTC(2017, 0, 1),
  );
});

Deno.test("parseTimestamp() takes times without a zone in the zone given", () => {
  const options = { timeZone: "Europe/Berlin" };
  // Winter UTC+1, summer UTC+2.
  assert.equal(
    parseTimestamp("2025-01-31 09:15:00", options),
    AT_8_15,
  );
  assert.equal(
    parseTimestamp("2025-07-01 02:00:00", options),
    Date.UTC(2025, 6, 1),
  );
  // A zone in the text wins.
  assert.equal(parseTimestamp("2025-01-31T08:15Z", options), AT_8_15);
});

Deno.test("parseTimestamp() takes the first of a repeated hour and moves a skipped one on", () => {
  const options = { timeZone: "Europe/Berlin" };
  // 26 October 2025: 03:00 summer time becomes 02:00; 02:30 first is UTC 00:30.
  assert.equal(
    parseTimestamp("2025-10-26 02:30:00", options),
    Date.UTC(2025, 9, 26, 0, 30),
  );
  // 30 March 2025: 02:00 becomes 03:00; 02:30 is read as 03:30, UTC 01:30.
  assert.equal(
    parseTimestamp("2025-03-30 02:30:00", options),
    Date.UTC(2025, 2, 30, 1, 30),
  );
});

Deno.test("parseTimestamp() inverts toISOString()", () => {
  fc.assert(
    fc.property(
      fc.date({
        min: new Date("1900-01-01T00:00:00Z"),
        max: new Date("9999-12-31T23:59:59.999Z"),
        noInvalidDate: true,
      }),
      (date) => {
        assert.equal(parseTimestamp(date.toISOString()), date.getTime());
      },
    ),
    { seed: 1, numRuns: 500 },
  );
});

Deno.test("parseTimestamp() and checkTimeZone() reject an unknown zone", () => {
  assert.throws(
    () => parseTimestamp("2025-01-01", { timeZone: "Mars/Olympus" }),
    RangeError,
  );
  assert.throws(() => checkTimeZone("Mars/Olympus", "read timestamps"), {
    name: "RangeError",
    message:
      'Cannot read timestamps: timeZone is "Mars/Olympus", expected an IANA time zone such as Europe/Berlin',
  });
  checkTimeZone("Europe/Berlin", "read timestamps");
});

Deno.test("parseTimestamp() refuses compact dates, which are no epochs", () => {
  assert.equal(parseTimestamp("20260105"), undefined);
  assert.equal(parseTimestamp("20260105080000"), undefined);
  assert.equal(parseTimestamp("1767571200"), 1_767_571_200_000);
});
