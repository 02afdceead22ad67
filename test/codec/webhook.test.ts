import { randomBytes } from 'node:crypto';
import { Webhook } from 'standardwebhooks';
import { describe, expect, test } from 'vitest';
import { advance } from '../../src/alert/history.ts';
import type { IncidentHistory } from '../../src/alert/incident.ts';
import { alertEvent } from '../../src/codec/cloud-event.ts';
import { noticeOf, webhookBytesMax, webhookHeaders, webhookSecret } from '../../src/codec/webhook.ts';
import { policy, resultsOfVotes } from '../alert/sample-results.ts';

const written = () => `whsec_${randomBytes(32).toString('base64')}`;

describe('a webhook', () => {
  const [old, fresh] = [written(), written()];
  const secrets = [old, fresh].map((text) => webhookSecret(text)!);
  const body = '{"specversion":"1.0","data":"ü"}';
  const headers = webhookHeaders('a1', Date.now(), body, secrets);

  test('is verified by the reference library with either secret, while one is changed for the other', () => {
    for (const secret of [old, fresh]) {
      expect(new Webhook(secret).verify(body, { ...headers })).toEqual(JSON.parse(body));
    }
    expect(() => new Webhook(written()).verify(body, { ...headers })).toThrow();
  });

  test('that was changed on the way, or is an hour old, is not', () => {
    const receiver = new Webhook(old);
    expect(() => receiver.verify(`${body} `, { ...headers })).toThrow();
    expect(() => receiver.verify(body, { ...headers, 'webhook-id': 'a2' })).toThrow();
    expect(() =>
      receiver.verify(body, webhookHeaders('a1', Date.now() - 3_600_000, body, secrets)),
    ).toThrow();
  });

  test('has no signature where there is no secret', () => {
    expect(webhookHeaders('a1', 0, body, [])).not.toHaveProperty('webhook-signature');
  });
});

test('a secret is whsec_ and base64 of 24 to 64 bytes, and nothing else', () => {
  for (const length of [24, 32, 64]) {
    const bytes = randomBytes(length);
    expect(webhookSecret(`whsec_${bytes.toString('base64')}`)).toEqual(bytes);
  }
  const unsound = [randomBytes(23).toString('base64'), randomBytes(65).toString('base64'), 'change me', ''];
  for (const text of unsound) expect(webhookSecret(`whsec_${text}`), text).toBeUndefined();
});

describe('a value of the alerts topic', () => {
  const columns = ['a', 'b', 'c', 'd'];
  const votes = Object.fromEntries(columns.map((name) => [name + 'ü'.repeat(4000), 'wwww']));
  let history: IncidentHistory | undefined;
  const alerts = resultsOfVotes(votes).flatMap((result) => {
    const step = advance(history, result, policy);
    history = step.history;
    return step.transitions.map(
      (transition) => alertEvent(transition, { source: 's', policy, result, nameOf: () => undefined }).value,
    );
  });
  const recommended = alerts.find((value) => value.includes('"retrain.recommended"'))!;

  test('of a recommendation goes by the key of its job, of anything else by its id', () => {
    const event = JSON.parse(recommended);
    const moved = { ...event, id: 'f'.repeat(64) };
    expect(noticeOf(recommended)!.id).toBe(event.data.retrain.job_key);
    expect(noticeOf(JSON.stringify(moved))!.id).toBe(event.data.retrain.job_key);
    expect(noticeOf(alerts[0]!)).toMatchObject({ id: JSON.parse(alerts[0]!).id, transition: 'drift.raised' });
  });

  test('is shortened to what a receiver has to take', () => {
    expect(Buffer.byteLength(recommended)).toBeGreaterThan(webhookBytesMax);
    const { body } = noticeOf(recommended)!;
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(webhookBytesMax);
    expect(JSON.parse(body).data.columns_total).toBe(4);
  });

  test('that is no alert is none', () => {
    for (const value of [
      '',
      'null',
      '3',
      '[]',
      '{"id":1}',
      '{"id":"x","data":{}}',
      '{"id":"x","data":null}',
    ]) {
      expect(noticeOf(value), value).toBeUndefined();
    }
  });
});
