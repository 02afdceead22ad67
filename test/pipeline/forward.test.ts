import { expect, test } from 'vitest';
import { advance } from '../../src/alert/history.ts';
import type { IncidentHistory } from '../../src/alert/incident.ts';
import { alertEvent } from '../../src/codec/cloud-event.ts';
import type { ReceiverAnswer } from '../../src/delivery.ts';
import { createMemoryDeliveries } from '../../src/io/memory-deliveries.ts';
import { type ForwardSettings, forward } from '../../src/pipeline/forward.ts';
import type { OutboundMessage } from '../../src/ports.ts';
import { policy, resultsOfVotes } from '../alert/sample-results.ts';
import { createHandClock } from './hand-clock.ts';
import { silentLog } from './sample-models.ts';

let history: IncidentHistory | undefined;
const alerts = resultsOfVotes({ a: 'wwww', b: 'wwww', c: 'wwww', d: 'wwww' }).flatMap((result) => {
  const step = advance(history, result, policy);
  history = step.history;
  const context = { source: '/driftline', policy, result, nameOf: () => undefined };
  return step.transitions.map((transition) => alertEvent(transition, context));
});
const [raised, recommended] = alerts.map(({ value }) => value) as [string, string];

const settings: ForwardSettings = {
  types: ['retrain.recommended'],
  retriesMs: [5_000, 60_000],
  rememberMs: 86_400_000,
};
const accepted = { kind: 'accepted', reason: 'HTTP 200' } as const;
const failed = { kind: 'failed', reason: 'HTTP 500' } as const;

/** A receiver with these answers, and all that a forwarder did with it. Waiting moves the clock. */
function stage(...answers: readonly ReceiverAnswer[]) {
  const clock = createHandClock(1_000_000);
  const started = clock.now();
  const posted: { id: string; body: string; at: number }[] = [];
  const sent: OutboundMessage[] = [];
  const stopping = new AbortController();
  const ports = {
    deliveries: createMemoryDeliveries(clock),
    receiver: {
      origin: 'https://jobs.example',
      post: async (id: string, body: string) => {
        posted.push({ id, body, at: clock.now() - started });
        return answers[posted.length - 1] ?? failed;
      },
    },
    outbound: { send: async (messages: readonly OutboundMessage[]) => void sent.push(...messages) },
    clock: { ...clock, sleep: async (ms: number) => clock.advance(ms) },
    log: silentLog,
  };
  const run = (value: string, by = settings) => forward(value, by, ports, stopping.signal);
  return { run, posted, sent, ports, stopping, clock };
}

test('a recommendation is delivered once, also when the topic is read again', async () => {
  const { run, posted } = stage(accepted);
  expect(await run(recommended)).toBe('delivered');
  expect(await run(recommended)).toBe('known');
  expect(posted.map(({ id }) => id)).toEqual([JSON.parse(recommended).data.retrain.job_key]);
});

test('one that late events have moved to another window is not delivered again', async () => {
  const { run, posted } = stage(accepted);
  await run(recommended);
  expect(await run(JSON.stringify({ ...JSON.parse(recommended), id: 'e'.repeat(64) }))).toBe('known');
  expect(posted).toHaveLength(1);
});

test('what nobody asked for, what is silenced and what is no alert is left out', async () => {
  const { run, posted } = stage();
  const silenced = JSON.stringify({ ...JSON.parse(recommended), silenced: true });
  for (const value of [raised, silenced, '{"specversion":"1.0"}', 'no JSON']) {
    expect(await run(value)).toBe('unwanted');
  }
  expect(posted).toEqual([]);
});

test('a receiver that fails is tried again under the same id, after the waits that are set', async () => {
  const { run, posted, sent } = stage(failed, failed, accepted);
  expect(await run(recommended)).toBe('delivered');
  expect(posted.map(({ at }) => at)).toEqual([0, 5_000, 65_000]);
  expect(new Set(posted.map(({ id, body }) => id + body)).size).toBe(1);
  expect(sent).toEqual([]);
});

test('a receiver that asks for a longer wait is given it, an hour at most', async () => {
  const busy = (retryAfterMs: number) => ({ ...failed, retryAfterMs });
  const { run, posted } = stage(busy(90_000), busy(1e12), accepted);
  await run(recommended);
  expect(posted.map(({ at }) => at)).toEqual([0, 90_000, 3_690_000]);
});

test('what nobody takes in the end is among the dead letters, and not tried again when the topic is read again', async () => {
  const { run, posted, sent } = stage();
  expect(await run(recommended)).toBe('undelivered');
  expect(posted).toHaveLength(3);
  expect(sent.map(({ topic, value }) => [topic, JSON.parse(value)])).toEqual([
    ['dead_letters', expect.objectContaining({ attempts: 3, reason: 'HTTP 500', event: recommended })],
  ]);
  expect(await run(recommended)).toBe('known');
});

test('what is refused is not tried again', async () => {
  const { run, posted, sent } = stage({ kind: 'refused', reason: 'HTTP 401' });
  expect(await run(recommended)).toBe('undelivered');
  expect([posted.length, sent.length]).toEqual([1, 1]);
});

test('a receiver that is gone ends it, without a dead letter', async () => {
  const { run, sent } = stage({ kind: 'gone', reason: 'HTTP 410' });
  expect(await run(recommended)).toBe('gone');
  expect(sent).toEqual([]);
});

test('whoever is stopped while it waits leaves the alert to the next one', async () => {
  const { run, posted, sent, ports, stopping } = stage(failed);
  ports.clock.sleep = async () => stopping.abort();
  expect(await run(recommended)).toBe('stopped');
  expect([posted.length, sent.length]).toEqual([1, 0]);
  expect(await ports.deliveries.isDelivered(posted[0]!.id)).toBe(false);
});

test('what was delivered is remembered for as long as that is set', async () => {
  const { run, clock } = stage(accepted, accepted);
  await run(recommended);
  clock.advance(settings.rememberMs - 1);
  expect(await run(recommended)).toBe('known');
  clock.advance(1);
  expect(await run(recommended)).toBe('delivered');
});
