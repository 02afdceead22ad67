// The state of shards in Redis: every method is one command or one script in the slot of its shard.

import { Fault } from '../../fault.ts';
import type {
  Announcement,
  Checkpoint,
  CheckpointOutcome,
  ModelWindow,
  Offsets,
  ShardMeta,
  ShardProgress,
  ShardStore,
  StoredVersion,
  WindowParts,
} from '../../ports.ts';
import { inOrderOfParts } from '../part-order.ts';
import type { RedisArgument, RedisConnection } from './client.ts';
import { appendJoin, lookUp } from './join.ts';
import {
  type KeySpace,
  parseProfileField,
  parseWindowMember,
  profileField,
  shardKeys,
  windowMember,
} from './keys.ts';
import { loadScript, runScript, type Script } from './script.ts';
import {
  decodeEventTime,
  decodeInteger,
  encodeEventTime,
  encodeInteger,
  list,
  packProfile,
  pairs,
  text,
  unpackProfile,
} from './value.ts';

const claimScript = loadScript('claim-1.lua');
const checkpointScript = loadScript('checkpoint-2-n.lua');
const progressScript = loadScript('progress-2.lua');
const readScript = loadScript('read-2.lua');
const versionsScript = loadScript('versions-2.lua');
const announceScript = loadScript('announce-1.lua');
const acknowledgeScript = loadScript('acknowledge-1.lua');

/** The ShardStore over Redis. Its methods throw REDIS_FAILED, REDIS_UNREACHABLE and STATE_INVALID. */
export function redisShardStore(connection: RedisConnection, space: KeySpace): ShardStore {
  // Tokens whose claim found a shard that was never written. Their first checkpoint must find it so still: were it taken
  // on any shard without offsets, one that was rolled back to this point would be continued in the middle.
  const founders = new Map<number, string>();
  return {
    claim: async (shard, token) => {
      const meta = decodeMeta(
        await runScript(connection, claimScript, [shardKeys(space, shard).meta], [token]),
      );
      if (meta === undefined) founders.set(shard, token);
      else founders.delete(shard);
      return meta;
    },
    checkpoint: async (shard, checkpoint) => {
      const founding = founders.get(shard) === checkpoint.token;
      const outcome = await writeCheckpoint(connection, space, shard, checkpoint, founding);
      if (founding && outcome.kind === 'written') founders.delete(shard);
      return outcome;
    },
    announce: async (shard, announcement) =>
      outcomeOf(
        text(
          await runScript(
            connection,
            announceScript,
            [shardKeys(space, shard).meta],
            announced(announcement),
          ),
        ),
      ),
    lookUp: (shard, lookup) => lookUp(connection, space, shard, lookup),
    progress: (count) =>
      Promise.all(Array.from({ length: count }, (_, shard) => progress(connection, space, shard))),
    read: (shard, window) => read(connection, space, shard, window),
    versions: (shard, window) => versions(connection, space, shard, window),
    acknowledge: async (shard, changed) => {
      if (changed.length === 0) return;
      const args = changed.flatMap((window) => [windowMember(window), encodeInteger(window.version)]);
      await runScript(connection, acknowledgeScript, [shardKeys(space, shard).changed], args);
    },
  };
}

async function writeCheckpoint(
  connection: RedisConnection,
  space: KeySpace,
  shard: number,
  checkpoint: Checkpoint,
  founding: boolean,
): Promise<CheckpointOutcome> {
  const { token, expected, meta, profiles, retentionMs } = checkpoint;
  const slot = shardKeys(space, shard);
  const keys = [slot.meta, slot.changed];
  const windows = Map.groupBy(profiles, ({ key }) => windowMember(key));
  const args: RedisArgument[] = [
    token,
    founding ? '' : encodeInteger(expected.predictions),
    founding ? '' : encodeInteger(expected.labels),
    encodeInteger(meta.offsets.predictions),
    encodeInteger(meta.offsets.labels),
    encodeEventTime(meta.watermark),
    encodeEventTime(meta.maxEventTime),
    encodeEventTime(meta.passedAt),
    meta.idle ? '1' : '0',
    encodeInteger(meta.labels),
    encodeEventTime(meta.completeFrom),
    encodeInteger(retentionMs),
    encodeInteger(windows.size),
  ];
  const joinKeys: string[] = [];
  const joinArguments: RedisArgument[] = [];
  args.push(encodeInteger(appendJoin(slot, checkpoint.join, joinKeys, joinArguments)));
  for (const [member, parts] of windows) {
    const changedAt = parts.reduce((latest, { version }) => Math.max(latest, version), -Infinity);
    keys.push(slot.window(parts[0]!.key));
    args.push(member, encodeInteger(changedAt), encodeInteger(parts.length));
    for (const { key, version, bytes } of parts) args.push(profileField(key), packProfile(version, bytes));
  }
  for (const key of joinKeys) keys.push(key);
  for (const argument of joinArguments) args.push(argument);
  return outcomeOf(text(await runScript(connection, checkpointScript, keys, args)));
}

function announced({ token, expected, watermark, passedAt }: Announcement): readonly string[] {
  const { predictions, labels } = expected;
  return [
    ...[token, encodeInteger(predictions), encodeInteger(labels)],
    ...[encodeEventTime(watermark), encodeEventTime(passedAt)],
  ];
}

function outcomeOf(kind: string): CheckpointOutcome {
  if (kind === 'written' || kind === 'fenced' || kind === 'moved') return { kind };
  throw new Fault('BUG', `The script checkpoint has no outcome ${kind}`);
}

async function progress(connection: RedisConnection, space: KeySpace, shard: number): Promise<ShardProgress> {
  const { meta, changed } = shardKeys(space, shard);
  const [time, members] = list(await runScript(connection, progressScript, [meta, changed], []));
  const [predictions, labels, maxEventTime, idle, completeFrom, ...moments] = list(time);
  return {
    offsets: predictions === null ? undefined : decodeOffsets(predictions, labels),
    ...decodeTime(moments),
    maxEventTime: decodeEventTime(maxEventTime),
    idle: decodeIdle(idle),
    completeFrom: decodeEventTime(completeFrom),
    changed: pairs(members).map(([member, score]) => ({
      ...parseWindowMember(member),
      version: decodeInteger(score),
    })),
  };
}

/** The watermark and its passing as of the last checkpoint, or as announced since. */
function decodeTime(moments: readonly unknown[]): { readonly watermark: number; readonly passedAt: number } {
  const [watermark, passedAt, announcedWatermark, announcedAt] = moments.map(decodeEventTime) as [
    number,
    number,
    number,
    number,
  ];
  return announcedWatermark > watermark
    ? { watermark: announcedWatermark, passedAt: announcedAt }
    : { watermark, passedAt };
}

async function read(
  connection: RedisConnection,
  space: KeySpace,
  shard: number,
  window: ModelWindow,
): Promise<WindowParts> {
  const { time, fields } = await readWindow(connection, readScript, space, shard, window);
  const { model, start } = window;
  const parts = fields
    .map(([field, value]) => ({
      key: { model, start, ...parseProfileField(field) },
      ...unpackProfile(value),
    }))
    .sort((a, b) => inOrderOfParts(a.key, b.key));
  return { ...time, parts };
}

async function versions(
  connection: RedisConnection,
  space: KeySpace,
  shard: number,
  window: ModelWindow,
): Promise<WindowParts<StoredVersion>> {
  const { time, fields } = await readWindow(connection, versionsScript, space, shard, window);
  const { model, start } = window;
  const parts = fields
    .map(([field, value]) => ({
      key: { model, start, ...parseProfileField(field) },
      version: decodeInteger(value),
    }))
    .sort((a, b) => inOrderOfParts(a.key, b.key));
  return { ...time, parts };
}

/** What both scripts that read a window reply: the shard's event time, and a value per field. */
async function readWindow(
  connection: RedisConnection,
  script: Script,
  space: KeySpace,
  shard: number,
  window: ModelWindow,
): Promise<{ time: { watermark: number; idle: boolean }; fields: ReturnType<typeof pairs> }> {
  const keys = shardKeys(space, shard);
  const [time, fields] = list(await runScript(connection, script, [keys.meta, keys.window(window)], []));
  const [watermark, announcedWatermark, idle] = list(time);
  return {
    time: {
      watermark: Math.max(decodeEventTime(watermark), decodeEventTime(announcedWatermark)),
      idle: decodeIdle(idle),
    },
    fields: pairs(fields),
  };
}

function decodeMeta(reply: unknown): ShardMeta | undefined {
  const [predictions, labelsOffset, watermark, maxEventTime, passedAt, idle, labels, completeFrom] =
    list(reply);
  if (predictions === null) return undefined;
  return {
    offsets: decodeOffsets(predictions, labelsOffset),
    watermark: decodeEventTime(watermark),
    maxEventTime: decodeEventTime(maxEventTime),
    passedAt: decodeEventTime(passedAt),
    idle: decodeIdle(idle),
    labels: decodeInteger(labels),
    completeFrom: decodeEventTime(completeFrom),
  };
}

function decodeOffsets(predictions: unknown, labels: unknown): Offsets {
  return { predictions: decodeInteger(predictions), labels: decodeInteger(labels) };
}

function decodeIdle(reply: unknown): boolean {
  return reply !== null && text(reply) === '1';
}
