// The name of one content of a window: how far into the log it reaches, then a hash of what it says.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Fault } from '../fault.ts';

const form = /^(\d{20})-[0-9a-f]{16}$/;

export const revisionSchema = z
  .string()
  .regex(form)
  .describe(
    'Names this content of the window and no other: how far into the log it reaches, then a hash. The greatest, in the order of text, is the newest, in whatever order they arrive',
  );

/**
 * The name of a content. A count would not do: it comes again, with other content, when the store that keeps it is rolled
 * back. Positions only grow, so that whatever a roll-back led to in between, the last content has the greatest name; two
 * that reach equally far by different ways, as they can after a roll-back, are told apart by the hash (64 bits of SHA-256).
 */
export function revisionOf(position: bigint, content: string): string {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 16);
  return `${String(position).padStart(20, '0')}-${hash}`;
}

/** How far into the log a revision reaches. Throws STATE_INVALID for text that is not one. */
export function positionOf(revision: string): bigint {
  const position = form.exec(revision)?.[1];
  if (position === undefined) throw new Fault('STATE_INVALID', `A stored revision is not one: ${revision}`);
  return BigInt(position);
}
