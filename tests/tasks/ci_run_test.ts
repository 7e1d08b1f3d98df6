import assert from "node:assert/strict";
import { join } from "node:path";
import { capture, projectRoot } from "../../.tasks/project.ts";

/** Runs .ci/run with a stand-in for npx that answers each task by a script. */
async function ciRun(test: string, full: string) {
  const folder = await Deno.makeTempDir();
  try {
    const npx = `#!/bin/sh
[ "$1 $2 $3" = "--yes deno@2.9.6 task" ] || exit 9
[ "$CI $NO_COLOR" = "true 1" ] || exit 9
case "$4" in
  test) ${test} ;;
  test:full) ${full} ;;
esac
`;
    await Deno.writeTextFile(join(folder, "npx"), npx, { mode: 0o755 });
    const { ok, output } = await capture(
      ["bash", join(projectRoot, ".ci", "run")],
      {
        cwd: folder,
        env: { PATH: `${folder}:${Deno.env.get("PATH") ?? ""}` },
      },
    );
    return { ok, last: output.trimEnd().split("\n").at(-1) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const ignore = Deno.build.os === "windows"; // .ci/run is a bash script

Deno.test({
  name: ".ci/run adds up the closing lines of both tasks",
  ignore,
  async fn() {
    assert.deepEqual(
      await ciRun("echo 12 passed, 0 failed", "echo 3 passed, 0 failed"),
      { ok: true, last: "15 passed, 0 failed" },
    );
  },
});

Deno.test({
  name: ".ci/run goes on after a failure and fails",
  ignore,
  async fn() {
    assert.deepEqual(
      await ciRun(
        "echo 12 passed, 2 failed; exit 1",
        "echo 3 passed, 1 failed; exit 1",
      ),
      { ok: false, last: "15 passed, 3 failed" },
    );
  },
});

Deno.test({
  name: ".ci/run counts a missing closing line as a failure",
  ignore,
  async fn() {
    assert.deepEqual(
      await ciRun("echo 12 passed, 0 failed or so", "echo 3 passed, 0 failed"),
      { ok: false, last: "3 passed, 1 failed" },
    );
  },
});

Deno.test({
  name: ".ci/run believes an exit code more than a closing line",
  ignore,
  async fn() {
    assert.deepEqual(
      await ciRun(
        "echo 12 passed, 0 failed; exit 1",
        "echo 3 passed, 0 failed",
      ),
      { ok: false, last: "15 passed, 1 failed" },
    );
  },
});
