/**
 * Finds or installs what runs a notebook: a Python with nbclient, and the
 * specification of the Deno kernel. Everything lives in the project's `.venv`;
 * the user's home is never written to.
 *
 * @module
 */

import { join } from "node:path";
import { capture, projectRoot, run } from "./project.ts";
import { hasModule, installPackages, MissingPythonError } from "./python.ts";

/** A Python that can run notebooks on the Deno kernel. */
export type Jupyter = {
  /** The Python program. */
  readonly python: string;
  /** The whole environment that it must be started with. */
  readonly environment: Readonly<Record<string, string>>;
};

/** Options for {@linkcode prepareJupyter}. */
export type PrepareJupyterOptions = {
  /** The project's root, in which `.venv` is made. @default {this project} */
  root?: string;
  /** Shows one line of progress. @default {to standard error} */
  report?: (line: string) => void;
};

/**
 * Makes everything ready for running notebooks: npm packages from the frozen
 * lockfile, Python packages in `.venv`, and the kernel's specification. What
 * is there already is kept. Where the Python packages cannot be installed, a
 * `jupyter` on the PATH whose Python has nbclient is used instead.
 *
 * @param options The project's root, and where progress is shown.
 * @returns The Python to use and its environment.
 * @throws {MissingPythonError} If there is no usable Python.
 */
export async function prepareJupyter(
  options: PrepareJupyterOptions = {},
): Promise<Jupyter> {
  const { root = projectRoot, report = console.error } = options;
  const python = await installInVenv(root, report).catch((error) => {
    if (!(error instanceof MissingPythonError)) throw error;
    return findInstalledJupyter(error, report);
  });
  report("Installing the npm packages of deno.lock where missing …");
  const npm = [Deno.execPath(), "install", "--frozen", "--quiet"] as const;
  if (!await run(npm, { cwd: root })) {
    throw new Error("Cannot install the npm packages of deno.lock, see above");
  }
  await writeKernelSpec(root);
  const environment = jupyterEnvironment(Deno.env.toObject(), root);
  // IPython, which nbclient needs, would put a missing folder in the home.
  await Deno.mkdir(environment.IPYTHONDIR, { recursive: true });
  return { python, environment };
}

/**
 * The environment for Jupyter: its own folders are all inside `.venv`, and the
 * kernels of the project come before any others.
 *
 * @param base The environment to start from.
 * @param root The project's root.
 * @returns `base` with Jupyter's variables set.
 */
export function jupyterEnvironment(
  base: Readonly<Record<string, string>>,
  root: string,
): Record<string, string> {
  const own = join(root, ".venv", "jupyter");
  return {
    ...base,
    JUPYTER_CONFIG_DIR: join(own, "config"),
    JUPYTER_DATA_DIR: join(own, "data"),
    JUPYTER_RUNTIME_DIR: join(own, "runtime"),
    JUPYTER_PATH: join(root, ".venv", "share", "jupyter"),
    JUPYTER_PREFER_ENV_PATH: "1",
    IPYTHONDIR: join(own, "ipython"),
  };
}

/**
 * Reads the Python behind a `jupyter` program from `jupyter troubleshoot`.
 *
 * @param output What `jupyter troubleshoot` wrote.
 * @returns The path of its Python, or undefined if the output names none.
 */
export function pythonOfTroubleshoot(output: string): string | undefined {
  return /^sys\.executable:\s*\n\s*(\S.*?)\s*$/m.exec(output)?.[1];
}

async function installInVenv(
  root: string,
  report: (line: string) => void,
): Promise<string> {
  const python = await installPackages(
    join(root, ".venv"),
    join(root, "notebooks", "requirements.txt"),
    { report, what: "JupyterLab and nbclient", root },
  );
  if (await hasModule(python, "nbclient")) return python;
  throw new MissingPythonError(`${python} has no nbclient, expected it`);
}

async function findInstalledJupyter(
  reason: MissingPythonError,
  report: (line: string) => void,
): Promise<string> {
  const { output } = await capture(["jupyter", "troubleshoot"]);
  const python = pythonOfTroubleshoot(output);
  if (python === undefined || !await hasModule(python, "nbclient")) {
    throw new MissingPythonError(
      `${reason.message}\nNor is there a jupyter with nbclient on the PATH`,
    );
  }
  report(`${reason.message}\nUsing the jupyter on the PATH instead: ${python}`);
  return python;
}

async function writeKernelSpec(root: string): Promise<void> {
  const folder = join(root, ".venv", "share", "jupyter", "kernels", "deno");
  const argv = [
    "jupyter",
    "--quiet",
    "--kernel",
    "--conn",
    "{connection_file}",
  ];
  const spec = {
    argv: [Deno.execPath(), ...argv],
    display_name: "Deno",
    language: "typescript",
  };
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(
    join(folder, "kernel.json"),
    `${JSON.stringify(spec, null, 2)}\n`,
  );
}
