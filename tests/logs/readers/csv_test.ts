import assert from "node:assert/strict";
import fc from "fast-check";
import { readCsvCells } from "lib/logs/readers/csv.ts";
import { readHeader } from "lib/logs/readers/csv_header.ts";
import { parseRecords } from "lib/logs/readers/csv_records.ts";
import { scanCsv } from "lib/logs/readers/csv_scan.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);
const scan = (text: string) => scanCsv(bytesOf(text));
const strict = {
  file: "a.csv",
  mode: "strict",
  columns: {},
} as const;

Deno.test("scanCsv() finds the line on which each record begins", () => {
  for (
    const [text, lines] of [
      ["", []],
      ["\n\r\n\r", []],
      ["a", [1]],
      ["a\nb\n", [1, 2]],
      ["a\r\nb\rc\n\nd", [1, 2, 3, 5]],
      ['"a\n\r\n\rb"\nc', [1, 5]],
      ['"a""\n"\nb', [1, 3]],
      ['"","\n"\n,\n""', [1, 3, 4]],
    ] as const
  ) {
    assert.deepEqual(scan(text).recordLines, lines, JSON.stringify(text));
    assert.equal(scan(text).problem, undefined);
  }
});

Deno.test("scanCsv() sees a lone return outside quotes only", () => {
  assert.equal(scan("a\rb").hasLoneReturn, true);
  assert.equal(scan('a\r\n"\r"\r\n').hasLoneReturn, false);
});

Deno.test("scanCsv() says where quotes are irregular", () => {
  const inside = "a quote stands inside an unquoted field";
  const after = "a closing quote is not followed by a comma";
  const open = "a quoted field is not closed";
  for (
    const [text, line, detail] of [
      ['a\nb"', 2, inside],
      ['a\n "b"', 2, inside],
      ['a\n"b\n"c', 3, after],
      ['a\n"b" ,c', 2, after],
      ['a\n"b\nc\n', 2, open],
      ['a\n"b""\nc\n', 2, open],
    ] as const
  ) assert.deepEqual(scan(text).problem, { line, detail }, text);
});

Deno.test("readCsvCells() rejects a row with an empty field too many", () => {
  // Polars lets it pass at the very end of a text.
  for (const end of ["", "\n"]) {
    const table = readCsvCells(bytesOf(`a,b\n1,2\n3,4,${end}`), ["a"], strict);
    assert.deepEqual([...table.broken.keys()], [1]);
  }
});

Deno.test("readHeader() reads the first record only, up to 1 MiB", () => {
  const header = '\n"a,b", c \n';
  assert.deepEqual(readHeader(bytesOf(`${header}1,"2`), "a.csv"), ["a,b", "c"]);
  for (
    const bad of ['a,"b\n1,2\n', 'a,b"\n1,2\n', `"${"x".repeat(2 ** 21)}"`]
  ) {
    assert.throws(() => readHeader(bytesOf(bad), "a.csv"), {
      name: "SyntaxError",
      message: /^Cannot read a\.csv: /,
    });
  }
});

const cell = fc.string({
  unit: fc.constantFrom("a", "1", " ", ",", '"', "\n", "\r\n", "\r", "é", "#"),
  maxLength: 4,
});
const written = fc.tuple(cell, fc.boolean()).map(([text, quoted]) =>
  quoted || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
);
const line = fc.oneof(
  { weight: 9, arbitrary: fc.tuple(written, written) },
  { weight: 1, arbitrary: fc.array(written, { maxLength: 3 }) },
).map((cells) => cells.join(","));

Deno.test("readCsvCells() gives the cells of parseRecords(), whichever tokenizer it takes", () => {
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 5 }),
      fc.constantFrom("\n", "\r\n", "\r"),
      fc.boolean(),
      (lines, end, ends) => {
        const text = ["h,g", ...lines].join(end) + (ends ? end : "");
        const bytes = bytesOf(text);
        const records = parseRecords(bytes).slice(1);
        const table = readCsvCells(bytes, ["g", "h"], strict);
        assert.equal(table.places.length, records.length);
        records.forEach((record, row) => {
          assert.equal(table.broken.has(row), record.length !== 2);
          if (record.length !== 2) return;
          assert.equal(table.cells.h[row], record[0]);
          assert.equal(table.cells.g[row], record[1]);
        });
      },
    ),
    { seed: 4, numRuns: 1500 },
  );
});
