import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import { runProgram } from "lib/cli.ts";
import { formatRequestLog } from "lib/logs/format_csv.ts";
import { generateLog } from "lib/logs/synthetic.ts";

async function run(...args: string[]) {
  const said: string[] = [];
  let out = "";
  const code = await runProgram(["forecast", ...args], {
    write: (text) => Promise.resolve(void (out += text)),
    say: (line) => said.push(line),
    progress: () => {},
  });
  return { code, out, said: said.join("\n") };
}

/** Runs a test in a folder with a log of four days and an hourly series. */
async function inFolder(
  test: (
    paths: { folder: string; log: string; series: string; endpoint: string },
  ) => Promise<void>,
) {
  const folder = await Deno.makeTempDir();
  const log = `${folder}/log.csv`;
  const series = `${folder}/series.csv`;
  const { log: requests } = generateLog({ rows: 12_000, days: 4, seed: 2 });
  Deno.writeTextFileSync(log, formatRequestLog(requests));
  const rows = Array.from({ length: 240 }, (_, i) => {
    const value = 100 + 30 * Math.sin(2 * Math.PI * i / 24) + i * 7 % 5;
    return `${new Date(i * 3_600_000).toISOString()},${value}\n`;
  });
  Deno.writeTextFileSync(series, `timestamp,value\n${rows.join("")}`);
  try {
    const endpoint = requests.endpoint.names[0];
    await test({ folder, log, series, endpoint });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function numbers(csv: string): number[][] {
  const rows: Record<string, string>[] = parse(csv, { columns: true });
  return rows.map((row) =>
    Object.entries(row).filter(([name]) => name !== "timestamp")
      .map(([, text]) => text === "" ? NaN : Number(text))
  );
}

Deno.test("latency forecast writes the quantiles asked for, in order and finite", async () => {
  await inFolder(async ({ log }) => {
    const { code, out, said } = await run(
      ...[log, "--metric", "p50", "--bucket", "30m", "--horizon", "4"],
      ...["--quantiles", "0.1,0.5,0.75,0.9"],
    );
    assert.equal(code, 0, said);
    assert.match(out, /^timestamp,q0.1,q0.5,q0.75,q0.9\n/);
    const rows = numbers(out);
    assert.equal(rows.length, 4);
    for (const row of rows) {
      assert.ok(row.every((value) => Number.isFinite(value) && value >= 0));
      assert.deepEqual(row, row.toSorted((a, b) => a - b));
    }
    assert.match(said, /mean pinball loss .* on held-out steps: .*lstm/);
  });
});

Deno.test("latency forecast --save and --model give equal forecasts, and the model may be asked for less", async () => {
  await inFolder(async ({ folder, log, series, endpoint }) => {
    for (
      const [method, input, options] of [
        ["lstm", log, ["--metric", "p95", "--bucket", "30m"]],
        ["lstm", log, ["--bucket", "1h", "--endpoint", endpoint]],
        ["seasonal_naive", series, []],
      ] as const
    ) {
      const model = `${folder}/model.json`;
      const fitted = await run(
        ...[input, ...options, "--method", method, "--horizon", "3"],
        ...["--save", model],
      );
      assert.equal(fitted.code, 0, fitted.said);
      const loaded = await run(input, "--model", model);
      assert.equal(loaded.code, 0, loaded.said);
      assert.equal(loaded.out, fitted.out);
      const less = await run(
        ...[input, "--model", model, "--horizon", "2", "--quantiles", "0.5"],
      );
      assert.deepEqual(
        numbers(less.out),
        numbers(fitted.out).slice(0, 2).map((row) => [row[1]]),
      );
      const more = await run(input, "--model", model, "--horizon", "4");
      assert.equal(more.code, 2);
      assert.match(more.said, /--horizon is 4, expected at most 3/);
      const other = await run(input, "--model", model, "--quantiles", "0.3");
      assert.equal(other.code, 2);
      assert.match(other.said, /--quantiles asks for 0.3/);
    }
  });
});

Deno.test("latency forecast exits 1 on a model that is damaged or of other data, naming the field", async () => {
  await inFolder(async ({ folder, log, series }) => {
    const model = `${folder}/model.json`;
    const { said } = await run(
      ...[log, "--metric", "count", "--bucket", "1h", "--horizon", "2"],
      ...["--method", "last_value", "--save", model],
    );
    const text = Deno.readTextFileSync(model);
    assert.ok(JSON.parse(text).model, said);
    const damaged: [unknown, RegExp][] = [
      ["{", /model\.json: /],
      [{ ...JSON.parse(text), format: "latency-lab-model" }, /format is/],
      [{ ...JSON.parse(text), kind: "oracle" }, /kind is "oracle"/],
      [{ ...JSON.parse(text), stepMs: -1 }, /stepMs is -1/],
      [
        { ...JSON.parse(text), subject: { metric: "p12", endpoint: null } },
        /subject\.metric is "p12"/,
      ],
      [
        { ...JSON.parse(text), model: { kind: "lstm" } },
        /featureCount is missing/,
      ],
    ];
    for (const [json, message] of damaged) {
      const path = `${folder}/damaged.model.json`;
      Deno.writeTextFileSync(
        path,
        typeof json === "string" ? json : JSON.stringify(json),
      );
      const result = await run(log, "--model", path);
      assert.equal(result.code, 1, result.said);
      assert.equal(result.out, "");
      assert.match(result.said, message);
    }
    const wrongInput = await run(series, "--model", model);
    assert.equal(wrongInput.code, 1);
    assert.match(wrongInput.said, /it holds series, expected requests/);
  });
});

Deno.test("latency forecast says what it falls back to", async () => {
  await inFolder(async ({ folder }) => {
    const path = `${folder}/short.csv`;
    Deno.writeTextFileSync(
      path,
      "timestamp,value\n2026-01-01,3\n2026-01-02,4\n2026-01-03,6\n",
    );
    const { code, out, said } = await run(path, "--horizon", "40");
    assert.equal(code, 0);
    const rows = numbers(out);
    assert.equal(rows.length, 40);
    assert.ok(rows.flat().every(Number.isFinite));
    assert.match(said, /3 steps are too few to measure errors 40 steps ahead/);
    assert.match(said, /too few steps to hold any out: last_value is used/);
    const asked = await run(path, "--method", "lstm");
    assert.equal(asked.code, 1);
    assert.match(asked.said, /Cannot forecast with lstm: .*lstm left out/);
  });
});
