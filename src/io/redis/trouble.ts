// What an error of Redis means to us: which Fault it is, and in one word what the trouble is.
import { Fault, type FaultCode } from '../../fault.ts';

/** Replies that say "not now", by what they begin with, and one word for each: the same command may succeed when somebody has freed memory, a replica is back, and so on. */
export const passingTroubles: Readonly<Record<string, string>> = {
  OOM: 'out_of_memory',
  READONLY: 'read_only',
  LOADING: 'loading',
  MISCONF: 'not_persisting',
  NOREPLICAS: 'too_few_replicas',
  MASTERDOWN: 'replica_without_primary',
  CLUSTERDOWN: 'cluster_down',
  TRYAGAIN: 'slot_moving',
  BUSY: 'busy_script',
};

const refusals: readonly string[] = ['NOAUTH', 'WRONGPASS', 'NOPERM', 'DENIED'];

/**
 * The Fault of an error that a command ended with: REDIS_UNAVAILABLE for replies that say "not now", REDIS_REFUSED where
 * credentials or rights are missing, REDIS_FAILED for any other reply, REDIS_UNREACHABLE where there was no reply at all.
 */
export function redisFault(error: unknown, address: string, command: string): Fault {
  const message = `Redis at ${address} failed ${command}: ${reasonOf(error)}`;
  return new Fault(codeOf(error), message, { cause: error });
}

/** One word for what keeps a command from succeeding, for metrics and logs. */
export function troubleOf(fault: Fault): string {
  if (fault.code === 'REDIS_UNREACHABLE') return 'unreachable';
  return passingTroubles[prefixOf(fault.cause)] ?? 'failed';
}

/** Whether Redis itself sent the error, as opposed to the network or a timeout. */
export function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === 'ReplyError';
}

/** What went wrong, in the words of Redis or of the network. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // Node reports a name with several addresses as an aggregate without a message of its own.
  if (error instanceof AggregateError && error.message === '') return error.errors.map(reasonOf).join(', ');
  return error.message;
}

function codeOf(error: unknown): FaultCode {
  if (!isReply(error)) return 'REDIS_UNREACHABLE';
  const prefix = prefixOf(error);
  if (Object.hasOwn(passingTroubles, prefix)) return 'REDIS_UNAVAILABLE';
  return refusals.includes(prefix) ? 'REDIS_REFUSED' : 'REDIS_FAILED';
}

/** The code that the reply begins with; empty where there is none. */
function prefixOf(error: unknown): string {
  return isReply(error) ? (/^[A-Z]+/.exec(error.message)?.[0] ?? '') : '';
}
