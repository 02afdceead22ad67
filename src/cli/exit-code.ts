// How a command ended, as a number that scripts and supervisors can act on.
import { Fault, type FaultCode, faults } from '../fault.ts';

export const exitCodes = {
  /** Done. */
  ok: 0,
  /** Something failed; trying again may help. */
  failed: 1,
  /** The command line or the configuration is wrong; trying again does not help. */
  usage: 2,
  /** Kafka, Redis or what gives tokens for them cannot be reached. */
  unreachable: 3,
  /** Drift was found, and the command was asked to fail on it. */
  drift: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

const unreachable: ReadonlySet<FaultCode> = new Set([
  'KAFKA_UNREACHABLE',
  'TOKEN_UNAVAILABLE',
  'REDIS_UNREACHABLE',
]);

/** The exit code of an error: by domain for a Fault, `failed` for everything else. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof Fault ? exitCodeOfCode(error.code) : exitCodes.failed;
}

/** The exit code of a Fault of this code. */
export function exitCodeOfCode(code: FaultCode): ExitCode {
  if (faults[code].domain === 'config') return exitCodes.usage;
  return unreachable.has(code) ? exitCodes.unreachable : exitCodes.failed;
}
