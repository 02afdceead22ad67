// Producers that make up names without end, through a whole replay: what is stored and published stays bounded, and all of it is counted.
import { describe, expect, test } from 'vitest';
import { decodePrediction } from '../../src/codec/event.ts';
import { decodeResult } from '../../src/codec/result.ts';
import { replay } from '../../src/pipeline/replay.ts';
import { noon, openRig, prediction, type Rig } from '../pipeline/rig.ts';

const minute = 60_000;
const window = { size: minute, start: noon };

async function replayed(payloads: readonly Uint8Array[], changes = '{}'): Promise<Rig> {
  const rig = openRig(2, changes);
  async function* chunks() {
    yield { stream: 'predictions' as const, payloads };
  }
  await replay(chunks(), rig.models, rig.settings, rig.ports);
  return rig;
}

function events(count: number, of: (i: number) => Readonly<Record<string, unknown>>): Uint8Array[] {
  return Array.from({ length: count }, (_, i) =>
    prediction(i % minute, { prediction_id: `p${i}`, ...of(i) }),
  );
}

/** Bytes of the merged profiles of the window. */
async function profileBytes({ stores }: Rig): Promise<number> {
  const [found] = await stores.results.profiles('fraud', minute, noon, noon + minute);
  return found!.profiles.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

async function resultOf({ stores }: Rig) {
  return decodeResult((await stores.results.result('fraud', window))!.document);
}

describe('names that producers make up', () => {
  test('of features are counted, and none is stored', async () => {
    const bomb = events(3_000, (i) => ({ features: { amount: 1, [`f${i}`]: i, [`g${i}`]: 'x' } }));
    const rig = await replayed(bomb);
    expect(rig.tally.sum('driftline_unknown_features_total', { model: 'fraud' })).toBe(6_000);
    const usual = await replayed(events(3_000, () => ({ features: { amount: 1 } })));
    expect(await profileBytes(rig)).toBeLessThan((await profileBytes(usual)) + 64);
    const columns = (await resultOf(rig)).columns.map(({ feature_name }) => feature_name);
    expect(columns).toEqual((await resultOf(usual)).columns.map(({ feature_name }) => feature_name));
  });

  test('of categories fill no more than a bounded number of places, and are counted', async () => {
    const bombOf = (count: number) =>
      events(count, (i) => ({ features: { amount: 1, country: `${i}`.padStart(200, 'country') } }));
    const [some, many] = [await replayed(bombOf(3_000)), await replayed(bombOf(12_000))];
    expect((await resultOf(many)).rows).toBe(12_000);
    expect(await profileBytes(many)).toBeLessThan(1.2 * (await profileBytes(some)));
    expect(await profileBytes(many)).toBeLessThan(128 * 1024);
  });

  test('of versions are kept apart up to the limit, and the rest is one that says how many rows it has', async () => {
    const bomb = events(3_000, (i) => ({ model_version: `v${i}` }));
    const rig = await replayed(bomb, 'limits: { versions_per_model: 8 }');
    const { versions, rows } = await resultOf(rig);
    expect(rows).toBe(3_000);
    expect(versions).toHaveLength(9);
    expect(versions.find(({ version }) => version === '(other)')!.rows).toBe(2_992);
    // Each of two shards keeps eight; those that the other does not leave room for are pooled when they are merged.
    expect(rig.tally.sum('driftline_pooled_events_total', { model: 'fraud' })).toBe(3_000 - 16);
  });

  test('of models are dead letters, each with its reason', async () => {
    const rig = await replayed([...events(3_000, (i) => ({ model: `m${i}` })), prediction(0)]);
    const refused = { stream: 'predictions', reason: 'unknown_model' };
    expect(rig.tally.sum('driftline_dead_letters_total', refused)).toBe(3_000);
    expect(rig.sent.filter(({ topic }) => topic === 'dead_letters')).toHaveLength(3_000);
    expect((await resultOf(rig)).rows).toBe(1);
  });
});

test.each([
  ['words', (i: number) => `k${i}`],
  ['array indices far apart', (i: number) => String(i * 32_768)],
  ['numbers that differ in their last digits', (i: number) => String(1e15 + i)],
  [
    'names of what every object has',
    (i: number) => ['__proto__', 'constructor', 'toString'][i % 3]! + '_'.repeat(i % 7) + i,
  ],
])('an event of 2^17 features is refused in the time that reading it takes: %s', (_, nameOf) => {
  const features = Array.from({ length: 2 ** 17 }, (__, i) => `${JSON.stringify(nameOf(i))}:1`).join(',');
  const event = Buffer.from(
    `{"prediction_id":"p","model":"fraud","timestamp":${noon},"prediction":1,"features":{${features}}}`,
  );
  const limits = { eventBytes: 64e6, featuresPerEvent: 5_000, nameLength: 256 };
  const startedAt = performance.now();
  expect(decodePrediction(event, limits)).toMatchObject({ kind: 'reject', reason: 'too_many_features' });
  // A quadratic reader needs minutes.
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
