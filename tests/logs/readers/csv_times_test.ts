import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import fc from "fast-check";
import { TextMemory } from "lib/kernels/text_memory.ts";
import { readRegularColumns } from "lib/logs/readers/csv_columns.ts";
import { factsOf } from "lib/logs/readers/lines.ts";
import { parseRequestLog, REQUEST_COLUMNS } from "lib/logs/readers/mod.ts";
import { damaged, EDIT_KINDS } from "./damage.ts";

const memory = new TextMemory(2 ** 16);
const HEADER = `${REQUEST_COLUMNS.join(",")}\n`;

/** Reads a body by the kernel; it must give what the careful way does. */
function isFast(
  body: string | Uint8Array,
  { timeZone = "UTC", scope = "metrics" as "metrics" | "all" } = {},
): boolean {
  const whole = Buffer.from(body);
  // What is left of an earlier text must not matter.
  memory.bytes.fill(0x0a).set(whole, 5);
  const bytes = memory.bytes.subarray(5, 5 + whole.length);
  const columns = REQUEST_COLUMNS.map((name, index) => ({
    ...{ name, heading: name, index },
  }));
  const layout = { width: columns.length, columns, timeZone, scope };
  const regular = readRegularColumns(
    bytes,
    factsOf(bytes),
    { ...layout, unit: "ms" },
    memory,
  );
  if (!regular) return false;
  const { log } = parseRequestLog(Buffer.concat([Buffer.from(HEADER), whole]), {
    ...{ timeZone, endpoints: "raw" },
  });
  log.sourceRow.forEach((row, i) => {
    const { timestampMs, endpoint, statusCode, responseTimeMs } = regular;
    // Times that the kernel does not read may be those of their minutes.
    const unit = scope === "all" ? 1 : 60_000;
    assert.equal(
      Math.floor(timestampMs[row] / unit),
      Math.floor(log.timestampMs[i] / unit),
    );
    assert.equal(
      endpoint.names[endpoint.codes[row]],
      log.endpoint.names[log.endpoint.codes[i]],
    );
    assert.equal(statusCode[row], log.statusCode[i]);
    assert.equal(responseTimeMs?.[row], log.responseTimeMs?.[i]);
  });
  return true;
}

Deno.test("readRegularColumns() takes usual timestamps by the kernel", () => {
  for (
    const stamps of [
      ["2026-01-05T08:15:00", "2026-01-05T08:15:59"],
      ["2026-01-05 08:15:00.250", "2024-02-29 23:59:59.999"],
      ["2026-01-05T08:15:00Z", "2026-01-05T08:15:00.123456789Z"],
      ["1973-01-01T00:00:00Z", "9998-12-31T23:59:59Z"],
    ]
  ) {
    for (const end of ["\n", ""]) {
      for (const timeZone of ["UTC", "Europe/Berlin"]) {
        const rows = stamps.map((stamp) => `${stamp},GET,/a,200,7,1.5`);
        const body = rows.join("\n") + end;
        assert(isFast(body, { timeZone, scope: "all" }), body);
        assert(isFast(body, { timeZone }), body);
      }
    }
  }
});

Deno.test("readRegularColumns() looks at methods where there are blanks", () => {
  const row = (method: string) => `2026-01-05T08:15:00Z,${method},/a,200,7,1\n`;
  assert(isFast(row("GET") + row("GET")));
  for (const method of ["", " ", " GET", "GET\t", "\u00a0GET", "\ufffd"]) {
    assert(!isFast(row("GET") + row(method)), method);
  }
});

Deno.test("readRegularColumns() overlooks no cell too many or too few", () => {
  const row = "2026-01-05T08:15:00Z,GET,/a,200,7,1";
  assert(isFast(`${row}\n${row}\n`));
  for (const odd of [`${row},9`, `${row},`, row.replace(",7", "")]) {
    assert(!isFast(`${row}\n${odd}\n${row}\n`), odd);
    assert(!isFast(`${row}\n${odd}`), odd);
  }
  // One too many makes up for one too few.
  assert(!isFast(`${row},9\n${row.replace(",7", "")}\n`));
});

const STAMPS = [
  ...["2026-01-05T08:15:00Z", "2026-01-05T08:15:59.999Z"],
  ...["2026-02-29T08:15:00Z", "2024-02-29T08:15:00Z", "1900-02-28T00:00:00Z"],
  ...["2026-01-05T24:00:00Z", "2026-01-05T08:60:00Z", "2026-01-05T08:15:60Z"],
  ...["2026-13-05T08:15:00Z", "2026-00-05T08:15:00Z", "2026-01-00T08:15:00Z"],
  ...["2026-01-05T08:15:00", "2026-01-05 08:15:00Z", "2026-01-05t08:15:00Z"],
  ...[
    "2026-01-05T08:15:00.1Z",
    "2026-01-05T08:15:00.1234567890Z",
    "1767600900",
  ],
  ...["2026-01-05T08:15Z", "2026-01-05", "2026-01-05T08:15:00 Z", ""],
  ...["9999-12-31T23:59:59Z", "1972-12-31T23:59:59Z", "2016-12-31T23:59:60Z"],
  ...["2026-03-29T02:30:00", "2026-10-25T02:30:00", "2026-10-25T02:59:59.999"],
];
const cell = (usual: string, ...others: string[]) =>
  fc.oneof(
    { weight: 8, arbitrary: fc.constant(usual) },
    { weight: 1, arbitrary: fc.constantFrom(...others) },
  );
const row = fc.tuple(
  fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...STAMPS.slice(0, 2)) },
    { weight: 1, arbitrary: fc.constantFrom(...STAMPS) },
  ),
  cell("GET", "", " GET", "\u00a0", "G\0T"),
  cell("/a", "/b", "", "/\u00e9", "/b ", "/a".repeat(40)),
  cell("200", "503", "99", "0200", "2e2", ""),
  cell("7", "9007199254740991", "9007199254740992", "-1", "1.5", ""),
  cell("12.5", "0", "-0", "nan", "1e150", "1e151", "", " 5"),
).map((cells) => cells.join(","));
const edits = fc.array(
  fc.record({
    kind: fc.constantFrom(...EDIT_KINDS),
    at: fc.nat(),
    value: fc.nat(),
  }),
  { maxLength: 1 },
);

Deno.test("readRegularColumns() gives by the kernel what the careful way does", () => {
  let taken = 0;
  fc.assert(
    fc.property(
      fc.array(row, { minLength: 1, maxLength: 4 }),
      edits,
      fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kolkata"),
      fc.constantFrom<("metrics" | "all")[]>("metrics", "all"),
      (rows, edits, timeZone, scope) => {
        const body = Buffer.from(rows.map((text) => `${text}\n`).join(""));
        if (isFast(damaged(body, edits), { timeZone, scope })) taken++;
      },
    ),
    { seed: 52, numRuns: 1500 },
  );
  assert(taken > 150, `${taken} were taken`);
});
