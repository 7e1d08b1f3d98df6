import assert from "node:assert/strict";
import { bestOf, foldsOf } from "./folds.ts";

Deno.test("foldsOf() holds each position out once", () => {
  assert.deepEqual(foldsOf(5, 2), [
    { chosenOn: [1, 3], heldOut: [0, 2, 4] },
    { chosenOn: [0, 2, 4], heldOut: [1, 3] },
  ]);
});

Deno.test("bestOf() takes the first of equals", () => {
  assert.equal(bestOf(["a", "bb", "cc"], (text) => text.length), "bb");
});
