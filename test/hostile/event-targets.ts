// Events as they come from a topic or a file.
import fc from 'fast-check';
import { deadLetter, deadLetterSchema } from '../../src/codec/dead-letter.ts';
import { decodeLabel, decodePrediction } from '../../src/codec/event.ts';
import { eventKey } from '../../src/codec/event-key.ts';
import { partitionOf } from '../../src/codec/partitioner.ts';
import { decodeProfile, encodeProfile } from '../../src/codec/profile.ts';
import { splitLines } from '../../src/io/files/lines.ts';
import { type PredictionEvent, type Reject, rejectReasons } from '../../src/profile/event.ts';
import { emptyProfile, observePrediction } from '../../src/profile/profile.ts';
import { categoryCount } from '../../src/sketch/category-summary.ts';
import { numericCount } from '../../src/sketch/numeric-summary.ts';
import { byteDamage, damagedInputs, damagedJson } from './damage.ts';
import { hostileSchema } from './samples.ts';
import { holds, type Target } from './target.ts';

const limits = { eventBytes: 50_000, featuresPerEvent: 300, nameLength: 256 };
const deadLetterBytesMax = 1_000_000;

const predictions = [
  '{"prediction_id":"C16913","model":"hotel","model_version":"1","timestamp":"2016-10-01T00:00:00.000Z","features":{"lead_time":34,"meal":"BB","__proto__":3,"constructor":"x","toString":1.5},"prediction":0,"score":0.1437}',
  '{"prediction_id":17,"model":"hotel","timestamp":1475280000000,"features":{"toString":null,"meal":true,"lead_time":"NaN"},"prediction":"cat","scores":{"cat":0.7,"dog":0.3}}',
  '{"prediction_id":"p","model":"hotel","model_version":"","timestamp":"1475280000000","features":null}',
];
const labels = [
  '{"prediction_id":"C16913","model":"hotel","label":0,"timestamp":"2016-10-04T12:00:00Z"}',
  '{"prediction_id":5,"model":"hotel","label":{"a":[1]},"timestamp":1475280000000}',
];

function refused(stream: 'predictions' | 'labels', reject: Reject, payload: Uint8Array): string {
  holds(Object.hasOwn(rejectReasons, reject.reason), 'the reason is one of the closed list');
  for (const mode of ['none', 'raw'] as const) {
    const { value } = deadLetter({ stream, topic: 't', shard: 0, offset: 1 }, reject, payload, mode);
    holds(value.length <= deadLetterBytesMax, 'a dead letter is bounded');
    deadLetterSchema.parse(JSON.parse(value));
  }
  return reject.reason;
}

/** Every value of every column is counted once, and the profile can be stored and read again. */
function observed(event: PredictionEvent): void {
  const profile = emptyProfile(hostileSchema);
  for (let i = 0; i < 2; i++) observePrediction(profile, hostileSchema, event);
  for (const column of profile.columns) {
    const usable =
      column.kind === 'numeric'
        ? numericCount(column.summary) + column.nonfinite
        : categoryCount(column.summary);
    holds(usable + column.missing + column.invalid === 2, 'a column counts every row once');
  }
  const bytes = encodeProfile(profile, hostileSchema);
  const again = encodeProfile(decodeProfile(bytes, hostileSchema), hostileSchema);
  holds(Buffer.compare(bytes, again) === 0, 'a profile comes back from its bytes');
}

function checkNames({
  predictionId,
  model,
  timestamp,
}: Pick<PredictionEvent, 'predictionId' | 'model' | 'timestamp'>): void {
  for (const name of [predictionId, model]) {
    holds(
      typeof name === 'string' && name.length > 0 && name.length <= limits.nameLength,
      'names are bounded',
    );
  }
  holds(
    Number.isInteger(timestamp) && !Number.isNaN(Date.parse(new Date(timestamp).toISOString())),
    'a time is a date',
  );
}

const prediction: Target = {
  name: 'prediction',
  weight: 30,
  inputs: damagedJson(predictions),
  take(input) {
    const event = decodePrediction(input, limits);
    if (event.kind === 'reject') return refused('predictions', event, input);
    checkNames(event);
    holds(eventKey(input) === event.predictionId, 'the key is the id');
    holds(partitionOf(event.predictionId, 7) < 7, 'a key has a partition');
    holds(Object.getPrototypeOf(event.features) === Object.prototype, 'features keep their prototype');
    observed(event);
    return 'accepted';
  },
};

const label: Target = {
  name: 'label',
  weight: 12,
  inputs: damagedJson(labels),
  take(input) {
    const event = decodeLabel(input, limits);
    if (event.kind === 'reject') return refused('labels', event, input);
    checkNames(event);
    holds(event.label !== null && event.label !== undefined, 'a label has a truth');
    return 'accepted';
  },
};

const lineBytesMax = 60;

async function* inPieces(input: Uint8Array, length: number): AsyncGenerator<Buffer> {
  for (let from = 0; from < input.length; from += length)
    yield Buffer.from(input.subarray(from, from + length));
}

/** What splitting by hand gives. */
function expectedLines(input: Uint8Array): string[] {
  const text = Buffer.from(input).toString('latin1');
  return text
    .slice(text.startsWith('\xef\xbb\xbf') ? 3 : 0)
    .split('\n')
    .map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line).slice(0, lineBytesMax + 1))
    .filter((line) => line !== '');
}

const lines: Target = {
  name: 'lines',
  weight: 3,
  inputs: damagedInputs(
    [
      '\ufeff{"a":1}\r\n{"b":2}\n\n\r\n{"c":"ü"}',
      `${'x'.repeat(59)}\r\n${'y'.repeat(60)}\r\n${'z'.repeat(61)}\r\n${'w'.repeat(200)}\n`,
    ].map((text) => new Uint8Array(Buffer.from(text))),
    byteDamage,
    fc.uint8Array({ maxLength: 300 }),
  ),
  async take(input) {
    // The mark is looked for in the first piece, which is never shorter than it where it is read from a file.
    for (const length of [3, 7, 64, 1000]) {
      const found: string[] = [];
      for await (const batch of splitLines(inPieces(input, length), lineBytesMax)) {
        for (const line of batch) found.push(line.toString('latin1'));
      }
      holds(JSON.stringify(found) === JSON.stringify(expectedLines(input)), 'lines are those of the text');
    }
    return 'accepted';
  },
};

export const eventTargets: readonly Target[] = [prediction, label, lines];
