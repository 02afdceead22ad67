// What the join of a shard remembers in Redis: arguments of the checkpoint, and the answers to its owner's questions.
import type { JoinBucket, JoinChanges, JoinEntries } from '../../join-port.ts';
import type { JoinFound, JoinLookup, StoredProfile } from '../../ports.ts';
import { inOrderOfParts } from '../part-order.ts';
import type { RedisArgument, RedisConnection } from './client.ts';
import { encodeName, type KeySpace, parseProfileField, shardKeys } from './keys.ts';
import { loadScript, runScript } from './script.ts';
import { encodeInteger, list, optionalText, pairs, unpackProfile } from './value.ts';

const lookupScript = loadScript('lookup-2-n.lua');

/** Appends what changes to the keys and arguments of a checkpoint; returns how many hashes that are, without those that go. */
export function appendJoin(
  { join, bucket: keyOf }: { readonly join: string; bucket(bucket: JoinBucket): string },
  changes: JoinChanges | undefined,
  keys: string[],
  args: RedisArgument[],
): number {
  if (changes === undefined) return 0;
  const { entries, dropped, states, retentionMs } = changes;
  const changed = entries.filter((found) => found.entries.length > 0);
  for (const bucket of changed) {
    keys.push(keyOf(bucket.bucket));
    args.push(encodeInteger(retentionMs), ...bucketArguments(bucket));
  }
  if (states.length > 0) {
    keys.push(join);
    args.push('0', encodeInteger(states.length), '0');
    for (const [model, text] of states) args.push(encodeName(model), text);
  }
  for (const bucket of dropped) keys.push(keyOf(bucket));
  return changed.length + (states.length > 0 ? 1 : 0);
}

function bucketArguments({ entries }: JoinEntries): RedisArgument[] {
  const kept: RedisArgument[] = [];
  const gone: RedisArgument[] = [];
  for (const [name, bytes] of entries) {
    if (bytes === undefined) gone.push(nameBytes(name));
    else kept.push(nameBytes(name), bytes);
  }
  return [encodeInteger(kept.length / 2), encodeInteger(gone.length), ...kept, ...gone];
}

function nameBytes(name: string): Uint8Array {
  return Buffer.from(name, 'latin1');
}

/** The `lookUp` of a shard store. */
export async function lookUp(
  connection: RedisConnection,
  space: KeySpace,
  shard: number,
  { token, expected, models = [], names = [], windows = [] }: JoinLookup,
): Promise<JoinFound> {
  const slot = shardKeys(space, shard);
  const keys = [slot.meta, slot.join];
  const args: RedisArgument[] = [encodeInteger(models.length), encodeInteger(names.length)];
  args.push(...models.map(encodeName));
  for (const { bucket, names: wanted } of names) {
    keys.push(slot.bucket(bucket));
    args.push(encodeInteger(wanted.length));
    for (const name of wanted) args.push(nameBytes(name));
  }
  for (const window of windows) keys.push(slot.window(window));
  const reply = list(await runScript(connection, lookupScript, keys, args));
  const [owner, predictions, labels] = list(reply[0]);
  const values = list(reply[2]).map(bytesOf);
  let at = 0;
  return {
    isOwn:
      optionalText(owner!) === token &&
      (predictions === null ||
        (optionalText(predictions) === encodeInteger(expected.predictions) &&
          optionalText(labels) === encodeInteger(expected.labels))),
    states: list(reply[1]).map(optionalText),
    entries: names.map(({ names: wanted }) => {
      at += wanted.length;
      return values.slice(at - wanted.length, at);
    }),
    labelled: list(reply[3]).map((parts, i) => labelledParts(parts, windows[i]!)),
  };
}

/** A copy, for the reasons given at `unpackProfile`. */
function bytesOf(value: unknown): Uint8Array | undefined {
  return value === null ? undefined : new Uint8Array(value as Buffer);
}

function labelledParts(reply: unknown, { model, start }: { model: string; start: number }): StoredProfile[] {
  return pairs(reply)
    .map(([field, value]) => ({
      key: { model, start, ...parseProfileField(field) },
      ...unpackProfile(value),
    }))
    .sort((a, b) => inOrderOfParts(a.key, b.key));
}
