import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { runNow } from '../../deploy/examples/databricks.ts';
import { dispatch } from '../../deploy/examples/github.ts';
import {
  type Recommendation,
  type StartJob,
  startCommand,
  subscriber,
} from '../../deploy/examples/subscriber.ts';
import { advance } from '../../src/alert/history.ts';
import type { IncidentHistory } from '../../src/alert/incident.ts';
import { alertEvent } from '../../src/codec/cloud-event.ts';
import { webhookHeaders, webhookSecret } from '../../src/codec/webhook.ts';
import { policy, resultsOfVotes } from '../alert/sample-results.ts';
import { startWebhookServer } from '../io/webhook-server.ts';

const examples = new URL('../../deploy/examples/', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, examples), 'utf8');
const secret = `whsec_${randomBytes(32).toString('base64')}`;

let history: IncidentHistory | undefined;
const alerts = resultsOfVotes({ a: 'wwww', b: 'wwww', c: 'wwww', d: 'wwww' }).flatMap((result) => {
  const step = advance(history, result, policy);
  history = step.history;
  const context = { source: '/driftline', policy, result, nameOf: () => undefined };
  return step.transitions.map((transition) => alertEvent(transition, context).value);
});
const [raised, recommended] = alerts as [string, string];
const event = JSON.parse(recommended) as Recommendation;
const key = event.data.retrain.job_key;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});
function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'driftline-examples-'));
  folders.push(folder);
  return folder;
}

/** A subscriber that listens until the test ends; `send` is one delivery of the forwarder and resolves with the status. */
async function listening(start: StartJob, seen = newFolder()) {
  const server = subscriber({ secret, seen, start });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const send = async (body: string, by = secret, now = Date.now()) => {
    const headers = webhookHeaders(JSON.parse(body).id, now, body, [webhookSecret(by)!]);
    return (await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', headers, body })).status;
  };
  return { send, seen };
}

describe('the subscriber', () => {
  test('starts a job once, however often and by however many deliveries it is told, also after a restart', async () => {
    const started: string[] = [];
    const start: StartJob = async (_, key) => void started.push(key);
    const { send, seen } = await listening(start);
    const slow = await listening(async (given, key) => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      return start(given, key);
    });
    expect(await Promise.all([slow.send(recommended), slow.send(recommended)])).toEqual([202, 202]);
    expect([await send(recommended), await send(recommended)]).toEqual([202, 202]);
    const restarted = await listening(start, seen);
    expect(await restarted.send(recommended)).toBe(202);
    expect(started).toEqual([key, key]);
  });

  test('starts it again when it was not accepted, under the same key', async () => {
    const keys: string[] = [];
    const { send } = await listening(async (_, key) => {
      keys.push(key);
      if (keys.length === 1) throw new Error('the cluster is full');
    });
    expect([await send(recommended), await send(recommended), await send(recommended)]).toEqual([
      500, 202, 202,
    ]);
    expect(keys).toEqual([key, key]);
  });

  test('starts nothing for other alerts, for another secret, or for an old delivery', async () => {
    const { send } = await listening(async () => expect.unreachable());
    expect(await send(raised)).toBe(202);
    expect(await send(recommended, `whsec_${randomBytes(32).toString('base64')}`)).toBe(401);
    expect(await send(recommended, secret, Date.now() - 600_000)).toBe(401);
  });

  test('runs a command with the event on its input and the key in its environment', async () => {
    const out = join(newFolder(), 'out');
    const script = `require('fs').writeFileSync(${JSON.stringify(out)}, process.env.DRIFTLINE_JOB_KEY + require('fs').readFileSync(0))`;
    const { send } = await listening(startCommand(process.execPath, ['-e', script]));
    expect(await send(recommended)).toBe(202);
    expect(readFileSync(out, 'utf8')).toBe(key + JSON.stringify(event));
    const failing = await listening(startCommand(process.execPath, ['-e', 'process.exit(3)']));
    expect(await failing.send(recommended)).toBe(500);
  });
});

describe.each([
  ['Databricks', (api: string) => runNow(api, 'token', 7)],
  ['GitHub', (api: string) => dispatch('owner/name', 'token', api)],
])('the request to %s', (_, startAt) => {
  test('carries the key of the job, and fails when it is not accepted', async () => {
    const server = await startWebhookServer((response, count) =>
      response.writeHead(count === 0 ? 200 : 422).end('no'),
    );
    onTestFinished(() => server.close());
    const start = startAt(server.url.origin);
    await start(event, key);
    const [{ headers, body }] = server.received as [(typeof server.received)[number]];
    expect(headers).toMatchObject({ authorization: 'Bearer token', 'content-type': 'application/json' });
    const sent = JSON.parse(body);
    expect(sent).toMatchObject(
      'job_id' in sent
        ? { job_id: 7, idempotency_token: key, job_parameters: { model: event.data.model } }
        : { event_type: 'driftline-retrain', client_payload: { job_key: key, model: event.data.model } },
    );
    // Databricks takes 64 characters, GitHub ten properties.
    expect(key.length).toBeLessThanOrEqual(64);
    expect(Object.keys(sent.client_payload ?? {}).length).toBeLessThanOrEqual(10);
    await expect(start(event, key)).rejects.toThrow('422');
  });
});

/** What a path such as `body.data.model` leads to in a recommendation. */
function fieldAt(path: string): unknown {
  return path
    .split('.')
    .slice(1)
    .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], event);
}

test('the GitHub workflow runs for what is dispatched, one run of a key at a time', () => {
  const workflow = parse(read('github/retrain.yml'));
  expect(workflow.on.repository_dispatch.types).toEqual(['driftline-retrain']);
  expect(workflow.concurrency.group).toContain('client_payload.job_key');
  const used = [...read('github/retrain.yml').matchAll(/client_payload\.(\w+)/g)].map((match) => match[1]);
  const sent = new Set([...read('github.ts').matchAll(/^ {10}(\w+):/gm)].map((match) => match[1]));
  for (const name of used) expect(sent, name).toContain(name);
  for (const { run = '' } of workflow.jobs.train.steps) expect(run).not.toContain('${{');
});

test('the Argo manifests name fields that a recommendation has', () => {
  const [source, sensor] = parseAllDocuments(read('argo/retrain.yaml')).map((document) => document.toJS());
  expect([source.kind, sensor.kind]).toEqual(['EventSource', 'Sensor']);
  const { kafka } = source.spec;
  expect(sensor.spec.dependencies[0]).toMatchObject({
    eventSourceName: source.metadata.name,
    eventName: Object.keys(kafka)[0],
  });
  expect(kafka.alerts.filter.expression).toContain(`body.type == "${event.type}"`);
  const { parameters } = sensor.spec.triggers[0].template.k8s;
  const paths = parameters.map(
    ({ src }: { src: { dataKey?: string; dataTemplate?: string } }) =>
      src.dataKey ?? /\.Input\.(body[\w.]+)/.exec(src.dataTemplate!)![1]!,
  );
  expect(paths).toEqual(['body.data.retrain.job_key', 'body.data.model', 'body.data.window.end']);
  for (const path of paths) expect(fieldAt(path), path).toBeTypeOf('string');
});

describe('the Airflow DAG', () => {
  const python = (script: string, input = '') =>
    execFileSync('python3', ['-c', script], {
      cwd: new URL('airflow/', examples),
      input,
      encoding: 'utf8',
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });

  test('is Python, and names the function that stands beside it', () => {
    python("import ast\nfor name in ('retrain_dag.py', 'recommendation.py'): ast.parse(open(name).read())");
    expect(read('airflow/retrain_dag.py')).toContain('apply_function="recommendation.recommendation"');
  });

  test('sees recommendations, and nothing else of what stands on the topic', () => {
    const silenced = JSON.stringify({ ...event, silenced: true });
    const values = [recommended, raised, silenced, 'no JSON', '[]', null];
    const out = python(
      `import json, sys
from recommendation import recommendation
class Message:
    def __init__(self, value): self.bytes = value
    def value(self): return None if self.bytes is None else self.bytes.encode()
print(json.dumps([recommendation(Message(value)) for value in json.load(sys.stdin)]))`,
      JSON.stringify(values),
    );
    const [first, ...others] = JSON.parse(out);
    expect(first).toMatchObject({ job_key: key, model: event.data.model, window_end: event.data.window.end });
    expect(others).toEqual([null, null, null, null, null]);
  });
});

test('every example is in the table of their page', () => {
  const page = read('README.md');
  const names = readdirSync(examples).filter((name) => name !== 'README.md');
  expect(names.length).toBeGreaterThan(4);
  for (const name of names) expect(page).toContain(`(${name}`);
});
