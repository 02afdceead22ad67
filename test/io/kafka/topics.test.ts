import { expect, test } from 'vitest';
import { planTopics, type TopicSpec } from '../../../src/io/kafka/topics.ts';

const spec = (topic: string, partitions: number, config = {}): TopicSpec => ({
  topic,
  partitions,
  replication: 3,
  config,
});

test('the plan creates what is missing, keeps what is there, and leaves other numbers of partitions to a person', () => {
  const existing = new Map([
    ['same', spec('same', 4, { 'retention.ms': '1' })],
    ['other', spec('other', 8)],
  ]);
  const steps = planTopics([spec('new', 4), spec('same', 4), spec('other', 4)], existing);
  expect(steps).toEqual([
    { kind: 'create', spec: spec('new', 4) },
    { kind: 'exists', spec: spec('same', 4) },
    { kind: 'differs', spec: spec('other', 4), found: spec('other', 8) },
  ]);
});
