import fc from 'fast-check';
import { AssignerProtocol, type Cluster, type Logger } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { assignShards, coPartitionAssigner, type PartitionsByTopic } from '../../../src/io/kafka/assigner.ts';

const members = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 20 });
const count = fc.integer({ min: 0, max: 60 });

function topicsOf(predictions: number, labels: number): PartitionsByTopic {
  const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
  return { predictions: upTo(predictions), labels: upTo(labels) };
}

describe('assignShards', () => {
  test('gives every partition of every topic to exactly one member', () => {
    fc.assert(
      fc.property(members, count, count, (names, predictions, labels) => {
        const topics = topicsOf(predictions, labels);
        const assignment = [...assignShards(names, topics).values()];
        for (const topic of Object.keys(topics)) {
          const given = assignment.flatMap((own) => own[topic]!).sort((a, b) => a - b);
          expect(given).toEqual(topics[topic]);
        }
      }),
    );
  });

  test('gives a partition number to the same member in all topics', () => {
    fc.assert(
      fc.property(members, count, count, (names, predictions, labels) => {
        for (const own of assignShards(names, topicsOf(predictions, labels)).values()) {
          const shared = (partition: number): boolean => partition < Math.min(predictions, labels);
          expect(own.predictions!.filter(shared)).toEqual(own.labels!.filter(shared));
        }
      }),
    );
  });

  test('gives members shares that differ by at most one, and leaves no member out', () => {
    fc.assert(
      fc.property(members, count, (names, partitions) => {
        const assignment = assignShards(names, topicsOf(partitions, partitions));
        const shares = [...assignment.values()].map((own) => own.labels!.length);
        expect(assignment.size).toBe(names.length);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('depends on neither the order of the members nor that of the partitions', () => {
    fc.assert(
      fc.property(members, count, (names, partitions) => {
        const { predictions, labels } = topicsOf(partitions, partitions);
        const reversed = { labels: [...labels!].reverse(), predictions: [...predictions!].reverse() };
        const one = assignShards(names, { predictions: predictions!, labels: labels! });
        const other = assignShards([...names].reverse(), reversed);
        expect(Object.fromEntries(other)).toEqual(Object.fromEntries(one));
      }),
    );
  });
});

describe('the group assigner', () => {
  const cluster = {
    findTopicPartitionMetadata: () => [0, 1, 2].map((partitionId) => ({ partitionId })),
  } as unknown as Cluster;
  const assigner = coPartitionAssigner({ cluster, groupId: 'g', logger: {} as Logger });
  const member = (memberId: string, topics: string[]) => ({
    memberId,
    memberMetadata: assigner.protocol({ topics }).metadata,
  });

  test('encodes what each member is given, an idle member included', async () => {
    const topics = ['p', 'l'];
    const given = await assigner.assign({
      members: ['d', 'c', 'b', 'a'].map((name) => member(name, topics)),
      topics,
    });
    const decoded = given.map(({ memberId, memberAssignment }) => [
      memberId,
      AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment,
    ]);
    expect(Object.fromEntries(decoded)).toEqual({
      a: { l: [0], p: [0] },
      b: { l: [1], p: [1] },
      c: { l: [2], p: [2] },
      d: { l: [], p: [] },
    });
  });

  test('refuses a group whose members read different topics', async () => {
    const mixed = [member('a', ['p', 'l']), member('b', ['p', 'other'])];
    await expect(assigner.assign({ members: mixed, topics: ['p', 'l'] })).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('member b reads other, p'),
    });
  });
});
