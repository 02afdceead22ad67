// Forwarding on a real broker, a real Redis and a real receiver: each job is started once, whatever is read again.
import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { kafkaAddress, redisAddress } from '../../deploy/local/ports.ts';
import { advance } from '../../src/alert/history.ts';
import type { IncidentHistory } from '../../src/alert/incident.ts';
import { runForward, tailAlerts, testWebhook } from '../../src/app/forward.ts';
import { alertEvent } from '../../src/codec/cloud-event.ts';
import type { Settings } from '../../src/config/settings.ts';
import { readTopic } from '../../src/io/kafka/topic-reader.ts';
import { policy, resultsOfVotes } from '../alert/sample-results.ts';
import { startWebhookServer, type WebhookServer } from '../io/webhook-server.ts';
import { settingsOf } from '../pipeline/sample-models.ts';
import { newClient, newTopic, quiet, unique, until, withProducer } from './kafka-rig.ts';

const secret = `whsec_${randomBytes(32).toString('base64')}`;
const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).toReversed()) await end();
});

/** The alerts of a model with four drifted features: an incident, and one recommendation. */
function alertsOf(model: string): { key: string; value: string }[] {
  let history: IncidentHistory | undefined;
  const results = resultsOfVotes({ a: 'wwww', b: 'wwww', c: 'wwww', d: 'wwww' });
  return results.flatMap((result) => {
    const step = advance(history, { ...result, model }, policy);
    history = step.history;
    const context = { source: '/driftline', policy, nameOf: () => undefined };
    return step.transitions.map((transition) => alertEvent(transition, context));
  });
}

let topics: { alerts: string; dead_letters: string };
beforeAll(async () => {
  topics = { alerts: await newTopic('alerts', 1), dead_letters: await newTopic('dead', 1) };
  await send(['churn', 'fraud']);
});

async function send(models: readonly string[]): Promise<void> {
  await withProducer((producer) => producer.sendRecords(topics.alerts, models.flatMap(alertsOf)));
}

async function receiver(answer: (response: ServerResponse, count: number) => void): Promise<WebhookServer> {
  const server = await startWebhookServer(answer);
  ending.push(() => server.close());
  return server;
}

function settingsFor(url: URL, group: string): Settings {
  const settings = settingsOf(`
group: ${group}
kafka: { brokers: ["${kafkaAddress}"], topics: ${JSON.stringify(topics)} }
redis: { url: "redis://${redisAddress}", prefix: ${group} }
forward: { url: "${url.href}", allow_private: true, retries: [100ms, 100ms] }
`);
  return { ...settings, forward: { ...settings.forward, secret: { reveal: () => secret } } };
}

/** A forwarder that runs until the test ends, or until it is stopped. */
function forwarder(settings: Settings, group?: string) {
  const stopping = new AbortController();
  const done = runForward({ settings, version: 'test', log: quiet, signal: stopping.signal, group });
  const stop = () => {
    stopping.abort();
    return done;
  };
  ending.push(() => stop().catch(() => undefined));
  return { done, stop };
}

/** The jobs that the receiver was asked to start, with signatures that hold. */
function jobsOf({ received }: WebhookServer): string[] {
  return received.map(({ headers, body }) => {
    const event = new Webhook(secret).verify(body, headers as Record<string, string>);
    const { type, data } = event as { type: string; data: { model: string; retrain: { job_key: string } } };
    expect(headers['webhook-id']).toBe(data.retrain.job_key);
    return `${type} ${data.model}`;
  });
}

const recommended = ['churn', 'fraud'].map((model) => `io.driftline.retrain.recommended.v1 ${model}`);

test('each recommendation starts its job once, also when the alerts topic is read again from the beginning', async () => {
  const server = await receiver((response) => response.writeHead(202).end());
  const settings = settingsFor(server.url, unique('group'));
  const first = forwarder(settings);
  await until(() => expect(jobsOf(server)).toEqual(recommended));
  await first.stop();
  // Another group begins at the oldest alert; what comes behind all of those says when they have been read.
  forwarder(settings, unique('again'));
  await send(['late']);
  await until(() => expect(server.received).toHaveLength(3));
  expect(jobsOf(server)).toEqual([...recommended, 'io.driftline.retrain.recommended.v1 late']);
});

test('a receiver that fails is tried again under the same id, and what it never takes is among the dead letters', async () => {
  const server = await receiver((response, count) => response.writeHead(count < 4 ? 500 : 200).end());
  forwarder(settingsFor(server.url, unique('group')));
  await until(() => expect(server.received.length).toBeGreaterThanOrEqual(5));
  const ids = server.received.map(({ headers }) => headers['webhook-id']);
  expect(new Set(ids.slice(0, 3)).size).toBe(1);
  expect(new Set(ids.slice(3, 5)).size).toBe(1);
  const letters: { id: string; attempts: number }[] = [];
  const looking = { client: newClient(), topic: topics.dead_letters, sessionTimeoutMs: 10_000 };
  await readTopic(
    { ...looking, groupId: undefined, from: 'beginning', signal: new AbortController().signal },
    async (value) => letters.push(JSON.parse(value)) < 1,
  );
  expect(letters).toMatchObject([{ id: ids[0], attempts: 3, reason: 'HTTP 500' }]);
});

test('a receiver that is gone ends the forwarder with a fault', async () => {
  const server = await receiver((response) => response.writeHead(410).end());
  const { done } = forwarder(settingsFor(server.url, unique('group')));
  await expect(done).rejects.toMatchObject({ code: 'WEBHOOK_GONE' });
});

test('a look at the topic begins with the oldest alert, and a trial of the webhook says what it answers', async () => {
  const server = await receiver((response) => response.writeHead(204).end());
  const settings = settingsFor(server.url, unique('group'));
  const seen: string[] = [];
  await tailAlerts(settings, quiet, 'beginning', new AbortController().signal, (value) => {
    seen.push(JSON.parse(value).type);
    return seen.length < 2;
  });
  expect(seen).toEqual(['io.driftline.drift.raised.v1', 'io.driftline.retrain.recommended.v1']);
  const answer = await testWebhook(settings, 'test');
  expect(answer).toEqual({ kind: 'accepted', reason: 'HTTP 204' });
});
