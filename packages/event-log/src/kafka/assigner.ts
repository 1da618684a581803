/**
 * Who reads which partition. kafkajs's own round robin deals every partition to every member, also of topics that it does
 * not read, where nobody reads them then. Here: partition n of each topic goes to the member n modulo the takers of that topic,
 * so that what has the same key meets in one process, whatever its topic.
 */
import kafkajs, { type GroupMember, type PartitionAssigner } from 'kafkajs';

const NAME = 'coachloop';
const VERSION = 1;

export const assigner: PartitionAssigner = ({ cluster }) => ({
  name: NAME,
  version: VERSION,
  protocol: ({ topics }) => ({
    name: NAME,
    metadata: kafkajs.AssignerProtocol.MemberMetadata.encode({ version: VERSION, topics, userData: Buffer.of() }),
  }),
  async assign({ members }) {
    const takers = takersOf(members);
    await cluster.addMultipleTargetTopics([...takers.keys()]);
    const dealt = new Map(members.map(({ memberId }) => [memberId, new Map<string, number[]>()]));
    for (const [topic, ids] of takers) {
      for (const { partitionId } of cluster.findTopicPartitionMetadata(topic)) {
        const mine = dealt.get(ids[partitionId % ids.length] ?? '');
        mine?.set(topic, [...(mine.get(topic) ?? []), partitionId]);
      }
    }
    return [...dealt].map(([memberId, assignment]) => ({
      memberId,
      memberAssignment: kafkajs.AssignerProtocol.MemberAssignment.encode({
        version: VERSION,
        assignment: Object.fromEntries(assignment),
        userData: Buffer.of(),
      }),
    }));
  },
});

function takersOf(members: readonly GroupMember[]): Map<string, string[]> {
  const takers = new Map<string, string[]>();
  for (const { memberId, memberMetadata } of members) {
    for (const topic of kafkajs.AssignerProtocol.MemberMetadata.decode(memberMetadata)?.topics ?? []) {
      takers.set(topic, [...(takers.get(topic) ?? []), memberId].sort());
    }
  }
  return takers;
}
