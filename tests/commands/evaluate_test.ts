import assert from "node:assert/strict";
import { runProgram } from "lib/cli.ts";
import { formatRequestLog } from "lib/logs/format_csv.ts";
import { generateLog } from "lib/logs/synthetic.ts";

type Run = { code: number; out: string; said: string[] };

async function runCommand(...args: string[]): Promise<Run> {
  const said: string[] = [];
  let out = "";
  const code = await runProgram(args, {
    write: (text) => Promise.resolve(void (out += text)),
    say: (line) => said.push(line),
    progress: () => {},
  });
  return { code, out, said };
}

const run = (...args: string[]) => runCommand("evaluate", ...args);

/** Runs a test in a folder of its own with some files. */
async function withFiles(
  files: Readonly<Record<string, string>>,
  test: (path: (name: string) => string) => Promise<void>,
) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) {
      const parts = name.split("/").slice(0, -1);
      await Deno.mkdir([folder, ...parts].join("/"), { recursive: true });
      await Deno.writeTextFile(`${folder}/${name}`, text);
    }
    await test((name) => `${folder}/${name}`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const time = (minute: number) => new Date(minute * 60_000).toISOString();

/** Rows a minute apart. */
function scoresText(scores: readonly number[], threshold: number): string {
  const rows = scores.map((score, minute) =>
    `${time(minute)},${10 * score},${score},${threshold},${score > threshold},`
  );
  return ["timestamp,value,score,threshold,anomaly,reason", ...rows, ""]
    .join("\n");
}

function pointsText(labels: readonly number[]): string {
  const rows = labels.map((label, minute) => `${time(minute)},1,${label}`);
  return ["TimeStamp,Value,Label", ...rows, ""].join("\n");
}

/** The cells of a table as objects by title. */
function rowsOf(table: string): Record<string, string>[] {
  const [titles, ...rows] = table.trimEnd().split("\n")
    .map((line) => line.trim().split(/ {2,}/));
  return rows.map((cells) =>
    Object.fromEntries(cells.map((cell, k) => [titles[k], cell]))
  );
}

// Ten minutes: an alarm in minute 1, one from minute 6 on.
const SCORES = scoresText([0, 9, 0, 0, 0, 0, 8, 7, 0, 0], 5);
const LABELS = [0, 0, 0, 0, 0, 1, 1, 1, 0, 0];

/** What LABELS make of SCORES. Points by score: 9 false, 8 and 7 right, then
 * eight rows of score 0 with one anomaly. */
const EXPECTED = {
  labelled: "3 of 10",
  // Pairs won of 3 x 7: 6 each by 8 and 7, by 0 half of the 6 others.
  ROC: "0.714",
  // (1 / 2 + 2 / 3 + 3 / 10) / 3.
  PR: "0.489",
  "best F1": "0.667",
  F1: "0.667",
  // At 8: row 6 of the window 5 to 7 earns S(-2 / 3) / S(-1) = 0.944, the
  // false row before costs 0.11: 100 (0.944 - 0.11 + 1) / 2, and so on.
  NAB: "91.7",
  "low-FP": "86.2",
  "low-FN": "94.5",
  found: "1 of 1",
  precision: "0.500",
  "delay (min)": "1.00",
  // One in nine minutes.
  "false/day": "160",
};

function assertRow(row: Record<string, string>, name: RegExp): void {
  assert.match(row.scores, name);
  for (const [title, cell] of Object.entries(EXPECTED)) {
    assert.equal(row[title], cell, title);
  }
}

Deno.test("latency evaluate measures a series by labels of points", async () => {
  await withFiles(
    { "scores.csv": SCORES, "labels.csv": pointsText(LABELS) },
    async (path) => {
      const { code, out, said } = await run(
        ...[path("scores.csv"), "--labels", path("labels.csv"), "--gap", "1m"],
      );
      assert.equal(code, 0, said.join("\n"));
      const rows = rowsOf(out);
      assert.equal(rows.length, 1);
      assertRow(rows[0], /scores\.csv$/);
      const widths = new Set(out.trimEnd().split("\n").map((l) => l.length));
      assert.equal(widths.size, 1);
      assert.deepEqual(said, []);
    },
  );
});

Deno.test("latency evaluate takes windows of a CSV, without decoys", async () => {
  const windows = [
    "start,end,kind,endpoint",
    `${time(5)},${time(7)},outage,`,
    `${time(1)},${time(2)},decoy_ramp,`,
    `${time(500)},${time(501)},outage,`,
    "",
  ].join("\n");
  await withFiles(
    { "scores.csv": SCORES, "windows.csv": windows },
    async (path) => {
      const { code, out, said } = await run(
        ...[path("scores.csv"), "--labels", path("windows.csv")],
        ...["--gap", "1m"],
      );
      assert.equal(code, 0);
      assertRow(rowsOf(out)[0], /scores\.csv$/);
      assert.match(said[0], /left out 1 decoy of .*windows\.csv/);
      assert.match(said[1], /1 incident of .* outside the rows of .*scores/);
    },
  );
});

Deno.test("latency evaluate takes NAB's JSON by file, and pools files", async () => {
  const json = JSON.stringify({
    "a/scores.csv": [["1970-01-01 00:05:00", "1970-01-01 00:07:00.000000"]],
    "b/scores.csv": [],
  });
  await withFiles(
    {
      "out/a/scores.csv": SCORES,
      "out/b/scores.csv": SCORES,
      "labels.json": json,
    },
    async (path) => {
      const file = path("table.txt");
      const { code, out } = await run(
        ...[path("out/a/scores.csv"), path("out/b/scores.csv")],
        ...["--labels", path("labels.json"), "--gap", "1m", "--out", file],
      );
      assert.equal(code, 0);
      assert.equal(out, "");
      const [a, b, all] = rowsOf(await Deno.readTextFile(file));
      assertRow(a, /a\/scores\.csv$/);
      for (const title of ["ROC", "PR", "F1", "VUS-PR", "NAB", "delay (min)"]) {
        assert.equal(b[title], "–", title);
      }
      assert.equal(b.found, "0 of 0");
      assert.equal(b.precision, "0.000");
      assert.equal(all.scores, "all 2 files");
      assert.equal(all.labelled, "3 of 20");
      assert.equal(all.found, "1 of 1");
      assert.equal(all.precision, "0.250");
      // Three false alarms in 18 minutes.
      assert.equal(all["false/day"], "240");
      // Of 20 by score: 9, 9, then 8 and 8, 7 and 7, one right of each two.
      // (1 / 4 + 2 / 6 + 3 / 20) / 3.
      assert.equal(all.PR, "0.244");
      assert.equal(all["VUS-PR"], a["VUS-PR"]);
    },
  );
});

Deno.test("latency evaluate takes one file of labels for each of scores", async () => {
  const other = pointsText(LABELS.toReversed());
  await withFiles(
    {
      "a.csv": SCORES,
      "b.csv": SCORES,
      "la.csv": pointsText(LABELS),
      "lb.csv": other,
    },
    async (path) => {
      const { code, out } = await run(
        ...[path("a.csv"), path("b.csv"), "--gap", "1m"],
        ...["--labels", path("la.csv"), "--labels", path("lb.csv")],
      );
      assert.equal(code, 0);
      const [a, b] = rowsOf(out);
      assertRow(a, /a\.csv$/);
      // Minutes 2 to 4: no alarm there.
      assert.equal(b.found, "0 of 1");
      assert.equal(b["delay (min)"], "–");
    },
  );
});

Deno.test("latency evaluate labels the rows of a window's endpoint only", async () => {
  const rows = ["/a", "/b", "/a", "/b"].map((endpoint, minute) =>
    `${time(minute)},${endpoint},${minute}`
  );
  await withFiles(
    {
      "scores.csv": ["timestamp,endpoint,score", ...rows].join("\n"),
      "windows.csv": `start,end,endpoint\n${time(1)},${time(3)},/b\n`,
    },
    async (path) => {
      const { code, out } = await run(
        ...[path("scores.csv"), "--labels", path("windows.csv")],
      );
      assert.equal(code, 0);
      const [row] = rowsOf(out);
      assert.equal(row.labelled, "2 of 4");
      // Without a column of flags there are no alarms.
      assert.equal(row.found, "–");
      assert.equal(row.F1, "–");
      assert.equal(row["best F1"], "0.800");
    },
  );
});

Deno.test("latency evaluate counts the incidents that latency detect lists", async () => {
  const { log, incidents } = generateLog({
    ...{ rows: 8000, days: 4, seed: 3, incidentCount: 3 },
  });
  const windows = incidents.map(({ startMs, endMs }) =>
    `${new Date(startMs).toISOString()},${new Date(endMs).toISOString()}`
  );
  await withFiles(
    {
      "log.csv": formatRequestLog(log),
      "windows.csv": ["start,end", ...windows, ""].join("\n"),
    },
    async (path) => {
      const scores = path("scores.csv");
      const detected = await runCommand(
        ...["detect", path("log.csv"), "--out", scores],
      );
      const listed = detected.said.filter((line) => / to .* UTC;/.test(line));
      const { code, out } = await run(scores, "--labels", path("windows.csv"));
      assert.equal(code, 0);
      const [row] = rowsOf(out);
      const found = Number(row.found.split(" of ")[0]);
      assert.ok(listed.length > 0 && found > 0);
      // Each alarm either overlaps an incident or is false.
      const days =
        (log.timestampMs[log.timestampMs.length - 1] - log.timestampMs[0]) /
        86_400_000;
      const right = Number(row.precision) * listed.length;
      const wrong = Number(row["false/day"]) * days;
      assert.ok(Math.abs(right + wrong - listed.length) < 0.02);
      assert.ok(Number(row.ROC) > 0.5, row.ROC);
    },
  );
});

Deno.test("latency evaluate refuses wrong arguments with exit code 2", async () => {
  const cases: [string[], RegExp][] = [
    [[], /got 0 inputs, expected 1 to/],
    [["a.csv"], /--labels is missing/],
    [
      ["a.csv", "b.csv", "c.csv", "--labels", "d", "--labels", "e"],
      /got 2 --labels for 3 files, expected one for all or one for each/,
    ],
    [["a.csv", "--labels", "b", "--buffer", "1.5"], /--buffer is "1.5"/],
    [["a.csv", "--labels", "b", "--alarm-rate", "2"], /--alarm-rate is "2"/],
    [["a.csv", "--labels", "b", "--gap", "soon"], /--gap: .*soon/],
    [["a.csv", "--labels", "b", "--out", "a.csv"], /--out is "a.csv"/],
    [["a.csv", "--labels", "b", "--out", "b"], /--out is "b"/],
    [["a.csv", "--labels", "b", "--speed", "9"], /Unknown option '--speed'/],
  ];
  for (const [args, message] of cases) {
    const { code, said } = await run(...args);
    assert.equal(code, 2, args.join(" "));
    assert.match(said[0], message);
  }
});

Deno.test("latency evaluate says the file and line of bad data with exit code 1", async () => {
  const good = { scores: SCORES, labels: pointsText(LABELS) };
  const line = SCORES.split("\n");
  const withLine = (number: number, text: string) =>
    line.with(number - 1, text).join("\n");
  const cases: [Partial<typeof good>, RegExp][] = [
    [
      { scores: withLine(4, `${time(2)},1,high,5,false,`) },
      /scores\.csv at line 4: score is "high", expected a number/,
    ],
    [
      { scores: withLine(4, "noon,1,1,5,false,") },
      /scores\.csv at line 4: timestamp is "noon"/,
    ],
    [
      { scores: withLine(4, `${time(2)},1,1,5,perhaps,`) },
      /scores\.csv at line 4: anomaly is "perhaps", expected true or false/,
    ],
    [
      { scores: withLine(1, "time,value,score") },
      /scores\.csv at line 1: the header holds "time", .*expected timestamp and/,
    ],
    [
      { scores: `timestamp,score\n${time(0)},1\n${time(0)},2\n` },
      /scores\.csv: all rows are of one time/,
    ],
    [
      { labels: pointsText(LABELS.slice(0, 4)) },
      /scores\.csv at line 6: 1970-01-01T00:04:00.000Z has no label/,
    ],
    [
      { labels: pointsText([0, 0, 2]) },
      /labels at line 4: Label is "2", expected true or false/,
    ],
    [
      { labels: `start,end\n${time(0)},${time(1)}\n${time(5)},${time(4)}\n` },
      /labels at line 3: it ends before it starts/,
    ],
    [
      { labels: "start,end\nnoon,night\n" },
      /labels at line 2: start is "noon"/,
    ],
    [
      { labels: "when,what\n1,2\n" },
      /labels at line 1: the header holds "when", "what", expected start and end/,
    ],
    [{ labels: '{"a.csv": [' }, /Cannot read .*labels: .*JSON/],
    [
      { labels: '{"scores.csv": [["noon", "night"]]}' },
      /labels: the entry "scores.csv" holds .*, expected a list of \[start, end\]/,
    ],
    [{ labels: '{"scores.csv": 3}' }, /the entry "scores.csv" holds "3"/],
    [
      { labels: '{"other.csv": []}' },
      /scores\.csv: .*labels has 0 entries for scores.csv, expected one/,
    ],
    [
      { labels: '{"a/scores.csv": [], "b/scores.csv": []}' },
      /labels has 2 entries for scores.csv/,
    ],
  ];
  for (const [changed, message] of cases) {
    const { scores, labels } = { ...good, ...changed };
    await withFiles({ "scores.csv": scores, labels }, async (path) => {
      const { code, said } = await run(
        ...[path("scores.csv"), "--labels", path("labels")],
      );
      assert.equal(code, 1, String(message));
      assert.match(said.join("\n"), message);
    });
  }
  const { code, said } = await run("absent.csv", "--labels", "none.csv");
  assert.equal(code, 1);
  assert.match(said[0], /Cannot open .*none.csv: there is no such file/);
});

Deno.test("latency evaluate takes a list without incidents", async () => {
  await withFiles(
    { "scores.csv": SCORES, "windows.csv": "start,end,kind,endpoint\n" },
    async (path) => {
      const { code, out } = await run(
        ...[path("scores.csv"), "--labels", path("windows.csv")],
      );
      assert.equal(code, 0);
      assert.equal(rowsOf(out)[0].labelled, "0 of 10");
    },
  );
});
