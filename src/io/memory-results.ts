// The results of models in memory. A method's effect happens at its call: nothing can come in between.
import type {
  Clock,
  MergedProfile,
  OutboundMessage,
  OutboxRow,
  ResultCommit,
  ResultKey,
  ResultStore,
  StoredResult,
  WindowProfiles,
} from '../ports.ts';
import { createTable, type Table } from './memory-table.ts';
import { inOrderOfParts } from './part-order.ts';

/** A result with its profiles. It is replaced, never changed. */
interface Published {
  readonly result: StoredResult;
  readonly profiles: readonly MergedProfile[];
}

/** The published windows of one size. */
interface Windows {
  /** Starts in ascending order. */
  readonly starts: number[];
  readonly byStart: Map<number, Published>;
}

interface ModelRow {
  head: string;
  incidents: string | undefined;
  detectors: string | undefined;
  readonly pending: Map<string, ResultKey>;
  /** By size. */
  readonly published: Map<number, Windows>;
  readonly outbox: Map<string, OutboundMessage>;
}

interface Lease {
  readonly token: string;
  /** Monotonic milliseconds. */
  readonly until: number;
}

/** The rows of models, none yet. */
export function emptyResultState(): Table<string, ModelRow> {
  return createTable<string, ModelRow>(
    () => ({
      head: '',
      incidents: undefined,
      detectors: undefined,
      pending: new Map(),
      published: new Map(),
      outbox: new Map(),
    }),
    ({ head, incidents, detectors, pending, published, outbox }) => ({
      head,
      incidents,
      detectors,
      pending: new Map(pending),
      published: new Map(
        [...published].map(([size, { starts, byStart }]) => [
          size,
          { starts: [...starts], byStart: new Map(byStart) },
        ]),
      ),
      outbox: new Map(outbox),
    }),
  );
}

/** The ResultStore over rows in memory; it never throws. */
export function memoryResultStore(rows: Table<string, ModelRow>, clock: Pick<Clock, 'elapsed'>): ResultStore {
  const leases = new Map<string, Lease>();
  // Counts on when rows are put back, so that an id never names two messages.
  let outboxIds = 0;
  const nextOutboxId = (): string => {
    outboxIds += 1;
    return String(outboxIds);
  };
  return {
    lease: async (model, token, ttlMs) => {
      const held = leases.get(model);
      if (held !== undefined && held.token !== token && held.until > clock.elapsed()) return false;
      leases.set(model, { token, until: clock.elapsed() + ttlMs });
      return true;
    },
    release: async (model, token) => {
      if (leases.get(model)?.token === token) leases.delete(model);
    },
    state: async (model) => {
      const row = rows.get(model);
      const pending = [...(row?.pending.values() ?? [])].map(copyKey).sort(bySizeAndStart);
      const { head = '', incidents, detectors } = row ?? {};
      return { head, incidents, detectors, pending };
    },
    result: async (model, { size, start }) => {
      const found = rows.get(model)?.published.get(size)?.byStart.get(start);
      return found === undefined ? undefined : copyResult(found.result);
    },
    profiles: async (model, size, from, to) => profiles(rows.get(model), size, from, to),
    commit: async (model, commit) => writeCommit(rows.open(model), commit, nextOutboxId),
    settle: async (model, expected, key) => {
      const row = rows.open(model);
      if (row.head !== expected) return false;
      row.pending.delete(keyId(key));
      return true;
    },
    outbox: async (model, limit) =>
      [...(rows.get(model)?.outbox ?? [])]
        .slice(0, limit)
        .map(([id, message]): OutboxRow => ({ id, message: copyMessage(message) })),
    sent: async (model, taken) => {
      const outbox = rows.get(model)?.outbox;
      for (const { id, message } of taken) if (outbox?.get(id)?.id === message.id) outbox.delete(id);
    },
    starts: async (model, size) => [...(rows.get(model)?.published.get(size)?.starts ?? [])],
    heads: async (models) => models.map((model) => rows.get(model)?.head ?? ''),
    latest: async (model) => latest(rows.get(model)),
  };
}

function profiles(
  row: ModelRow | undefined,
  size: number,
  from: number,
  to: number,
): readonly WindowProfiles[] {
  const windows = row?.published.get(size);
  if (windows === undefined) return [];
  const { starts, byStart } = windows;
  return starts.slice(lowerBound(starts, from), lowerBound(starts, to)).map((start) => {
    const { result, profiles } = byStart.get(start)!;
    return {
      key: copyKey(result.key),
      revision: result.revision,
      profiles: profiles.map((profile) => ({ ...profile, bytes: new Uint8Array(profile.bytes) })),
    };
  });
}

function writeCommit(row: ModelRow, commit: ResultCommit, nextOutboxId: () => string): boolean {
  if (row.head === commit.head) return true;
  if (row.head !== commit.expected) return false;
  row.head = commit.head;
  if (commit.incidents !== undefined) row.incidents = commit.incidents;
  if (commit.detectors !== undefined) row.detectors = commit.detectors;
  const { key } = commit.result;
  publish(row, {
    result: copyResult(commit.result),
    profiles: commit.profiles.map((profile) => ({ ...profile })).sort(inOrderOfParts),
  });
  row.pending.delete(keyId(key));
  for (const pending of commit.pending) row.pending.set(keyId(pending), copyKey(pending));
  for (const message of commit.outbox) row.outbox.set(nextOutboxId(), copyMessage(message));
  return true;
}

function publish(row: ModelRow, published: Published): void {
  const { size, start } = published.result.key;
  const windows = row.published.get(size) ?? { starts: [], byStart: new Map<number, Published>() };
  row.published.set(size, windows);
  if (!windows.byStart.has(start)) windows.starts.splice(lowerBound(windows.starts, start), 0, start);
  windows.byStart.set(start, published);
}

function latest(row: ModelRow | undefined): readonly StoredResult[] {
  const sizes = [...(row?.published ?? [])].sort(([a], [b]) => a - b);
  return sizes.map(([, { starts, byStart }]) => copyResult(byStart.get(starts.at(-1)!)!.result));
}

/** The first index whose value is not below the bound: binary search. */
function lowerBound(ascending: readonly number[], bound: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ascending[middle]! < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}

function bySizeAndStart(a: ResultKey, b: ResultKey): number {
  return a.size - b.size || a.start - b.start;
}

function keyId({ size, start }: ResultKey): string {
  return `${size}:${start}`;
}

function copyKey({ size, start }: ResultKey): ResultKey {
  return { size, start };
}

function copyResult(result: StoredResult): StoredResult {
  return { ...result, key: copyKey(result.key) };
}

function copyMessage(message: OutboundMessage): OutboundMessage {
  return message.headers === undefined ? { ...message } : { ...message, headers: { ...message.headers } };
}
