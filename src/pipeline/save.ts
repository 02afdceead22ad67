// The checkpoint of one shard: what changed in memory becomes, with its offsets, one atomic write.
import { encodeProfile } from '../codec/profile.ts';
import type { CheckpointOutcome, Clock, Meter, Outbound, ShardStore, StoredProfile } from '../ports.ts';
import type { Models } from './model.ts';
import type { IngestSettings } from './settings.ts';
import { currentMeta, type Shard } from './shard.ts';

export interface SavePorts {
  readonly shards: ShardStore;
  readonly outbound: Outbound;
  readonly clock: Clock;
  readonly meter: Meter;
}

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
    profiles: changedProfiles(shard, models),
    retentionMs: settings.profileRetentionMs,
  });
  ports.meter.count('driftline_checkpoints_total', { outcome: outcome.kind }, 1);
  if (outcome.kind !== 'written') return outcome;
  shard.stored = meta;
  shard.storedAt = ports.clock.elapsed();
  shard.unsaved = 0;
  evictClosed(shard, settings);
  ports.meter.observe(
    'driftline_checkpoint_duration_seconds',
    {},
    (ports.clock.elapsed() - startedAt) / 1000,
  );
  return outcome;
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
  const excess = shard.open.size - settings.limits.openWindows;
  if (excess <= 0) return;
  const oldest = [...shard.open].sort(([, a], [, b]) => a.start - b.start).slice(0, excess);
  for (const [id] of oldest) shard.open.delete(id);
}
