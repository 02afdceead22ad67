// The results of models in Redis: every write is one script in the slot of its model.
import { Fault } from '../../fault.ts';
import type {
  ModelState,
  OutboundMessage,
  OutboxRow,
  ResultCommit,
  ResultKey,
  ResultStore,
  StoredResult,
  WindowProfiles,
} from '../../ports.ts';
import { inOrderOfParts } from '../part-order.ts';
import type { RedisArgument, RedisConnection } from './client.ts';
import {
  type KeySpace,
  modelKeys,
  parseProfileField,
  parseResultMember,
  profileField,
  resultMember,
} from './keys.ts';
import { loadScript, runScript } from './script.ts';
import { decodeInteger, encodeInteger, list, optionalText, pairs, text } from './value.ts';

const leaseScript = loadScript('lease-1.lua');
const releaseScript = loadScript('release-1.lua');
const stateScript = loadScript('state-2.lua');
const commitScript = loadScript('commit-8.lua');
const settleScript = loadScript('settle-2.lua');
const sentScript = loadScript('sent-1.lua');

/** The ResultStore over Redis. Its methods throw REDIS_FAILED, REDIS_UNREACHABLE and STATE_INVALID. */
export function redisResultStore(connection: RedisConnection, space: KeySpace): ResultStore {
  return {
    lease: async (model, token, ttlMs) => {
      const keys = [modelKeys(space, model).lease];
      return (await runScript(connection, leaseScript, keys, [token, encodeInteger(ttlMs)])) === 1;
    },
    release: async (model, token) => {
      await runScript(connection, releaseScript, [modelKeys(space, model).lease], [token]);
    },
    state: async (model) => {
      const { state, pending } = modelKeys(space, model);
      return decodeState(await runScript(connection, stateScript, [state, pending], []));
    },
    result: (model, key) => result(connection, space, model, key),
    profiles: (model, size, from, to) => profiles(connection, space, model, size, from, to),
    commit: (model, commit) => writeCommit(connection, space, model, commit),
    settle: async (model, expected, key) => {
      const { state, pending } = modelKeys(space, model);
      const args = [expected, resultMember(key)];
      return (await runScript(connection, settleScript, [state, pending], args)) === 1;
    },
    outbox: async (model, limit) => {
      const args = [modelKeys(space, model).outbox, '-', '+', 'COUNT', encodeInteger(limit)];
      return list(await connection.call('XRANGE', args)).map(decodeRow);
    },
    sent: async (model, rows) => {
      const args = rows.flatMap(({ id, message }) => [id, message.id]);
      if (rows.length > 0) await runScript(connection, sentScript, [modelKeys(space, model).outbox], args);
    },
    starts: (model, size) => starts(connection, space, model, size, '-inf', '+inf'),
    heads: (models) => Promise.all(models.map((model) => head(connection, space, model))),
    latest: (model) => latest(connection, space, model),
  };
}

async function head(connection: RedisConnection, space: KeySpace, model: string): Promise<string> {
  return optionalText(await connection.call('HGET', [modelKeys(space, model).state, 'head'])) ?? '';
}

async function result(
  connection: RedisConnection,
  space: KeySpace,
  model: string,
  key: ResultKey,
): Promise<StoredResult | undefined> {
  const fields = ['revision', 'revisions', 'inputs', 'published_at', 'document'];
  const reply = await connection.call('HMGET', [modelKeys(space, model).result(key), ...fields]);
  const [revision, revisions, inputs, publishedAt, document] = list(reply);
  if (revision === null) return undefined;
  return {
    key: { size: key.size, start: key.start },
    revision: text(revision),
    revisions: decodeInteger(revisions),
    inputs: text(inputs),
    publishedAt: decodeInteger(publishedAt),
    document: text(document),
  };
}

async function starts(
  connection: RedisConnection,
  space: KeySpace,
  model: string,
  size: number,
  from: string,
  to: string,
): Promise<readonly number[]> {
  const index = modelKeys(space, model).index(size);
  return list(await connection.call('ZRANGE', [index, from, to, 'BYSCORE'])).map(decodeInteger);
}

async function profiles(
  connection: RedisConnection,
  space: KeySpace,
  model: string,
  size: number,
  from: number,
  to: number,
): Promise<readonly WindowProfiles[]> {
  const inRange = await starts(connection, space, model, size, String(from), `(${to}`);
  const windows = await Promise.all(
    inRange.map((start) => windowProfiles(connection, space, model, { size, start })),
  );
  return windows.filter((window) => window !== undefined);
}

/** Undefined where the window has expired since the index was read. */
async function windowProfiles(
  connection: RedisConnection,
  space: KeySpace,
  model: string,
  key: ResultKey,
): Promise<WindowProfiles | undefined> {
  const fields = pairs(await connection.call('HGETALL', [modelKeys(space, model).profiles(key)]));
  const revision = fields.find(([field]) => field === 'revision');
  if (revision === undefined) return undefined;
  const merged = fields
    .filter((field) => field !== revision)
    // A copy, for the reasons given at `unpackProfile`.
    .map(([field, bytes]) => ({ ...parseProfileField(field), bytes: new Uint8Array(bytes as Buffer) }))
    .sort(inOrderOfParts);
  return { key, revision: text(revision[1]), profiles: merged };
}

async function writeCommit(
  connection: RedisConnection,
  space: KeySpace,
  model: string,
  commit: ResultCommit,
): Promise<boolean> {
  const { key, revision, revisions, inputs, publishedAt, document } = commit.result;
  const slot = modelKeys(space, model);
  const keys = [
    slot.state,
    slot.pending,
    slot.result(key),
    slot.profiles(key),
    slot.index(key.size),
    slot.expiries(key.size),
    slot.sizes,
    slot.outbox,
  ];
  const args: RedisArgument[] = [
    commit.expected,
    commit.head,
    encodeInteger(key.size),
    encodeInteger(key.start),
    resultMember(key),
    encodeInteger(commit.retentionMs),
    revision,
    encodeInteger(revisions),
    inputs,
    encodeInteger(publishedAt),
    document,
    commit.incidents === undefined ? '0' : '1',
    commit.incidents ?? '',
    commit.detectors === undefined ? '0' : '1',
    commit.detectors ?? '',
    encodeInteger(commit.profiles.length),
    encodeInteger(commit.pending.length),
    encodeInteger(commit.outbox.length),
  ];
  for (const profile of commit.profiles) args.push(profileField(profile), profile.bytes);
  for (const pending of commit.pending) args.push(resultMember(pending));
  for (const message of commit.outbox) args.push(...encodeMessage(message));
  return (await runScript(connection, commitScript, keys, args)) === 1;
}

/** The greatest start of every size whose result has not expired: nearly always the first one asked for. */
async function latest(
  connection: RedisConnection,
  space: KeySpace,
  model: string,
): Promise<readonly StoredResult[]> {
  const sizes = list(await connection.call('SMEMBERS', [modelKeys(space, model).sizes])).map(decodeInteger);
  const newest = await Promise.all(
    sizes.sort((a, b) => a - b).map((size) => newestOf(connection, space, model, size)),
  );
  return newest.filter((stored) => stored !== undefined);
}

async function newestOf(
  connection: RedisConnection,
  space: KeySpace,
  model: string,
  size: number,
): Promise<StoredResult | undefined> {
  const index = modelKeys(space, model).index(size);
  for (let before = '+inf'; ; ) {
    const args = [index, before, '-inf', 'BYSCORE', 'REV', 'LIMIT', '0', '1'];
    const [start] = list(await connection.call('ZRANGE', args));
    if (start === undefined) return undefined;
    const stored = await result(connection, space, model, { size, start: decodeInteger(start) });
    if (stored !== undefined) return stored;
    before = `(${text(start)}`;
  }
}

function decodeState(reply: unknown): ModelState {
  const [state, pending] = list(reply);
  const [head, incidents, detectors] = list(state);
  return {
    head: optionalText(head) ?? '',
    incidents: optionalText(incidents),
    detectors: optionalText(detectors),
    pending: list(pending)
      .map((member) => parseResultMember(text(member)))
      .sort((a, b) => a.size - b.size || a.start - b.start),
  };
}

/** The five arguments of a message: topic, id, key, value, and headers as JSON, empty where there are none. */
function encodeMessage(message: OutboundMessage): readonly string[] {
  const { topic, id, key, value, headers } = message;
  return [topic, id, key, value, headers === undefined ? '' : JSON.stringify(headers)];
}

function decodeRow(row: unknown): OutboxRow {
  const [id, fields] = list(row);
  const stored = new Map(pairs(fields));
  const field = (name: string): string => text(stored.get(name));
  const topic = field('topic');
  if (topic !== 'results' && topic !== 'alerts' && topic !== 'dead_letters') {
    throw new Fault('STATE_INVALID', `A message stored in Redis is for an unknown topic: ${topic}`);
  }
  const message = { topic, id: field('id'), key: field('key'), value: field('value') } as const;
  const headers = field('headers');
  return {
    id: text(id),
    message: headers === '' ? message : { ...message, headers: decodeHeaders(headers) },
  };
}

function decodeHeaders(stored: string): Readonly<Record<string, string>> {
  const headers: unknown = parseJson(stored);
  if (isRecordOfTexts(headers)) return headers;
  throw new Fault('STATE_INVALID', 'The headers of a message stored in Redis cannot be understood');
}

function parseJson(stored: string): unknown {
  try {
    return JSON.parse(stored);
  } catch (cause) {
    throw new Fault('STATE_INVALID', 'The headers of a message stored in Redis are not JSON', { cause });
  }
}

function isRecordOfTexts(value: unknown): value is Readonly<Record<string, string>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((member) => typeof member === 'string')
  );
}
