import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import { runProgram } from "lib/cli.ts";
import { formatRequestLog } from "lib/logs/format_csv.ts";
import { readInput } from "lib/logs/readers/mod.ts";
import { generateLog } from "lib/logs/synthetic.ts";
import { predictSpikes } from "lib/spike_prediction.ts";

type Run = { code: number; out: string; said: string[] };

async function run(...args: string[]): Promise<Run> {
  const said: string[] = [];
  let out = "";
  const code = await runProgram(["warn", ...args], {
    write: (text) => Promise.resolve(void (out += text)),
    say: (line) => said.push(line),
    progress: () => {},
  });
  return { code, out, said };
}

/** Runs a test with an input of its own. */
async function withFile(text: string, test: (path: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/input.csv`, text);
    await test(`${folder}/input.csv`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const LOG = formatRequestLog(generateLog({ rows: 6000, days: 2, seed: 1 }).log);

Deno.test("latency warn writes the warnings of predictSpikes() as CSV", async () => {
  await withFile(LOG, async (path) => {
    const { code, out, said } = await run(
      ...[
        path,
        "--threshold",
        "0.2",
        "--horizon",
        "10",
        "--error-limit",
        "0.1",
      ],
    );
    assert.equal(code, 0, said.join());
    const rows: Record<string, string>[] = parse(out, { columns: true });
    const input = await readInput(path);
    assert.equal(input.kind, "requests");
    if (input.kind !== "requests") return;
    const options = { threshold: 0.2, horizon: 10, errorLimit: 0.1 };
    const { warnings } = predictSpikes(input.log, options);
    assert.ok(warnings.length > 0);
    assert.deepEqual(
      rows.map((row) => [Date.parse(row.timestamp), row.signal, row.endpoint]),
      warnings.map(({ startMs, signal, endpoint }) => [
        startMs,
        signal,
        endpoint,
      ]),
    );
    rows.forEach((row) => {
      assert.ok(Number(row.probability) >= 0.2);
      assert.ok(Number(row.lead_ms) <= 600_000);
    });
    assert.match(said[0], /warnings in \d+ steps after training/);
  });
});

Deno.test("latency warn writes the header alone where there is nothing", async () => {
  await withFile(LOG, async (path) => {
    const { code, out } = await run(path, "--threshold", "1");
    assert.equal(code, 0);
    assert.equal(out, "timestamp,signal,endpoint,probability,lead_ms,limit\n");
  });
});

Deno.test("latency warn says what it cannot use", async () => {
  const series = "timestamp,value\n2026-01-01T00:00:00Z,1\n";
  await withFile(series, async (path) => {
    const { code, said } = await run(path);
    assert.equal(code, 1);
    assert.match(said[0], /expected a log of requests/);
  });
  const short = LOG.split("\n").slice(0, 30).join("\n") + "\n";
  await withFile(short, async (path) => {
    const { code, said } = await run(path);
    assert.equal(code, 1);
    assert.match(said[0], /number of steps to learn from/);
    const [horizon, limit] = [["--horizon", "0"], ["--limit", "x"]];
    assert.equal((await run(path, ...horizon)).code, 2);
    assert.equal((await run(path, ...limit)).code, 2);
  });
});
