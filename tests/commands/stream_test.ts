import assert from "node:assert/strict";
import { runProgram } from "lib/cli.ts";
import { StreamDetector } from "lib/monitor/stream_detector.ts";

type Run = { code: number; out: string; said: string[] };

/** Runs the command on a file of this text. */
async function run(text: string | Uint8Array, ...args: string[]): Promise<Run> {
  const path = await Deno.makeTempFile();
  const said: string[] = [];
  let out = "";
  try {
    await Deno.writeFile(
      path,
      typeof text === "string" ? new TextEncoder().encode(text) : text,
    );
    const code = await runProgram(["stream", path, ...args], {
      write: (piece) => Promise.resolve(void (out += piece)),
      say: (line) => said.push(line.replaceAll(path, "FILE")),
      progress: () => {},
    });
    return { code, out, said };
  } finally {
    await Deno.remove(path);
  }
}

/** 400 values that go round, five minutes apart, with a spike at row 350. */
const VALUES = Array.from(
  { length: 400 },
  (_, row) => row === 350 ? 5000 : 100 + (row * 7) % 13,
);
const TIMES = VALUES.map((_, row) => new Date(row * 300_000).toISOString());
const CSV = "timestamp,value\n" +
  VALUES.map((value, row) => `${TIMES[row]},${value}\n`).join("");

Deno.test("latency stream writes a scored line of CSV for each line", async () => {
  const { code, out, said } = await run(CSV);
  assert.equal(code, 0);
  const [header, ...lines] = out.trimEnd().split("\n");
  assert.equal(header, "timestamp,value,score,threshold,anomaly,reason");
  const detector = new StreamDetector();
  const expected = VALUES.map((value, row) => {
    const { score, threshold, isAnomaly } = detector.push(
      row * 300_000,
      value,
    );
    return `${TIMES[row]},${value},${score},${threshold},${isAnomaly}`;
  });
  assert.deepEqual(
    lines.map((line) => line.split(",").slice(0, 5).join(",")),
    expected,
  );
  assert.match(lines[350], /,true,value is 4888 away from all before$/m);
  assert.match(said[0], /5000 is an anomaly; value is 4888 away/);
  assert.equal(said.at(-1), "400 values scored, 1 anomalies");
});

Deno.test("latency stream writes JSON lines for JSON lines, with names of one's own", async () => {
  const text = VALUES.map((value, row) =>
    JSON.stringify({ at: row * 300, cpu: { load: value } }) + "\n"
  ).join("");
  const { code, out } = await run(
    text,
    ...["--timestamp", "at", "--value", "cpu.load", "--fail-on-anomaly"],
  );
  assert.equal(code, 3);
  const rows = out.trimEnd().split("\n").map((line) => JSON.parse(line));
  assert.equal(rows.length, 400);
  assert.deepEqual(Object.keys(rows[350]), [
    ...["timestamp", "value", "score", "threshold", "anomaly", "reason"],
  ]);
  assert.equal(rows[350].anomaly, true);
  assert.equal(rows[350].value, 5000);
  assert.equal(rows[1].timestamp, "1970-01-01T00:05:00.000Z");
});

Deno.test("latency stream stops at a bad line, saying which and why", async () => {
  const lines = CSV.split("\n");
  for (
    const [bad, message] of [
      ["1970-01-01,", /line 5: value is "", expected a number/],
      ["1970-01-01,1e999", /line 5: value is "1e999"/],
      ["yesterday,5", /line 5: timestamp is "yesterday", expected ISO/],
      ["1970-01-01,5,6", /line 5: the line has 3 fields, expected 2/],
      ['"1970-01-01,5', /line 5: the line is .* expected quotes that pair/],
    ] as const
  ) {
    const text = lines.with(4, bad).join("\n");
    const { code, out, said } = await run(text);
    assert.equal(code, 1);
    assert.match(said[0], message);
    assert.equal(out.trimEnd().split("\n").length, 4); // Header, 3 rows.
  }
});

Deno.test("latency stream --lenient skips bad lines and counts them", async () => {
  const lines = CSV.split("\n");
  const text = lines.toSpliced(3, 0, "x,y", "", "1970-01-01T00:00:00Z,3")
    .join("\r\n");
  const { code, out, said } = await run(text, "--lenient");
  assert.equal(code, 0);
  assert.equal(out.trimEnd().split("\n").length, 402);
  assert.match(said[0], /at line 4: timestamp is "x"/);
  assert.match(said.at(-2)!, /401 values scored, 1 anomalies, 1 bad lines/);
  assert.match(said.at(-1)!, /1 values were older than one before/);
});

Deno.test("latency stream says what it cannot work with", async () => {
  for (
    const [text, message] of [
      ["", /0 lines were bad and none good/],
      ["timestamp,value\n", /0 lines were bad and none good/],
      ["time,value\n", /"timestamp" missing from the header/],
      ["\u0000\u0001", /missing from the header/],
    ] as const
  ) {
    const { code, said } = await run(text);
    assert.equal(code, 1);
    assert.match(said[0], message);
  }
  for (
    const args of [
      ["--alarms-per-week", "0"],
      ["--memory", "1.5"],
      ["--no-such"],
    ]
  ) {
    const { code } = await run(CSV, ...args);
    assert.equal(code, 2, args.join(" "));
  }
  const zone = await run(CSV, "--time-zone", "Moon/Base");
  assert.equal(zone.code, 1);
});

Deno.test("latency stream says that a short series has no score yet", async () => {
  const { out, said } = await run(CSV.split("\n").slice(0, 20).join("\n"));
  const scores = out.trimEnd().split("\n").slice(1)
    .map((line) => line.split(",")[2]);
  assert(scores.every((score) => score === "0"));
  assert.match(said.at(-1)!, /no score yet: the warm-up takes 51 values/);
});

Deno.test("latency stream reads a BOM, an over-long line, and what is no UTF-8", async () => {
  const [header, ...rest] = CSV.split("\n");
  const long = `1970-01-01,${"9".repeat(2 ** 20)}`;
  const text = ["\ufeff" + header, rest[0], long, rest[1], ""].join("\n");
  const { code, said } = await run(text, "--lenient");
  assert.equal(code, 0);
  assert.match(
    said[0],
    /line 3: the line is longer than 1 MiB, expected at most/,
  );
  const bytes = new TextEncoder().encode(CSV);
  bytes[CSV.indexOf("107")] = 0xff;
  const bad = await run(bytes);
  assert.equal(bad.code, 1);
  assert.match(bad.said[0], /value is "\ufffd/);
});
