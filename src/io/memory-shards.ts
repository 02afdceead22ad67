// The state of shards in memory. A method's effect happens at its call: nothing can come in between.
import type {
  Announcement,
  ChangedWindow,
  Checkpoint,
  CheckpointOutcome,
  ModelWindow,
  Offsets,
  ProfileKey,
  ShardMeta,
  ShardProgress,
  ShardStore,
  StoredProfile,
  StoredVersion,
  WindowPart,
  WindowParts,
} from '../ports.ts';
import { copyJoinRow, emptyJoinRow, type JoinRow, lookUpJoin, writeJoin } from './memory-join.ts';
import { createTable, type Table } from './memory-table.ts';
import { inOrderOfParts } from './part-order.ts';

interface ShardRow extends JoinRow {
  token: string | undefined;
  meta: ShardMeta | undefined;
  announced: Pick<Announcement, 'watermark' | 'passedAt'>;
  /** By window, then by version and segment. What is stored is replaced, never changed. */
  readonly windows: Map<string, Map<string, StoredProfile>>;
  readonly changed: Map<string, ChangedWindow>;
}

const nothingAnnounced = { watermark: -Infinity, passedAt: -Infinity };

/** The rows of shards, none yet. */
export function emptyShardState(): Table<number, ShardRow> {
  return createTable<number, ShardRow>(
    () => ({
      ...{ token: undefined, meta: undefined, announced: nothingAnnounced },
      ...{ windows: new Map(), changed: new Map(), ...emptyJoinRow() },
    }),
    ({ token, meta, announced, windows, changed, ...join }) => ({
      ...{ token, meta, announced },
      windows: new Map([...windows].map(([id, parts]) => [id, new Map(parts)])),
      changed: new Map(changed),
      ...copyJoinRow(join),
    }),
  );
}

/** The ShardStore over rows in memory; it never throws. */
export function memoryShardStore(rows: Table<number, ShardRow>): ShardStore {
  // Tokens whose claim found a shard that was never written; not part of the rows, because it is the owner's knowledge
  // and survives when those are put back. Their first checkpoint must find the shard so still.
  const founders = new Map<number, string>();
  return {
    claim: async (shard, token) => {
      const row = rows.open(shard);
      row.token = token;
      if (row.meta === undefined) founders.set(shard, token);
      else founders.delete(shard);
      return row.meta === undefined ? undefined : copyMeta(row.meta);
    },
    checkpoint: async (shard, checkpoint) => {
      const founding = founders.get(shard) === checkpoint.token;
      const outcome = writeCheckpoint(rows.open(shard), checkpoint, founding);
      if (founding && outcome.kind === 'written') founders.delete(shard);
      return outcome;
    },
    lookUp: async (shard, lookup) => lookUpJoin(rows.open(shard), lookup),
    announce: async (shard, announcement) => announce(rows.open(shard), announcement),
    progress: async (count) => Array.from({ length: count }, (_, shard) => progress(rows.get(shard))),
    read: async (shard, window) => read(rows.get(shard), window),
    versions: async (shard, window) => versions(rows.get(shard), window),
    acknowledge: async (shard, changed) => {
      const row = rows.open(shard);
      for (const { version, ...window } of changed) {
        const id = changedId(window);
        if (row.changed.get(id)?.version === version) row.changed.delete(id);
      }
    },
  };
}

function writeCheckpoint(row: ShardRow, checkpoint: Checkpoint, founding: boolean): CheckpointOutcome {
  if (row.token !== checkpoint.token) return { kind: 'fenced' };
  if (!sameOffsets(row.meta?.offsets, founding ? undefined : checkpoint.expected)) return { kind: 'moved' };
  row.meta = copyMeta(checkpoint.meta);
  const written = new Map<string, ChangedWindow>();
  for (const { key, version, bytes } of checkpoint.profiles) {
    const id = windowId(key);
    const parts = row.windows.get(id) ?? new Map<string, StoredProfile>();
    row.windows.set(id, parts.set(partId(key), { key: { ...key }, version, bytes }));
    const changed = changedId(key);
    const changedAt = Math.max(version, written.get(changed)?.version ?? version);
    written.set(changed, { ...windowOf(key), version: changedAt });
  }
  for (const [id, window] of written) row.changed.set(id, window);
  if (checkpoint.join !== undefined) writeJoin(row, checkpoint.join);
  return { kind: 'written' };
}

function announce(row: ShardRow, announcement: Announcement): CheckpointOutcome {
  const { token, expected, watermark, passedAt } = announcement;
  if (row.token !== token) return { kind: 'fenced' };
  if (!sameOffsets(row.meta?.offsets, expected)) return { kind: 'moved' };
  if (watermark > row.announced.watermark) row.announced = { watermark, passedAt };
  return { kind: 'written' };
}

/** As of the last checkpoint, or as announced since. */
function eventTime(row: ShardRow | undefined): { readonly watermark: number; readonly passedAt: number } {
  const { watermark, passedAt } = row?.meta ?? nothingAnnounced;
  const announced = row?.announced ?? nothingAnnounced;
  return announced.watermark > watermark ? announced : { watermark, passedAt };
}

function progress(row: ShardRow | undefined): ShardProgress {
  const changed = [...(row?.changed.values() ?? [])].sort((a, b) => a.version - b.version);
  return {
    offsets: row?.meta && { ...row.meta.offsets },
    ...eventTime(row),
    maxEventTime: row?.meta?.maxEventTime ?? -Infinity,
    idle: row?.meta?.idle ?? false,
    completeFrom: row?.meta?.completeFrom ?? -Infinity,
    changed,
  };
}

function read(row: ShardRow | undefined, window: ModelWindow): WindowParts {
  const parts = [...(row?.windows.get(windowId(window))?.values() ?? [])];
  return {
    watermark: eventTime(row).watermark,
    idle: row?.meta?.idle ?? false,
    parts: parts.sort((a, b) => inOrderOfParts(a.key, b.key)).map(copyProfile),
  };
}

function versions(row: ShardRow | undefined, window: ModelWindow): WindowParts<StoredVersion> {
  const { parts, ...time } = read(row, window);
  return { ...time, parts: parts.map(({ key, version }) => ({ key, version })) };
}

function windowId({ model, start }: ModelWindow): string {
  return `${start}:${model}`;
}

function windowOf({ model, start, part }: ProfileKey): ModelWindow & WindowPart {
  return part === undefined ? { model, start } : { model, start, part };
}

function changedId({ model, start, part }: ModelWindow & WindowPart): string {
  return `${part ?? ''}:${start}:${model}`;
}

/** The length in front keeps two pairs apart that read the same when put together. */
function partId({ version, segment, part }: Pick<ProfileKey, 'version' | 'segment' | 'part'>): string {
  return `${part ?? ''}:${version.length}:${version}${segment}`;
}

function sameOffsets(a: Offsets | undefined, b: Offsets | undefined): boolean {
  return a?.predictions === b?.predictions && a?.labels === b?.labels;
}

function copyMeta(meta: ShardMeta): ShardMeta {
  return { ...meta, offsets: { ...meta.offsets } };
}

function copyProfile({ key, version, bytes }: StoredProfile): StoredProfile {
  return { key: { ...key }, version, bytes: new Uint8Array(bytes) };
}
