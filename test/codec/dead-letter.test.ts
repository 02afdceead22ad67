import { describe, expect, test } from 'vitest';
import { deadLetter, deadLetterSchema, payloadBytesMax } from '../../src/codec/dead-letter.ts';
import { type RejectReason, rejectReasons } from '../../src/profile/event.ts';
import { publishedSchema, schemaPath, violations } from './published-schema.ts';

const origin = { stream: 'predictions', topic: 'ml.predictions', shard: 3, offset: 4711 } as const;
const bytes = new TextEncoder().encode('{"model":"x","features":{"email":"someone@example.org"}}');

describe('a dead letter', () => {
  test('names reason, path, and where the event was read, and nothing of its content', () => {
    const letter = deadLetter(
      origin,
      { kind: 'reject', reason: 'missing_field', path: 'timestamp' },
      bytes,
      'none',
    );
    expect(letter).toMatchObject({
      topic: 'dead_letters',
      id: 'ml.predictions/3/4711',
      key: 'ml.predictions/3/4711',
    });
    expect(JSON.parse(letter.value)).toEqual({
      format: 'driftline.dead-letter/1',
      stream: 'predictions',
      reason: 'missing_field',
      meaning: rejectReasons.missing_field,
      path: 'timestamp',
      topic: 'ml.predictions',
      partition: 3,
      offset: 4711,
      payload_bytes: bytes.length,
    });
  });

  test('is the same when the event is read again', () => {
    const twice = [1, 2].map(() => deadLetter(origin, { kind: 'reject', reason: 'future' }, bytes, 'raw'));
    expect(twice[0]).toEqual(twice[1]);
  });

  test('carries the bytes where the configuration asks for them', () => {
    const { value } = deadLetter(origin, { kind: 'reject', reason: 'undecodable' }, bytes, 'raw');
    const document = JSON.parse(value);
    expect(Buffer.from(document.payload_base64, 'base64')).toEqual(Buffer.from(bytes));
    expect(document.payload_truncated).toBe(false);
  });

  test('of an event of any size stays below a mebibyte', () => {
    const { value } = deadLetter(
      origin,
      { kind: 'reject', reason: 'too_large', path: 'a'.repeat(9999) },
      new Uint8Array(5_000_000),
      'raw',
    );
    expect(Buffer.byteLength(value)).toBeLessThan(1_000_000);
    expect(JSON.parse(value)).toMatchObject({ payload_bytes: 5_000_000, payload_truncated: true });
    expect(Buffer.from(JSON.parse(value).payload_base64, 'base64')).toHaveLength(payloadBytesMax);
  });

  test('of a row that a file reader decoded carries the row as JSON', () => {
    const { value } = deadLetter(
      origin,
      { kind: 'reject', reason: 'unknown_model' },
      { model: 'x', id: 2n ** 60n },
      'raw',
    );
    const text = Buffer.from(JSON.parse(value).payload_base64, 'base64').toString();
    expect(JSON.parse(text)).toEqual({ model: 'x', id: '1152921504606846976' });
  });

  test('of every reason meets the published schema', () => {
    for (const reason of Object.keys(rejectReasons) as RejectReason[]) {
      for (const mode of ['none', 'raw'] as const) {
        for (const payload of [bytes, null, { a: 1 }]) {
          const { value } = deadLetter(
            origin,
            { kind: 'reject', reason, path: 'features.adr' },
            payload,
            mode,
          );
          expect(violations(deadLetterSchema, JSON.parse(value))).toEqual([]);
        }
      }
    }
  });

  test('has a published schema that is generated from this code', async () => {
    await expect(publishedSchema('dead-letter', deadLetterSchema)).toMatchFileSnapshot(
      schemaPath('dead-letter'),
    );
  });
});
