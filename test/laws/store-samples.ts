// What the laws of stores are told with: empty stores, odd names, and the smallest profiles, checkpoints and commits.
import type {
  Checkpoint,
  OutboundMessage,
  ProfileKey,
  ResultCommit,
  ResultKey,
  ResultStore,
  ShardMeta,
  ShardProgress,
  ShardStore,
  StoredProfile,
} from '../../src/ports.ts';

export interface OpenStores {
  readonly shards: ShardStore;
  readonly results: ResultStore;
  /** Lets so much time go by. */
  passTime(ms: number): Promise<void>;
  /** Remembers the content of the stores; the function returned rolls them back to it. */
  snapshot(): Promise<() => Promise<void>>;
}

/** Opens stores that hold nothing. */
export type OpenEmptyStores = () => Promise<OpenStores>;

/** Names that have broken key formats: separators, braces, escapes, other scripts, prototypes, nothing, lone surrogates. */
export const oddNames = [
  'a|b',
  'a',
  'b|a',
  '{x}',
  '}{',
  'a:b',
  '10:a',
  '%7C',
  '%uD800',
  'größe 模型 🙂',
  '__proto__',
  'constructor',
  'revision',
  ' ',
  '',
  '\n\0',
  '*?[a]',
  '\ud800',
  'x\udc00y',
];

/** Every byte value there is, several times over. */
export const everyByte = Uint8Array.from({ length: 1024 }, (_, i) => i);

export const hourMs = 3_600_000;

export function meta(predictions: number, more: Partial<ShardMeta> = {}): ShardMeta {
  return {
    offsets: { predictions, labels: 0 },
    watermark: 0,
    maxEventTime: 0,
    passedAt: 0,
    idle: false,
    labels: 0,
    completeFrom: -Infinity,
    ...more,
  };
}

export const neverWritten: ShardProgress = {
  offsets: undefined,
  watermark: -Infinity,
  maxEventTime: -Infinity,
  passedAt: -Infinity,
  idle: false,
  completeFrom: -Infinity,
  changed: [],
};

export function profile(
  key: Partial<ProfileKey>,
  version: number,
  bytes: readonly number[] = [version % 256],
): StoredProfile {
  return {
    key: { model: 'm', version: '1', segment: 'all', start: 0, ...key },
    version,
    bytes: Uint8Array.from(bytes),
  };
}

export function checkpoint(
  token: string,
  from: number,
  to: number,
  profiles: readonly StoredProfile[] = [],
): Checkpoint {
  return { token, expected: meta(from).offsets, meta: meta(to), profiles, retentionMs: hourMs };
}

export async function claimedBy(token: string, shards: ShardStore): Promise<ShardStore> {
  await shards.claim(0, token);
  return shards;
}

export const fiveMinutesMs = 300_000;

/** What the model's state is called after so many commits made by `commitOf`, one on top of the other. */
export const headAfter = (commits: number): string => (commits === 0 ? '' : `commit ${commits}`);

/** The commit that follows upon so many others. */
export function commitOf(before: number, key: ResultKey, more: Partial<ResultCommit> = {}): ResultCommit {
  const result = {
    key,
    revision: `revision ${before}`,
    revisions: before,
    inputs: `inputs ${before}`,
    publishedAt: 1_700_000_000_000,
    document: '{}',
  };
  return {
    expected: headAfter(before),
    head: headAfter(before + 1),
    result,
    profiles: [],
    incidents: undefined,
    detectors: undefined,
    outbox: [],
    pending: [],
    retentionMs: hourMs,
    ...more,
  };
}

export function message(id: string, more: Partial<OutboundMessage> = {}): OutboundMessage {
  return { topic: 'results', id, key: 'k', value: '{"a":1}', ...more };
}

export const window = (start: number): ResultKey => ({ size: fiveMinutesMs, start });

/** Commits a window with one profile on top of whatever is there. */
export async function commitOnce(
  results: ResultStore,
  model: string,
  key: ResultKey,
  retentionMs: number,
): Promise<boolean> {
  const { head } = await results.state(model);
  const profiles = [{ version: '1', segment: 'all', bytes: everyByte }];
  const commit = commitOf(0, key, { expected: head, head: `after ${head}`, profiles, retentionMs });
  return results.commit(model, commit);
}
