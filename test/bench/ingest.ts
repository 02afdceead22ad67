// `npm run bench:ingest`: events per second of decode + profile beside a bare JSON.parse of the same bytes in the same run.
import { decodePrediction } from '../../src/codec/event.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import { emptyReference, freezeSchema, sampleEvent } from '../../src/profile/freeze.ts';
import { emptyProfile, observePrediction } from '../../src/profile/profile.ts';

const features = 20;
const eventsPerRound = 20_000;
const rounds = 15;
const limits = { eventBytes: 1e6, featuresPerEvent: 5000, nameLength: 256 };

/** A small repeatable generator (mulberry32), so that every run measures the same bytes. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function makeEvents(): Buffer[] {
  const next = random(1);
  const normal = () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
  return Array.from({ length: eventsPerRound }, (_, i) => {
    const values = Array.from({ length: features }, (_, f): [string, number] => [
      `feature_${String(f).padStart(2, '0')}`,
      Number((f % 4 === 3 ? Math.round(normal() * 20) : Math.exp(normal())).toPrecision(5)),
    ]);
    const event = {
      prediction_id: `p-${String(i).padStart(8, '0')}`,
      model: 'bench',
      model_version: '1',
      timestamp: new Date(1_700_000_000_000 + i * 10).toISOString(),
      features: Object.fromEntries(values),
      prediction: 0,
      score: Number(next().toFixed(6)),
    };
    return Buffer.from(JSON.stringify(event));
  });
}

function frozenSchema(events: readonly Buffer[]) {
  const reference = emptyReference({ model: 'bench' });
  for (const bytes of events) sampleEvent(reference, decodePrediction(bytes, limits) as PredictionEvent);
  return freezeSchema(reference);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
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
const ratio = median(ingested.map((rate, round) => rate / parsed[round]!));
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
