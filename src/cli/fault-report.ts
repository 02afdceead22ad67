// What a person reads when a command ends with an error.
import { Fault, type FaultCode } from '../fault.ts';
import { printableLines } from './printable.ts';

/**
 * `driftline: CODE: message`, with the cause where the message does not say it already. A bug brings its stack along.
 * Ends with a line break.
 */
export function faultReport(error: unknown): string {
  if (error instanceof Fault && error.domain !== 'bug') {
    const cause = causeText(error);
    return faultLine(error.code, cause === '' ? error.message : `${error.message} (${cause})`);
  }
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return faultLine('BUG', `${detail}\nThis should not happen: please report it with the lines above.`);
}

/** One line of the kind that every failure ends with. */
export function faultLine(code: FaultCode, message: string): string {
  return printableLines(`driftline: ${code}: ${message}\n`);
}

function causeText(error: Error): string {
  const { cause } = error;
  if (!(cause instanceof Error) || cause.message === '' || error.message.includes(cause.message)) return '';
  const deeper = causeText(cause);
  return deeper === '' ? cause.message : `${cause.message}: ${deeper}`;
}
