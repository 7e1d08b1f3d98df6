import assert from "node:assert/strict";
import { join } from "node:path";
import { capture, projectRoot } from "../../.tasks/project.ts";

const README = Deno.readTextFileSync(join(projectRoot, "README.md"));

Deno.test("the README's commands of the program run as they stand", async () => {
  const commands = [...README.matchAll(/^deno task latency (.+)$/gm)]
    .map(([, args]) => args.split(" "));
  assert.deepEqual(
    commands.map(([name]) => name),
    [
      ...["inspect", "metrics", "detect", "forecast", "backtest", "warn"],
      ...["evaluate", "stream", "generate"],
    ],
  );
  const folder = await Deno.makeTempDir();
  try {
    await Deno.symlink(join(projectRoot, "data"), join(folder, "data"));
    const program = join(projectRoot, "lib", "cli.ts");
    for (const args of commands) {
      const command = [Deno.execPath(), "run", "-A", program, ...args] as const;
      const { ok, output } = await capture(command, { cwd: folder });
      assert.ok(ok, `${args.join(" ")}: ${output}`);
    }
    const scores = Deno.readTextFileSync(join(folder, "scores.csv"));
    const [, ...rows] = scores.trimEnd().split("\n");
    assert.equal(rows.length, 50_000);
    const SCORE = 3;
    const isFinite = (row: string) => {
      const score = row.split(",")[SCORE];
      return score !== "" && Number.isFinite(Number(score));
    };
    assert.ok(rows.every(isFinite));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("the README's example of the library says true", async () => {
  const example = /```ts\n([^]*?)```/.exec(README)?.[1] ?? "";
  const file = join(projectRoot, ".check", "readme_example.ts");
  await Deno.mkdir(join(projectRoot, ".check"), { recursive: true });
  await Deno.writeTextFile(file, example.replaceAll("./lib/", "../lib/"));
  const command = [Deno.execPath(), "run", "--check", file] as const;
  const { ok, output } = await capture(command, {
    env: { ...Deno.env.toObject(), NO_COLOR: "1" },
  });
  assert.ok(ok, output);
  assert.match(output, /^true$/m);
});
