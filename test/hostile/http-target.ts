// Bytes on a connection to the HTTP server: requests, half requests, several at once, and what is no request at all.
import { connect } from 'node:net';
import fc from 'fast-check';
import { type HttpServer, startHttp } from '../../src/io/http.ts';
import { silentLog } from '../pipeline/sample-models.ts';
import { byteDamage, type Damage, damagedInputs } from './damage.ts';
import { holds, type Target } from './target.ts';

const head = (line: string, ...headers: string[]) => `${[line, 'host: a', ...headers].join('\r\n')}\r\n\r\n`;

const requests = [
  head('GET /metrics HTTP/1.1', 'accept-encoding: gzip;q=0.5, *'),
  head('HEAD /metrics/results HTTP/1.1'),
  head('GET /api/v1/results/latest?model=hotel&x=1 HTTP/1.1', 'authorization: Bearer x', 'range: bytes=0-'),
  head('GET /api/v1/incidents?model=__proto__&model[]=a&__proto__=1 HTTP/1.1'),
  head('GET /%2e%2e/..%2f..%5c../etc/passwd HTTP/1.1') +
    head('GET //a//b/../healthz HTTP/1.0', 'connection: keep-alive'),
  head('GET http://elsewhere/metrics HTTP/1.1') + head('OPTIONS * HTTP/1.1') + head('CONNECT a:1 HTTP/1.1'),
  `${head('POST /metrics HTTP/1.1', 'content-type: application/json', 'content-length: 13')}{"a":{"b":1}}`,
  `${head('PUT / HTTP/1.1', 'transfer-encoding: chunked', 'content-length: 4')}5;x=y\r\nhello\r\n0\r\ntrailer: 1\r\n\r\n`,
  head(
    'GET / HTTP/1.1',
    'upgrade: websocket',
    'connection: upgrade',
    'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
  ),
  head('GET /readyz HTTP/1.1', 'expect: 100-continue', 'x: a\r\n folded') +
    head('GET /healthz HTTP/1.1').repeat(3),
  head('GET /a%0d%0aset-cookie:%20x=1 HTTP/1.1', 'host: b', `x: ${'y'.repeat(20_000)}`),
  'GET /healthz\r\n\r\n',
  'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\u0000\u0000\u0000\u0004',
  '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001',
].map((text) => new Uint8Array(Buffer.from(text, 'latin1')));

const fragments = [
  ...[
    '\r\n',
    '\n',
    '\r\n\r\n',
    ' ',
    '\t',
    '\0',
    '%00',
    '%0d%0aset-cookie: x=1',
    '%',
    '%zz',
    '%ff',
    '%e2%28%a1',
    '../',
    '..%2f',
    '//',
  ],
  ...[
    '?',
    '&model=',
    '#',
    '*',
    'HTTP/1.1',
    'HTTP/9.9',
    'content-length: 1\r\n',
    'content-length: -1\r\n',
    'transfer-encoding: x\r\n',
  ],
  ...[
    '\r\nx: 1\r\n ',
    ': ',
    `/${'a'.repeat(3000)}`,
    `?${'a=1&'.repeat(2000)}`,
    'x: 1\r\n'.repeat(3000),
    'GET ',
    'TRACE ',
    'PROPFIND ',
  ],
].map((text) => new Uint8Array(Buffer.from(text, 'latin1')));

const httpDamage: fc.Arbitrary<Damage> = fc.oneof(
  byteDamage,
  fc
    .tuple(byteDamage, fc.constantFrom(...fragments))
    .map(([damage, bytes]): Damage => ({ ...damage, kind: 'insert', bytes })),
);

/** As long as the server may take to answer and close once nothing more can come. */
const closeMsMax = 10_000;

const answerHeaders = new Set([
  ...[
    'cache-control',
    'content-security-policy',
    'referrer-policy',
    'x-content-type-options',
    'content-type',
  ],
  ...[
    'content-length',
    'content-encoding',
    'vary',
    'date',
    'connection',
    'keep-alive',
    'transfer-encoding',
    'allow',
    'www-authenticate',
  ],
]);
const answerStatus = new Set([200, 400, 401, 404, 405, 408, 413, 414, 417, 431, 503]);

let server: Promise<HttpServer> | undefined;

function started(): Promise<HttpServer> {
  server ??= startHttp({
    ...{ host: '127.0.0.1', port: 0, models: ['hotel'], ready: [], log: silentLog },
    metrics: async () => 'process_up 1\n',
    results: async () => ({ text: 'driftline_window_rows 5\n'.repeat(100) }),
    latest: async () => [],
    incidents: async () => [],
    live: () => true,
  });
  return server;
}

/** Everything that comes back for the bytes, which are sent in two pieces. */
function exchanged(port: number, input: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    const chunks: Buffer[] = [];
    const timer = setTimeout(() => {
      socket.destroy();
      reject(new Error(`the connection is open ${closeMsMax} ms after its end`));
    }, closeMsMax);
    socket.on('data', (chunk) => void chunks.push(chunk));
    // A server may close before it has read everything.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    const middle = input.length >> 1;
    socket.write(input.subarray(0, middle));
    socket.end(input.subarray(middle));
  });
}

/** The status of every answer in a stream of them; throws for one that is not as an answer must be. */
function statuses(answers: Buffer): number[] {
  const found: number[] = [];
  for (let rest = answers; rest.length > 0; ) {
    const end = rest.indexOf('\r\n\r\n');
    holds(end >= 0, 'an answer has a head');
    const [status = '', ...headers] = rest.subarray(0, end).toString('latin1').split('\r\n');
    if (/^HTTP\/1\.1 100 /.test(status)) {
      rest = rest.subarray(end + 4);
      continue;
    }
    const code = Number(/^HTTP\/1\.1 (\d{3}) [A-Za-z -]+$/.exec(status)?.[1]);
    holds(answerStatus.has(code), `the status is one of ours: ${status}`);
    const fields = new Map(headers.map((line) => [line.split(':', 1)[0]!.toLowerCase(), line]));
    for (const [name, line] of fields) {
      holds(answerHeaders.has(name) && /^[!-~]+: [ -~]*$/.test(line), `a header is one of ours: ${line}`);
    }
    holds(fields.size === headers.length, 'no header comes twice');
    found.push(code);
    const length = Number(fields.get('content-length')?.split(': ')[1] ?? 0);
    const body = rest.subarray(end + 4, end + 4 + length);
    holds(
      !/node_modules|file:\/\/|at .*\.[jt]s:\d/.test(body.toString('latin1')),
      'an answer shows nothing of the program',
    );
    // The answer to HEAD tells the length of a body that does not follow; Node refuses a request without a host in chunks, of none.
    const next = rest.indexOf('HTTP/1.1 ', end + 4);
    const bodyBytes = next === end + 4 ? 0 : fields.has('transfer-encoding') ? '0\r\n\r\n'.length : length;
    rest = rest.subarray(end + 4 + bodyBytes);
  }
  return found;
}

const http: Target = {
  name: 'HTTP connection',
  weight: 1,
  inputs: damagedInputs(requests, httpDamage),
  async take(input) {
    const { address } = await started();
    const port = Number(new URL(address).port);
    const found = statuses(await exchanged(port, input));
    holds(found.length <= 60, 'there are no more answers than requests');
    const [alive] = statuses(
      await exchanged(port, Buffer.from(head('GET /healthz HTTP/1.1', 'connection: close'))),
    );
    holds(alive === 200, 'the server is alive afterwards');
    return found.every((status) => status === 200) && found.length > 0
      ? 'accepted'
      : String(found.find((status) => status !== 200) ?? 'closed');
  },
  async close() {
    await (await server)?.close();
    server = undefined;
  },
};

export const connectionTargets: readonly Target[] = [http];
