/**
 * `deno task check:notebooks`: type-checks the code of the notebooks, which
 * the kernel does not.
 *
 * @module
 */

import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { joinCells, type JoinedCells, mapPositions } from "./join_cells.ts";
import { codeCells, listNotebooks, titleOf } from "./notebook_files.ts";
import { capture, type Captured, projectRoot } from "./project.ts";

/**
 * Type-checks notebooks. Their code is written to a folder beside theirs, so
 * that relative imports mean the same.
 *
 * @param notebooks The paths of the notebooks.
 * @param folder The folder for the joined code, at the depth of theirs.
 * @returns Whether all types are right, and the compiler's messages with
 * positions in the notebooks.
 */
export async function checkNotebooks(
  notebooks: readonly string[],
  folder: string = join(projectRoot, ".check"),
): Promise<Captured> {
  await Deno.mkdir(folder, { recursive: true });
  const joined = new Map<string, { name: string; cells: JoinedCells }>();
  const files: string[] = [];
  for (const notebook of notebooks) {
    const cells = joinCells(codeCells(await Deno.readTextFile(notebook)));
    const file = join(folder, `${titleOf(notebook)}.ts`);
    await Deno.writeTextFile(file, cells.text);
    files.push(file);
    joined.set(pathToFileURL(file).href, { name: basename(notebook), cells });
  }
  const { ok, output } = await capture([Deno.execPath(), "check", ...files], {
    env: { ...Deno.env.toObject(), NO_COLOR: "1" },
  });
  return { ok, output: mapPositions(output, joined) };
}

if (import.meta.main) {
  const { ok, output } = await checkNotebooks(await listNotebooks());
  console.error(output);
  Deno.exit(ok ? 0 : 1);
}
