import assert from "node:assert/strict";
import type { Inspection } from "lib/commands/inspection/facts.ts";
import { inspectInput } from "lib/commands/inspection/gather.ts";
import { formatInspection } from "lib/commands/inspection/text.ts";
import { runProgram } from "lib/cli.ts";
import { templateEndpoints } from "lib/logs/endpoints.ts";
import { parseObservations, type ReadReport } from "lib/logs/readers/mod.ts";
import { categoriesOf, type RequestLog } from "lib/logs/request_log.ts";

const OPTIONS = { timeZone: "UTC", next: "go on" };
const { report: REPORT } = parseObservations("timestamp,value\n0,1\n", {
  file: "a.log",
});

function logOf(
  rows: readonly [
    minute: number,
    endpoint: string,
    status: number,
    ms: number,
  ][],
): RequestLog {
  const rawEndpoint = categoriesOf(rows.map(([, endpoint]) => endpoint));
  return {
    timestampMs: Float64Array.from(rows, ([minute]) => minute * 60_000),
    method: categoriesOf(rows.map(() => "GET")),
    endpoint: templateEndpoints(rawEndpoint, { maximumEndpoints: 3 }),
    rawEndpoint,
    statusCode: Uint16Array.from(rows, ([, , status]) => status),
    sizeBytes: Float64Array.from(rows, (_, row) => row),
    responseTimeMs: Float64Array.from(rows, ([, , , ms]) => ms),
    sourceRow: Uint32Array.from(rows, (_, row) => row),
  };
}

async function run(
  ...args: string[]
): Promise<{ code: number; out: string; said: string[] }> {
  const said: string[] = [];
  let out = "";
  const code = await runProgram(args, {
    write: (text) => Promise.resolve(void (out += text)),
    say: (line) => said.push(line),
    progress: () => {},
  });
  return { code, out, said };
}

async function inspectText(
  text: string,
  ...args: string[]
): Promise<{ code: number; out: string; said: string[]; path: string }> {
  const path = await Deno.makeTempFile({ suffix: " it's.csv" });
  try {
    await Deno.writeTextFile(path, text);
    return { ...await run("inspect", path, ...args), path };
  } finally {
    await Deno.remove(path);
  }
}

const HEADER = "timestamp,method,endpoint,status_code,size,response_time";

Deno.test("inspectInput() counts, ranks and measures requests", () => {
  const log = logOf([
    [0, "/users/1", 200, 10],
    [1, "/users/2", 200, 30],
    [2, "/health", 503, 1],
    [3, "/users/3", 404, 20],
    [8, "/rare", 200, 5],
    [10, "/health", 200, 3],
  ]);
  const { requests, span, longestGaps, next } = inspectInput(
    { kind: "requests", log },
    REPORT,
    OPTIONS,
  );
  assert.ok(requests);
  assert.equal(requests.requestsPerMinute, 6 / 10);
  assert.deepEqual(requests.statuses[0], {
    name: "200",
    count: 4,
    share: 4 / 6,
  });
  // Three paths became one template. /rare keeps its name: it is the third.
  assert.equal(requests.endpoints.templated, 3);
  assert.equal(requests.endpoints.pooled, 0);
  assert.equal(requests.endpoints.different, 3);
  const [users, health] = requests.endpoints.top;
  // Times 10, 20, 30: the 0.95-quantile is 20 + 0.9 * 10.
  assert.deepEqual(users, {
    name: "/users/:id",
    count: 3,
    share: 0.5,
    p50: 20,
    p95: 29,
  });
  assert.equal(health.p50, 2);
  // Of 1, 3, 5, 10, 20, 30 the median is 7.5, the 0.9-quantile 25.
  assert.equal(requests.responseTimeMs?.p50, 7.5);
  assert.equal(requests.responseTimeMs?.p90, 25);
  assert.equal(requests.responseTimeMs?.max, 30);
  assert.equal(span.lengthMs, 600_000);
  assert.equal(longestGaps[0].lengthMs, 300_000);
  assert.equal(next, "go on");
});

Deno.test("inspectInput() counts the paths that were pooled", () => {
  const log = logOf(["/a", "/a", "/b", "/b", "/c", "/d", "/d/7"].map(
    (endpoint, minute) => [minute, endpoint, 200, 1],
  ));
  const { requests } = inspectInput({ kind: "requests", log }, REPORT, OPTIONS);
  assert.equal(requests?.endpoints.pooled, 3);
  assert.equal(requests?.endpoints.templated, 0);
  assert.equal(requests?.endpoints.top[2].name, "/b");
});

Deno.test("inspectInput() warns of constants, duplicates and missing times", () => {
  const { responseTimeMs: _, ...log } = logOf([
    [0, "/a", 200, 1],
    [0, "/b", 200, 1],
    [1, "/a", 200, 1],
  ]);
  const same = { ...log, sizeBytes: new Float64Array(3) };
  const warningsOf = (one: RequestLog) =>
    inspectInput({ kind: "requests", log: one }, REPORT, OPTIONS).warnings;
  assert.deepEqual(warningsOf(same), [
    "the method is the same in every row",
    "the status code is the same in every row",
    "the size is the same in every row",
    "no response times: detection runs on sizes, request rates and errors",
  ]);
  const twice = { ...same, rawEndpoint: categoriesOf(["/a", "/a", "/b"]) };
  assert.ok(
    warningsOf(twice).includes("equal to a row before, and kept: 1 row"),
  );
});

Deno.test("inspectInput() tells the step, the gaps and quantiles of a series", () => {
  const observations = {
    timestampMs: Float64Array.of(0, 10, 20, 50, 60, 90),
    value: Float64Array.of(1, 2, 3, 4, 5, 6),
    sourceRow: new Uint32Array(6),
  };
  const { series, requests } = inspectInput(
    { kind: "series", observations },
    REPORT,
    OPTIONS,
  );
  assert.equal(requests, undefined);
  // Steps 10, 10, 30, 10, 30: two are longer than 15.
  assert.equal(series?.stepMs, 10);
  assert.equal(series?.gapCount, 2);
  assert.equal(series?.value.p50, 3.5);
});

Deno.test("inspectInput() tells levels and messages of events, and no next command", () => {
  const message = ["started", "failed", "failed"];
  const log = {
    timestampMs: Float64Array.of(0, 1, 2),
    level: categoriesOf(["notice", "error", "error"]),
    message,
    sourceRow: new Uint32Array(3),
  };
  const facts = inspectInput({ kind: "events", log }, REPORT, OPTIONS);
  assert.deepEqual(
    facts.events?.levels.map(({ name, count }) => [name, count]),
    [["error", 2], ["notice", 1]],
  );
  assert.equal(facts.events?.messages[0].name, "failed");
  assert.equal(facts.next, undefined);
  const text = formatInspection(facts).join("\n");
  assert.match(text, /^Levels +error 66\.7 %, notice 33\.3 %$/m);
  assert.match(text, /^ {2}failed +2 +66\.7 %$/m);
  assert.match(text, /nothing: detect and forecast need requests/);
});

Deno.test("formatInspection() lets no character of the input act on the terminal", () => {
  const evil = "/\u001b[2J\u009b\u202e\n\t";
  const report: ReadReport = {
    ...REPORT,
    file: evil,
    rejections: [
      { reason: evil, count: 1, examples: [{ line: 2, value: evil }] },
    ],
  };
  const log = logOf([[0, evil, 200, 1], [1, "/a", 200, 2]]);
  const facts = inspectInput({ kind: "requests", log }, report, OPTIONS);
  for (const line of formatInspection(facts)) {
    // deno-lint-ignore no-control-regex -- they are what must not be there
    assert.ok(!/[\x00-\x1f\x7f-\x9f\u202e]/.test(line), JSON.stringify(line));
  }
});

Deno.test("latency inspect counts bad rows and gives the command to go on with", async () => {
  const rows = [
    "2026-01-05T00:00:02Z,GET,/a,200,10,5",
    "2026-01-05T00:00:01Z,GET,/b,500,20,fast",
    "2026-01-05T00:00:00Z,PUT,/a,200,30,15",
  ];
  const header = HEADER.replace("timestamp", "When");
  const { code, out, said, path } = await inspectText(
    `${header}\n${rows.join("\n")}\n`,
    ...["--timestamp", "When", "--unit=ms"],
  );
  assert.equal(code, 0, said.join("\n"));
  assert.deepEqual(said, []);
  assert.match(out, /^Rows +2 read, 1 rejected$/m);
  assert.match(out, /1 × response_time is not .*line 3: "fast"/);
  assert.match(out, /^ {2}33 % of the rows are bad/m);
  assert.match(out, /^ {2}out of time order, and sorted: 1 row$/m);
  const quoted = `'${path.replaceAll("'", "'\\''")}'`;
  assert.equal(
    out.trimEnd().split("\n").at(-1),
    `  deno task latency detect ${quoted} --timestamp When --unit ms --lenient`,
  );
});

Deno.test("latency inspect --json tells the same facts as one JSON object", async () => {
  const text = `${HEADER}
2026-01-05T00:00:00Z,GET,"/\u009b",200,10,5
2026-01-05T00:01:00Z,GET,/b,204,0,15
`;
  const { code, out } = await inspectText(text, "--json");
  assert.equal(code, 0);
  assert.ok(!out.includes("\u009b"));
  const facts: Inspection = JSON.parse(out);
  assert.equal(facts.kind, "requests");
  assert.equal(facts.rows.read, 2);
  assert.equal(facts.span.lengthMs, 60_000);
  assert.equal(facts.requests?.endpoints.top[0].name, "/\u009b");
  assert.equal(facts.requests?.responseTimeMs?.p50, 10);
  assert.match(facts.next ?? "", /^deno task latency detect /);
});

Deno.test("latency inspect exits 1 where there is nothing to read", async () => {
  const { code, out, said } = await inspectText(`${HEADER}\n`);
  assert.equal(code, 1);
  assert.equal(out, "");
  assert.equal(said.length, 1);
  assert.equal((await run("inspect", "/absent.csv")).code, 1);
});
