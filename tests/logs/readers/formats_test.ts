import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import {
  type FormatName,
  INPUT_FORMATS,
  parseInput,
  readInput,
} from "lib/logs/readers/mod.ts";
import { readStream } from "lib/logs/readers/input.ts";
import { MAX_LINE_BYTES } from "lib/logs/readers/lines.ts";
import { rowsOf } from "./log_rows.ts";
import { REQUEST_WRITERS, SAMPLES } from "./samples.ts";

const NAMES =
  "parquet, requests-csv, series-csv, ndjson, openstack, access-log, apache-error";

Deno.test("parseInput() tells each format by its content and says it", () => {
  for (const { name, text } of SAMPLES) {
    for (
      const input of [
        text,
        gzipSync(text),
        `\ufeff${text}`,
        `\r\n\n${text}`,
        text.replaceAll("\n", "\r\n"),
        text.replaceAll("\n", "\r"),
      ]
    ) {
      const { kind, report } = parseInput(input);
      assert.equal(report.format, name);
      assert.equal(
        kind,
        name === "apache-error"
          ? "events"
          : name === "series-csv"
          ? "series"
          : "requests",
      );
    }
  }
});

Deno.test("INPUT_FORMATS take no other format's input for their own", () => {
  for (const { name, text } of SAMPLES) {
    const head = new TextEncoder().encode(text);
    const taken = INPUT_FORMATS.filter(({ detect }) => detect(head, {}));
    assert.deepEqual(taken.map((format) => format.name), [name]);
  }
});

Deno.test("parseInput() takes the format that is asked for", () => {
  const format = (name: string) => name as FormatName;
  const [csv] = SAMPLES;
  assert.throws(() => parseInput(csv.text, { format: format("xml") }), {
    name: "RangeError",
    message: `Cannot read input: format is "xml", expected one of ${NAMES}`,
  });
  assert.throws(() => parseInput(csv.text, { format: "ndjson" }), {
    name: "SyntaxError",
    message: "Cannot read input: no line is a JSON object, expected one a line",
  });
  assert.throws(() => parseInput(csv.text, { format: "parquet" }), {
    name: "SyntaxError",
    message:
      "Cannot read input: it begins like Parquet but does not end like it",
  });
});

Deno.test("parseInput() shows how an input begins that fits no format", () => {
  assert.throws(
    () => parseInput(`\u001b[2J${"x".repeat(999)}\nGET`, { file: "a.log" }),
    {
      name: "SyntaxError",
      message: `Cannot read a.log: it begins "\\u001b[2J${
        "x".repeat(56)
      }…", which fits none of ${NAMES}; say the format if it is one of these`,
    },
  );
  for (const input of ["", "\n\r\n", "\ufeff", gzipSync("")]) {
    assert.throws(() => parseInput(input), {
      name: "SyntaxError",
      message: `Cannot read input: it is empty, expected one of ${NAMES}`,
    });
  }
});

Deno.test("all formats of requests read the same times alike", () => {
  const hour = 3_600_000;
  const berlin = { timeZone: "Europe/Berlin" };
  for (
    const [stamp, expected] of [
      // 02:30 is skipped on 30 March and comes twice on 26 October.
      ["2025-03-30 02:30:00", Date.UTC(2025, 2, 30, 1, 30)],
      ["2025-10-26 02:30:00", Date.UTC(2025, 9, 26, 0, 30)],
      ["2025-10-26 03:30:00", Date.UTC(2025, 9, 26, 2, 30)],
      ["1969-12-31 23:59:59", -1000 - hour],
      ["9999-12-31 12:00:00", Date.UTC(9999, 11, 31, 11)],
      // A leap second of UTC, an hour later in Berlin.
      ["2017-01-01 00:59:60", Date.UTC(2017, 0, 1)],
      ["2025-01-01 12:59:60", undefined],
      ["0000-00-00 00:00:00", undefined],
      ["2025-02-29 12:00:00", undefined],
    ] as const
  ) {
    for (const { name, write } of REQUEST_WRITERS) {
      const text = write({ stamp });
      const read = () => parseInput(text, { ...berlin, format: name });
      if (expected === undefined) {
        assert.throws(read, { name: "SyntaxError" }, `${name} ${stamp}`);
        continue;
      }
      const result = read();
      assert(result.kind === "requests");
      assert.equal(result.log.timestampMs[0], expected, `${name} ${stamp}`);
    }
  }
});

Deno.test("all formats of requests refuse the same cells", () => {
  const good = { stamp: "2025-01-01 00:00:00" };
  for (const { name, write } of REQUEST_WRITERS) {
    const result = parseInput(write(good), { format: name });
    assert(result.kind === "requests");
    assert.deepEqual(rowsOf(result.log).map((row) => row.slice(0, -1)), [
      [Date.UTC(2025, 0, 1), "GET", "/a", 200, 7, 250],
    ]);
    for (
      const bad of [
        { endpoint: "/\ufffd" },
        { status: "600" },
        { status: "99" },
        { size: "-1" },
        { size: "1.5" },
        { size: "9007199254740993" },
        { time: "-1" },
        { time: "nan" },
        { time: "1e999" },
      ]
    ) {
      assert.throws(
        () => parseInput(write(good, { ...good, ...bad }), { format: name }),
        { name: "SyntaxError", message: /^Cannot read input at line \d:/ },
        `${name} ${JSON.stringify(bad)}`,
      );
    }
  }
});

Deno.test("all formats reject a line over 1 MiB and read the rest", () => {
  for (const { name, text, rows } of SAMPLES) {
    const long = `${text}${"x".repeat(MAX_LINE_BYTES + 1)}\n`;
    const result = parseInput(long, { mode: "lenient" });
    assert.equal(result.report.rowsRead, rows, name);
    assert.equal(result.report.rowsRejected, 1);
    assert.match(
      result.report.rejections[0].reason,
      /^(line|record) too long$/,
    );
    const line = text.split("\n").length;
    assert.throws(() => parseInput(long), {
      name: "SyntaxError",
      message: new RegExp(
        `^Cannot read input at line ${line}: the (line|record) is longer than 1 MiB, expected at most 1048576 bytes$`,
      ),
    });
  }
});

Deno.test("a record of a CSV may have 1 MiB over many lines, and no more", () => {
  const row = (endpoint: string) => `0,GET,"${endpoint}",200,1,1\n`;
  const header = SAMPLES[0].text.split("\n")[0];
  // 0,GET,"",200,1,1 has 16 characters.
  const most = "x\n".repeat((MAX_LINE_BYTES - 16) / 2);
  for (const tail of ["", "1,GET,/a,200,1,1\r"]) {
    const text = `${header}\n${row(most)}${row(`${most}x`)}${tail}`;
    const { report } = parseInput(text, { mode: "lenient", endpoints: "raw" });
    assert.equal(report.rowsRead, tail === "" ? 1 : 2);
    assert.deepEqual(report.rejections.map(({ reason }) => reason), [
      "record too long",
    ]);
  }
});

Deno.test("all formats read hostile lines of a million characters", () => {
  const most = ['"', "\\", "["].map((piece) =>
    piece.repeat(MAX_LINE_BYTES - 300)
  );
  const pieces = ['\\"', "]", "[] ", "[:", "{", '{"a":', ",", '" ', "=", "a="];
  pieces.push(" ", "0", "0 ", "\u0000", "\t", " HTTP/1.1");
  const some = pieces.map((piece) => piece.repeat(2 ** 16 / piece.length));
  for (const { name, text, rows } of SAMPLES) {
    const last = text.trimEnd().split("\n").at(-1) ?? "";
    for (const hostile of [...most, ...some]) {
      const piece = hostile.slice(0, 9);
      // Alone, and behind and amid what begins well.
      const input = [
        text.trimEnd(),
        hostile,
        `${last.slice(0, 30)}${hostile}`,
        `${last.slice(0, last.indexOf("GET") + 4)}${hostile}${last.slice(-30)}`,
        "",
      ].join("\n");
      const { report } = parseInput(input, { mode: "lenient", format: name });
      assert(report.rowsRead >= rows, `${name} ${piece}`);
      assert.equal(
        report.rowsRead + report.rowsRejected + report.rowsIgnored,
        rows + 3,
        `${name} ${piece}`,
      );
    }
  }
});

Deno.test("readStream() joins chunks and stops at the limit", async () => {
  let given = 0;
  async function* chunks() {
    while (given < 100) {
      given++;
      yield await Promise.resolve(Uint8Array.of(1, 2, 3));
    }
  }
  await assert.rejects(readStream(chunks(), { maxBytes: 10, file: "pipe" }), {
    name: "RangeError",
    message:
      "Cannot read pipe: it holds more than 10 bytes, expected at most maxBytes",
  });
  // 12 bytes are the first more than 10.
  assert.equal(given, 4);
  given = 98;
  assert.deepEqual([...await readStream(chunks())], [1, 2, 3, 1, 2, 3]);
});

Deno.test("readInput() reads standard input and pipes, gzipped too", async () => {
  const script = `
    import { readInput } from "lib/logs/readers/mod.ts";
    const { report } = await readInput(Deno.args[0]);
    console.log(report.file, report.format, report.rowsRead);`;
  const input = gzipSync(SAMPLES[0].text);
  for (const [path, name] of [["-", "standard input"], ["/dev/stdin"]]) {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["eval", script, "--", path],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(input);
    await writer.close();
    const { stdout } = await child.output();
    assert.equal(
      new TextDecoder().decode(stdout).trim(),
      `${name ?? path} requests-csv ${SAMPLES[0].rows}`,
    );
  }
  await assert.rejects(readInput("/nowhere/log.csv"), { code: "ENOENT" });
});

Deno.test("parseInput() stops a bomb of gzip at the limit", () => {
  const bomb = gzipSync(new Uint8Array(2 ** 26));
  assert(bomb.length < 2 ** 17);
  assert.throws(() => parseInput(bomb, { maxBytes: 2 ** 20, file: "a.gz" }), {
    name: "RangeError",
    message:
      "Cannot read a.gz: it holds more than 1048576 bytes, expected at most maxBytes",
  });
});
