import assert from "node:assert/strict";
import { join } from "node:path";
import { downloadPublicData, usedWindows } from "../../.tasks/data_public.ts";
import { sha256 } from "../../.tasks/project.ts";
import { publicFiles } from "../../.tasks/public_files.ts";

const dataFolder = Deno.env.get("LATENCY_LAB_DATA");

const windowsText = JSON.stringify({
  "real/a.csv": [["2014-02-26 13:45:00.000000", "2014-02-27 06:25:00.000000"]],
  "real/unused.csv": [],
});
const series = {
  path: "nab/real/a.csv",
  url: "https://example.org/a",
  // printf 'timestamp,value\n' | sha256sum
  sha256: "010a2e9f6f15a5582e1a724d55267cbd6df6ad98d75050a31b198ff53fa58f74",
};

const windows = {
  path: "nab/combined_windows.json",
  url: "https://example.org/w",
  // printf '%s' of windowsText | sha256sum
  sha256: "1d94746053da367c6efe0271a085caf17521b105100b77b84a0ba09adb15c3c3",
};
const right = { [series.url]: "timestamp,value\n", [windows.url]: windowsText };

/** Answers each URL with a text, 404 where there is none. */
function answering(texts: Record<string, string>) {
  return (url: string) =>
    Promise.resolve(
      url in texts
        ? new Response(texts[url])
        : new Response(null, { status: 404 }),
    );
}

async function inFolder(use: (folder: string) => Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function filesBelow(folder: string, prefix = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) {
      names.push(...await filesBelow(join(folder, name), `${prefix}${name}/`));
    } else names.push(prefix + name);
  }
  return names.sort();
}

Deno.test("downloadPublicData() writes files with the right checksum", async () => {
  await inFolder(async (folder) => {
    const shown: string[] = [];
    await downloadPublicData(folder, {
      files: [series],
      windows,
      fetch: answering(right),
      report: (line) => shown.push(line),
    });
    assert.deepEqual(await filesBelow(folder), [
      "nab/combined_windows.json",
      "nab/real/a.csv",
      "nab/windows.json",
    ]);
    assert.deepEqual(shown.sort(), await filesBelow(folder));
    assert.equal(
      await Deno.readTextFile(join(folder, series.path)),
      "timestamp,value\n",
    );
    assert.deepEqual(
      JSON.parse(await Deno.readTextFile(join(folder, "nab/windows.json"))),
      { "real/a.csv": [["2014-02-26 13:45:00", "2014-02-27 06:25:00"]] },
    );
  });
});

Deno.test("downloadPublicData() rejects another checksum and writes nothing", async () => {
  await inFolder(async (folder) => {
    await assert.rejects(
      downloadPublicData(folder, {
        files: [series],
        windows,
        fetch: answering({ ...right, [series.url]: "" }),
        report: () => {},
      }),
      {
        // The actual one is the checksum of no bytes (FIPS 180-4).
        message: "Cannot download nab/real/a.csv: its SHA-256 is " +
          "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855, " +
          `expected ${series.sha256}`,
      },
    );
    assert.deepEqual(await filesBelow(folder), []);
  });
});

Deno.test("downloadPublicData() says which file cannot be had", async () => {
  await inFolder(async (folder) => {
    await assert.rejects(
      downloadPublicData(folder, {
        files: [series],
        windows,
        fetch: answering({}),
        report: () => {},
      }),
      {
        message: "Cannot download nab/real/a.csv: " +
          "https://example.org/a answered 404",
      },
    );
  });
});

Deno.test("downloadPublicData() keeps right files and replaces wrong ones", async () => {
  await inFolder(async (folder) => {
    const fetched: string[] = [];
    const options = {
      files: [series],
      windows,
      fetch: (url: string) => {
        fetched.push(url);
        return answering(right)(url);
      },
      report: () => {},
    };
    await downloadPublicData(folder, options);
    await Deno.writeTextFile(join(folder, series.path), "spoilt");
    await downloadPublicData(folder, options);
    assert.deepEqual(fetched, [series.url, windows.url, series.url]);
    assert.equal(
      await Deno.readTextFile(join(folder, series.path)),
      "timestamp,value\n",
    );
  });
});

Deno.test("usedWindows() rejects a series that has no windows", () => {
  assert.throws(() => usedWindows(windowsText, ["nab/real/other.csv"]), {
    name: "SyntaxError",
    message: 'Cannot read labelled windows: "real/other.csv" is missing',
  });
});

Deno.test({
  name: "publicFiles has the checksums of the files in LATENCY_LAB_DATA",
  ignore: dataFolder === undefined,
  async fn() {
    for (const file of publicFiles) {
      const content = await Deno.readFile(join(dataFolder ?? "", file.path));
      assert.equal(await sha256(content), file.sha256, file.path);
    }
  },
});

Deno.test({
  name: "usedWindows() of NAB's times gives the windows in LATENCY_LAB_DATA",
  ignore: dataFolder === undefined,
  async fn() {
    const expected = await Deno.readTextFile(
      join(dataFolder ?? "", "nab", "windows.json"),
    );
    // NAB itself writes every time with a fraction of six zeros.
    const original = expected.replace(/(\d\d:\d\d:\d\d)"/g, '$1.000000"');
    const paths = publicFiles.map(({ path }) => path);
    assert.equal(usedWindows(original, paths), expected);
  },
});
