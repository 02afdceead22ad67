// A subscriber that starts a job once for each recommendation: it takes the webhooks of `driftline alerts forward`.
//
// Plain Node, nothing to install. What it starts is a function (`databricks.ts`, `github.ts`) or, run by itself, a command:
//
//   WEBHOOK_SECRET=whsec_… SEEN=./seen PORT=8080 node subscriber.ts ./submit-training.sh
//
// The command gets the event on standard input and the key of the job as DRIFTLINE_JOB_KEY; it has done its part when it ends
// with 0, which should mean that the job is accepted.
import { spawn } from 'node:child_process';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** As much of a recommendation as a job may want to know; the rest is there too. */
export interface Recommendation {
  readonly id: string;
  readonly type: string;
  readonly data: {
    readonly model: string;
    readonly window: { readonly start: string; readonly end: string };
    readonly columns: readonly { readonly feature_name: string }[];
    readonly retrain: { readonly triggers: readonly string[]; readonly job_key: string };
  };
}

/** Resolves when the job is accepted; `key` is its idempotency token. */
export type StartJob = (event: Recommendation, key: string) => Promise<void>;

export interface SubscriberOptions {
  readonly secret: string;
  /** Holds an empty file for every job that was started; it must outlive the process. */
  readonly seen: string;
  readonly start: StartJob;
}

const bytesMax = 1 << 20;
const toleranceSeconds = 300;

/**
 * The server, not yet listening. A job is started when no file of its key is there, and the file is written when it was
 * accepted: a crash in between starts it again under the same key, which the job system has to recognise.
 */
export function subscriber({ secret, seen, start }: SubscriberOptions): Server {
  mkdirSync(seen, { recursive: true });
  const starting = new Map<string, Promise<void>>();
  const startOnce = async (event: Recommendation): Promise<void> => {
    const key = event.data.retrain.job_key;
    if (!/^[0-9a-f]{64}$/.test(key)) throw new Error('no key of a job');
    const file = join(seen, key);
    if (existsSync(file)) return;
    // A receiver that is slow is asked again while it is still at it.
    const known = starting.get(key);
    if (known !== undefined) return known;
    const work = start(event, key).then(() => {
      writeFileSync(`${file}.new`, '', { flush: true });
      renameSync(`${file}.new`, file);
    });
    starting.set(key, work);
    return work.finally(() => starting.delete(key));
  };
  return createServer((request, response) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > bytesMax) request.destroy();
      else chunks.push(chunk);
    });
    request.on('end', async () => {
      const body = Buffer.concat(chunks).toString();
      if (!isSigned(request.headers, body, secret)) return response.writeHead(401).end();
      try {
        const event = JSON.parse(body);
        if (event.type === 'io.driftline.retrain.recommended.v1') await startOnce(event);
        response.writeHead(202).end();
      } catch (error) {
        // The forwarder tries again.
        console.error(error);
        response.writeHead(500).end();
      }
    });
  });
}

/** Standard Webhooks: HMAC-SHA256 of id, time and body, one of several signatures, not older than five minutes. */
function isSigned(headers: IncomingHttpHeaders, body: string, secret: string): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures } = headers;
  if (typeof id !== 'string' || typeof time !== 'string' || typeof signatures !== 'string') return false;
  if (!(Math.abs(Date.now() / 1000 - Number(time)) <= toleranceSeconds)) return false;
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${time}.${body}`).digest();
  return signatures.split(' ').some((signature) => {
    const given = Buffer.from(signature.replace(/^v1,/, ''), 'base64');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}

/** Runs a command for each job. */
export function startCommand(command: string, args: readonly string[]): StartJob {
  return (event, key) =>
    new Promise((resolve, reject) => {
      const child = spawn(command, args, {
        env: { ...process.env, DRIFTLINE_JOB_KEY: key, DRIFTLINE_MODEL: event.data.model },
        stdio: ['pipe', 'inherit', 'inherit'],
      });
      child.on('error', reject);
      child.on('exit', (code) =>
        code === 0 ? resolve() : reject(new Error(`${command} ended with ${code}`)),
      );
      child.stdin.on('error', () => undefined);
      child.stdin.end(JSON.stringify(event));
    });
}

/** Listens with what the environment says. */
export function serve(start: StartJob): void {
  const { WEBHOOK_SECRET: secret, SEEN: seen = './seen', PORT: port = '8080' } = process.env;
  if (secret === undefined) throw new Error('WEBHOOK_SECRET is not set');
  subscriber({ secret, seen, start }).listen(Number(port), () => console.log(`listening on ${port}`));
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [command, ...args] = process.argv.slice(2);
  if (command === undefined) throw new Error('usage: node subscriber.ts COMMAND [ARGUMENT…]');
  serve(startCommand(command, args));
}
