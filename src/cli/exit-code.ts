// How a command ended, as a number that scripts and supervisors can act on.
import { Fault } from '../fault.ts';

export const exitCodes = {
  /** Done. */
  ok: 0,
  /** Something failed; trying again may help. */
  failed: 1,
  /** The command line or the configuration is wrong; trying again does not help. */
  usage: 2,
  /** Kafka or Redis cannot be reached. */
  unreachable: 3,
  /** Drift was found, and the command was asked to fail on it. */
  drift: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit code of an error: by domain for a Fault, `failed` for everything else. */
export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof Fault)) return exitCodes.failed;
  if (error.domain === 'config') return exitCodes.usage;
  const isUnreachable = error.code === 'KAFKA_UNREACHABLE' || error.code === 'REDIS_UNREACHABLE';
  return isUnreachable ? exitCodes.unreachable : exitCodes.failed;
}
