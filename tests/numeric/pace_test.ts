import assert from "node:assert/strict";
import { Pace } from "lib/numeric/pace.ts";

Deno.test("Pace has no time left after the last step, and some before", () => {
  const pace = new Pace(2, undefined);
  pace.stepDone();
  assert.ok(pace.secondsLeft() >= 0 && Number.isFinite(pace.secondsLeft()));
  pace.stepDone();
  assert.equal(pace.secondsLeft(), 0);
});

Deno.test("Pace throws the signal's reason at the next pause", async () => {
  const controller = new AbortController();
  const pace = new Pace(1, controller.signal);
  await pace.pause();
  controller.abort("enough");
  await assert.rejects(pace.pause(), (error) => error === "enough");
  assert.throws(
    () => new Pace(1, controller.signal),
    (error) => error === "enough",
  );
});
