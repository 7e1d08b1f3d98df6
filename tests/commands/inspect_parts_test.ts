import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runProgram } from "lib/cli.ts";
import { Arguments } from "lib/commands/command.ts";
import { inspectCommand } from "lib/commands/inspect.ts";
import type { Inspection } from "lib/commands/inspection/facts.ts";
import {
  inspectInput,
  RequestInspection,
} from "lib/commands/inspection/gather.ts";
import { readsInParts } from "lib/commands/reading.ts";
import { formatRequestLog } from "lib/logs/format_csv.ts";
import { parseInput, readRequestChunks } from "lib/logs/readers/mod.ts";
import { generateLog } from "lib/logs/synthetic.ts";

const OPTIONS = { timeZone: "UTC", next: "go on" };
const HEADER = "timestamp,method,endpoint,status_code,size,response_time";
const PROGRAM = fileURLToPath(new URL("../../lib/cli.ts", import.meta.url));

async function withFile<T>(
  text: string,
  use: (path: string) => Promise<T>,
): Promise<T> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, text);
    return await use(path);
  } finally {
    await Deno.remove(path);
  }
}

async function run(
  ...args: string[]
): Promise<{ code: number; out: string; said: string[]; shown: string[] }> {
  const said: string[] = [], shown: string[] = [];
  let out = "";
  const code = await runProgram(args, {
    write: (text) => Promise.resolve(void (out += text)),
    say: (line) => said.push(line),
    progress: (line) => shown.push(line),
  });
  return { code, out, said, shown };
}

/** The facts of a text read whole, and read in parts of 2 MiB. */
async function factsBothWays(
  text: string,
): Promise<{ whole: Inspection; inParts: Inspection; parts: number }> {
  return await withFile(text, async (file) => {
    const input = parseInput(text, { mode: "lenient", file });
    const inspection = new RequestInspection({ inParts: true });
    let report = input.report;
    let parts = 0;
    const blockBytes = 2 ** 21;
    const chunks = readRequestChunks(file, { mode: "lenient", blockBytes });
    for await (const chunk of chunks) {
      inspection.add(chunk.log);
      report = chunk.report;
      parts++;
    }
    const whole = inspectInput(input, input.report, OPTIONS);
    return { whole, inParts: inspection.facts(report, OPTIONS), parts };
  });
}

/** Quantiles may differ by their error, nothing else may. */
function assertAlike(inParts: Inspection, whole: Inspection): void {
  const error = inParts.requests?.quantileRelativeError;
  assert.equal(error, 0.01);
  assert.equal(whole.requests?.quantileRelativeError, undefined);
  const compare = (found: unknown, expected: unknown, name: string) => {
    if (typeof expected === "number" && /^p\d\d$/.test(name)) {
      const close = Math.abs(Number(found) - expected) <=
        0.01 * expected + 1e-9;
      assert.ok(close, `${name} is ${found}, expected ${expected}`);
    } else if (typeof expected === "object" && expected !== null) {
      assert.ok(typeof found === "object" && found !== null, name);
      const entries = Object.entries(found)
        .filter(([key]) => key !== "quantileRelativeError");
      assert.deepEqual(
        entries.map(([key]) => key),
        Object.keys(expected),
        name,
      );
      const values = new Map(Object.entries(expected));
      for (const [key, value] of entries) compare(value, values.get(key), key);
    } else assert.deepEqual(found, expected, name);
  };
  compare(inParts, whole, "facts");
}

/** An access log of a request a second, each path twice. */
function accessLog(rows: number): string {
  return Array.from({ length: rows }, (_, i) => {
    const at = new Date(Date.UTC(2026, 0, 5) + 1000 * (i >> 1)).toISOString();
    const path = `/users/${i >> 1}/orders?page=${i % 7}`;
    return `10.0.0.${i % 250} - - [${at.slice(8, 10)}/Jan/2026:${
      at.slice(11, 19)
    } +0000] "GET ${path} HTTP/1.1" ${i % 50 ? 200 : 500} ${i % 900}\n`;
  }).join("");
}

Deno.test("RequestInspection finds in parts of a CSV what is found in the whole", async () => {
  const { log } = generateLog({ rows: 60_000, days: 4, seed: 3 });
  const { whole, inParts, parts } = await factsBothWays(formatRequestLog(log));
  assert.ok(parts > 1);
  assertAlike(inParts, whole);
  assert.ok(inParts.quietHours);
});

Deno.test("RequestInspection finds in parts of an access log what is found in the whole", async () => {
  const { whole, inParts, parts } = await factsBothWays(accessLog(40_000));
  assert.ok(parts > 1);
  assertAlike(inParts, whole);
  assert.equal(inParts.requests?.endpoints.top[0].name, "/users/:id/orders");
  // Both requests of a second differ in their query.
  assert.equal(inParts.requests?.endpoints.templated, 40_000);
});

Deno.test("RequestInspection counts the bad rows of all parts", async () => {
  const { log } = generateLog({ rows: 60_000, days: 4, seed: 4 });
  const lines = formatRequestLog(log).split("\n");
  for (const line of [2, 30_000, 59_000]) lines[line] += ",one more";
  lines[40_000] = lines[40_000].replace(/,[^,]*$/, ",fast");
  const { whole, inParts, parts } = await factsBothWays(lines.join("\n"));
  assert.ok(parts > 1);
  assertAlike(inParts, whole);
  assert.deepEqual(inParts.rows.rejected, 4);
  assert.deepEqual(inParts.rejections.map(({ count }) => count), [3, 1]);
});

Deno.test("RequestInspection finds equal rows and constants across parts", () => {
  const rowAt = (second: number, path: string) =>
    `2026-01-05T00:00:0${second}Z,GET,${path},200,1,1`;
  const inspection = new RequestInspection({ inParts: true });
  const parts = [
    [rowAt(1, "/a"), rowAt(2, "/b")],
    [rowAt(2, "/c"), rowAt(2, "/b"), rowAt(3, "/a")],
    [rowAt(3, "/a")],
  ];
  let last = parseInput(`${HEADER}\n${rowAt(1, "/a")}\n`).report;
  for (const rows of parts) {
    const part = parseInput([HEADER, ...rows].join("\n"));
    assert.ok(part.kind === "requests");
    inspection.add(part.log);
    last = part.report;
  }
  const { warnings, requests } = inspection.facts(last, OPTIONS);
  assert.deepEqual(warnings, [
    "the method is the same in every row",
    "the status code is the same in every row",
    "the size is the same in every row",
    "the response time is the same in every row",
    "equal to a row before, and kept: 2 rows",
  ]);
  assert.deepEqual(
    requests?.endpoints.top.map(({ name, count }) => [name, count]),
    [["/a", 3], ["/b", 2], ["/c", 1]],
  );
});

Deno.test("latency inspect --in-parts says how exact it is, and how far it is", async () => {
  const text = formatRequestLog(generateLog({ rows: 500, days: 1 }).log);
  await withFile(text, async (path) => {
    const { code, out, said, shown } = await run("inspect", path, "--in-parts");
    assert.equal(code, 0, said.join("\n"));
    assert.match(out, /^Rows +500 read, 0 rejected$/m);
    assert.match(out, /^Quantiles +within 1 %, as the log was read in parts/m);
    assert.match(out, /latency detect \S+ --in-parts\n$/);
    assert.deepEqual(shown, ["500 rows read, 100 %"]);
    const json = await run("inspect", path, "--in-parts", "--json");
    const facts: Inspection = JSON.parse(json.out);
    assert.equal(facts.requests?.quantileRelativeError, 0.01);
    const whole: Inspection = JSON.parse(
      (await run("inspect", path, "--json")).out,
    );
    const next = "go on";
    assertAlike({ ...facts, next }, { ...whole, next });
  });
});

Deno.test("latency inspect - --in-parts reads standard input", async () => {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", PROGRAM, "inspect", "-", "--in-parts"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(accessLog(100)));
  await writer.close();
  const { code, stdout } = await child.output();
  assert.equal(code, 0);
  const out = new TextDecoder().decode(stdout);
  assert.match(out, /^standard input: a log of requests, access-log\n/);
  assert.match(out, /^Rows +100 read, 0 rejected$/m);
});

Deno.test("latency inspect --in-parts exits 1 where there are no requests", async () => {
  await withFile("timestamp,value\n0,1\n60,2\n", async (path) => {
    const { code, said } = await run("inspect", path, "--in-parts");
    assert.equal(code, 1);
    assert.match(said[0], /part by part: it holds series, expected requests/);
  });
  await withFile(`${HEADER}\n`, async (path) => {
    const { code, said } = await run("inspect", path, "--in-parts");
    assert.equal(code, 1);
    assert.match(said[0], /expected at least one good row/);
  });
});

Deno.test("readsInParts() takes large files of requests, and what is asked for", async () => {
  const asks = (path: string, ...options: string[]) =>
    readsInParts(path, new Arguments([path, ...options], inspectCommand));
  assert.equal(await asks("-"), false);
  assert.equal(await asks("-", "--in-parts"), true);
  const row = "2026-01-05T00:00:00Z,GET,/a,200,1,1\n";
  const MIB = 2 ** 20;
  await withFile(`${HEADER}\n${row}`, async (path) => {
    assert.equal(await asks(path), false);
    // The file is sparse: only its start takes room.
    await Deno.truncate(path, 256 * MIB);
    assert.equal(await asks(path), false);
    await Deno.truncate(path, 256 * MIB + 1);
    assert.equal(await asks(path), true);
  });
  await withFile("timestamp,value\n0,1\n60,2\n", async (path) => {
    await Deno.truncate(path, 256 * MIB + 1);
    assert.equal(await asks(path), false);
  });
  await withFile("", async (path) => {
    await Deno.writeFile(path, Uint8Array.of(0x1f, 0x8b));
    await Deno.truncate(path, 64 * MIB + 1);
    assert.equal(await asks(path), true);
    await Deno.truncate(path, 64 * MIB);
    assert.equal(await asks(path), false);
  });
});
