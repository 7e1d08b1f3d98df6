import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import pl from "nodejs-polars";
import {
  parseInput,
  readInput,
  type ReadInputOptions,
  type ReadInputResult,
} from "lib/logs/readers/mod.ts";
import { rowsOf } from "./log_rows.ts";

const T = Date.UTC(2025, 0, 1);

/** A frame of requests, of rows given by time and response time. */
function frameOf(rows: readonly (readonly [number, number])[]): pl.DataFrame {
  return pl.DataFrame([
    pl.Series("timestamp", rows.map(([time]) => time), pl.Int64)
      .cast(pl.Datetime("ms")),
    pl.Series("method", rows.map(() => "GET"), pl.Utf8),
    pl.Series("endpoint", rows.map(() => "/a"), pl.Utf8),
    pl.Series("status_code", rows.map(() => 200), pl.Int32),
    pl.Series("size", rows.map((_, i) => i), pl.Int64),
    pl.Series("response_time", rows.map(([, time]) => time), pl.Float64),
  ]);
}

function bytesOf(frame: pl.DataFrame): Uint8Array {
  const path = Deno.makeTempFileSync({ suffix: ".parquet" });
  try {
    frame.writeParquet(path, { compression: "zstd" });
    return Deno.readFileSync(path);
  } finally {
    Deno.removeSync(path);
  }
}

const FRAME = frameOf([[T + 2000, 1.5], [T + 1000, 2]]);
const BYTES = bytesOf(FRAME);
const ROWS = [
  [T + 1000, "GET", "/a", 200, 1, 2, 1],
  [T + 2000, "GET", "/a", 200, 0, 1.5, 0],
];

function logOf(result: ReadInputResult) {
  assert(result.kind === "requests");
  return result.log;
}

function withColumn(column: pl.Series): Uint8Array {
  return bytesOf(FRAME.withColumn(column));
}

Deno.test("parseParquet() reads typed columns, gzipped or not", () => {
  for (const bytes of [BYTES, gzipSync(BYTES)]) {
    const result = parseInput(bytes);
    assert.deepEqual(rowsOf(logOf(result)), ROWS);
    assert.equal(result.report.format, "parquet");
    assert.equal(result.report.rowsRead, 2);
  }
});

Deno.test("parseParquet() reads times of any type", () => {
  const zone: ReadInputOptions = { timeZone: "Europe/Berlin" };
  const hour = 3_600_000;
  const times = [T + 2000, T + 1000];
  const expected = (shift: number) => [T + 1000 + shift, T + 2000 + shift];
  const datetimes = pl.Series("timestamp", times, pl.Int64)
    .cast(pl.Datetime("ms"));
  for (
    const [column, options, shift] of [
      [datetimes, {}, 0],
      [datetimes.cast(pl.Datetime("us")), {}, 0],
      [datetimes.cast(pl.Datetime("ns")), {}, 0],
      // A datetime without a zone is of the zone asked for.
      [datetimes, zone, -hour],
      [pl.Series("timestamp", times, pl.Int64), zone, 0],
      [pl.Series("timestamp", times.map((t) => t / 1000), pl.Int32), zone, 0],
      [pl.Series("timestamp", times.map((t) => t / 1000), pl.Float64), {}, 0],
      [
        pl.Series("timestamp", ["2025-01-01 00:00:02", "2025-01-01 00:00:01"]),
        zone,
        -hour,
      ],
    ] as const
  ) {
    const log = logOf(parseInput(withColumn(column), options));
    assert.deepEqual([...log.timestampMs], expected(shift), `${column.dtype}`);
  }
  const zoned = logOf(parseInput(
    withColumn(
      pl.Series("timestamp", times, pl.Int64).cast(
        pl.Datetime("ms", "Europe/Berlin"),
      ),
    ),
    { timeZone: "America/New_York" },
  ));
  assert.deepEqual([...zoned.timestampMs], expected(0));
  const days = pl.Series("timestamp", [20_089, 20_088], pl.Int32).cast(pl.Date);
  const dates = logOf(parseInput(withColumn(days)));
  assert.deepEqual([...dates.timestampMs], [T - 86_400_000, T]);
});

Deno.test("parseParquet() reads columns by mapping, texts of numbers and categories", () => {
  const frame = FRAME.withColumn(
    pl.Series("method", ["GET", "PUT"]).cast(pl.Categorical),
  ).withColumn(pl.Series("response_time", ["0.5", "1"], pl.Utf8))
    .withColumn(pl.Series("other", [[1], [2]]))
    .rename({ endpoint: "path", size: "bytes out" });
  const log = logOf(parseInput(bytesOf(frame), {
    columns: { endpoint: "path", size: "bytes out" },
    unit: "s",
  }));
  assert.deepEqual(log.method.names, ["PUT", "GET"]);
  assert.deepEqual([...log.responseTimeMs ?? []], [1000, 500]);
  const series = parseInput(BYTES, { columns: { value: "response_time" } });
  assert(series.kind === "series");
  assert.deepEqual([...series.observations.value], [2, 1.5]);
});

Deno.test("parseParquet() rejects nulls, NaN and what is out of range", () => {
  for (
    const [column, detail] of [
      [
        pl.Series("response_time", [1, null], pl.Float64),
        "response_time is null, expected a value",
      ],
      [
        pl.Series("endpoint", ["/a", null], pl.Utf8),
        "endpoint is null, expected a value",
      ],
      [
        pl.Series("timestamp", [T, null], pl.Int64).cast(pl.Datetime("ms")),
        "timestamp is null, expected a value",
      ],
      [
        pl.Series("response_time", [1, NaN], pl.Float64),
        'response_time is "NaN", expected milliseconds >= 0',
      ],
      [
        pl.Series("size", [1, -1], pl.Int64),
        'size is "-1", expected whole bytes >= 0',
      ],
      [
        pl.Series("timestamp", [T, 8e15], pl.Int64).cast(pl.Datetime("ms")),
        /^Cannot read input at row 2: timestamp is "\+255479-/,
      ],
    ] as const
  ) {
    const bytes = withColumn(column);
    assert.throws(() => parseInput(bytes), {
      name: "SyntaxError",
      message: typeof detail === "string"
        ? `Cannot read input at row 2: ${detail}`
        : detail,
    });
    const { report } = parseInput(bytes, { mode: "lenient" });
    assert.deepEqual([report.rowsRead, report.rowsRejected], [1, 1]);
  }
});

Deno.test("parseParquet() rejects columns that are missing or of a wrong type", () => {
  for (
    const [frame, message] of [
      [
        FRAME.withColumn(pl.Series("method", [1, 2])),
        "Cannot read a: method is of type Float64, expected texts",
      ],
      [
        FRAME.withColumn(pl.Series("size", [true, false])),
        "Cannot read a: size is of type Bool, expected numbers or texts",
      ],
      [
        FRAME.withColumn(pl.Series("timestamp", [[1], [2]])),
        "Cannot read a: timestamp is of type List(DataType(Float64)), expected datetimes, numbers or texts",
      ],
      [
        FRAME.drop("size"),
        'Cannot read a: it has the columns "timestamp", "method", "endpoint", "status_code", "response_time", expected timestamp,method,endpoint,status_code,size,response_time or timestamp,value; name the columns that stand for these',
      ],
      [FRAME.head(0), "Cannot read a: expected at least one row"],
    ] as const
  ) {
    assert.throws(() => parseInput(bytesOf(frame), { file: "a" }), {
      name: "SyntaxError",
      message,
    });
  }
});

Deno.test("parseParquet() rejects a file that is damaged, cut off or too large", () => {
  for (const length of [4, 8, 12, 100, BYTES.length - 1]) {
    assert.throws(() => parseInput(BYTES.subarray(0, length)), {
      name: "SyntaxError",
      message: /^Cannot read input: it begins like Parquet but /,
    });
  }
  // 10^6 equal rows unpack to 16 MB.
  const zeros = new Float64Array(1e6);
  const many = bytesOf(pl.DataFrame([
    pl.Series("timestamp", zeros),
    pl.Series("value", zeros),
  ]));
  assert(many.length < 1_000_000, `${many.length}`);
  assert.throws(() => parseInput(many, { maxBytes: 1_000_000 }), {
    name: "RangeError",
    message:
      "Cannot read input: it holds more than 1000000 bytes, expected at most maxBytes",
  });
});

Deno.test("readInput() reads a folder of files and its partitions as one table", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (
      const [path, times] of [
        ["status_code=200/method=GET/b.parquet", [[T + 3000, 3]]],
        ["status_code=200/method=GET/a.parquet", [[T + 2000, 2], [T, 0]]],
        ["status_code=503/method=P%55T/a.parquet", [[T + 1000, 1]]],
      ] as const
    ) {
      const file = `${folder}/${path}`;
      await Deno.mkdir(file.replace(/\/\w+\.parquet$/, ""), {
        recursive: true,
      });
      frameOf(times).drop("status_code", "method").writeParquet(file);
    }
    await Deno.writeTextFile(`${folder}/_SUCCESS`, "");
    await Deno.writeTextFile(`${folder}/.x.parquet`, "not Parquet");
    const result = await readInput(folder);
    // In the order of their paths: a has rows 0 and 1, b row 2, 503's a row 3.
    assert.deepEqual(rowsOf(logOf(result)), [
      [T, "GET", "/a", 200, 1, 0, 1],
      [T + 1000, "PUT", "/a", 503, 0, 1, 3],
      [T + 2000, "GET", "/a", 200, 0, 2, 0],
      [T + 3000, "GET", "/a", 200, 0, 3, 2],
    ]);
    assert.equal(result.report.file, folder);
    await Deno.rename(
      `${folder}/status_code=503`,
      `${folder}/status_code=__HIVE_DEFAULT_PARTITION__`,
    );
    await assert.rejects(readInput(folder), {
      name: "SyntaxError",
      message:
        `Cannot read ${folder} at row 4: status_code is null, expected a value`,
    });
    await assert.rejects(readInput(folder, { maxBytes: 1000 }), {
      name: "RangeError",
      message: /it holds more than 1000 bytes/,
    });
    await assert.rejects(readInput(folder, { format: "access-log" }), {
      name: "SyntaxError",
      message: `Cannot read ${folder}: it is a folder, expected a file`,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readInput() says of a folder without Parquet that it has none", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await assert.rejects(readInput(folder), {
      name: "SyntaxError",
      message:
        `Cannot read ${folder}: the folder holds no file that ends in .parquet, expected at least one`,
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
