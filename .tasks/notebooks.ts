/**
 * `deno task notebooks [NAME] [--output-dir DIR] [--fast]`: executes the
 * notebooks from top to bottom.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { executeNotebook } from "./execute.ts";
import { prepareJupyter } from "./jupyter.ts";
import { MissingPythonError } from "./python.ts";
import { listNotebooks, resolveNotebook, titleOf } from "./notebook_files.ts";
import { fromCaller } from "./project.ts";

const usage = `Executes the notebooks from top to bottom.

deno task notebooks [NAME] [--output-dir DIR] [--fast]

  NAME              one notebook, by its name or the beginning of its name
  --output-dir DIR  write executed copies there, leave the sources alone
  --fast            the fast mode that the tests use: less data, less training

LATENCY_LAB_INPUT=FILE points the notebooks at another request log,
LATENCY_LAB_ERROR_LOG=FILE the first one at an Apache error log.`;

/**
 * Executes the notebooks that the arguments name.
 *
 * @param args The arguments of the command.
 * @returns The exit code: 0, 1 if a cell failed or Python is missing, 2 for
 * wrong arguments.
 */
export async function main(args: string[]): Promise<number> {
  let sources: string[];
  let options: { outputDir?: string; fast: boolean };
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        "output-dir": { type: "string" },
        fast: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help) {
      console.log(usage);
      return 0;
    }
    const all = await listNotebooks();
    sources = positionals.length === 0
      ? all
      : positionals.map((name) => resolveNotebook(name, all));
    const outputDir = values["output-dir"];
    options = {
      fast: values.fast,
      ...(outputDir ? { outputDir: fromCaller(outputDir) } : {}),
    };
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) {
      throw error;
    }
    console.error(error.message);
    return 2;
  }
  return await executeAll(sources, options);
}

async function executeAll(
  sources: readonly string[],
  options: { outputDir?: string; fast: boolean },
): Promise<number> {
  const written: string[] = [];
  let failed = 0;
  try {
    const jupyter = await prepareJupyter();
    for (const source of sources) {
      console.log(`\n${titleOf(source)}${options.fast ? ", fast mode" : ""}`);
      const { ok, path } = await executeNotebook(source, jupyter, options);
      if (!ok) failed++;
      if (path !== undefined) written.push(path);
    }
  } catch (error) {
    if (!(error instanceof MissingPythonError)) throw error;
    console.error(error.message);
    return 1;
  }
  if (written.length > 0) {
    console.log(`\nLook at:\n${written.map((path) => `  ${path}`).join("\n")}`);
  }
  if (failed > 0) {
    console.error(`\n${failed} of ${sources.length} notebooks failed`);
  }
  return failed > 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
