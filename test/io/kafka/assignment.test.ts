import { beforeEach, describe, expect, test } from 'vitest';
import { type Assignment, checkPartitions, createAssignment } from '../../../src/io/kafka/assignment.ts';

let calls: string[];
let assignment: Assignment;

beforeEach(() => {
  calls = [];
  const note = (verb: string) => (topics: { topic: string; partitions?: number[] }[]) => {
    for (const { topic, partitions } of topics) calls.push(`${verb} ${topic} ${partitions}`);
  };
  const consumer = {
    pause: note('pause'),
    resume: note('resume'),
    seek: ({ topic, partition, offset }: { topic: string; partition: number; offset: string }) => {
      calls.push(`seek ${topic} ${partition} ${offset}`);
    },
  };
  assignment = createAssignment(consumer, { predictions: 'p', labels: 'l' }, 4);
});

describe('a new generation', () => {
  test('pauses every partition and returns the shards in order', () => {
    expect(assignment.replace({ l: [3, 1], p: [1, 3] })).toEqual([1, 3]);
    expect(calls).toEqual(['pause l 3,1', 'pause p 1,3']);
  });

  test('forgets the cursors of the one before', () => {
    assignment.replace({ p: [1], l: [1] });
    assignment.resume(1, { predictions: 7, labels: 8 });
    assignment.replace({ p: [1], l: [1] });
    expect(assignment.cursor('p', 1)).toBeUndefined();
  });

  test('is a fault, and pauses all the same, when a shard is not whole or not known', () => {
    expect(() => assignment.replace({ p: [1, 2], l: [1] })).toThrow(/had 4 partitions at the start/);
    expect(calls).toEqual(['pause p 1,2', 'pause l 1']);
    expect(assignment.has(1)).toBe(false);
    expect(() => assignment.replace({ p: [4], l: [4] })).toThrow(/had 4 partitions/);
  });

  test('may be empty', () => {
    expect(assignment.replace({})).toEqual([]);
  });
});

describe('resume', () => {
  test('seeks both partitions before it resumes them', () => {
    assignment.replace({ p: [2], l: [2] });
    calls = [];
    expect(assignment.resume(2, { predictions: 70, labels: 80 })).toBe(true);
    expect(calls).toEqual(['seek p 2 70', 'resume p 2', 'seek l 2 80', 'resume l 2']);
    expect(assignment.cursor('l', 2)).toMatchObject({ stream: 'labels', shard: 2, next: 80 });
  });

  test('does nothing for a shard that is not assigned, because kafkajs would keep the seek for later', () => {
    assignment.replace({ p: [2], l: [2] });
    calls = [];
    expect(assignment.resume(3, { predictions: 70, labels: 80 })).toBe(false);
    expect(calls).toEqual([]);
  });
});

describe('the partitions of both topics', () => {
  const topics = { predictions: 'p', labels: 'l' };

  test('may be those of the start', () => {
    expect(() => checkPartitions({ predictions: 4, labels: 4 }, topics, 4)).not.toThrow();
  });

  test.each([
    [8, 8, 'PARTITIONS_CHANGED', /p and l now have 8 partitions, and 4 when/],
    [8, 4, 'TOPICS_NOT_COPARTITIONED', /p has 8 partitions and l has 4/],
    [4, 8, 'TOPICS_NOT_COPARTITIONED', /p has 4 partitions and l has 8/],
  ])('are a fault where they are %i and %i after 4', (predictions, labels, code, message) => {
    expect(() => checkPartitions({ predictions, labels }, topics, 4)).toThrow(
      expect.objectContaining({ code, message: expect.stringMatching(message) }),
    );
  });
});
