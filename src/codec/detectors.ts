// What the sequential detectors of a model remember as the text that the store keeps beside the model's results.
import { z } from 'zod';
import type { DetectorMemory, DetectorStates } from '../drift/sequential.ts';
import { Fault } from '../fault.ts';

const format = 'driftline.detectors/1';

// Tuples: column, ln R, and the past rows per bin as little-endian single-precision numbers in base64.
const past = z.base64().refine((text) => pastOf(text).every((rows) => rows >= 0 && rows < Infinity));
const states = z.array(z.tuple([z.string(), z.number(), past]));

const stored = z.object({
  format: z.literal(format),
  baseline: z.string(),
  newestEnd: z.int(),
  before: states,
  after: states,
});

/** Detectors as text: JSON, equal for equal memories, about 0.2 KB for a column. */
export function encodeDetectors(memory: DetectorMemory): string {
  const document: z.infer<typeof stored> = {
    format,
    baseline: memory.baselineHash,
    newestEnd: memory.newestEnd,
    before: encodeStates(memory.before),
    after: encodeStates(memory.after),
  };
  return JSON.stringify(document);
}

function encodeStates(byName: DetectorStates): z.infer<typeof states> {
  return [...byName].map(([name, { logEvidence, past }]) => {
    const bytes = Buffer.alloc(4 * past.length);
    past.forEach((rows, i) => {
      bytes.writeFloatLE(rows, 4 * i);
    });
    return [name, logEvidence, bytes.toString('base64')];
  });
}

/** Reads what `encodeDetectors` wrote; throws Fault STATE_INVALID for anything else. */
export function decodeDetectors(text: string): DetectorMemory {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new Fault('STATE_INVALID', 'Stored detectors are not JSON.', { cause });
  }
  const parsed = stored.safeParse(document);
  if (!parsed.success)
    throw new Fault('STATE_INVALID', `Stored detectors are not ${format}: ${z.prettifyError(parsed.error)}`);
  const { baseline, newestEnd, before, after } = parsed.data;
  return { baselineHash: baseline, newestEnd, before: decodeStates(before), after: decodeStates(after) };
}

function decodeStates(entries: z.infer<typeof states>): DetectorStates {
  return new Map(entries.map(([name, logEvidence, text]) => [name, { logEvidence, past: pastOf(text) }]));
}

function pastOf(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64');
  return Float32Array.from({ length: bytes.length >>> 2 }, (_, i) => bytes.readFloatLE(4 * i));
}
