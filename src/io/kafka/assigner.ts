// Gives partition p of every subscribed topic to the same member, so that a prediction and its label meet.
import { AssignerProtocol, type PartitionAssigner } from 'kafkajs';
import { Fault } from '../../fault.ts';

const { MemberAssignment, MemberMetadata } = AssignerProtocol;

/** Partition numbers by topic. */
export type PartitionsByTopic = Readonly<Record<string, readonly number[]>>;

/**
 * Deals the partition numbers round robin over the members in order of their names: a partition number goes to one
 * member in all topics that have it, and the members' shares differ by at most one. Equal input, in any order, gives
 * an equal assignment; every member is a key of it.
 */
export function assignShards(
  members: readonly string[],
  partitionsByTopic: PartitionsByTopic,
): ReadonlyMap<string, PartitionsByTopic> {
  const topics = Object.keys(partitionsByTopic).sort();
  const shards = [...new Set(Object.values(partitionsByTopic).flat())].sort((a, b) => a - b);
  const names = members.toSorted();
  return new Map(
    names.map((member, position) => {
      const own = new Set(shards.filter((_, index) => index % names.length === position));
      const entries = topics.map((topic): [string, number[]] => [
        topic,
        partitionsByTopic[topic]!.filter((partition) => own.has(partition)).sort((a, b) => a - b),
      ]);
      return [member, Object.fromEntries(entries)];
    }),
  );
}

/**
 * `assignShards` in the group protocol. The leader refuses a group whose members read different topics (two
 * deployments under one group name): partitions given to a member that does not read their topic are read by nobody.
 */
export const coPartitionAssigner: PartitionAssigner = ({ cluster, groupId }) => ({
  name: 'driftline-copartition',
  version: 0,

  async assign({ members, topics }) {
    const wanted = topics.toSorted().join(', ');
    for (const { memberId, memberMetadata } of members) {
      const read = MemberMetadata.decode(memberMetadata)?.topics.toSorted().join(', ') ?? '';
      if (read !== wanted) throw mixedGroup(groupId, memberId, read, wanted);
    }
    const partitionsByTopic = Object.fromEntries(
      topics.map((topic) => [
        topic,
        cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId),
      ]),
    );
    const assignment = assignShards(
      members.map(({ memberId }) => memberId),
      partitionsByTopic,
    );
    return [...assignment].map(([memberId, own]) => ({
      memberId,
      memberAssignment: MemberAssignment.encode({
        version: 0,
        assignment: Object.fromEntries(Object.entries(own).map(([topic, shards]) => [topic, [...shards]])),
        userData: Buffer.alloc(0),
      }),
    }));
  },

  protocol({ topics }) {
    return {
      name: 'driftline-copartition',
      metadata: MemberMetadata.encode({ version: 0, topics, userData: Buffer.alloc(0) }),
    };
  },
});

function mixedGroup(groupId: string, memberId: string, read: string, wanted: string): Fault {
  return new Fault(
    'CONFIG_INVALID',
    `Group ${groupId}: member ${memberId} reads ${read || 'no topic'}, this one reads ${wanted}. One group, one pair of topics.`,
  );
}
