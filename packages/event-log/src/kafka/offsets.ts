import type { Broker, Cluster, TopicOffsets } from 'kafkajs';
import { topicUnknown } from '../core/topics.ts';
import type { Position, Watermark } from '../port.ts';
import { typeOf } from './failures.ts';

export interface TopicPartitions {
  readonly topic: string;
  readonly partitions: readonly number[];
}

/** The partitions of topics as the brokers have them. Throws `LOG_TOPIC_UNKNOWN`. */
export async function partitionsOf(cluster: Cluster, topics: readonly string[]): Promise<TopicPartitions[]> {
  await loadMetadata(cluster, topics);
  return topics.map((topic) => {
    const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
    if (partitions.length === 0) throw topicUnknown(topic);
    return { topic, partitions: partitions.sort((a, b) => a - b) };
  });
}

/** A cluster asks for all its topics at once, and one that is missing spoils the answer: so say which. */
async function loadMetadata(cluster: Cluster, topics: readonly string[]): Promise<void> {
  try {
    await cluster.addMultipleTargetTopics([...topics]);
    await cluster.refreshMetadataIfNecessary();
  } catch (error) {
    const type = error instanceof Error && 'type' in error ? error.type : undefined;
    if (type !== 'UNKNOWN_TOPIC_OR_PARTITION' && type !== 'INVALID_TOPIC_EXCEPTION') throw error;
    const names = await topicNames(cluster);
    const missing = topics.find((topic) => !names.has(topic));
    throw missing === undefined ? error : topicUnknown(missing);
  }
}

async function topicNames(cluster: Cluster): Promise<Set<string>> {
  const { topicMetadata } = await cluster.metadata();
  return new Set(topicMetadata.map(({ topic }) => topic));
}

type At = 'start' | 'end' | { readonly timeMs: number };

/** One request per broker, over all topics. The end is that of committed transactions: nobody may read further. */
async function listOffsets(cluster: Cluster, topics: readonly TopicPartitions[], at: At): Promise<Map<string, number>> {
  const when = typeof at === 'object' ? { fromTimestamp: at.timeMs } : { fromBeginning: at === 'start' };
  const asked = topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((partition) => ({ partition })),
    ...when,
  }));
  return byPartition(await cluster.fetchTopicsOffset(asked));
}

const byPartition = (topics: readonly TopicOffsets[]): Map<string, number> =>
  new Map(
    topics.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset }) => [`${topic}/${partition}`, Number(offset)] as const),
    ),
  );

const flat = (topics: readonly TopicPartitions[]) =>
  topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));

function offsetIn(offsets: ReadonlyMap<string, number>, topic: string, partition: number): number {
  const offset = offsets.get(`${topic}/${partition}`);
  // A partition without a leader is left out of the answer: as good as no answer.
  if (offset === undefined) throw new Error(`No broker leads ${topic}/${partition} now`);
  return offset;
}

export async function watermarksOf(cluster: Cluster, topics: readonly TopicPartitions[]): Promise<Watermark[]> {
  const [first, next] = await Promise.all([listOffsets(cluster, topics, 'start'), listOffsets(cluster, topics, 'end')]);
  return flat(topics).map(({ topic, partition }) => ({
    topic,
    partition,
    first: offsetIn(first, topic, partition),
    next: offsetIn(next, topic, partition),
  }));
}

export async function offsetsAtTime(
  cluster: Cluster,
  topics: readonly TopicPartitions[],
  timeMs: number,
): Promise<Position[]> {
  const [found, next] = await Promise.all([
    listOffsets(cluster, topics, { timeMs }),
    listOffsets(cluster, topics, 'end'),
  ]);
  return flat(topics).map(({ topic, partition }) => {
    const offset = offsetIn(found, topic, partition);
    return { topic, partition, offset: offset >= 0 ? offset : offsetIn(next, topic, partition) };
  });
}

/** What a group has committed, of these topics or of all. */
export async function committedOf(
  cluster: Cluster,
  group: string,
  topics: readonly TopicPartitions[],
): Promise<Position[]> {
  const coordinator = await cluster.findGroupCoordinator({ groupId: group });
  const asked = topics.map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((partition) => ({ partition, offset: '0' })), // the offset is not sent
  }));
  const { responses } = await coordinator.offsetFetch({ groupId: group, topics: asked });
  return responses.flatMap(({ topic, partitions }) =>
    partitions
      .map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) }))
      .filter(({ offset }) => offset >= 0),
  );
}

/** Commits for a group without members: the broker refuses with `UNKNOWN_MEMBER_ID` when it has some. */
export async function commitAsNobody(cluster: Cluster, group: string, positions: readonly Position[]): Promise<void> {
  const coordinator = await cluster.findGroupCoordinator({ groupId: group });
  const topics = [...Map.groupBy(positions, ({ topic }) => topic)].map(([topic, list]) => ({
    topic,
    partitions: list.map(({ partition, offset }) => ({ partition, offset: String(offset) })),
  }));
  await coordinator.offsetCommit({ groupId: group, memberId: '', groupGenerationId: -1, topics });
}

/** What kafkajs does itself when it is stopped, and has not in its types. */
interface Leaving {
  leaveGroup(member: { readonly groupId: string; readonly memberId: string }): Promise<unknown>;
}

interface Described {
  readonly groups: readonly {
    readonly members: readonly { readonly memberId: string; readonly clientId: string }[];
  }[];
}

const coordinatorOf = async (cluster: Cluster, group: string): Promise<Broker & Leaving> =>
  (await cluster.findGroupCoordinator({ groupId: group })) as Broker & Leaving;

/** As a member that cannot do so by itself any more. */
export async function leaveAs(cluster: Cluster, group: string, member: string): Promise<void> {
  await leave(await coordinatorOf(cluster, group), group, member);
}

/** Members by this name leave. How many. */
export async function leaveAsAll(cluster: Cluster, group: string, clientId: string): Promise<number> {
  const coordinator = await coordinatorOf(cluster, group);
  const { groups } = (await coordinator.describeGroups({ groupIds: [group] })) as Described;
  const members = groups.flatMap((each) => each.members).filter((member) => member.clientId === clientId);
  for (const { memberId } of members) await leave(coordinator, group, memberId);
  return members.length;
}

/** One that the group does not know is not missed. */
async function leave(coordinator: Leaving, groupId: string, memberId: string): Promise<void> {
  try {
    await coordinator.leaveGroup({ groupId, memberId });
  } catch (error) {
    if (typeOf(error) !== 'UNKNOWN_MEMBER_ID') throw error;
  }
}
