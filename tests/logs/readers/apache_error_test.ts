import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { EventLog } from "lib/logs/request_log.ts";
import { parseEventLog, readEventLog } from "lib/logs/readers/mod.ts";

const DATA = Deno.env.get("LATENCY_LAB_DATA");
const T = Date.UTC(2005, 5, 9, 6, 7, 4);
const NOTICE = "[Thu Jun 09 06:07:04 2005] [notice] LDAP: ready";
const ERROR = "[Thu Jun 09 06:07:05 2005] [error] [client 10.0.0.1] gone ";

function rowsOf(log: EventLog): (string | number)[][] {
  return Array.from(log.timestampMs, (time, i) => [
    time,
    log.level.names[log.level.codes[i]],
    log.message[i],
    log.sourceRow[i],
  ]);
}

Deno.test("parseEventLog() reads time, level and message, and sorts by time", () => {
  const { log, report } = parseEventLog(`${ERROR}\n${NOTICE}\n`);
  assert.deepEqual(rowsOf(log), [
    [T, "notice", "LDAP: ready", 1],
    [T + 1000, "error", "[client 10.0.0.1] gone", 0],
  ]);
  assert.equal(report.rowsOutOfOrder, 1);
});

Deno.test("parseEventLog() reads the lines of Apache 2.4", () => {
  const { log } = parseEventLog(
    "[Fri Sep 09 10:42:29.902022 2011] [core:error] [pid 35708:tid 4328636416] [client 72.15.99.187] File does not exist: /x\n" +
      "[Fri Sep 09 10:42:30 2011] [:warn] [pid 1] \n" +
      "[Fri Sep 09 10:42:31 2011] [trace1]\n",
  );
  const time = Date.UTC(2011, 8, 9, 10, 42, 29);
  assert.deepEqual(rowsOf(log), [
    [
      time + 902,
      "error",
      "[pid 35708:tid 4328636416] [client 72.15.99.187] File does not exist: /x",
      0,
    ],
    [time + 1000, "warn", "[pid 1]", 1],
    [time + 2000, "trace1", "", 2],
  ]);
});

Deno.test("parseEventLog() takes every mixture of line ends, and gzip", () => {
  const text = `${NOTICE}\r\n${NOTICE}\r${NOTICE}\n\n\r\n${NOTICE}`;
  for (const input of [text, `\ufeff${text}`, gzipSync(text)]) {
    const { log } = parseEventLog(input);
    // Lines from 0: three rows, two empty lines, a row.
    assert.deepEqual([...log.sourceRow], [0, 1, 2, 5]);
    assert(log.message.every((message) => message === "LDAP: ready"));
  }
});

Deno.test("parseEventLog() drops exact duplicates if asked to, and counts them", () => {
  const text = [ERROR, NOTICE, ERROR, NOTICE.replace("ready", "done"), ERROR]
    .join("\n");
  assert.equal(parseEventLog(text).report.rowsRead, 5);
  const { log, report } = parseEventLog(text, { dropDuplicates: true });
  assert.deepEqual([...log.sourceRow], [1, 3, 0]);
  assert.equal(report.rowsRead, 3);
  assert.equal(report.duplicatesDropped, 2);
});

Deno.test("parseEventLog() takes times in the zone given", () => {
  const { log } = parseEventLog(NOTICE, { timeZone: "Europe/Berlin" });
  assert.equal(log.timestampMs[0], T - 2 * 3600_000);
});

Deno.test("parseEventLog() in strict mode says which line is bad", () => {
  const after = (line: string) => () =>
    parseEventLog(`${NOTICE}\n\n${line}\n`, { file: "error.log" });
  assert.throws(after("script not found\u0007"), {
    name: "SyntaxError",
    message:
      'Cannot read error.log at line 3: the line is "script not found\\u0007", expected [time] [level] message',
  });
  assert.throws(after("[Thu Feb 30 06:07:04 2005] [error] x"), {
    name: "SyntaxError",
    message:
      'Cannot read error.log at line 3: timestamp is "Thu Feb 30 06:07:04 2005", expected a time such as Sun Dec 04 04:47:44 2005',
  });
  assert.throws(() => parseEventLog("\r\n\n", { file: "error.log" }), {
    name: "SyntaxError",
    message: "Cannot read error.log: expected at least one row",
  });
});

Deno.test("parseEventLog() in lenient mode skips bad lines and counts them by reason", () => {
  const text = [
    "continued",
    NOTICE,
    `${NOTICE}${"x".repeat(2 ** 20)}`,
    "[yesterday] [error] x",
    "",
    "[",
    ERROR,
  ].join("\n");
  const { log, report } = parseEventLog(text, { mode: "lenient" });
  assert.deepEqual([...log.sourceRow], [1, 6]);
  assert.equal(report.rowsRead, 2);
  assert.equal(report.rowsRejected, 4);
  assert.deepEqual(
    report.rejections.map(({ reason, count }) => [reason, count]),
    [
      ["no time and level", 2],
      ["line too long", 1],
      ["timestamp is not a time such as Sun Dec 04 04:47:44 2005", 1],
    ],
  );
  assert.equal(
    report.rejections[1].examples[0].value,
    // NOTICE has 47 characters.
    "the line is longer than 1 MiB, expected at most 1048576 bytes",
  );
});

Deno.test("parseEventLog() rejects a message that is not UTF-8", () => {
  const bytes = Uint8Array.from([...new TextEncoder().encode(NOTICE), 0xff]);
  assert.throws(() => parseEventLog(bytes), {
    message: /message is "LDAP: ready\ufffd", expected a text in UTF-8$/,
  });
});

Deno.test("parseEventLog() reads hostile lines of a million brackets", () => {
  for (const piece of ["[", "]", "[] ", "[:", "] [", "[a] [b] "]) {
    const hostile = piece.repeat(2 ** 20 / piece.length);
    const { report } = parseEventLog(`${NOTICE}\n${hostile}`, {
      mode: "lenient",
    });
    assert.equal(report.rowsRejected, 1, piece);
  }
});

Deno.test({
  name: "readEventLog() reads all 2,000 lines of a real error log",
  ignore: DATA === undefined,
  async fn() {
    const path = `${DATA}/api-logs/apache_error_2k.log`;
    const { log, report } = await readEventLog(path);
    assert.equal(report.rowsRead, 2000);
    assert.equal(report.rowsRejected, 0);
    assert.equal(log.timestampMs[0], Date.UTC(2005, 11, 4, 4, 47, 44));
    assert.equal(log.message[0].endsWith("workers2.properties"), true);
    assert.deepEqual(log.level.names, ["notice", "error"]);
    // By awk: 595 errors. By a set of the lines: 1,461 different ones.
    assert.equal(log.level.codes.reduce((sum, code) => sum + code, 0), 595);
    const unique = await readEventLog(path, { dropDuplicates: true });
    assert.equal(unique.report.rowsRead, 1461);
    assert.equal(unique.report.duplicatesDropped, 539);
  },
});
