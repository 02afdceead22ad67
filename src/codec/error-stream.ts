// The detectors of a model's errors in one shard as text, written with the shard's checkpoint.
import { z } from 'zod';
import { Fault } from '../fault.ts';
import { detectionsMax, type ErrorStream, errorDetectors } from '../quality/error-stream.ts';

const format = 'driftline.error-stream/1';
const count = z.int().nonnegative();
const sample = z.object({ n: count, total: z.number() });

const stored = z.object({
  format: z.literal(format),
  labels: count,
  adwin: z.object({
    // Buckets of 1, 2, 4 … values, oldest first: sum and squared deviations of each.
    rows: z.array(z.array(z.object({ total: z.number(), deviation: z.number() })).max(5)).max(50),
    seen: count,
  }),
  pageHinkley: z.object({ n: count, mean: z.number(), sum: z.number() }),
  hddm: z.object({ all: sample, lowest: sample, greatest: sample }),
  detections: z
    .array(z.object({ detector: z.enum(errorDetectors), at: z.number(), labels: count }))
    .max(detectionsMax),
});

/** A stream as text: JSON, equal for equal streams, 2 KB at a million labels. */
export function encodeErrorStream(stream: ErrorStream): string {
  return JSON.stringify({ format, ...stream });
}

/** Reads what `encodeErrorStream` wrote; throws Fault STATE_INVALID for anything else. */
export function decodeErrorStream(text: string): ErrorStream {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (cause) {
    throw new Fault('STATE_INVALID', 'Stored error detectors are not JSON.', { cause });
  }
  const parsed = stored.safeParse(document);
  if (!parsed.success)
    throw new Fault(
      'STATE_INVALID',
      `Stored error detectors are not ${format}: ${z.prettifyError(parsed.error)}`,
    );
  const { format: _, ...stream } = parsed.data;
  return stream;
}
