/**
 * `deno task lab`: opens JupyterLab on the notebooks, with the Deno kernel
 * ready. Further arguments go to JupyterLab.
 *
 * @module
 */

import { prepareJupyter } from "./jupyter.ts";
import { MissingPythonError } from "./python.ts";
import { notebooksFolder } from "./notebook_files.ts";
import { run } from "./project.ts";

if (import.meta.main) {
  try {
    const { python, environment } = await prepareJupyter();
    const folder = `--ServerApp.root_dir=${notebooksFolder}`;
    // In a container one is root, and JupyterLab refuses that unless told.
    const asRoot = Deno.uid() === 0 ? ["--allow-root"] : [];
    const command = [python, "-m", "jupyterlab", folder, ...asRoot] as const;
    const ok = await run([...command, ...Deno.args], { env: environment });
    Deno.exit(ok ? 0 : 1);
  } catch (error) {
    if (!(error instanceof MissingPythonError)) throw error;
    console.error(error.message);
    Deno.exit(1);
  }
}
