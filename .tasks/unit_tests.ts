/**
 * Runs tests with `deno test` and counts them.
 *
 * @module
 */

import { join } from "node:path";
import { countTests } from "./junit.ts";
import { projectRoot, readTextIfAny, run } from "./project.ts";
import type { StepResult } from "./steps.ts";

/** The test files of the project. */
export type TestFiles = {
  /** Those that `deno task test` runs. */
  readonly quick: string[];
  /** Those that take longer: `*_long_test.ts`. */
  readonly long: string[];
};

/**
 * Finds the test files below a folder.
 *
 * @param folder The folder.
 * @returns Their paths, in order.
 */
export async function findTests(
  folder: string = join(projectRoot, "tests"),
): Promise<TestFiles> {
  const files: TestFiles = { quick: [], long: [] };
  const folders = [folder];
  for (const current of folders) {
    for await (const entry of Deno.readDir(current)) {
      const path = join(current, entry.name);
      if (entry.isDirectory) folders.push(path);
      else if (entry.name.endsWith("_long_test.ts")) files.long.push(path);
      else if (entry.name.endsWith("_test.ts")) files.quick.push(path);
    }
  }
  files.quick.sort();
  files.long.sort();
  return files;
}

/**
 * Runs tests and counts them. A run that breaks off before or beside its tests
 * counts as one failure more.
 *
 * @param args The arguments of `deno test`: options and files.
 * @returns The counts, with a note on ignored tests.
 */
export async function runTests(args: readonly string[]): Promise<StepResult> {
  const folder = await Deno.makeTempDir({ prefix: "latency-lab-" });
  try {
    const report = join(folder, "junit.xml");
    const command = [Deno.execPath(), "test", "-A"] as const;
    const ok = await run([...command, `--junit-path=${report}`, ...args]);
    const xml = await readTextIfAny(report);
    const counts = countTests(xml ?? "<testsuites/>");
    const failed = counts.failed === 0 && !ok ? 1 : counts.failed;
    return { ...counts, failed, ...ignoredNote(counts.ignored) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function ignoredNote(ignored: number): { note?: string } {
  if (ignored === 0) return {};
  return Deno.env.get("LATENCY_LAB_DATA") === undefined
    ? { note: `${ignored} ignored: no data (set LATENCY_LAB_DATA)` }
    : { note: `${ignored} ignored` };
}
