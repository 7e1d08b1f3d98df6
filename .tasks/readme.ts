/**
 * Copies the README's tables and its figure from the executed notebooks and the
 * results of benchmarks, so that each number in it was computed.
 *
 * @module
 */

import { join } from "node:path";
import { runProgram } from "../lib/cli.ts";
import { readResults, resultTable } from "../tests/bench/results_file.ts";
import { projectRoot } from "./project.ts";

/** What the README's figure is called in its notebook. */
const FIGURE = {
  notebook: "API_Anomaly_Detection_Unsupervised",
  title: "Isolation Forest on rolling features: score and incidents",
  path: ".github/incidents.png",
};

const BLOCK = /<!-- from (\S+): (.+) -->\n\n```text\n[^]*?```/g;

type Output = { data?: Record<string, string | string[]> };
type Notebook = { cells: { outputs?: Output[] }[] };

/**
 * Fills the tables of a README.
 *
 * @param readme Its text.
 * @param outputOf Gives the plain text of a notebook's output by its title.
 * @returns The text with each block after a `from` comment replaced.
 */
export async function fillTables(
  readme: string,
  outputOf: (notebook: string, title: string) => string | Promise<string>,
): Promise<string> {
  let filled = readme;
  for (const [block, notebook, title] of readme.matchAll(BLOCK)) {
    const table = (await outputOf(notebook, title)).split("\n").slice(1);
    const lines = table.map((line) => line.trimEnd()).join("\n").trimEnd();
    const comment = `<!-- from ${notebook}: ${title} -->`;
    filled = filled.replace(
      block,
      () => `${comment}\n\n\`\`\`text\n${lines}\n\`\`\``,
    );
  }
  return filled;
}

/**
 * Finds an output of an executed notebook.
 *
 * @param notebook The notebook's JSON.
 * @param title How its plain text begins.
 * @returns The output by media type.
 * @throws {Error} If no output begins so.
 */
export function findOutput(
  notebook: Notebook,
  title: string,
): Record<string, string> {
  for (const { outputs = [] } of notebook.cells) {
    for (const { data = {} } of outputs) {
      const joined = Object.fromEntries(
        Object.entries(data).map((
          [type, text],
        ) => [type, [text].flat().join("")]),
      );
      if (joined["text/plain"]?.startsWith(title)) return joined;
    }
  }
  throw new Error(`Cannot fill the README: no output begins with "${title}"`);
}

/**
 * Reads an output of one of the project's notebooks.
 *
 * @param name The notebook's name.
 * @param title How the output's plain text begins.
 * @returns The output by media type.
 */
export function outputOf(name: string, title: string): Record<string, string> {
  const path = join(projectRoot, "notebooks", `${name}.ipynb`);
  return findOutput(JSON.parse(Deno.readTextFileSync(path)), title);
}

/**
 * Gives the text of a block of the README: an output of a notebook; from
 * `latency`, what the program writes; or, from `bench`, the table of a
 * benchmark's results.
 *
 * @param source The notebook's name, `latency` or `bench`.
 * @param title How the output begins, the program's arguments, or the
 * benchmark's name.
 * @returns The title and the lines below it.
 * @throws {Error} If there is no such output or result.
 */
export async function blockText(
  source: string,
  title: string,
): Promise<string> {
  if (source === "latency") {
    return `${title}\n${await programOutput(title.split(" "))}`;
  }
  if (source !== "bench") return outputOf(source, title)["text/plain"];
  const result = readResults().find(({ name }) => name === title);
  if (result) return `${title}\n${resultTable(result)}`;
  throw new Error(`Cannot fill the README: no result is named "${title}"`);
}

async function programOutput(args: readonly string[]): Promise<string> {
  let text = "";
  const code = await runProgram(args, {
    write: (piece) => Promise.resolve(void (text += piece)),
    say: () => {},
    progress: () => {},
  });
  if (code === 0) return text;
  throw new Error(`Cannot fill the README: ${args.join(" ")} exits ${code}`);
}

if (import.meta.main) {
  const path = join(projectRoot, "README.md");
  const filled = await fillTables(Deno.readTextFileSync(path), blockText);
  Deno.writeTextFileSync(path, filled);
  const png = outputOf(FIGURE.notebook, FIGURE.title)["image/png"];
  Deno.writeFileSync(
    join(projectRoot, FIGURE.path),
    Uint8Array.fromBase64(png),
  );
  console.log(
    `README.md and ${FIGURE.path} are as in the notebooks and results`,
  );
}
