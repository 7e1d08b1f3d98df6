import assert from "node:assert/strict";
import { resolve } from "node:path";
import { kernelEnvironment } from "../../.tasks/execute.ts";
import {
  jupyterEnvironment,
  pythonOfTroubleshoot,
} from "../../.tasks/jupyter.ts";

Deno.test("pythonOfTroubleshoot() finds the Python behind jupyter", () => {
  const output =
    "$PATH:\n\t/usr/bin\n\nsys.executable:\n\t/opt/my py/python3\n\n" +
    "sys.version:\n\t3.11.7\n";
  assert.equal(pythonOfTroubleshoot(output), "/opt/my py/python3");
  assert.equal(pythonOfTroubleshoot("jupyter was not found"), undefined);
});

Deno.test("jupyterEnvironment() keeps every folder of Jupyter in .venv", () => {
  const before = { HOME: "/home/u", JUPYTER_PATH: "/home/u/kernels" };
  const after = jupyterEnvironment(before, "/p");
  assert.equal(after.HOME, "/home/u");
  const folders = Object.entries(after).filter(([name]) =>
    /^(JUPYTER|IPYTHON)/.test(name) && name !== "JUPYTER_PREFER_ENV_PATH"
  );
  assert.equal(folders.length, 5);
  for (const [name, path] of folders) {
    assert.ok(path.startsWith("/p/.venv/"), `${name} is ${path}`);
  }
  assert.equal(before.JUPYTER_PATH, "/home/u/kernels");
});

Deno.test("kernelEnvironment() sets the mode whatever the shell says", () => {
  const shell = { LATENCY_LAB_FAST: "yes", PATH: "/bin" };
  assert.deepEqual(kernelEnvironment(shell, { fast: false }), {
    PATH: "/bin",
    NO_COLOR: "1",
  });
  assert.deepEqual(kernelEnvironment(shell, { fast: true }), {
    PATH: "/bin",
    NO_COLOR: "1",
    LATENCY_LAB_FAST: "1",
  });
});

Deno.test("kernelEnvironment() names the user's files and folders from the root on", () => {
  const shell = {
    LATENCY_LAB_INPUT: "/logs/mine.csv",
    LATENCY_LAB_DATA: "data",
  };
  const environment = kernelEnvironment(shell, { fast: false });
  assert.equal(environment.LATENCY_LAB_INPUT, "/logs/mine.csv");
  assert.equal(
    environment.LATENCY_LAB_DATA,
    resolve(Deno.env.get("INIT_CWD") ?? Deno.cwd(), "data"),
  );
});
