import assert from "node:assert/strict";
import { parse } from "csv-parse/sync";
import { runProgram } from "lib/cli.ts";
import { generateLog } from "lib/logs/synthetic.ts";
import { formatRequestLog } from "lib/logs/format_csv.ts";

type Run = { code: number; out: string; said: string[] };

async function run(...args: string[]): Promise<Run> {
  const said: string[] = [];
  let out = "";
  const code = await runProgram(args, {
    write: (text) => Promise.resolve(void (out += text)),
    say: (line) => said.push(line),
    progress: () => {},
  });
  return { code, out, said };
}

/** Runs a test in a folder of its own. */
async function inFolder(test: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function writeLog(folder: string, name = "log.csv", seed = 0): string {
  const { log } = generateLog({ rows: 600, days: 1, seed, incidentCount: 1 });
  const path = `${folder}/${name}`;
  Deno.writeTextFileSync(path, formatRequestLog(log));
  return path;
}

/** The same log as lines of an access log, which have no response times. */
function writeAccessLog(folder: string): string {
  const { log } = generateLog({ rows: 600, days: 1, incidentCount: 1 });
  const { method, endpoint, statusCode, sizeBytes } = log;
  const lines = Array.from(log.timestampMs, (timeMs, row) => {
    const [, , day, month, year, time] = new Date(timeMs).toUTCString()
      .replace(",", " ").split(" ");
    const request = `${method.names[method.codes[row]]} ${
      endpoint.names[endpoint.codes[row]]
    }/${row}?page=2 HTTP/1.1`;
    return `::1 - - [${day}/${month}/${year}:${time} +0000] "${request}" ${
      statusCode[row]
    } ${sizeBytes[row]}`;
  });
  const path = `${folder}/access.log`;
  Deno.writeTextFileSync(path, lines.join("\n"));
  return path;
}

/** An hourly series of a week with one spike, rows in reverse order. */
function writeSeries(folder: string): string {
  const rows = Array.from({ length: 168 }, (_, i) => {
    const value = 100 + 10 * Math.sin(2 * Math.PI * i / 24) + i % 3;
    return `${new Date(i * 3_600_000).toISOString()},${
      i === 100 ? 900 : value
    }`;
  });
  const path = `${folder}/series.csv`;
  Deno.writeTextFileSync(path, `When,Load\n${rows.reverse().join("\n")}\n`);
  return path;
}

function records(csv: string): Record<string, string>[] {
  return parse(csv, { columns: true });
}

Deno.test("latency detect gives a finite score for each row, in input order", async () => {
  await inFolder(async (folder) => {
    const path = writeLog(folder);
    const { code, out, said } = await run("detect", path);
    assert.equal(code, 0);
    const [header] = out.split("\n");
    assert.equal(
      header,
      "timestamp,endpoint,value,score,threshold,anomaly,reason",
    );
    const input = records(Deno.readTextFileSync(path));
    const output = records(out);
    assert.equal(output.length, 600);
    output.forEach((row, i) => {
      assert.equal(row.timestamp, input[i].timestamp);
      assert.equal(row.endpoint, input[i].endpoint);
      assert.equal(Number(row.value), Number(input[i].response_time));
      assert.ok(row.score !== "" && Number.isFinite(Number(row.score)));
      const above = Number(row.score) > Number(row.threshold);
      assert.equal(row.anomaly, String(above));
      assert.equal(row.reason !== "", above);
    });
    assert.ok(said.some((line) => line.includes("no --train or --model")));
  });
});

Deno.test("latency detect reads a series by its columns and keeps its order", async () => {
  await inFolder(async (folder) => {
    const path = writeSeries(folder);
    const columns = ["--timestamp", "When", "--value", "Load"];
    const { code, out, said } = await run(
      "detect",
      path,
      ...columns,
      "--alarm-rate",
      "0.005",
      "--fail-on-anomaly",
    );
    assert.equal(code, 3);
    const output = records(out);
    assert.equal(output[0].timestamp, "1970-01-07T23:00:00.000Z");
    assert.deepEqual(
      output.filter((row) => row.anomaly === "true").map((row) => row.value),
      ["900"],
    );
    assert.ok(!("endpoint" in output[0]));
    assert.ok(said.some((line) => line.includes("1970-01-05 04:00")));
    assert.ok(said.some((line) => /order/.test(line)), said.join("\n"));
  });
});

Deno.test("latency detect --method hybrid judges a series, and no log", async () => {
  await inFolder(async (folder) => {
    const path = writeSeries(folder);
    const columns = ["--timestamp", "When", "--value", "Load"];
    const hybrid = ["--method", "hybrid"];
    const model = `${folder}/model.json`;
    const fitted = await run(
      ...["detect", path, ...columns, ...hybrid, "--save", model],
    );
    assert.equal(fitted.code, 0, fitted.said.join("\n"));
    const spike = records(fitted.out).find((row) => row.value === "900");
    assert.equal(spike?.anomaly, "true");
    assert.match(spike?.reason ?? "", /value 900$/);
    const loaded = await run("detect", path, ...columns, "--model", model);
    assert.equal(loaded.out, fitted.out);
    const log = await run("detect", writeLog(folder), ...hybrid);
    assert.equal(log.code, 2);
    assert.match(log.said.join("\n"), /--method hybrid is for a series/);
  });
});

Deno.test("latency detect --method hybrid takes gaps, duplicates and negative values, and says what is too short", async () => {
  await inFolder(async (folder) => {
    const hybrid = ["--method", "hybrid"];
    const write = (name: string, rows: readonly (readonly number[])[]) => {
      const path = `${folder}/${name}`;
      const lines = rows.map(([hour, value]) =>
        `${new Date(hour * 3_600_000).toISOString()},${value}`
      );
      Deno.writeTextFileSync(path, ["timestamp,value", ...lines].join("\n"));
      return path;
    };
    const value = (hour: number) =>
      -50 * Math.sin(hour / 24 * 2 * Math.PI) + hour * hour % 7 / 7;
    const usual = Array.from({ length: 400 }, (_, hour) => [hour, value(hour)]);
    const model = `${folder}/model.json`;
    const fitted = await run(
      ...["detect", write("usual.csv", usual), ...hybrid, "--save", model],
    );
    assert.equal(fitted.code, 0, fitted.said.join("\n"));

    // A day and a half is missing, from crest to trough; one hour stands twice.
    const gap = usual.filter(([hour]) => hour < 198 || hour >= 234);
    const path = write("gap.csv", gap.toSpliced(20, 0, gap[20]));
    const scored = await run("detect", path, "--model", model);
    assert.equal(scored.code, 0, scored.said.join("\n"));
    const rows = records(scored.out);
    assert.equal(rows.length, gap.length + 1);
    assert.ok(rows.slice(190, 210).every((row) => row.anomaly === "false"));

    for (
      const [count, options, least] of [[59, hybrid, 60], [
        11,
        ["--model", model],
        12,
      ]] as const
    ) {
      const short = write("short.csv", usual.slice(0, count));
      const { code, said } = await run("detect", short, ...options);
      assert.equal(code, 1, said.join("\n"));
      assert.match(
        said.join("\n"),
        new RegExp(`number of values is ${count}, expected .*${least}`),
      );
    }
  });
});

Deno.test("latency detect gives the same scores from a saved model", async () => {
  await inFolder(async (folder) => {
    const train = writeLog(folder, "train.csv", 1);
    const path = writeLog(folder);
    const model = `${folder}/model.json`;
    const fitted = await run("detect", path, "--train", train, "--save", model);
    const loaded = await run("detect", path, "--model", model);
    assert.equal(fitted.code, 0, fitted.said.join("\n"));
    assert.equal(loaded.out, fitted.out);
    const alone = await run("detect", path);
    assert.notEqual(alone.out, fitted.out);
    const mixed = await run("detect", path, "--model", model, "--seed", "1");
    assert.equal(mixed.code, 2);
    assert.match(mixed.said[0], /expected no --seed beside it/);
  });
});

Deno.test("latency detect says what it runs on without response times", async () => {
  await inFolder(async (folder) => {
    const path = writeAccessLog(folder);
    const model = `${folder}/model.json`;
    const { code, out, said } = await run("detect", path, "--save", model);
    assert.equal(code, 0, said.join("\n"));
    assert.ok(said.some((line) => line.startsWith("no response times: ")));
    const rows = records(out);
    assert.equal(rows.length, 600);
    assert.ok(rows.every(({ endpoint }) => endpoint.endsWith("/:id")));
    assert.ok(rows.every(({ score }) => Number.isFinite(Number(score))));
    const raw = await run("detect", path, "--raw-endpoints");
    assert.match(records(raw.out)[7].endpoint, /\/7\?page=2$/);

    // Neither way is a model of one kind used for a log of the other.
    const timed = writeLog(folder);
    const cases: [string[], RegExp][] = [
      [[timed, "--model", model], /has response times, expected none/],
      [[timed, "--train", path], /has response times, expected none/],
      [[path, "--train", timed], /has no response times, expected some/],
    ];
    for (const [args, message] of cases) {
      const refused = await run("detect", ...args);
      assert.equal(refused.code, 1);
      assert.match(refused.said.at(-1) ?? "", message);
    }
    const forecast = await run("forecast", path);
    assert.equal(forecast.code, 1);
    assert.match(forecast.said.at(-1) ?? "", /expected --metric count or/);
  });
});

Deno.test("latency detect refuses a log of events and says what it is good for", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/error log`;
    Deno.writeTextFileSync(
      path,
      "[Sun Dec 04 04:47:44 2005] [error] failed\n".repeat(3),
    );
    const { code, out, said } = await run("detect", path);
    assert.equal(code, 1);
    assert.equal(out, "");
    assert.match(said.at(-1) ?? "", /log of events .*latency inspect '.*log'/);
    const inspected = await run("inspect", path);
    assert.equal(inspected.code, 0);
    assert.match(inspected.out, /^Levels +error 100\.0 %$/m);
  });
});

Deno.test("latency reads by --format and --log-format where they are given", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/x.log`;
    const line = "2026-01-05T10:00:00+00:00|GET /a HTTP/1.1|200|5|0.25";
    Deno.writeTextFileSync(path, line);
    const format = "$time_iso8601|$request|$status|$bytes_sent|$request_time";
    const { code, out, said } = await run(
      ...["inspect", path, "--json", "--format", "access-log"],
      ...["--log-format", format],
    );
    assert.equal(code, 0, said.join("\n"));
    const facts = JSON.parse(out);
    assert.equal(facts.requests.responseTimeMs.max, 250);
    assert.equal(
      facts.next,
      `deno task latency detect ${path} --format access-log --log-format '${format}'`,
    );
  });
});

Deno.test("latency detect names the file and what is wrong with a model", async () => {
  await inFolder(async (folder) => {
    const path = writeLog(folder);
    const model = `${folder}/model.json`;
    for (const text of ["", "{}", "[]", '{"format":"other"}']) {
      Deno.writeTextFileSync(model, text);
      const { code, said } = await run("detect", path, "--model", model);
      assert.equal(code, 1);
      assert.match(said.at(-1) ?? "", /model\.json: /);
    }
    await run("detect", path, "--save", model);
    const other = await run(
      "detect",
      writeSeries(folder),
      "--timestamp=When",
      "--value=Load",
      "--model",
      model,
    );
    assert.equal(other.code, 1);
    assert.match(other.said.at(-1) ?? "", /holds series, expected requests/);
  });
});

Deno.test("latency detect skips and counts bad rows only where asked to", async () => {
  await inFolder(async (folder) => {
    const path = writeLog(folder);
    const lines = Deno.readTextFileSync(path).split("\n");
    lines[4] = lines[4].replace(/[^,]*$/, "fast");
    Deno.writeTextFileSync(path, lines.join("\n"));
    const strict = await run("detect", path);
    assert.equal(strict.code, 1);
    assert.equal(strict.out, "");
    assert.match(
      strict.said.at(-1) ?? "",
      /log\.csv at line 5: response_time is "fast", expected milliseconds >= 0/,
    );
    const lenient = await run("detect", path, "--lenient");
    assert.equal(lenient.code, 0);
    assert.equal(records(lenient.out).length, 599);
    assert.ok(lenient.said.some((line) => /skipped 1 /.test(line)));
  });
});

Deno.test("latency forecast gives the next steps of a metric", async () => {
  await inFolder(async (folder) => {
    const path = writeLog(folder);
    const { code, out } = await run(
      ...["forecast", path, "--metric", "count", "--bucket", "1h"],
      ...["--horizon", "3", "--method", "last_value"],
    );
    assert.equal(code, 0);
    const input = records(Deno.readTextFileSync(path));
    const last = input.filter(({ timestamp }) =>
      timestamp.startsWith("2026-01-05T23")
    ).length;
    const rows = records(out);
    assert.deepEqual(Object.keys(rows[0]), [
      ...["timestamp", "q0.05", "q0.5", "q0.95"],
    ]);
    // A day is too short to measure errors: a random walk from the last hour.
    assert.deepEqual(
      rows.map((row) => [row.timestamp, Number(row["q0.5"])]),
      [0, 1, 2].map((hour) => [`2026-01-06T0${hour}:00:00.000Z`, last]),
    );
    for (const row of rows) {
      assert.ok(Number(row["q0.05"]) >= 0);
      assert.ok(Number(row["q0.05"]) < last && last < Number(row["q0.95"]));
    }
  });
});

Deno.test("latency forecast refuses metrics of a series that has none", async () => {
  await inFolder(async (folder) => {
    const path = writeSeries(folder);
    const columns = ["--timestamp", "When", "--value", "Load"];
    const { code } = await run("forecast", path, ...columns, "--metric", "p95");
    assert.equal(code, 2);
  });
});

Deno.test("latency generate makes the log and its incidents", async () => {
  await inFolder(async (folder) => {
    const incidents = `${folder}/incidents.csv`;
    const { code, out } = await run(
      ...["generate", "--rows", "100", "--days", "7", "--seed", "4"],
      ...["--incidents", incidents],
    );
    assert.equal(code, 0);
    const expected = generateLog({ rows: 100, days: 7, seed: 4 });
    assert.equal(out, formatRequestLog(expected.log));
    assert.equal(
      records(Deno.readTextFileSync(incidents)).length,
      expected.incidents.length,
    );
  });
});

Deno.test("latency exits 2 on bad arguments, with one line on what was expected", async () => {
  const cases: [string[], RegExp][] = [
    [
      [],
      /no command, expected inspect, metrics, detect, stream, evaluate, forecast, backtest, warn, generate/,
    ],
    [["train"], /command is "train"/],
    [["detect"], /got 0 inputs, expected 1/],
    [["detect", "a.csv", "b.csv"], /got 2 inputs, expected 1/],
    [["detect", "a.csv", "--speed", "9"], /Unknown option '--speed'/],
    [["detect", "a.csv", "--method", "magic"], /expected iforest, ocsvm/],
    [["detect", "a.csv", "--alarm-rate", "2"], /a number from 0 to 1/],
    [["detect", "a.csv", "--seed", ""], /--seed is "", expected an integer/],
    [["detect", "a.csv", "--seed", "1.5"], /expected an integer/],
    [["detect", "a.csv", "--format", "xml"], /--format is "xml", expected/],
    [["detect", "a.csv", "--unit", "h"], /--unit is "h", expected s, ms, us/],
    [["detect", "a.csv", "--time-zone", "Mars"], /--time-zone is "Mars"/],
    [["detect", "a.csv", "--column", "x"], /expected NAME=HEADER/],
    [["detect", "a.csv", "--column", "foo=bar"], /--column names "foo"/],
    [["forecast", "a.csv", "--horizon", "0"], /integer from 1 to 1000/],
    [["forecast", "a.csv", "--bucket", "5 moons"], /--bucket/],
    [["forecast", "a.csv", "--metric", "p12"], /expected p50, p95/],
    [["forecast", "a.csv", "--quantiles", "0.9,0.1"], /ascending numbers/],
    [["forecast", "a.csv", "--quantiles", "0.5,"], /ascending numbers/],
    [["forecast", "a.csv", "--quantiles", "0,0.5"], /above 0 and below 1/],
    [["forecast", "a.csv", "--model", "m", "--seed", "1"], /no --seed beside/],
    [["forecast", "a.csv", "--save", "a.csv"], /nothing else reads or writes/],
    [["generate", "--rows", "-1"], /--rows/],
    [["generate", "log.csv"], /got 1 inputs, expected 0/],
  ];
  for (const [args, message] of cases) {
    const { code, out, said } = await run(...args);
    assert.equal(code, 2, args.join(" "));
    assert.equal(out, "");
    assert.equal(said.length, 1, said.join("\n"));
    assert.match(said[0], message);
  }
});

Deno.test("latency exits 1 on data that cannot be read, naming the file", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/bad.csv`;
    const header = "timestamp,method,endpoint,status_code,size,response_time\n";
    for (
      const text of ["", header, "a,b\n1,2\n", `${header}x,GET,/,200,1,1\n`]
    ) {
      Deno.writeTextFileSync(path, text);
      const { code, said } = await run("detect", path);
      assert.equal(code, 1);
      assert.match(said.at(-1) ?? "", /bad\.csv/);
    }
    const { code, said } = await run("detect", `${folder}/absent.csv`);
    assert.equal(code, 1);
    assert.match(
      said.at(-1) ?? "",
      /Cannot open .*absent\.csv: there is no such file or folder$/,
    );
  });
});

Deno.test("latency --help and each command's --help tell the usage", async () => {
  const overview = await run("--help");
  assert.equal(overview.code, 0);
  for (
    const name of [
      ...["inspect", "detect", "evaluate", "forecast", "backtest", "generate"],
    ]
  ) {
    assert.match(overview.out, new RegExp(`^  ${name}`, "m"));
    const help = await run(name, "--help");
    assert.equal(help.code, 0);
    assert.match(help.out, new RegExp(`^Usage: latency ${name}`));
  }
});

Deno.test("latency treats a closed pipe as no error, and ends its other work", async () => {
  await inFolder(async (folder) => {
    const incidents = `${folder}/incidents.csv`;
    const args = ["generate", "--rows", "9", "--incidents", incidents];
    const code = await runProgram(args, {
      write: () =>
        Promise.reject(Object.assign(new Error("gone"), { code: "EPIPE" })),
      say: () => {},
      progress: () => {},
    });
    assert.equal(code, 0);
    assert.match(Deno.readTextFileSync(incidents), /^start,end,kind/);
  });
});

Deno.test("latency never lets a file steer the terminal or forge a line", async () => {
  await inFolder(async (folder) => {
    const model = `${folder}/model.json`;
    Deno.writeTextFileSync(model, '{"a":\n\x1b[31mred');
    const { code, said } = await run(
      "detect",
      writeLog(folder),
      "--model",
      model,
    );
    assert.equal(code, 1);
    assert.ok(said.every((line) => !/\p{Cc}/u.test(line)));
    assert.match(said.at(-1) ?? "", /\\u\{a\}\\u\{1b\}\[31m/);
  });
});

Deno.test("latency exits 1 on a folder that holds no log", async () => {
  await inFolder(async (folder) => {
    const { code, said } = await run("detect", folder);
    assert.equal(code, 1);
    assert.match(said.at(-1) ?? "", /the folder holds no file/);
    const asLines = await run("detect", folder, "--format", "ndjson");
    assert.equal(asLines.code, 1);
    assert.match(asLines.said.at(-1) ?? "", /it is a folder/);
  });
});

Deno.test("latency never writes over a file that it reads or writes besides", async () => {
  await inFolder(async (folder) => {
    const path = writeLog(folder);
    const before = Deno.readTextFileSync(path);
    const other = `${folder}/other.csv`;
    for (
      const args of [
        ["detect", path, "--out", `${folder}/./log.csv`],
        ["detect", path, "--save", path],
        ["detect", path, "--out", other, "--save", other],
        ["generate", "--rows", "9", "--out", other, "--incidents", other],
      ]
    ) {
      const { code, said } = await run(...args);
      assert.equal(code, 2, args.join(" "));
      assert.match(
        said[0],
        /expected a file that nothing else reads or writes/,
      );
    }
    assert.equal(Deno.readTextFileSync(path), before);
  });
});

Deno.test("latency exits 1 where the disk is full", {
  ignore: Deno.build.os !== "linux",
}, async () => {
  const { code } = await run("generate", "--rows", "9", "--out", "/dev/full");
  assert.equal(code, 1);
});

Deno.test("latency forecast leaves out a bucket that the log ends in", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/log.csv`;
    const minutes = Array.from({ length: 150 }, (_, i) => i);
    Deno.writeTextFileSync(
      path,
      "timestamp,method,endpoint,status_code,size,response_time\n" +
        minutes.map((i) => `${i * 60},GET,/,200,1,5\n`).join(""),
    );
    const { out, said } = await run(
      ...["forecast", path, "--metric", "count", "--bucket", "30m"],
      ...["--horizon", "1", "--method", "last_value"],
    );
    // 150 minutes are five whole buckets, of which the last ends at 149.
    const header = "timestamp,q0.05,q0.5,q0.95\n";
    assert.equal(out, `${header}1970-01-01T02:30:00.000Z,30,30,30\n`);
    const hours = await run(
      ...["forecast", path, "--metric", "count", "--bucket", "40m"],
      ...["--horizon", "1", "--method", "last_value"],
    );
    assert.equal(hours.out, `${header}1970-01-01T02:00:00.000Z,40,40,40\n`);
    assert.ok(hours.said.some((line) => line.includes("29m into its last")));
    assert.ok(!said.some((line) => line.includes("into its last")));
  });
});

Deno.test("latency forecast refuses a series of little but gaps", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/series.csv`;
    Deno.writeTextFileSync(
      path,
      "timestamp,value\n1970-01-01,1\n1970-01-02,2\n1970-01-03,3\n1990-01-01,4\n",
    );
    const { code, said } = await run("forecast", path);
    assert.equal(code, 1);
    assert.match(said.at(-1) ?? "", /only 4 of 7306 steps of 1d hold a value/);
  });
});

Deno.test("latency detect says where nothing can be told apart", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/constant.csv`;
    const rows = Array.from({ length: 60 }, (_, i) => `${60 * i},0\n`).join("");
    Deno.writeTextFileSync(path, `timestamp,value\n${rows}`);
    const { code, out, said } = await run("detect", path);
    assert.equal(code, 0);
    assert.ok(records(out).every(({ anomaly }) => anomaly === "false"));
    assert.ok(
      said.some((line) => line.includes("all rows have the same score")),
    );
  });
});

Deno.test("latency detect --in-parts writes what it writes of a log in one piece", async () => {
  await inFolder(async (folder) => {
    const path = writeLog(folder);
    const model = `${folder}/model.json`;
    const whole = await run("detect", path, "--save", model);
    const parts = await run("detect", path, "--in-parts", "--model", model);
    assert.equal(parts.code, 0);
    assert.equal(parts.out, whole.out);
    const incidents = ({ said }: Run) =>
      said.filter((line) => line.startsWith("  "));
    assert.deepEqual(incidents(parts), incidents(whole));
    const fitted = await run("detect", path, "--in-parts");
    assert.equal(fitted.out, whole.out);
  });
});

Deno.test("latency detect --in-parts exits 3 on an incident, 1 on a bad row, and loses none in lenient mode", async () => {
  await inFolder(async (folder) => {
    const { log } = generateLog({ rows: 3000, days: 1, incidentCount: 1 });
    const path = `${folder}/log.csv`;
    Deno.writeTextFileSync(path, formatRequestLog(log));
    const found = await run("detect", path, "--in-parts", "--fail-on-anomaly");
    assert.equal(found.code, 3);
    Deno.writeTextFileSync(path, "2026-01-05T00:00:00Z,GET,/a,20,1,1\n", {
      append: true,
    });
    const strict = await run("detect", path, "--in-parts");
    assert.equal(strict.code, 1);
    assert.match(strict.said.at(-1) ?? "", /at line 3002: status_code is "20"/);
    const lenient = await run("detect", path, "--in-parts", "--lenient");
    assert.equal(lenient.code, 0);
    assert.equal(records(lenient.out).length, 3000);
    assert.match(lenient.said.join("\n"), /skipped 1 of 3,001 rows/);
    const series = await run("detect", writeSeries(folder), "--in-parts");
    assert.equal(series.code, 1);
  });
});

Deno.test("latency metrics sums a log up per endpoint and bucket", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/log.csv`;
    Deno.writeTextFileSync(
      path,
      [
        "timestamp,method,endpoint,status_code,size,response_time",
        "2026-01-05T00:00:01Z,GET,/b/1,200,1,100",
        "2026-01-05T00:04:59Z,GET,/b/2,503,1,300",
        "2026-01-05T00:05:00Z,GET,/a,200,1,7",
      ].join("\n"),
    );
    const { code, out, said } = await run("metrics", path, "--bucket", "5m");
    assert.equal(code, 0);
    const [first, second] = records(out);
    assert.equal(records(out).length, 2);
    assert.equal(first.timestamp, "2026-01-05T00:00:00.000Z");
    assert.equal(first.endpoint, "/b/:id");
    assert.equal(first.count, "2");
    assert.equal(first.error_rate, "0.5");
    // Between 100 and 300 ms, each known to 1 %.
    assert.ok(Math.abs(Number(first.p50) - 200) <= 2, first.p50);
    assert.equal(second.timestamp, "2026-01-05T00:05:00.000Z");
    assert.equal(second.endpoint, "/a");
    assert.ok(
      said.includes("2 endpoints, buckets of 5m, quantiles within 1 %"),
    );
    const access = await run("metrics", writeAccessLog(folder));
    assert.equal(records(access.out)[0].p50, "");
    assert.equal((await run("metrics", writeSeries(folder))).code, 1);
    assert.equal((await run("metrics", path, "--error", "2")).code, 2);
    assert.equal((await run("metrics", path, "--out", path)).code, 2);
  });
});

Deno.test("latency forecast and backtest read a log in parts as in one piece", async () => {
  await inFolder(async (folder) => {
    const { log } = generateLog({ rows: 4000, days: 4, incidentCount: 1 });
    const path = `${folder}/log.csv`;
    Deno.writeTextFileSync(path, formatRequestLog(log));
    const asked = ["--metric", "count", "--bucket", "1h"];
    const forecast = ["forecast", path, ...asked, "--method", "last_value"];
    // Counts are exact in both; quantiles would be known to 1 %.
    const whole = await run(...forecast);
    const parts = await run(...forecast, "--in-parts");
    assert.equal(parts.code, 0);
    assert.equal(parts.out, whole.out);
    const back = ["backtest", path, ...asked, "--cutoffs", "1"];
    assert.equal(
      (await run(...back, "--in-parts")).out,
      (await run(...back)).out,
    );
  });
});
