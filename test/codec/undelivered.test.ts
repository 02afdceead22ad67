import { expect, test } from 'vitest';
import { undeliveredMessage, undeliveredSchema } from '../../src/codec/undelivered.ts';
import { publishedSchema, schemaPath, violations } from './published-schema.ts';

const message = undeliveredMessage({
  id: 'a1',
  receiver: 'https://jobs.example',
  attempts: 3,
  reason: 'HTTP 500',
  event: '{}',
});

test('an undelivered alert meets the published schema, and is named by its receiver and its id', () => {
  expect(violations(undeliveredSchema, JSON.parse(message.value))).toEqual([]);
  expect(message).toMatchObject({
    topic: 'dead_letters',
    id: 'undelivered/https://jobs.example/a1',
    key: 'a1',
  });
});

test('its schema is generated from this code', async () => {
  await expect(publishedSchema('undelivered', undeliveredSchema)).toMatchFileSnapshot(
    schemaPath('undelivered'),
  );
});
