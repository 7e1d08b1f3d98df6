/**
 * Copies the tables of the README and of `tests/bench/accuracy.md`, and the
 * README's figure, from the executed notebooks and the results of benchmarks,
 * so that each number in them was computed.
 *
 * @module
 */

import { join } from "node:path";
import { runProgram } from "../lib/cli.ts";
import { accuracyTable, readAccuracy } from "../tests/bench/accuracy_file.ts";
import { readResults, resultTable } from "../tests/bench/results_file.ts";
import { projectRoot } from "./project.ts";

/** What the README's figure is called in its notebook. */
const FIGURE = {
  notebook: "API_Anomaly_Detection_Unsupervised",
  title: "Isolation Forest on rolling features: score and incidents",
  path: ".github/incidents.png",
};

/** The pages with tables, from the project's root. */
export const PAGES: readonly string[] = [
  "README.md",
  "tests/bench/accuracy.md",
];

const DETAILS = " details";
const BLOCK = /<!-- from (\S+): (.+) -->\n\n```text\n[^]*?```/g;

type Output = { data?: Record<string, string | string[]> };
type Notebook = { cells: { outputs?: Output[] }[] };

/**
 * Fills the tables of a page.
 *
 * @param page Its text.
 * @param outputOf Gives the plain text of a notebook's output by its title.
 * @returns The text with each block after a `from` comment replaced.
 */
export async function fillTables(
  page: string,
  outputOf: (notebook: string, title: string) => string | Promise<string>,
): Promise<string> {
  let filled = page;
  for (const [block, notebook, title] of page.matchAll(BLOCK)) {
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
 * Gives the text of a block: an output of a notebook; from `latency`, what the
 * program writes; from `bench`, the table of a benchmark's results; or, from
 * `accuracy`, that of a measurement.
 *
 * @param source The notebook's name, `latency`, `bench` or `accuracy`.
 * @param title How the output begins, the program's arguments, or the name of
 * the benchmark or the measurement, which `details` may follow.
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
  if (source === "accuracy") return `${title}\n${accuracyOf(title)}`;
  if (source !== "bench") return outputOf(source, title)["text/plain"];
  const result = readResults().find(({ name }) => name === title);
  if (result) return `${title}\n${resultTable(result)}`;
  throw new Error(`Cannot fill the README: no result is named "${title}"`);
}

function accuracyOf(title: string): string {
  const isDetails = title.endsWith(DETAILS);
  const wanted = isDetails ? title.slice(0, -DETAILS.length) : title;
  const result = readAccuracy().find(({ name }) => name === wanted);
  if (result) return accuracyTable(result, isDetails ? "details" : "rows");
  throw new Error(`Cannot fill the README: nothing measured is "${wanted}"`);
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
  for (const page of PAGES) {
    const path = join(projectRoot, page);
    const filled = await fillTables(Deno.readTextFileSync(path), blockText);
    Deno.writeTextFileSync(path, filled);
  }
  const png = outputOf(FIGURE.notebook, FIGURE.title)["image/png"];
  Deno.writeFileSync(
    join(projectRoot, FIGURE.path),
    Uint8Array.fromBase64(png),
  );
  console.log(
    `${
      PAGES.join(", ")
    } and ${FIGURE.path} are as in the notebooks and results`,
  );
}
