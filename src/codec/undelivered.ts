// An alert that no receiver took, as the message that the dead-letter topic carries.
import { z } from 'zod';

const format = 'driftline.undelivered/1';

export const undeliveredSchema = z
  .object({
    format: z.literal(format),
    id: z.string().describe('The `webhook-id` under which it was sent'),
    receiver: z.string().describe('Scheme, host and port; no path, which may hold a secret'),
    attempts: z.int().positive(),
    reason: z.string().describe('What the last attempt came to'),
    event: z.string().describe('The event as it was sent'),
  })
  .describe('An alert that could not be delivered to its webhook.');

export type UndeliveredDocument = z.infer<typeof undeliveredSchema>;

export interface Undelivered extends Omit<UndeliveredDocument, 'format'> {}

/** The message; its id is that of the delivery, so that a repeat is recognised. */
export function undeliveredMessage(undelivered: Undelivered) {
  const document: UndeliveredDocument = { format, ...undelivered };
  return {
    topic: 'dead_letters' as const,
    id: `undelivered/${undelivered.receiver}/${undelivered.id}`,
    key: undelivered.id,
    value: JSON.stringify(document),
    headers: { 'content-type': 'application/json', reason: 'undelivered' },
  };
}
