import assert from "node:assert/strict";
import { compileLogFormat, matchLogLine } from "lib/logs/readers/mod.ts";

function fieldsOf(format: string, line: string): object | undefined {
  const match = matchLogLine(compileLogFormat(format), line);
  return match && Object.fromEntries(match.fields);
}

const FIELDS = {
  timestamp: "17/May/2015:10:05:03 +0000",
  request: "GET /a HTTP/1.1",
  status_code: "200",
  size: "7",
};
const TIME = `[${FIELDS.timestamp}]`;

Deno.test("compileLogFormat() reads formats of Apache's", () => {
  for (
    const [format, line, more] of [
      ['%h %l %u %t "%r" %>s %b', `::1 - - ${TIME} "GET /a HTTP/1.1" 200 7`],
      // Escaped quotes as in httpd.conf, a user with a blank, a longer line.
      [
        '%h %l %u %t \\"%r\\" %>s %b',
        `::1 - a b ${TIME} "GET /a HTTP/1.1" 200 7 "-" "x"`,
      ],
      [
        '%V:%p %t "%r" %{Referer}i %>s %b %D',
        `a:80 ${TIME} "GET /a HTTP/1.1" x y 200 7 1500`,
      ],
      ['%D%% %b %t "%!200,304r" %s', `90% 7 ${TIME} "GET /a HTTP/1.1" 200`, {
        response_time: "90",
      }],
    ] as const
  ) {
    const fields = fieldsOf(format, line);
    if (line.includes(" x y ")) {
      // The blank in %{Referer}i makes "y" the status, which its rule refuses.
      assert.deepEqual(fields, {
        ...FIELDS,
        status_code: "y",
        size: "200",
        response_time: "7",
      });
    } else assert.deepEqual(fields, { ...FIELDS, ...more });
  }
  assert.deepEqual(
    fieldsOf("%{begin:msec}t %m %U%q %H %>s %B", "12 GET /a?b=1 HTTP/2 200 7"),
    {
      timestamp: "12",
      method: "GET",
      endpoint: "/a?b=1",
      status_code: "200",
      size: "7",
    },
  );
});

Deno.test("compileLogFormat() reads formats of nginx's", () => {
  assert.deepEqual(
    fieldsOf(
      '$remote_addr - $remote_user [$time_local] "$request" ' +
        '${status} $body_bytes_sent "$http_referer" rt=$request_time',
      `::1 - - ${TIME} "GET /a HTTP/1.1" 200 7 "a\\"b" rt=0.250 x`,
    ),
    { ...FIELDS, response_time: "0.250" },
  );
  // $time_local has a blank and may be followed by one.
  assert.deepEqual(
    fieldsOf(
      "$time_local $request_method $request_uri $status $bytes_sent",
      `${FIELDS.timestamp} GET /a 200 7`,
    ),
    {
      timestamp: FIELDS.timestamp,
      method: "GET",
      endpoint: "/a",
      status_code: "200",
      size: "7",
    },
  );
});

Deno.test("compileLogFormat() has the unit of each response time", () => {
  const base = '%t "%r" %>s %b';
  for (
    const [field, unit] of [
      ["%D", "us"],
      ["%T", "s"],
      ["%{ms}T", "ms"],
      ["%{us}T", "us"],
      ["%{s}T", "s"],
      ["%I", undefined],
    ] as const
  ) assert.equal(compileLogFormat(`${base} ${field}`).unit, unit);
});

Deno.test("compileLogFormat() says what a format lacks", () => {
  for (
    const [format, expected] of [
      [
        "%h",
        'a time (%t, $time_local), a request ("%r", "$request"), a status (%>s, $status), a size (%b, $body_bytes_sent)',
      ],
      ['%t "%r" %b', "a status (%>s, $status)"],
      ["%t %m %s %b", 'a request ("%r", "$request")'],
      ['%{%Y-%m-%d}t "%r" %s %b', "a time (%t, $time_local)"],
      ['[$time_local] "$request" $status$body_bytes_sent', "a text between"],
      ["%t ".repeat(2000), "at most 4096 characters"],
    ]
  ) {
    assert.throws(() => compileLogFormat(format), (error) => {
      assert(error instanceof SyntaxError);
      assert(error.message.startsWith("Cannot compile log format "));
      assert(error.message.includes(`: expected ${expected}`), error.message);
      return true;
    });
  }
});

Deno.test("matchLogLine() gives nothing for a line of another format", () => {
  const format = '%h %t "%r" %>s %b';
  for (
    const line of [
      "",
      "::1",
      `::1 ${TIME}`,
      `::1 ${TIME} "GET /a`,
      `::1 ${TIME} "GET /a\\" 200 7`,
      `::1 ${TIME} GET /a 200 7`,
    ]
  ) assert.equal(fieldsOf(format, line), undefined, line);
});
