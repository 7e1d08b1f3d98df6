import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { readRegularColumns } from "lib/logs/readers/csv_columns.ts";
import type { RegularColumns } from "lib/logs/readers/frame_columns.ts";
import { factsOf } from "lib/logs/readers/lines.ts";
import { parseRequestLog, REQUEST_COLUMNS } from "lib/logs/readers/mod.ts";
import type { Categories } from "lib/logs/request_log.ts";
import { damaged, EDIT_KINDS } from "./damage.ts";

type Column = typeof REQUEST_COLUMNS[number];
type Unit = "us" | "ms" | "s";
type Layout = {
  readonly names: readonly Column[];
  readonly timeZone: string;
  readonly unit: Unit;
};

const USUAL: Layout = { names: REQUEST_COLUMNS, timeZone: "UTC", unit: "ms" };
const GOOD: { readonly [name in Column]: string } = {
  timestamp: "2026-01-05T08:15:00",
  method: "GET",
  endpoint: "/a",
  status_code: "200",
  size: "7",
  response_time: "12.5",
};

function fast(body: Uint8Array, layout: Layout): RegularColumns | undefined {
  const { names, timeZone, unit } = layout;
  const columns = names.map((name, index) => ({ name, heading: name, index }));
  return readRegularColumns(body, factsOf(body), {
    width: names.length,
    columns,
    timeZone,
    unit,
    scope: "all",
  });
}

/** Each row's values in the order of the input; -0 is not 0. */
function rowsOf(
  log: RegularColumns & { readonly sourceRow?: Uint32Array },
): unknown[][] {
  const nameOf = (categories: Categories | undefined, i: number) =>
    categories?.names[categories.codes[i]];
  const rows: unknown[][] = [];
  log.timestampMs.forEach((time, i) =>
    rows[log.sourceRow?.[i] ?? i] = [
      time,
      nameOf(log.method, i),
      nameOf(log.endpoint, i),
      log.statusCode[i],
      log.sizeBytes?.[i],
      log.responseTimeMs?.[i],
    ]
  );
  return rows;
}

/** Whether the fast way reads a body; it must give what the careful way does. */
function isFast(body: Uint8Array, layout: Layout = USUAL): boolean {
  const regular = fast(body, layout);
  if (!regular) return false;
  const { names, timeZone, unit } = layout;
  const whole = Buffer.concat([Buffer.from(`${names.join(",")}\n`), body]);
  const { log } = parseRequestLog(whole, { timeZone, unit, endpoints: "raw" });
  assert.deepStrictEqual(rowsOf(regular), rowsOf(log));
  return true;
}

function bodyOf(
  rows: readonly (Partial<typeof GOOD>)[],
  { names, end = "\n" }: { names: readonly Column[]; end?: string },
): Uint8Array {
  const lines = rows.map((row) =>
    names.map((name) => row[name] ?? GOOD[name]).join(",") + end
  );
  return new TextEncoder().encode(lines.join(""));
}

Deno.test("readRegularColumns() takes usual files", () => {
  for (
    const stamps of [
      ["2026-01-05T08:15:00", "2026-01-05T08:15:01.250000"],
      ["2026-01-05 08:15:00", "2026-01-05 08:15:59.999"],
      ["2026-01-05T08:15:00Z", "2026-01-05T08:15:00.123456789Z"],
      ["2026-01-05T08:15:00+02:00", "2026-01-05T08:16:00+02:00"],
      ["2026-01-05T08:15:00-0500", "2026-01-04T08:16:00-0500"],
      ["1767600900", "1767600901"],
      ["1767600900123", "1767600900124"],
    ]
  ) {
    for (const end of ["\n", "\r\n"]) {
      for (const endpoint of ["/a", '"/a,b"', '"/say ""x"""', "/a+b"]) {
        const rows = stamps.map((timestamp) => ({ timestamp, endpoint }));
        const body = bodyOf(rows, { names: REQUEST_COLUMNS, end });
        assert(isFast(body), `${body}`);
      }
    }
  }
});

const STAMPS = [
  ...["2026-01-05T08:15:00", "2026-01-05 08:15:01.250", "2026-01-05"],
  ...["2026-01-05T08:15:00.1", "2026-01-05T08:15:00,123456789"],
  ...["2026-01-05T08:15:00Z", "2026-01-05T08:15:00+02:00"],
  ...["2026-01-05T08:15:00+0200", "2026-01-05T08:15:00 +02:00"],
  ...["2026-03-29T02:30:00", "2026-10-25T02:30:00", "2016-12-31T23:59:60Z"],
  ...["2026-10-25T02:59:59.999", "1937-07-01T00:00:30", "1899-12-31T23:59:59"],
  ...["1969-12-31T23:59:59.999", "9999-12-31T23:59:59", "2026-02-30T00:00:00"],
  ...["1767600900", "1767600900123", "20260105", "20260105080000", "0", "-0"],
  ...["-5", "+1767600900", "0000001767600900", "1767600900.5", "1e9", ""],
  ...["2026-01-05t08:15:00", "10000-01-01T00:00:00", "1972-01-07T00:44:45"],
];
const CELLS: { readonly [name in Column]: readonly string[] } = {
  timestamp: STAMPS,
  method: ["GET", "", " GET", '"PUT"', '""', "\ufeffGET", "G\0T"],
  endpoint: ["/a", "/b", "", " ", '"/a,b"', '"/x\ny"', '/a"b', "/\ufffd", "+"],
  status_code: ["200", "099", "600", "+200", "-200", "200.0", "2e2", "0200"],
  size: ["0", "007", "-0", "+5", "1e3", "9007199254740992", "-", " 5", '"+5"'],
  response_time: [
    ...["0", "-0", "+5", "1e3", "1e+3", "nan", "NaN", "inf", "Infinity"],
    ...["1e150", "1.1e150", "1e-400", ".5", "5.", "1_000", "0x10", " 5", "5 "],
    ...["0.1", "123456.789012345678901", '"5"', '" +5"', "\t5", ""],
  ],
};
const row = fc.record(
  Object.fromEntries(
    REQUEST_COLUMNS.map((name) => [name, fc.constantFrom(...CELLS[name])]),
  ) as { [name in Column]: fc.Arbitrary<string> },
  { requiredKeys: [] },
);
const oneCell = fc.constantFrom(...REQUEST_COLUMNS).chain((name) =>
  fc.constantFrom(...CELLS[name]).map((cell) => ({ [name]: cell }))
);
const layout = fc.record({
  names: fc.constantFrom<readonly Column[]>(
    REQUEST_COLUMNS,
    REQUEST_COLUMNS.toReversed(),
    ["size", "status_code", "timestamp", "endpoint", "response_time", "method"],
  ),
  timeZone: fc.constantFrom("UTC", "Europe/Berlin", "Africa/Monrovia"),
  unit: fc.constantFrom<Unit[]>("us", "ms", "s"),
});
const edits = fc.array(
  fc.record({
    kind: fc.constantFrom(...EDIT_KINDS),
    at: fc.nat(),
    value: fc.nat(),
  }),
  { maxLength: 1 },
);

Deno.test("readRegularColumns() gives what the careful way does, one odd cell at a time", () => {
  const layouts = fc.sample(layout, { seed: 50, numRuns: 12 });
  for (const name of REQUEST_COLUMNS) {
    for (const cell of CELLS[name]) {
      for (const one of layouts) {
        isFast(bodyOf([{ [name]: cell }, { [name]: cell }], one), one);
        isFast(bodyOf([{}, { [name]: cell }], one), one);
      }
    }
  }
});

Deno.test("readRegularColumns() gives what the careful way does, whatever the text", () => {
  let taken = 0;
  fc.assert(
    fc.property(
      fc.array(fc.oneof(oneCell, fc.constant({}), row), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.constantFrom("\n", "\r\n", "\r", "\n\n"),
      layout,
      edits,
      (rows, end, layout, edits) => {
        const body = damaged(bodyOf(rows, { ...layout, end }), edits);
        if (isFast(body, layout)) taken++;
      },
    ),
    { seed: 51, numRuns: 1500 },
  );
  assert(taken > 30, `${taken} were taken`);
});
