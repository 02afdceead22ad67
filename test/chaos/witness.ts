// Watches claims and checkpoints on their way to Redis: only the owner of a shard may be told anything but that it is fenced.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scriptFile } from './plants.ts';
import { type RespValue, respReader } from './resp.ts';

/** What a proxy shows of one connection. */
export interface Tap {
  /** Bytes that the server is just being given. */
  sent(chunk: Buffer): void;
  /** Bytes that the server has answered. */
  answered(chunk: Buffer): void;
}

export interface Witness {
  /** For a new connection of a worker. */
  tap(worker: number): Tap;
  /** When a checkpoint of a worker was last written, by the clock given; -Infinity before the first. */
  wroteAt(worker: number): number;
  /** How many claims have been answered. */
  claimed(): number;
  /** Redis has lost what it was told: nobody is known to own anything. */
  forget(): void;
  /** How often checkpoints were answered how. */
  readonly outcomes: Record<string, number>;
  /** What must not be, in sentences. */
  readonly wrongs: string[];
}

/** A claim as far as it can be told from outside: it took effect between the two times. */
interface Claim {
  readonly token: string;
  readonly sentAt: number;
  answeredAt: number;
}

interface Pending {
  readonly command: RespValue;
  readonly sentAt: number;
  readonly claim: Claim | undefined;
}

/** The hash and the length by which a call names a script. */
type ScriptNames = ReadonlySet<string>;

/** A witness of workers whose program, with its Lua scripts, lies in this folder. `now` is monotonic. */
export function createWitness(scripts: string, now: () => number): Witness {
  const claimScript = namesOf(scripts, 'claim');
  const checkpointScript = namesOf(scripts, 'checkpoint');
  const claims = new Map<string, Claim[]>();
  const outcomes: Record<string, number> = {};
  const wrongs: string[] = [];
  const wrote = new Map<number, number>();
  let claimed = 0;

  function noted(command: RespValue): Claim | undefined {
    const [script, meta, token] = scriptCall(command);
    if (script === undefined || !claimScript.has(script)) return undefined;
    const claim = { token: token!, sentAt: now(), answeredAt: Infinity };
    claims.set(meta!, [...(claims.get(meta!) ?? []), claim]);
    return claim;
  }

  function judge(worker: number, { command, sentAt, claim }: Pending, answer: RespValue): void {
    if (isError(answer)) return;
    if (claim !== undefined) {
      claim.answeredAt = now();
      claimed += 1;
    }
    const [script, meta, token] = scriptCall(command);
    if (script === undefined || !checkpointScript.has(script) || typeof answer !== 'string') return;
    outcomes[answer] = (outcomes[answer] ?? 0) + 1;
    if (answer === 'written') wrote.set(worker, now());
    const known = claims.get(meta!) ?? [];
    if (answer !== 'fenced' && isSurelyReplaced(token!, sentAt, known)) {
      wrongs.push(`a checkpoint of ${meta} was ${answer} although its writer ${token} had been replaced`);
    }
  }

  return {
    tap(worker) {
      const pending: Pending[] = [];
      return {
        sent: respReader((command) => pending.push({ command, sentAt: now(), claim: noted(command) })),
        answered: respReader((answer) => {
          const first = pending.shift();
          if (first !== undefined) judge(worker, first, answer);
        }),
      };
    },
    wroteAt: (worker) => wrote.get(worker) ?? -Infinity,
    claimed: () => claimed,
    forget: () => claims.clear(),
    outcomes,
    wrongs,
  };
}

/**
 * Whether another claim took effect after the token's own and before the checkpoint was sent, whatever the order of what
 * went on at the same time. Where the token's own claim was not seen, it came before all that were.
 */
function isSurelyReplaced(token: string, sentAt: number, known: readonly Claim[]): boolean {
  const own = known.find((claim) => claim.token === token);
  const ownedBy = own?.answeredAt ?? -Infinity;
  return known.some((claim) => claim.token !== token && claim.sentAt > ownedBy && claim.answeredAt < sentAt);
}

/** Name of the script, its first key and its first argument; nothing for any other command. */
function scriptCall(command: RespValue): readonly (string | undefined)[] {
  if (!Array.isArray(command)) return [];
  const [name, script, keys, meta] = command as readonly RespValue[];
  if (typeof name !== 'string' || !/^EVAL(SHA)?$/i.test(name)) return [];
  return [script, meta, command[3 + Number(keys)]] as readonly string[];
}

function isError(answer: RespValue): boolean {
  return typeof answer === 'string' && answer.startsWith('-');
}

function namesOf(folder: string, name: string): ScriptNames {
  const source = readFileSync(join(folder, scriptFile(folder, name)));
  return new Set([createHash('sha1').update(source).digest('hex'), `#${source.length}`]);
}
