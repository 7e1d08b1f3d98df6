/**
 * `deno task test`, `test:full` and `ok`: everything quick, what takes longer,
 * and a contributor's gate before a commit. All steps run even if one fails.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { join } from "node:path";
import { checkNotebooks } from "./check_notebooks.ts";
import { executeNotebook } from "./execute.ts";
import { formatNotebooks } from "./format_notebooks.ts";
import { type Jupyter, prepareJupyter } from "./jupyter.ts";
import { MissingPythonError } from "./python.ts";
import { listNotebooks, titleOf } from "./notebook_files.ts";
import { projectRoot, run } from "./project.ts";
import {
  closingLine,
  reportLine,
  runSteps,
  type Step,
  sumCounts,
} from "./steps.ts";
import { findTests, runTests } from "./unit_tests.ts";

const modes: Readonly<Record<string, () => Promise<Step[]>>> = {
  quick: async () => [
    deno("format", ["fmt", "--check"]),
    { title: "format of notebooks", run: notebooksAreFormatted },
    ...await checks(),
    ...await notebookSteps({ fast: true }),
  ],
  full: async () => [
    ...await longTests(),
    { title: "data/ is rebuilt byte for byte", run: dataIsRebuilt },
    ...await notebookSteps({ fast: false }),
  ],
  ok: async () => [
    deno("format", ["fmt"]),
    { title: "format of notebooks", run: formatAllNotebooks },
    ...await checks(),
  ],
};

/**
 * Runs the steps of a mode and shows their summary; the last line counts.
 *
 * @param args The mode: `quick`, `full` or `ok`.
 * @returns The exit code: 0, 1 if anything failed, 2 for an unknown mode.
 */
export async function main(args: readonly string[]): Promise<number> {
  const steps = args.length === 1 ? modes[args[0]] : undefined;
  if (steps === undefined) {
    console.error(`Expected one of ${Object.keys(modes).join(", ")}`);
    return 2;
  }
  const strict = Deno.env.get("CI") === "true";
  if (strict) Deno.env.set("NO_COLOR", "1");
  const reports = await runSteps(await steps());
  console.log(`\nSummary\n${reports.map(reportLine).join("\n")}`);
  const counts = sumCounts(reports, { strict });
  if (strict && reports.some(({ ignored }) => ignored > 0)) {
    console.log("In CI an ignored test is a failed one");
  }
  console.log(`\n${closingLine(counts)}`);
  return counts.failed > 0 ? 1 : 0;
}

async function checks(): Promise<Step[]> {
  const { quick } = await findTests();
  return [
    deno("lint", ["lint"]),
    deno("types", ["check", "lib", "tests", ".tasks"]),
    deno("documentation", [
      "doc",
      "--quiet",
      "--lint",
      ...await libraryFiles(),
    ]),
    { title: "unit tests", run: () => runTests(["--doc", "lib", ...quick]) },
    { title: "types in notebooks", run: notebookTypes },
  ];
}

async function longTests(): Promise<Step[]> {
  const { long } = await findTests();
  if (long.length === 0) return [];
  return [{ title: "long tests", run: () => runTests(long) }];
}

function deno(title: string, args: readonly string[]): Step {
  return { title, run: () => run([Deno.execPath(), ...args]) };
}

/** All modules of the library: documentation is linted as one whole, since
 * modules refer to each other's types. */
async function libraryFiles(
  folder = join(projectRoot, "lib"),
): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) files.push(...await libraryFiles(path));
    else if (name.endsWith(".ts")) files.push(path);
  }
  return files.sort();
}

async function notebooksAreFormatted(): Promise<boolean> {
  const unformatted = await formatNotebooks(await listNotebooks(), {
    check: true,
  });
  for (const path of unformatted) {
    console.error(`${path} is not formatted: run deno task ok`);
  }
  return unformatted.length === 0;
}

async function formatAllNotebooks(): Promise<boolean> {
  for (const path of await formatNotebooks(await listNotebooks())) {
    console.error(path);
  }
  return true;
}

async function notebookTypes(): Promise<boolean> {
  const { ok, output } = await checkNotebooks(await listNotebooks());
  console.error(output);
  return ok;
}

async function notebookSteps(options: { fast: boolean }): Promise<Step[]> {
  const mode = options.fast ? "fast mode" : "full mode";
  let prepared: Promise<Jupyter> | undefined;
  return (await listNotebooks()).map((notebook) => ({
    title: `${titleOf(notebook)}, ${mode}`,
    run: async () => {
      prepared ??= prepareJupyter();
      const outputDir = await Deno.makeTempDir({ prefix: "latency-lab-" });
      try {
        return (await executeNotebook(notebook, await prepared, {
          ...options,
          outputDir,
        })).ok;
      } catch (error) {
        if (!(error instanceof MissingPythonError)) throw error;
        console.error(error.message);
        const note = error.message.split("\n")[0];
        return { passed: 0, failed: 0, ignored: 1, note };
      } finally {
        await Deno.remove(outputDir, { recursive: true });
      }
    },
  }));
}

async function dataIsRebuilt(): Promise<boolean> {
  const folder = await Deno.makeTempDir({ prefix: "latency-lab-" });
  try {
    const files = ["synthetic_logs.csv", "synthetic_incidents.csv"];
    const [log, incidents] = files.map((name) => join(folder, name));
    const generate = ["run", "-A", "lib/cli.ts", "generate", "--out", log];
    const command = [Deno.execPath(), ...generate] as const;
    if (!await run([...command, "--incidents", incidents])) return false;
    let same = true;
    for (const name of files) {
      const shipped = await Deno.readFile(join(projectRoot, "data", name));
      const rebuilt = await Deno.readFile(join(folder, name));
      const equal = Buffer.compare(shipped, rebuilt) === 0;
      if (!equal) console.error(`data/${name} differs from what is rebuilt`);
      same &&= equal;
    }
    return same;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
