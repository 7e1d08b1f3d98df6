import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import pl from "nodejs-polars";
import {
  measureRequestLog,
  parseInput,
  type ReadChunksOptions,
  readInput,
  readMeasuredChunks,
  type ReadReport,
  readRequestChunks,
} from "lib/logs/readers/mod.ts";
import { Random } from "lib/numeric/random.ts";
import { damaged, EDIT_KINDS } from "./damage.ts";
import { rowsOf } from "./log_rows.ts";

const T = Date.UTC(2025, 0, 1);

type Rows = ReturnType<typeof rowsOf>;

/** All rows of a log that is read part by part, sorted as a whole is. */
async function readAll(
  path: string,
  options: ReadChunksOptions = {},
): Promise<{ rows: Rows; report: ReadReport; parts: number }> {
  const rows: Rows = [];
  let report: ReadReport | undefined;
  let parts = 0;
  for await (const chunk of readRequestChunks(path, options)) {
    rows.push(...rowsOf(chunk.log));
    report = chunk.report;
    parts++;
  }
  assert(report);
  rows.sort((a, b) =>
    Number(a[0]) - Number(b[0]) || Number(a[6]) - Number(b[6])
  );
  return { rows, report, parts };
}

/** Does something with a path that is gone afterwards. */
async function withPath<T>(use: (path: string) => T): Promise<Awaited<T>> {
  const folder = await Deno.makeTempDir();
  try {
    return await use(`${folder}/[a]*.parquet`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** A frame of n regular requests, a second apart. */
function regularFrame(n: number): pl.DataFrame {
  const index = Float64Array.from({ length: n }, (_, i) => i);
  const list = Array.from(index);
  return pl.DataFrame([
    pl.Series("timestamp", index.map((i) => T + 1000 * i)).cast(pl.Int64)
      .cast(pl.Datetime("ms")).cast(pl.Datetime("us")),
    pl.Series("method", list.map((i) => ["GET", "PUT"][i % 2])),
    pl.Series("endpoint", list.map((i) => `/a/${"bcd"[i % 3]}`)),
    pl.Series("status_code", index.map((i) => 200 + i % 3)).cast(pl.Int64),
    pl.Series("size", index).cast(pl.Int64),
    pl.Series("response_time", index.map((i) => i / 7)),
  ]);
}

/** Fails unless both ways of reading give the same. */
async function checkSame(
  path: string,
  options: ReadChunksOptions,
): Promise<"read" | "refused"> {
  const { blockBytes: _, ...whole } = options;
  const bytes = Deno.readFileSync(path);
  let expected: { rows: Rows; report: ReadReport };
  try {
    const result = parseInput(bytes, { ...whole, file: path });
    assert(result.kind === "requests");
    expected = { rows: rowsOf(result.log), report: result.report };
  } catch (error) {
    assert(error instanceof Error);
    const { name, message } = error;
    await assert.rejects(readAll(path, options), { name, message });
    return "refused";
  }
  const { rows, report } = await readAll(path, options);
  assert.deepEqual(rows, expected.rows);
  const { sorted: _a, ...counts } = report;
  const { sorted: _b, ...wholeCounts } = expected.report;
  assert.deepEqual(counts, wholeCounts);
  return "read";
}

/** A column of some type of n rows, of values drawn by their places. */
type MakeColumn = (draws: readonly number[]) => pl.Series;

const pick = <T>(values: readonly T[]) => (draw: number): T =>
  values[draw % values.length];
const times = (draws: readonly number[]) =>
  draws.map((draw) => T + (draw % 1e7) * 997);
const holding = (
  name: string,
  make: (draw: number) => number | null,
  type: pl.DataType,
): MakeColumn =>
(draws) => pl.Series(name, draws.map(make), type);
const texts =
  (name: string, values: readonly (string | null)[]): MakeColumn => (draws) =>
    pl.Series(name, draws.map(pick(values)), pl.Utf8);
const iso = (draws: readonly number[]) =>
  times(draws).map((time) => new Date(time).toISOString());

const TIMESTAMPS: readonly MakeColumn[] = [
  ...(["ms", "us", "ns"] as const).map((unit): MakeColumn => (draws) =>
    pl.Series("timestamp", times(draws), pl.Int64).cast(pl.Datetime("ms"))
      .cast(pl.Datetime(unit))
  ),
  (draws) =>
    pl.Series("timestamp", times(draws), pl.Int64)
      .cast(pl.Datetime("ms", "America/New_York")),
  (draws) =>
    pl.Series(
      "timestamp",
      draws.map((draw) => pick([null, -4e12, 1.1e14, 9e15, 0, T])(draw)),
      pl.Int64,
    ).cast(pl.Datetime("ms")),
  (draws) =>
    pl.Series("timestamp", draws.map((draw) => draw % 30_000), pl.Int32)
      .cast(pl.Date),
  (draws) => pl.Series("timestamp", times(draws), pl.Int64),
  (draws) =>
    pl.Series("timestamp", times(draws).map((time) => time / 1000), pl.Float64),
  holding("timestamp", (draw) => 1.7e9 + draw % 1e6, pl.UInt32),
  holding("timestamp", pick([20260105, 5, -5, null, 2e9]), pl.Int64),
  (draws) => pl.Series("timestamp", iso(draws), pl.Utf8),
  (draws) =>
    pl.Series(
      "timestamp",
      iso(draws).map((text) => text.slice(0, 19)),
      pl.Utf8,
    ),
  texts("timestamp", [
    "2025-03-30 02:30:00",
    "2025-10-26 02:30:00",
    "2025-10-26 02:59:60",
    " 2025-01-01 00:00:00",
    "1736000000",
    "",
    null,
  ]),
];
const METHODS: readonly MakeColumn[] = [
  texts("method", ["GET", "POST"]),
  texts("method", ["GET", "", " GET", null, "\0", "é\n", "\ufffd"]),
  (draws) =>
    pl.Series("method", draws.map(pick(["GET", "PUT"])), pl.Utf8)
      .cast(pl.Categorical),
  holding("method", () => 1, pl.Int64),
];
const ENDPOINTS: readonly MakeColumn[] = [
  texts("endpoint", ["/a", "/b?c=1", "/users/12"]),
  texts("endpoint", ["/a", "/a ", null, ""]),
  (draws) =>
    pl.Series("endpoint", draws.map(pick(["/a", "/b"])), pl.Utf8)
      .cast(pl.Categorical),
];
const STATUSES: readonly MakeColumn[] = [
  ...[pl.Int16, pl.UInt16, pl.Int32, pl.Int64, pl.Float32, pl.Float64]
    .map((type) => holding("status_code", pick([200, 404, 503]), type)),
  holding("status_code", pick([99, 100, 599, 600, null]), pl.Int32),
  holding("status_code", pick([200, 200.5, -200, NaN]), pl.Float64),
  texts("status_code", ["200", "503"]),
  holding("status_code", (draw) => 100 + draw % 100, pl.UInt8),
];
const SIZES: readonly MakeColumn[] = [
  ...[pl.UInt32, pl.Int64, pl.Float32, pl.Float64]
    .map((type) => holding("size", (draw) => draw % 100_000, type)),
  holding("size", pick([0, -1, null, 2 ** 53 - 1, 2 ** 53]), pl.Int64),
  holding("size", pick([0, -0, 0.5, 1e21, Infinity]), pl.Float64),
  texts("size", ["0", "12", "-"]),
];
const RESPONSE_TIMES: readonly MakeColumn[] = [
  ...[pl.Float32, pl.Float64]
    .map((type) => holding("response_time", (draw) => draw / 7, type)),
  ...[pl.Int32, pl.UInt64]
    .map((type) => holding("response_time", (draw) => draw % 1e6, type)),
  holding("response_time", pick([0, -0, 1e-9, 1e149]), pl.Float64),
  holding("response_time", pick([1, -1, NaN, Infinity, null]), pl.Float64),
  texts("response_time", ["1.5", "1e3", "+1"]),
];

Deno.test("readRequestChunks() reads of Parquet what parseParquet() reads", async () => {
  const draw = fc.nat();
  const made = [
    TIMESTAMPS,
    METHODS,
    ENDPOINTS,
    STATUSES,
    SIZES,
    RESPONSE_TIMES,
  ];
  // The first ones, which are regular, more often.
  const choice = fc.tuple(
    ...made.map((makers) =>
      fc.oneof(
        { weight: 3, arbitrary: fc.constant(makers[0]) },
        { weight: 2, arbitrary: fc.constantFrom(...makers) },
      )
    ),
  );
  const counts = { read: 0, refused: 0 };
  await withPath((path) =>
    fc.assert(
      fc.asyncProperty(
        choice,
        fc.array(fc.tuple(...made.map(() => draw)), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.record({
          mode: fc.constantFrom("strict", "lenient"),
          timeZone: fc.constantFrom("UTC", "Europe/Berlin", "Asia/Kolkata"),
          unit: fc.constantFrom("us", "ms", "s"),
          blockBytes: fc.constantFrom(200, 2 ** 22),
        }),
        async (makers, rows, options) => {
          const frame = pl.DataFrame(
            makers.map((make, k) => make(rows.map((row) => row[k]))),
          );
          frame.writeParquet(path, { compression: "snappy" });
          counts[await checkSame(path, options as ReadChunksOptions)]++;
        },
      ),
      { seed: 31, numRuns: 120 },
    )
  );
  assert(counts.read > 40 && counts.refused > 20, JSON.stringify(counts));
});

Deno.test("readRequestChunks() reads a Parquet file slice by slice", async () => {
  await withPath(async (path) => {
    const n = 1000;
    regularFrame(n).writeParquet(path);
    const { rows, report, parts } = await readAll(path, { blockBytes: 5000 });
    assert(parts > 5, `${parts}`);
    assert.equal(report.rowsRead, n);
    assert.equal(report.format, "parquet");
    assert.equal(report.file, path);
    assert.deepEqual(report.span, { startMs: T, endMs: T + 999_000 });
    assert.deepEqual(rows[998], [
      T + 998_000,
      "GET",
      "/a/d",
      202,
      998,
      998 / 7,
      998,
    ]);
    let last = 0;
    for await (
      const { bytesRead, fileBytes } of readMeasuredChunks(path, {
        blockBytes: 5000,
      })
    ) {
      assert.equal(fileBytes, Deno.statSync(path).size);
      assert(bytesRead > last);
      last = bytesRead;
    }
    assert.equal(last, Deno.statSync(path).size);
  });
});

Deno.test("readRequestChunks() counts bad rows of Parquet by their places", async () => {
  await withPath(async (path) => {
    const n = 120_000;
    // More rows than are turned into texts at a time.
    const status = Array.from({ length: n }, (_, i) => i === 110_000 ? 0 : 200);
    regularFrame(n).withColumn(
      pl.Series("status_code", status, pl.Int32),
    ).writeParquet(path);
    const { rows, report } = await readAll(path, { mode: "lenient" });
    assert.equal(report.rowsRead, n - 1);
    assert.deepEqual(report.rejections, [{
      reason: "status_code is not an HTTP status from 100 to 599",
      count: 1,
      examples: [{ line: 110_001, column: "status_code", value: "0" }],
    }]);
    assert.equal(rows[110_000][6], 110_001);
    await assert.rejects(readAll(path, { file: "a" }), {
      name: "SyntaxError",
      message:
        'Cannot read a at row 110001: status_code is "0", expected an HTTP status from 100 to 599',
    });
  });
});

Deno.test("measureRequestLog() measures Parquet as it does a CSV of the same rows", async () => {
  await withPath(async (path) => {
    const frame = regularFrame(5000);
    frame.writeParquet(path);
    const csv = `${path}.csv`;
    frame.writeCSV(csv);
    const options = { bucketMs: 60_000 };
    const shares: (number | undefined)[] = [];
    const parquet = await measureRequestLog(path, {
      ...options,
      onProgress: ({ share }) => shares.push(share),
    });
    const text = await measureRequestLog(csv, options);
    assert.deepEqual(parquet.metrics.rows(), text.metrics.rows());
    assert.equal(parquet.metrics.requests, 5000);
    assert.deepEqual(shares, [1]);
  });
});

Deno.test("readRequestChunks() reads a folder of Parquet and its partitions", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const frame = regularFrame(30).drop("status_code", "method", "size");
    for (
      const [path, from] of [
        ["status_code=200/method=GET/size=7/b.parquet", 20],
        ["status_code=200/method=GET/size=7/a.parquet", 10],
        ["status_code=503/method=P%55T/size=8/a.parquet", 0],
      ] as const
    ) {
      const file = `${folder}/${path}`;
      await Deno.mkdir(file.replace(/\/\w+\.parquet$/, ""), {
        recursive: true,
      });
      frame.slice(from, 10).writeParquet(file);
    }
    const same = async (options: ReadChunksOptions) => {
      const { blockBytes: _, ...whole } = options;
      const result = await readInput(folder, whole);
      assert(result.kind === "requests");
      const { rows, report } = await readAll(folder, options);
      assert.deepEqual(rows, rowsOf(result.log));
      assert.equal(report.rowsRejected, result.report.rowsRejected);
      return rows;
    };
    const rows = await same({ blockBytes: 100 });
    assert.deepEqual(rows[0], [T, "PUT", "/a/b", 503, 8, 0, 20]);
    assert.deepEqual(rows[29].slice(1, 5), ["GET", "/a/d", 200, 7]);
    await Deno.rename(
      `${folder}/status_code=200`,
      `${folder}/status_code=__HIVE_DEFAULT_PARTITION__`,
    );
    await same({ mode: "lenient" });
    await assert.rejects(readAll(folder), {
      name: "SyntaxError",
      message:
        `Cannot read ${folder} at row 11: status_code is null, expected a value`,
    });
    await assert.rejects(readAll(folder, { format: "access-log" }), {
      name: "SyntaxError",
      message: `Cannot read ${folder}: it is a folder, expected a file`,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readRequestChunks() takes names of columns as they are", async () => {
  await withPath(async (path) => {
    regularFrame(3).rename({ endpoint: "^.*$", size: "*" }).writeParquet(path);
    const columns = { endpoint: "^.*$", size: "*" };
    const { rows } = await readAll(path, { columns });
    assert.deepEqual(rows.map((row) => row[4]), [0, 1, 2]);
  });
});

Deno.test("readRequestChunks() refuses Parquet that is gzipped or holds no requests", async () => {
  await withPath(async (path) => {
    regularFrame(3).writeParquet(path);
    const packed = `${path}.gz`;
    Deno.writeFileSync(packed, gzipSync(Deno.readFileSync(path)));
    await assert.rejects(readAll(packed, { file: "a.gz" }), {
      name: "SyntaxError",
      message:
        "Cannot read a.gz part by part as Parquet, which is read from its end: expected a Parquet file that is not gzipped, or a folder of them; write it to a file first",
    });
    await assert.rejects(
      readAll(path, { columns: { value: "size" }, file: "a" }),
      {
        name: "SyntaxError",
        message:
          "Cannot read a part by part: it holds series, expected requests",
      },
    );
    regularFrame(3).head(0).writeParquet(path);
    await assert.rejects(readAll(path, { file: "a" }), {
      name: "SyntaxError",
      message: "Cannot read a: expected at least one row",
    });
    Deno.writeTextFileSync(path, "timestamp,value\n1,2\n");
    await assert.rejects(readAll(path, { format: "parquet" }), {
      name: "SyntaxError",
      message: /part by part as Parquet/,
    });
  });
});

Deno.test("readRequestChunks() reads or refuses Parquet that is damaged anywhere", async () => {
  const random = new Random(32);
  await withPath(async (path) => {
    regularFrame(300).writeParquet(path, { compression: "snappy" });
    const whole = Deno.readFileSync(path);
    const outcomes = { read: 0, refused: 0 };
    for (let run = 0; run < 300; run++) {
      const edits = Array.from({ length: 1 + random.integer(3) }, () => ({
        kind: run % 4 ? "flip" as const : EDIT_KINDS[random.integer(5)],
        at: random.integer(whole.length),
        value: random.integer(256),
      }));
      // What follows the magic, so that it is still taken for Parquet.
      Deno.writeFileSync(path, whole.subarray(0, 4));
      Deno.writeFileSync(path, damaged(whole.subarray(4), edits), {
        append: true,
      });
      try {
        await readAll(path, { mode: "lenient", file: "a" });
        outcomes.read++;
      } catch (error) {
        assert(error instanceof Error);
        assert(
          ["SyntaxError", "RangeError"].includes(error.name),
          `${error.stack}`,
        );
        assert.match(error.message, /^Cannot read a/);
        outcomes.refused++;
      }
    }
    assert(
      outcomes.read > 20 && outcomes.refused > 20,
      JSON.stringify(outcomes),
    );
  });
});
