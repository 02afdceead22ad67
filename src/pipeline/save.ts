// The checkpoint of one shard: what changed in memory becomes, with its offsets, one atomic write.
import { encodeProfile } from '../codec/profile.ts';
import type { CheckpointOutcome, Clock, Meter, Outbound, ShardStore, StoredProfile } from '../ports.ts';
import { newestDueEnd } from '../profile/window.ts';
import { changedLabelled, joinChanges, noteJoinStored } from './join-save.ts';
import type { Models } from './model.ts';
import type { IngestSettings } from './settings.ts';
import { currentMeta, heldProfiles, type Shard } from './shard.ts';

export interface SavePorts {
  readonly shards: ShardStore;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly meter: Meter;
}

const restPerSave = 4;

/**
 * Writes everything that a shard has folded since its last checkpoint. Dead letters and announcements are sent first: a
 * crash between the two sends them again, whereas the other order would lose them. Unless the outcome is `written`, what
 * the shard holds in memory is worth nothing any more and must be read again from the store's offsets.
 */
export async function save(
  shard: Shard,
  models: Models,
  settings: IngestSettings,
  ports: SavePorts,
): Promise<CheckpointOutcome> {
  if (shard.overtaken) return { kind: 'fenced' };
  const startedAt = ports.clock.elapsed();
  if (shard.outgoing.length > 0) await ports.outbound.send(shard.outgoing);
  shard.outgoing.length = 0;
  const meta = currentMeta(shard);
  const outcome = await ports.shards.checkpoint(shard.shard, {
    token: shard.token,
    expected: shard.stored.offsets,
    meta,
    profiles: [...changedProfiles(shard, models), ...changedLabelled(shard)],
    retentionMs: (shard.join.models.size > 0 ? settings.labels : settings).profileRetentionMs,
    join: joinChanges(shard, settings.labels, ports.clock.now()),
  });
  ports.meter.count('driftline_checkpoints_total', { outcome: outcome.kind }, 1);
  if (outcome.kind !== 'written') return outcome;
  shard.stored = meta;
  shard.storedAt = ports.clock.elapsed();
  shard.saveMs = shard.storedAt - startedAt;
  shard.announced = Math.max(shard.announced, meta.watermark);
  shard.unsaved = 0;
  noteJoinStored(shard, settings);
  evictClosed(shard, settings);
  ports.meter.observe('driftline_checkpoint_duration_seconds', {}, shard.saveMs / 1000);
  return outcome;
}

/**
 * Tells readers of the store that event time has passed the end of a window, as soon as it has: at once where the store
 * holds all of what has ended, which costs next to nothing; else by a checkpoint. Undefined where there is nothing to tell,
 * or the last checkpoint was so costly that the next one must wait.
 */
export async function tellPassing(
  shard: Shard,
  models: Models,
  settings: IngestSettings,
  ports: SavePorts,
): Promise<CheckpointOutcome | undefined> {
  const { sizeMs, graceMs } = settings.windows;
  const { watermark } = shard.time;
  const passed = newestDueEnd(watermark, sizeMs, graceMs);
  // Where a shard begins is told by its first checkpoint.
  const isTold = passed <= newestDueEnd(shard.announced, sizeMs, graceMs);
  if (isTold || shard.announced === -Infinity) return undefined;
  const isStored = [...shard.open.values()].every(
    ({ end, versions }) => end > passed || ![...versions.values()].some(({ dirty }) => dirty),
  );
  if (!isStored) {
    const restedMs = ports.clock.elapsed() - shard.storedAt;
    return restedMs >= shard.saveMs ? save(shard, models, settings, ports) : undefined;
  }
  if (shard.overtaken) return { kind: 'fenced' };
  const { token, passedAt } = shard;
  const expected = shard.stored.offsets;
  const outcome = await ports.shards.announce(shard.shard, { token, expected, watermark, passedAt });
  if (outcome.kind === 'written') shard.announced = watermark;
  return outcome;
}

/**
 * Whether a checkpoint may be written again by now. A shard of many windows takes its time for one: so much time goes by
 * in between that they take at most a fifth of it.
 */
export function hasRested({ storedAt, saveMs }: Shard, elapsedMs: number): boolean {
  return elapsedMs - storedAt >= restPerSave * saveMs;
}

function changedProfiles(shard: Shard, models: Models): StoredProfile[] {
  const changed: StoredProfile[] = [];
  for (const { model, start, versions } of shard.open.values()) {
    for (const [version, open] of versions) {
      if (!open.dirty) continue;
      const key = { model, version, segment: 'all', start };
      changed.push({
        key,
        version: open.offset,
        bytes: encodeProfile(open.profile, models.get(model)!.schema),
      });
    }
  }
  return changed;
}

/** Marks everything clean, and forgets windows that event time has left behind: a late event loads its window again. */
function evictClosed(shard: Shard, settings: IngestSettings): void {
  for (const [id, window] of shard.open) {
    for (const open of window.versions.values()) open.dirty = false;
    if (window.end + settings.windows.sizeMs <= shard.time.watermark) shard.open.delete(id);
  }
  let excess = heldProfiles(shard) - settings.limits.openWindows;
  if (excess <= 0) return;
  const oldest = [...shard.open].sort(([, a], [, b]) => a.start - b.start);
  for (const [id, { versions }] of oldest) {
    if (excess <= 0) return;
    shard.open.delete(id);
    excess -= versions.size;
  }
}
