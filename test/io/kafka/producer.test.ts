import fc from 'fast-check';
import { expect, test } from 'vitest';
import { requestsOf, type TopicRecord } from '../../../src/io/kafka/producer.ts';

const record = fc.record({
  topic: fc.constantFrom('a', 'b'),
  key: fc.string({ maxLength: 5 }),
  value: fc.integer({ min: 0, max: 400_000 }).map((length) => new Uint8Array(length)),
});

test('requests hold all records in order, and stay within a broker’s limit unless one record is over it', () => {
  fc.assert(
    fc.property(fc.array(record, { maxLength: 20 }), (records) => {
      const requests = [...requestsOf(records)];
      expect(requests.flat()).toEqual(records);
      for (const request of requests) {
        const bytes = request.reduce((sum, { key, value }) => sum + Buffer.byteLength(key) + value.length, 0);
        expect(request.length === 1 || bytes < 900_000).toBe(true);
      }
    }),
    { numRuns: 50 },
  );
});

test('no request has more than 2,000 records, however small they are', () => {
  const tiny: TopicRecord = { topic: 'a', key: 'k', value: '' };
  const sizes = [...requestsOf(Array.from({ length: 45_000 }, () => tiny))].map((request) => request.length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(2_000);
  expect(sizes.reduce((sum, size) => sum + size)).toBe(45_000);
});
