import assert from "node:assert/strict";
import { runProgram } from "lib/cli.ts";
import { COMPARED_FORECASTERS } from "lib/evaluate/compared_forecasters.ts";
import { formatRequestLog } from "lib/logs/format_csv.ts";
import { generateLog } from "lib/logs/synthetic.ts";

type Run = { code: number; out: string; said: string[] };

async function run(...args: string[]): Promise<Run> {
  const said: string[] = [];
  let out = "";
  const code = await runProgram(["backtest", ...args], {
    write: (text) => Promise.resolve(void (out += text)),
    say: (line) => said.push(line),
    progress: () => {},
  });
  return { code, out, said };
}

/** Runs a test with files of its own. */
async function withFile(
  text: string,
  test: (path: string, folder: string) => Promise<void>,
) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/input.csv`, text);
    await test(`${folder}/input.csv`, folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Steps of an hour. */
function seriesText(valueAt: (hour: number) => number, hours: number): string {
  const rows = Array.from(
    { length: hours },
    (_, i) => `${new Date(i * 3_600_000).toISOString()},${valueAt(i)}\n`,
  );
  return `timestamp,value\n${rows.join("")}`;
}

function rowsOf(table: string): string[][] {
  return table.trimEnd().split("\n").map((line) => line.split(/ {2,}/));
}

const DAYS = seriesText((i) => 100 + 10 * Math.sin(i / 24 * 2 * Math.PI), 240);

Deno.test("latency backtest prints one row a forecaster, the best first", async () => {
  await withFile(DAYS, async (path) => {
    const { code, out, said } = await run(path, "--horizon", "6");
    assert.equal(code, 0, said.join("\n"));
    const [header, ...rows] = rowsOf(out);
    assert.deepEqual(header, [
      ...["forecaster", "MAE", "RMSE", "MASE", "pinball", "WQL"],
      ...["coverage", "width", "skill"],
    ]);
    assert.deepEqual(
      rows.map(([name]) => name).toSorted(),
      COMPARED_FORECASTERS.toSorted(),
    );
    // The season repeats exactly: no error, and no skill to speak of.
    const naive = rows.find(([name]) => name === "seasonal_naive") ?? [];
    assert.ok(Number(naive[1]) < 1e-9);
    // Half a day of its window behind, it is the worst of all.
    assert.equal(rows.at(-1)?.[0], "rolling_median");
    // 30 % of 240 are 72 steps: 12 times 6.
    assert.ok(said.some((line) => /12 cut-offs of 6 steps, 72 val/.test(line)));
    const lengths = new Set(out.trimEnd().split("\n").map((l) => l.length));
    assert.equal(lengths.size, 1);
  });
});

Deno.test("latency backtest reads requests by metric, bucket and cut-offs", async () => {
  const { log } = generateLog({ rows: 6000, days: 10, incidentCount: 1 });
  await withFile(formatRequestLog(log), async (path, folder) => {
    const file = `${folder}/table.txt`;
    const { code, out, said } = await run(
      ...[path, "--metric", "count", "--bucket", "1h", "--horizon", "3"],
      ...["--cutoffs", "4", "--retrain", "2", "--quantiles", "0.1,0.5,0.9"],
      ...["--out", file],
    );
    assert.equal(code, 0, said.join("\n"));
    assert.equal(out, "");
    const [, ...rows] = rowsOf(Deno.readTextFileSync(file));
    assert.equal(rows.length, COMPARED_FORECASTERS.length);
    for (const row of rows) {
      assert.equal(row.length, 9);
      assert.ok(row.slice(1, 6).every((cell) => Number(cell) > 0), `${row}`);
    }
    assert.ok(said.some((line) => /^4 cut-offs of 3 steps, 12/.test(line)));
  });
});

Deno.test("latency backtest says which forecasters were left out, and why", async () => {
  await withFile(seriesText((i) => i % 5, 64), async (path) => {
    const { code, out, said } = await run(path, "--horizon", "6");
    assert.equal(code, 0);
    const names = rowsOf(out).map(([name]) => name);
    assert.ok(names.includes("last_value"));
    assert.ok(!names.includes("exponential_smoothing"));
    assert.ok(
      said.some((line) =>
        /^exponential_smoothing left out: Cannot fit/.test(line)
      ),
    );
  });
});

Deno.test("latency backtest never prints NaN, for a constant neither", async () => {
  for (const value of [5, 0]) {
    await withFile(seriesText(() => value, 240), async (path) => {
      for (const quantiles of ["0.5", "0.05,0.5,0.95"]) {
        const { code, out } = await run(path, "--quantiles", quantiles);
        assert.equal(code, 0);
        assert.doesNotMatch(out, /NaN|Infinity|null|undefined/);
        assert.match(out, /–/);
      }
    });
  }
});

Deno.test("latency backtest exits 1 where steps are too few", async () => {
  await withFile(seriesText((i) => i, 20), async (path) => {
    const long = await run(path, "--horizon", "30");
    assert.equal(long.code, 1);
    assert.equal(long.out, "");
    assert.match(long.said.at(-1) ?? "", /need more than 30 rows, got 20$/);
    const few = await run(path, "--horizon", "2");
    assert.equal(few.code, 1);
    assert.match(few.said.at(-1) ?? "", /Cannot backtest: seasonal_naive left/);
  });
});

Deno.test("latency backtest exits 2 on bad arguments", async () => {
  const cases: [string[], RegExp][] = [
    [["a.csv", "--horizon", "0"], /integer from 1 to 1000/],
    [["a.csv", "--cutoffs", "1.5"], /integer from 1 to 1000/],
    [["a.csv", "--retrain", "x"], /integer from 1 to 1000/],
    [["a.csv", "--quantiles", "0.9,0.5"], /expected ascending ones/],
    [["a.csv", "--quantiles", "0.5,,0.9"], /a quantile is NaN/],
    [["a.csv", "--quantiles", "0.1,0.9"], /expected 0.5 among them/],
    [["a.csv", "--method", "lstm,arima"], /--method is "arima", expected some/],
    [["a.csv", "--method", "lstm", "--no-lstm"], /expected no --no-lstm/],
    [["a.csv", "--seed", "-1"], /--seed/],
    [["a.csv", "--metric", "p12"], /expected p50, p95/],
    [["a.csv", "--bucket", "soon"], /--bucket/],
    [[], /got 0 inputs, expected 1/],
  ];
  for (const [args, message] of cases) {
    const { code, out, said } = await run(...args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(out, "");
    assert.match(said[0], message);
  }
  await withFile(DAYS, async (path) => {
    const { code } = await run(path, "--metric", "p95");
    assert.equal(code, 2);
  });
});

Deno.test("latency backtest compares the forecasters that are asked for", async () => {
  await withFile(DAYS, async (path) => {
    const namesOf = async (...args: string[]) => {
      const { code, out, said } = await run(path, "--horizon", "6", ...args);
      assert.equal(code, 0, said.join("\n"));
      return rowsOf(out).slice(1).map(([name]) => name).toSorted();
    };
    assert.deepEqual(await namesOf("--method", "seasonal_naive,constant"), [
      "constant",
      "seasonal_naive",
    ]);
    assert.deepEqual(
      await namesOf("--no-lstm"),
      COMPARED_FORECASTERS.filter((name) => !/lstm/.test(name)).toSorted(),
    );
  });
});

Deno.test("latency backtest gives equal tables for equal seeds", async () => {
  await withFile(seriesText((i) => (i * i) % 17, 240), async (path) => {
    const tableOf = async (seed: string) =>
      (await run(path, "--method", "lstm", "--seed", seed)).out;
    assert.equal(await tableOf("3"), await tableOf("3"));
    assert.notEqual(await tableOf("3"), await tableOf("4"));
  });
});
