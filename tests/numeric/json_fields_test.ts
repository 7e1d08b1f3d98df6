import assert from "node:assert/strict";
import {
  readBoolean,
  readNumber,
  readObject,
  readText,
  readTexts,
} from "lib/numeric/json_fields.ts";

Deno.test("readObject() takes objects only", () => {
  assert.equal(readObject({ a: 1 }, "model").a, 1);
  for (const json of [null, undefined, 1, "a", true, [], [{}]]) {
    assert.throws(() => readObject(json, "model"), {
      name: "SyntaxError",
      message: "Cannot load model: model is not an object",
    });
  }
});

Deno.test("readObject() shows own fields only", () => {
  const object = readObject(JSON.parse('{"__proto__":{"depth":3}}'), "model");
  assert.equal(object.depth, undefined);
  assert.equal(object.toString, undefined);
  assert.throws(() => readNumber(object, "depth"), SyntaxError);
});

Deno.test("readNumber() includes its bounds", () => {
  const bounds = { minimum: 1, maximum: 3, integer: true };
  assert.equal(readNumber({ a: 1 }, "a", bounds), 1);
  assert.equal(readNumber({ a: 3 }, "a", bounds), 3);
  for (const a of [0, 4, 1.5, "2", null, undefined, true, [2], NaN]) {
    assert.throws(() => readNumber({ a }, "a", bounds), {
      name: "SyntaxError",
      message: /a is .*, expected an integer from 1 to 3/,
    });
  }
  assert.throws(() => readNumber({}, "a"), /a is missing/);
});

Deno.test("readBoolean() takes true and false only", () => {
  assert.equal(readBoolean({ a: true }, "a"), true);
  assert.equal(readBoolean({ a: false }, "a"), false);
  for (const a of [0, 1, "true", null, undefined, []]) {
    assert.throws(() => readBoolean({ a }, "a"), {
      name: "SyntaxError",
      message: /a is .*, expected true or false/,
    });
  }
});

Deno.test("readText() takes a text, one of a list if there is one", () => {
  assert.equal(readText({ a: "b" }, "a"), "b");
  assert.equal(readText({ a: "b" }, "a", ["b", "c"]), "b");
  assert.throws(() => readText({ a: "d" }, "a", ["b", "c"]), {
    name: "SyntaxError",
    message: 'Cannot load model: a is "d", expected b or c',
  });
  for (const a of [1, null, undefined, ["b"], {}]) {
    assert.throws(() => readText({ a }, "a"), SyntaxError);
  }
});

Deno.test("readText() shows only the beginning of a long text", () => {
  const a = "x".repeat(1000);
  assert.throws(
    () => readText({ a }, "a", ["b"]),
    (error) => error instanceof SyntaxError && error.message.length < 150,
  );
});

Deno.test("readTexts() takes a list of texts of at most a length", () => {
  assert.deepEqual(readTexts({ a: ["b", "c"] }, "a", 2), ["b", "c"]);
  for (const a of [["b", "c", "d"], ["b", 1], "b", null, undefined, {}]) {
    assert.throws(() => readTexts({ a }, "a", 2), {
      name: "SyntaxError",
      message: "Cannot load model: a is not a list of at most 2 texts",
    });
  }
});
