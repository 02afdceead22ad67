// `npm run bench:ingest`: events per second of decode + profile beside a bare JSON.parse of the same bytes in the same run.
import { decodePrediction } from '../../src/codec/event.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import { emptyReference, freezeSchema, sampleEvent } from '../../src/profile/freeze.ts';
import { emptyProfile, observePrediction } from '../../src/profile/profile.ts';
import { features, message, valueSource } from './messages.ts';
import { median, medianRatio } from './rounds.ts';

const eventsPerRound = 20_000;
const rounds = 15;
const limits = { eventBytes: 1e6, featuresPerEvent: 5000, nameLength: 256 };

function makeEvents(): Buffer[] {
  const value = valueSource(1);
  return Array.from({ length: eventsPerRound }, (_, i) =>
    Buffer.from(
      message(
        i,
        Array.from({ length: features }, (__, f) => value(f)),
      ),
    ),
  );
}

function frozenSchema(events: readonly Buffer[]) {
  const reference = emptyReference({ model: 'bench' });
  for (const bytes of events) sampleEvent(reference, decodePrediction(bytes, limits) as PredictionEvent);
  return freezeSchema(reference);
}

const events = makeEvents();
const schema = frozenSchema(events);
const parsed: number[] = [];
const ingested: number[] = [];
let checksum = 0;
// Round by round in turn: both sides see the same neighbours on a machine that is shared.
for (let round = 0; round < rounds; round++) {
  let started = performance.now();
  for (const bytes of events) checksum += JSON.parse(bytes.toString()).score;
  parsed.push(eventsPerRound / ((performance.now() - started) / 1000));
  const profile = emptyProfile(schema);
  started = performance.now();
  for (const bytes of events) {
    const event = decodePrediction(bytes, limits);
    if (event.kind === 'prediction') observePrediction(profile, schema, event);
  }
  ingested.push(eventsPerRound / ((performance.now() - started) / 1000));
  if (profile.rows !== eventsPerRound || !Number.isFinite(checksum))
    throw new Error('the bench did not do its work');
}
const bytes = Math.round(events.reduce((sum, event) => sum + event.length, 0) / events.length);
const ratio = medianRatio(ingested, parsed);
const summary = {
  event_bytes: bytes,
  features,
  json_parse_per_second: Math.round(median(parsed)),
  ingest_per_second: Math.round(median(ingested)),
  columns_per_second: Math.round(median(ingested) * schema.columns.length),
  ratio: Number(ratio.toFixed(3)),
};
console.log(
  `${summary.ingest_per_second.toLocaleString('en-US')} events/s decoded and profiled, ${bytes} bytes and ${features} numeric features each;`,
);
console.log(
  `bare JSON.parse: ${summary.json_parse_per_second.toLocaleString('en-US')}/s; ratio ${summary.ratio} (median of ${rounds} pairs)`,
);
if (process.argv.includes('--json')) console.log(JSON.stringify(summary));
