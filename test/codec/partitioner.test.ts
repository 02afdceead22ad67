import { createRequire } from 'node:module';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { murmur2, partitionOf } from '../../src/codec/partitioner.ts';

const kafkajsMurmur2 = createRequire(import.meta.url)(
  'kafkajs/src/producer/partitioners/default/murmur2',
) as (key: Buffer | string) => number;

describe('murmur2', () => {
  // org.apache.kafka.common.utils.UtilsTest.testMurmur2
  test.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])("gives %s the hash that Kafka's own test expects", (text, hash) => {
    expect(murmur2(new TextEncoder().encode(text))).toBe(hash);
  });

  test('equals the hash of kafkajs for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
        expect(murmur2(bytes)).toBe(kafkajsMurmur2(Buffer.from(bytes)));
      }),
      { numRuns: 2000 },
    );
  });
});

describe('partitionOf', () => {
  test('is the partition of kafkajs for any text, and the same for a text and its bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 500 }), (key, partitions) => {
        const partition = partitionOf(key, partitions);
        expect(partition).toBe((kafkajsMurmur2(key) & 0x7fffffff) % partitions);
        expect(partitionOf(new TextEncoder().encode(key), partitions)).toBe(partition);
      }),
    );
  });

  test('reads no byte outside a view into a larger buffer', () => {
    const whole = new TextEncoder().encode('xxfoobaryy');
    expect(murmur2(whole.subarray(2, 8))).toBe(-790332482);
  });
});
