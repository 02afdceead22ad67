// Waits until the workers, by themselves and undisturbed, have read everything and published everything that is due.
import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaClient } from '../../src/io/kafka/client.ts';
import type { RedisConnection } from '../../src/io/redis/client.ts';
import { shardKeys } from '../../src/io/redis/keys.ts';
import type { ResultStore, ShardStore } from '../../src/ports.ts';
import { isDue } from '../../src/profile/window.ts';
import { type Deployment, group, redisPrefix, topics } from './deployment.ts';
import { partitions } from './events.ts';
import { endsOf } from './topic-reader.ts';

export interface Stores {
  readonly shards: ShardStore;
  readonly results: ResultStore;
}

/** Without any progress for so long the workers are stuck. */
const patienceMs = 90_000;
const pollMs = 250;

/** Whether every shard has been written; a roll-back before that is the loss of a store, which the next claim refuses. */
export async function isFounded(redis: RedisConnection): Promise<boolean> {
  return (await storedOffsets(redis)).every(({ predictions, labels }) => predictions > 0 && labels > 0);
}

/** Undefined when all is done; otherwise what is left to do, and nothing has moved for a long time. */
export async function drain(
  client: KafkaClient,
  redis: RedisConnection,
  stores: Stores,
  deployment: Deployment,
): Promise<string | undefined> {
  const ends = {
    predictions: await endsOf(client, topics.predictions),
    labels: await endsOf(client, topics.labels),
  };
  let before = '';
  for (let movedAt = performance.now(); performance.now() - movedAt < patienceMs; await sleep(pollMs)) {
    const offsets = await storedOffsets(redis);
    const unread = offsets.reduce(
      (sum, at, shard) => sum + ends.predictions[shard]! - at.predictions + ends.labels[shard]! - at.labels,
      0,
    );
    const left = unread > 0 ? `${unread} events to read` : await leftToPublish(stores, deployment);
    if (left === '') return undefined;
    if (left !== before) movedAt = performance.now();
    before = left;
  }
  return before;
}

/** Shards that are not idle yet, and what the clock, by which event time goes on when all are, has made due long ago. */
async function leftToPublish({ shards, results }: Stores, deployment: Deployment): Promise<string> {
  const { windows } = deployment.settings.evaluation;
  const watermark = Date.now() - 2 * windows.idleAfterMs;
  const due = ({ size, start }: { size: number; start: number }): boolean =>
    isDue(start + size, watermark, windows.graceMs);
  const progress = await shards.progress(partitions);
  const busy = progress.filter(({ idle }) => !idle).length;
  const changed = progress.flatMap((shard) => shard.changed);
  const counts = { windows: changed.filter(({ start }) => due({ size: windows.sizeMs, start })).length };
  let rollups = 0;
  let messages = 0;
  for (const [model] of deployment.models) {
    rollups += (await results.state(model)).pending.filter(due).length;
    messages += (await results.outbox(model, 1_000)).length;
  }
  const left = { busy, ...counts, rollups, messages };
  return Object.values(left).every((count) => count === 0) ? '' : JSON.stringify(left);
}

async function storedOffsets(
  redis: RedisConnection,
): Promise<readonly { readonly predictions: number; readonly labels: number }[]> {
  const space = { prefix: redisPrefix, group };
  return Promise.all(
    Array.from({ length: partitions }, async (_, shard) => {
      const { meta } = shardKeys(space, shard);
      const reply = await redis.call('HMGET', [meta, 'predictions_offset', 'labels_offset']);
      const [predictions, labels] = (reply as unknown[]).map((value) => Number(value ?? 0));
      return { predictions: predictions!, labels: labels! };
    }),
  );
}
