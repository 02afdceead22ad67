// Lua scripts as files beside this one: what they are called, how many keys they take, and how they are run.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Fault } from '../../fault.ts';
import type { RedisArgument, RedisConnection } from './client.ts';

export interface Script {
  readonly name: string;
  readonly source: string;
  readonly sha1: string;
  /** How many keys it takes; with `more`, at least so many. */
  readonly keys: number;
  readonly more: boolean;
}

/**
 * Loads `<name>-<keys>.lua`, or `<name>-<keys>-n.lua` where any number of keys may follow the first.
 * Throws BUG for any other name.
 */
export function loadScript(file: string): Script {
  const parts = /^([a-z]+)-(\d+)(-n)?\.lua$/.exec(file);
  if (parts === null) throw new Fault('BUG', `The name of a script must tell its number of keys: ${file}`);
  const source = readFileSync(new URL(file, import.meta.url), 'utf8');
  return {
    name: parts[1]!,
    source,
    sha1: createHash('sha1').update(source).digest('hex'),
    keys: Number(parts[2]),
    more: parts[3] !== undefined,
  };
}

/** Runs a script by its hash; the source is sent only where Redis does not know it (after a restart, on another node). */
export async function runScript(
  connection: Pick<RedisConnection, 'call'>,
  script: Script,
  keys: readonly string[],
  args: readonly RedisArgument[],
): Promise<unknown> {
  if (keys.length < script.keys || (keys.length > script.keys && !script.more)) {
    throw new Fault('BUG', `Script ${script.name} takes ${script.keys} keys, not ${keys.length}`);
  }
  const rest = [String(keys.length), ...keys];
  try {
    return await connection.call('EVALSHA', [script.sha1, ...rest, ...args], script.name);
  } catch (error) {
    if (!isUnknownScript(error)) throw error;
    return await connection.call('EVAL', [script.source, ...rest, ...args], script.name);
  }
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Fault && error.cause instanceof Error && error.cause.message.startsWith('NOSCRIPT');
}
