// Every Redis key and member that Driftline uses, made in one place: one hash slot per shard, one per model.
import { Fault } from '../../fault.ts';
import type { JoinBucket } from '../../join-port.ts';
import type { ModelWindow, ProfileKey, ResultKey, WindowPart } from '../../ports.ts';

/** Where a deployment's keys live: keys of different prefixes or groups never meet. */
export interface KeySpace {
  readonly prefix: string;
  readonly group: string;
}

/** The keys of one shard; all share the hash tag `{<group>:s:<shard>}`. */
export interface ShardKeys {
  /** Hash: owner token, offsets, watermark and the rest of the meta. */
  readonly meta: string;
  /** Sorted set of changed windows; the score is the prediction offset of the change. */
  readonly changed: string;
  /** Hash of a window's profiles, one field per version, segment and part. */
  window(window: ModelWindow): string;
  /** Hash: what is known of the join, one field per model. */
  readonly join: string;
  /** Hash of the ids that wait in one bucket. */
  bucket(bucket: JoinBucket): string;
}

/** The keys of one model; all share the hash tag `{<group>:m:<model>}`. */
export interface ModelKeys {
  /** Hash: head, incidents and detectors. */
  readonly state: string;
  readonly lease: string;
  /** Set of roll-ups to be evaluated. */
  readonly pending: string;
  /** Stream of messages to be sent. */
  readonly outbox: string;
  /** Set of the window sizes that have results. */
  readonly sizes: string;
  /** Sorted set of the starts that have a result of this size. */
  index(size: number): string;
  /** Sorted set of the same starts by the time at which their keys expire. */
  expiries(size: number): string;
  /** Hash: the result itself. */
  result(key: ResultKey): string;
  /** Hash: the merged profiles of the result, and its revision. */
  profiles(key: ResultKey): string;
}

/** The keys of a shard. */
export function shardKeys(space: KeySpace, shard: number): ShardKeys {
  const slot = `${encodePrefix(space.prefix)}:{${encodeName(space.group)}:s:${shard}}`;
  return {
    meta: `${slot}:meta`,
    changed: `${slot}:changed`,
    window: ({ model, start }) => `${slot}:w:${encodeName(model)}:${start}`,
    join: `${slot}:join`,
    bucket: ({ model, stream, period, count, index }) =>
      `${slot}:j:${encodeName(model)}:${stream === 'labels' ? 'l' : 'p'}:${period}:${count}:${index}`,
  };
}

/** The keys of a model, whatever characters its name has. */
export function modelKeys(space: KeySpace, model: string): ModelKeys {
  const slot = `${encodePrefix(space.prefix)}:{${encodeName(space.group)}:m:${encodeName(model)}}`;
  return {
    state: `${slot}:state`,
    lease: `${slot}:lease`,
    pending: `${slot}:pending`,
    outbox: `${slot}:outbox`,
    sizes: `${slot}:sizes`,
    index: (size) => `${slot}:i:${size}`,
    expiries: (size) => `${slot}:x:${size}`,
    result: ({ size, start }) => `${slot}:r:${size}:${start}`,
    profiles: ({ size, start }) => `${slot}:p:${size}:${start}`,
  };
}

/** The hash field of a profile: `<version>|<segment>`, and `|labelled` after that of a labelled part. */
export function profileField({ version, segment, part }: Omit<ProfileKey, keyof ModelWindow>): string {
  const field = `${encodeName(version)}|${encodeName(segment)}`;
  return part === undefined ? field : `${field}|${part}`;
}

/** Inverse of `profileField`. Throws STATE_INVALID for anything else. */
export function parseProfileField(field: string): Omit<ProfileKey, keyof ModelWindow> {
  const [version, segment, part, ...rest] = field.split('|');
  if (version === undefined || segment === undefined || rest.length > 0)
    throw notUnderstood('profile field', field);
  return { version: decodeName(version), segment: decodeName(segment), ...parsePart(part, field) };
}

function parsePart(part: string | undefined, stored: string): WindowPart {
  if (part === undefined) return {};
  if (part !== 'labelled') throw notUnderstood('part of a window', stored);
  return { part };
}

/** The member of the changed windows: `<start>:<model>`, and `:labelled` after it where that part has changed. */
export function windowMember({ model, start, part }: ModelWindow & WindowPart): string {
  const member = `${start}:${encodeName(model)}`;
  return part === undefined ? member : `${member}:${part}`;
}

/** Inverse of `windowMember`. Throws STATE_INVALID for anything else. */
export function parseWindowMember(member: string): ModelWindow & WindowPart {
  const parts = /^(-?\d+):([^:]*)(?::([^:]*))?$/.exec(member);
  if (parts === null) throw notUnderstood('changed window', member);
  return { start: Number(parts[1]), model: decodeName(parts[2]!), ...parsePart(parts[3], member) };
}

/** The member of the pending roll-ups: `<size>:<start>`. */
export function resultMember({ size, start }: ResultKey): string {
  return `${size}:${start}`;
}

/** Inverse of `resultMember`. Throws STATE_INVALID for anything else. */
export function parseResultMember(member: string): ResultKey {
  const parts = /^(\d+):(-?\d+)$/.exec(member);
  if (parts === null) throw notUnderstood('pending roll-up', member);
  return { size: Number(parts[1]), start: Number(parts[2]) };
}

/**
 * A name in the characters `A-Z a-z 0-9 _ . -` and percent escapes, so that no brace, colon or bar of a name can be taken
 * for one of ours. Versions come from events: a lone surrogate, which UTF-8 cannot hold, is kept as `%uXXXX`.
 */
export function encodeName(name: string): string {
  return name.replace(/[^\w.-]/gu, (character) =>
    character.isWellFormed() ? encodeCharacter(character) : `%u${hexadecimal(character.charCodeAt(0), 4)}`,
  );
}

/** Inverse of `encodeName`. Throws STATE_INVALID for text that it cannot have made. */
export function decodeName(encoded: string): string {
  try {
    return encoded.replace(/%u([0-9A-F]{4})|(?:%[0-9A-F]{2})+/g, (escaped, unit: string | undefined) =>
      unit === undefined ? decodeURIComponent(escaped) : String.fromCharCode(Number.parseInt(unit, 16)),
    );
  } catch (cause) {
    throw notUnderstood('name', encoded, cause);
  }
}

function encodeCharacter(character: string): string {
  return [...Buffer.from(character)].map((byte) => `%${hexadecimal(byte, 2)}`).join('');
}

function hexadecimal(value: number, digits: number): string {
  return value.toString(16).toUpperCase().padStart(digits, '0');
}

/** Colons are kept, because teams write prefixes with them and ACL patterns match on them. */
function encodePrefix(prefix: string): string {
  return prefix.split(':').map(encodeName).join(':');
}

function notUnderstood(what: string, stored: string, cause?: unknown): Fault {
  return new Fault(
    'STATE_INVALID',
    `A stored ${what} in Redis cannot be understood: ${JSON.stringify(stored)}`,
    {
      cause,
    },
  );
}
