/**
 * Python packages in a virtual environment of the project's own, so that the
 * user's home is never written to.
 *
 * @module
 */

import { join } from "node:path";
import {
  capture,
  projectRoot,
  readTextIfAny,
  type RunOptions,
  sha256,
} from "./project.ts";

/** Thrown where there is no usable Python; the message says what is missing. */
export class MissingPythonError extends Error {
  /** The name of the error's class. */
  override readonly name = "MissingPythonError";
}

/** Options for {@linkcode installPackages}. */
export type InstallOptions = {
  /** Shows one line of progress. */
  report: (line: string) => void;
  /** What the packages are, for messages: `JupyterLab and nbclient`. */
  what: string;
  /** The folder in which programs run. @default {this project} */
  root?: string;
};

/**
 * Installs packages into a virtual environment, once for each version of the
 * list; what is there already is kept.
 *
 * @param venv The folder of the environment; made if missing.
 * @param requirements The list of packages, for pip.
 * @param options Progress and words.
 * @returns The environment's Python.
 * @throws {MissingPythonError} If there is no Python, or pip fails.
 */
export async function installPackages(
  venv: string,
  requirements: string,
  options: InstallOptions,
): Promise<string> {
  const { report, what, root = projectRoot } = options;
  const python = Deno.build.os === "windows"
    ? join(venv, "Scripts", "python.exe")
    : join(venv, "bin", "python");
  const stamp = join(venv, "requirements.sha256");
  const wanted = await sha256(await Deno.readFile(requirements));
  const usable = await hasModule(python, "pip");
  if (usable && await readTextIfAny(stamp) === wanted) return python;

  const system = await findPython();
  report(`Installing ${what} into ${venv.slice(root.length + 1)}, once …`);
  if (!usable) {
    await install([system, "-m", "venv", "--clear", venv], { cwd: root }, what);
  }
  // Without pip's cache, which would be in the user's home.
  await install(
    [
      ...[python, "-m", "pip", "install", "--quiet", "--no-cache-dir"] as const,
      ...["--disable-pip-version-check", "--requirement", requirements],
    ],
    { cwd: root },
    what,
  );
  await Deno.writeTextFile(stamp, wanted);
  return python;
}

/**
 * Tells whether a Python has a module.
 *
 * @param python The Python program.
 * @param module The module's name.
 * @returns Whether it can be imported.
 */
export async function hasModule(
  python: string,
  module: string,
): Promise<boolean> {
  return (await capture([python, "-c", `import ${module}`])).ok;
}

async function findPython(): Promise<string> {
  const isRecent = "import sys; sys.exit(sys.version_info < (3, 9))";
  for (const python of ["python3", "python"]) {
    if ((await capture([python, "-c", isRecent])).ok) return python;
  }
  throw new MissingPythonError(
    "Notebooks need Python 3.9 or later, and neither python3 nor python on " +
      "the PATH is one. Install Python and try again; all else works without",
  );
}

async function install(
  command: readonly [string, ...string[]],
  options: RunOptions,
  what: string,
): Promise<void> {
  const { ok, output } = await capture(command, options);
  if (ok) return;
  const reason = output.trim().split("\n").slice(-2).join("\n  ");
  throw new MissingPythonError(
    `Cannot install ${what}: ${command.join(" ")} failed:\n  ${reason}`,
  );
}
