import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import {
  parseFirstRecord,
  parseRecords,
} from "lib/logs/readers/csv_records.ts";
import { scanCsv } from "lib/logs/readers/csv_scan.ts";

function records(text: string | Uint8Array): string[][] {
  return parseRecords(Buffer.from(text));
}

Deno.test("parseRecords() tells fields apart, by hand", () => {
  assert.deepEqual(records(""), []);
  assert.deepEqual(records("\n\r\n\r"), []);
  assert.deepEqual(records("a,b\n1,2"), [["a", "b"], ["1", "2"]]);
  assert.deepEqual(records("a\r\nb\rc\nd"), [["a"], ["b"], ["c"], ["d"]]);
  assert.deepEqual(records(",\n,,\n"), [["", ""], ["", "", ""]]);
  assert.deepEqual(records("a,"), [["a", ""]]);
  assert.deepEqual(records('""\n"",""\n'), [[""], ["", ""]]);
  assert.deepEqual(records('"a,b",c\n'), [["a,b", "c"]]);
  assert.deepEqual(records('"a\r\nb","c\rd\n"\n'), [["a\r\nb", "c\rd\n"]]);
  assert.deepEqual(records('"""a""",""""\n'), [['"a"', '"']]);
  assert.deepEqual(records(" a , b\t\n"), [[" a ", " b\t"]]);
});

Deno.test("parseRecords() keeps marks and shows what is not UTF-8", () => {
  assert.deepEqual(records("\ufeffa,\ufeffb\n"), [["\ufeffa", "\ufeffb"]]);
  assert.deepEqual(
    records(Uint8Array.of(0xc3, 0x2c, 0xff, 0x2c, 0xe2, 0x82, 0x0a, 0x61)),
    [["\ufffd", "\ufffd", "\ufffd"], ["a"]],
  );
});

Deno.test("parseRecords() gives what csv-parse does, wherever quotes are regular", () => {
  const piece = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom(",", "a", "é", " ", "\ufeff") },
    fc.constantFrom("\n", "\r\n", "\r", '"', '""', '"a"', '"a,\n"', '"a""\r"'),
  );
  let compared = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      const bytes = Buffer.from(pieces.join(""));
      const scan = scanCsv(bytes);
      if (scan.problem) return;
      const expected: string[][] = parse(bytes, {
        relax_column_count: true,
        skip_empty_lines: true,
        record_delimiter: ["\r\n", "\n", "\r"],
      });
      assert.deepEqual(parseRecords(bytes), expected);
      assert.deepEqual(parseFirstRecord(bytes, "a"), expected[0]);
      assert.equal(scan.recordLines.length, expected.length);
      compared++;
    }),
    { seed: 91, numRuns: 5000 },
  );
  assert(compared > 1000, `${compared} were compared`);
});

Deno.test("parseFirstRecord() refuses irregular quotes", () => {
  assert.throws(() => parseFirstRecord(Buffer.from('a"b,c\n'), "a.csv"), {
    name: "SyntaxError",
    message: /^Cannot read a\.csv: /,
  });
  assert.equal(parseFirstRecord(Buffer.from("\n\r"), "a.csv"), undefined);
});
