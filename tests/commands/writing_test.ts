import assert from "node:assert/strict";
import { type Output, UsageError } from "lib/commands/command.ts";
import { checkDistinctFiles, writeTo } from "lib/commands/writing.ts";

const SILENT: Output = {
  write: () => Promise.resolve(),
  say: () => {},
  progress: () => {},
};

async function inFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("writeTo() writes pieces one after the other", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/out.csv`;
    await Deno.writeTextFile(path, "what stood there before, and was longer");
    await writeTo(path, ["a\n", "", "b\n"], SILENT);
    assert.equal(await Deno.readTextFile(path), "a\nb\n");
  });
  let text = "";
  const write = (piece: string) => Promise.resolve(void (text += piece));
  await writeTo(undefined, ["a\n", "b\n"], { ...SILENT, write });
  assert.equal(text, "a\nb\n");
});

Deno.test("writeTo() leaves a file as it was where the first piece fails", async () => {
  await inFolder(async (folder) => {
    const path = `${folder}/out.csv`;
    await Deno.writeTextFile(path, "kept");
    const next = () => Promise.reject(new SyntaxError("Cannot read a.csv"));
    const failing = { [Symbol.asyncIterator]: () => ({ next }) };
    await assert.rejects(writeTo(path, failing, SILENT), SyntaxError);
    assert.equal(await Deno.readTextFile(path), "kept");
  });
});

Deno.test("checkDistinctFiles() sees through links and other spellings", async () => {
  await inFolder(async (folder) => {
    const file = `${folder}/a.csv`;
    await Deno.writeTextFile(file, "a");
    await Deno.symlink(file, `${folder}/link.csv`);
    await Deno.link(file, `${folder}/hard.csv`);
    await Deno.symlink(folder, `${folder}/folder`);
    const same = ["a.csv", "./a.csv", "link.csv", "hard.csv", "folder/a.csv"];
    for (const name of same) {
      const out = `${folder}/${name}`;
      assert.throws(() => checkDistinctFiles({ out }, [file]), (error) => {
        assert(error instanceof UsageError);
        assert.equal(
          error.message,
          `--out is "${out}", expected a file that nothing else reads or writes`,
        );
        return true;
      });
    }
    checkDistinctFiles({ out: `${folder}/b.csv` }, [file, undefined]);
    const [out, save] = [`${folder}/b.csv`, `${folder}/./b.csv`];
    assert.throws(() => checkDistinctFiles({ out, save }, [file]), UsageError);
  });
});
