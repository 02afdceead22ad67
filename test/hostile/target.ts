// What is fuzzed: something that takes bytes from outside, and says how it ended.
import type fc from 'fast-check';
import { Fault, type FaultCode } from '../../src/fault.ts';

export interface Target {
  readonly name: string;
  /** Its part of all inputs, compared with the other targets. */
  readonly weight: number;
  readonly inputs: fc.Arbitrary<Uint8Array>;
  /**
   * Takes one input, and uses what was made of it as the program does. Returns `accepted` or the reason for the refusal.
   * Whatever it throws is a defect.
   */
  take(input: Uint8Array): string | Promise<string>;
  /** Ends what the target has started. */
  close?(): Promise<void>;
}

/** `accepted`, or the code of the Fault by which the input was refused; a code that is not expected is thrown on. */
export function refusal<Value>(
  codes: readonly FaultCode[],
  read: () => Value,
  use: (value: Value) => void,
): string {
  let value: Value;
  try {
    value = read();
  } catch (error) {
    if (error instanceof Fault && codes.includes(error.code) && error.message.length > 0) return error.code;
    throw error;
  }
  use(value);
  return 'accepted';
}

/** Throws when a property does not hold. */
export function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(`does not hold: ${what}`);
}

/** Input as text, a byte that is no UTF-8 as U+FFFD. */
export function textOf(input: Uint8Array): string {
  return Buffer.from(input).toString();
}

/** Input as UTF-16, lone surrogates and all. */
export function utf16Of(input: Uint8Array): string {
  return Buffer.from(input).toString('utf16le');
}
