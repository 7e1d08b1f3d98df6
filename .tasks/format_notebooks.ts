/**
 * Formats notebooks. `deno fmt` leaves a well-formatted notebook as it is but
 * calls it changed where a cell has no newline at its end, as Jupyter writes
 * them; so notebooks are left out of `deno fmt` in `deno.json`, and a copy
 * tells what would change.
 *
 * @module
 */

import { basename, join } from "node:path";
import { run } from "./project.ts";

/** Options for {@linkcode formatNotebooks}. */
export type FormatNotebooksOptions = {
  /** Whether notebooks are only looked at, not written. @default {false} */
  check?: boolean;
};

/**
 * Formats the code and the prose of notebooks.
 *
 * @param notebooks The paths of the notebooks.
 * @param options Whether they are only checked.
 * @returns The paths of those that were not formatted.
 * @throws {SyntaxError} If a notebook cannot be formatted.
 */
export async function formatNotebooks(
  notebooks: readonly string[],
  options: FormatNotebooksOptions = {},
): Promise<string[]> {
  const { check = false } = options;
  const changed: string[] = [];
  const folder = await Deno.makeTempDir({ prefix: "latency-lab-" });
  try {
    for (const notebook of notebooks) {
      const copy = join(folder, basename(notebook));
      await Deno.copyFile(notebook, copy);
      if (!await run([Deno.execPath(), "fmt", "--quiet", copy])) {
        throw new SyntaxError(`Cannot format ${notebook}, see above`);
      }
      const formatted = await Deno.readTextFile(copy);
      if (formatted === await Deno.readTextFile(notebook)) continue;
      changed.push(notebook);
      if (!check) await Deno.writeTextFile(notebook, formatted);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  return changed;
}
