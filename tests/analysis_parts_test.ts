import assert from "node:assert/strict";
import { AnomalyModel } from "lib/analysis.ts";
import { PartScorer } from "lib/analysis_parts.ts";
import { type RequestLog, selectRequests } from "lib/logs/request_log.ts";
import { generateLog } from "lib/logs/synthetic.ts";

function rowsFrom(log: RequestLog, start: number, end: number): RequestLog {
  const rows = Uint32Array.from({ length: end - start }, (_, k) => start + k);
  return selectRequests(log, rows);
}

function withoutResponseTimes(log: RequestLog): RequestLog {
  const { responseTimeMs: _, ...rest } = log;
  return rest;
}

const { log } = generateLog({ rows: 4000, days: 2, seed: 5 });

for (
  const [name, whole] of [
    ["with response times", log],
    ["without response times", withoutResponseTimes(log)],
  ] as const
) {
  Deno.test(`PartScorer gives the scores of one piece, ${name}`, async () => {
    const model = await AnomalyModel.fit({ kind: "requests", log: whole });
    const expected = model.score({ kind: "requests", log: whole });
    const scorer = new PartScorer(model);
    let at = 0;
    for (const size of [1, 2, 700, 1, 1500, 1796]) {
      const part = scorer.score(rowsFrom(whole, at, at + size));
      assert.deepEqual(part.sourceRow, whole.sourceRow.slice(at, at + size));
      for (let row = 0; row < size; row++) {
        const difference = part.score[row] - expected.score[at + row];
        assert.ok(Math.abs(difference) < 1e-9, `row ${at + row}`);
        const { names, codes } = part.endpoint!;
        assert.equal(
          names[codes[row]],
          whole.endpoint.names[whole.endpoint.codes[at + row]],
        );
      }
      at += size;
    }
    assert.equal(at, 4000);
    assert.equal(scorer.lateRows, 0);
  });
}

Deno.test("PartScorer sorts rows that come a little late in among those before", async () => {
  const model = await AnomalyModel.fit({ kind: "requests", log });
  const expected = model.score({ kind: "requests", log });
  const scorer = new PartScorer(model);
  // Row 1999 comes with the second part, after rows 2000 to 2009.
  const first = [...Array(1999).keys(), ...tens(2000)];
  const second = [1999, ...Array.from({ length: 1990 }, (_, k) => 2010 + k)];
  scorer.score(selectRequests(log, first));
  const late = scorer.score(selectRequests(log, second));
  assert.equal(late.sourceRow[0], log.sourceRow[1999]);
  assert.ok(Math.abs(late.score[0] - expected.score[1999]) < 1e-9);
  assert.equal(late.score.length, 1991);
  assert.equal(scorer.lateRows, 0);
});

Deno.test("PartScorer counts rows that come more than half an hour late", async () => {
  const model = await AnomalyModel.fit({ kind: "requests", log });
  const scorer = new PartScorer(model);
  scorer.score(rowsFrom(log, 2000, 3000));
  const { score } = scorer.score(rowsFrom(log, 0, 10));
  assert.ok(score.every(Number.isFinite));
  assert.equal(scorer.lateRows, 10);
});

Deno.test("PartScorer rejects a part with other columns than the one before", async () => {
  const model = await AnomalyModel.fit({ kind: "requests", log });
  const scorer = new PartScorer(model);
  scorer.score(rowsFrom(log, 0, 10));
  assert.throws(
    () => scorer.score(withoutResponseTimes(rowsFrom(log, 10, 20))),
    {
      name: "TypeError",
      message:
        "Cannot join logs: only one has response times, expected both or none",
    },
  );
});

function tens(from: number): number[] {
  return Array.from({ length: 10 }, (_, k) => from + k);
}
