/**
 * Executes one notebook from top to bottom and puts the result in its place.
 *
 * @module
 */

import { basename, dirname, join } from "node:path";
import { formatNotebooks } from "./format_notebooks.ts";
import type { Jupyter } from "./jupyter.ts";
import { fromCaller, projectRoot, run } from "./project.ts";

/** Variables of the notebooks that name a file or a folder. */
const PATH_VARIABLES = [
  "LATENCY_LAB_INPUT",
  "LATENCY_LAB_ERROR_LOG",
  "LATENCY_LAB_DATA",
];

/** Options for {@linkcode executeNotebook}. */
export type ExecuteNotebookOptions = {
  /**
   * The folder for the executed copy; the source is then left alone.
   * @default {the notebook's own folder}
   */
  outputDir?: string;
  /** Whether the notebook runs in its fast mode. @default {false} */
  fast?: boolean;
};

/** What came of an execution. */
export type Execution = {
  /** Whether all cells ran. */
  readonly ok: boolean;
  /** Where the result is; absent where nothing was written. */
  readonly path?: string;
};

/**
 * Executes a notebook, showing a line a cell. The result is written when all
 * cells ran; into an output folder, also the part up to the error.
 *
 * @param source The notebook; it runs in the folder it is in.
 * @param jupyter What runs it.
 * @param options Where the result goes, and the mode.
 * @returns Whether all cells ran, and where the result is.
 */
export async function executeNotebook(
  source: string,
  jupyter: Jupyter,
  options: ExecuteNotebookOptions = {},
): Promise<Execution> {
  const { outputDir, fast = false } = options;
  const work = await Deno.makeTempDir({ prefix: "latency-lab-" });
  try {
    const executed = join(work, basename(source));
    const script = join(projectRoot, ".tasks", "execute_notebook.py");
    const ok = await run([jupyter.python, script, source, executed], {
      cwd: dirname(source),
      env: kernelEnvironment(jupyter.environment, { fast }),
    });
    if (!ok && (outputDir === undefined || !await exists(executed))) {
      return { ok };
    }
    await formatNotebooks([executed]);
    const path = join(outputDir ?? dirname(source), basename(source));
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.copyFile(executed, path);
    return { ok, path };
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/**
 * The environment of a kernel: outputs carry no colour, so that they are the
 * same wherever they are made; the mode is the task's choice, not the shell's;
 * a log named by the user is found from the notebook's folder too.
 *
 * @param base The environment to start from.
 * @param options The mode.
 * @returns The kernel's whole environment.
 */
export function kernelEnvironment(
  base: Readonly<Record<string, string>>,
  options: { fast: boolean },
): Record<string, string> {
  const environment: Record<string, string> = { ...base, NO_COLOR: "1" };
  delete environment.LATENCY_LAB_FAST;
  if (options.fast) environment.LATENCY_LAB_FAST = "1";
  // The kernel works in the notebooks' folder; paths are the caller's.
  for (const name of PATH_VARIABLES) {
    if (environment[name]) environment[name] = fromCaller(environment[name]);
  }
  return environment;
}

async function exists(path: string): Promise<boolean> {
  return (await Deno.stat(path).catch(() => undefined)) !== undefined;
}
