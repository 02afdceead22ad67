import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checksum } from '../../src/codec/bytes.ts';
import { decodeProfile, encodeProfile } from '../../src/codec/profile.ts';
import type { PredictionEvent } from '../../src/profile/event.ts';
import { emptyProfile, mergedProfile, observePrediction, type Profile } from '../../src/profile/profile.ts';
import type { ModelSchema } from '../../src/profile/schema.ts';
import { compileDictionary } from '../../src/sketch/dictionary.ts';
import { readScores, rowsIn } from '../../src/sketch/score-counts.ts';

function schemaOf(...names: readonly string[]): ModelSchema {
  const classes = names.length === 0 ? {} : { classes: compileDictionary(names) };
  return { model: 'm', task: 'binary', columns: [], baselineHash: '', ...classes };
}

const schema = schemaOf('0', '1');

function event(prediction: unknown, score: unknown): PredictionEvent {
  const common = {
    kind: 'prediction',
    predictionId: 'p',
    model: 'm',
    modelVersion: '1',
    timestamp: 0,
  } as const;
  return { ...common, features: {}, prediction, score };
}

function profileOf(events: readonly PredictionEvent[], of: ModelSchema = schema): Profile {
  const profile = emptyProfile(of);
  for (const one of events) observePrediction(profile, of, one);
  return profile;
}

const events = [event(1, 0.8), event(0, 0.3), event('1', 0.8), event(true, 0.9), event(1, 7), event(1, null)];

describe('the scores of a profile', () => {
  test('are counted by predicted class, where both can be used', () => {
    const steps = readScores(profileOf(events).scores!);
    expect([...steps.scores]).toEqual([0.3, 0.8]);
    expect([...rowsIn(steps, [0])]).toEqual([1, 0]);
    expect([...rowsIn(steps, [1])]).toEqual([0, 2]);
  });

  test('are not counted where the classes are not known', () => {
    expect(profileOf(events, schemaOf()).scores).toBeUndefined();
  });

  test('of merged profiles add up, and are lost with one that has none', () => {
    const merged = mergedProfile([profileOf(events), profileOf(events)]);
    expect([...rowsIn(readScores(merged.scores!), [0, 1])]).toEqual([2, 4]);
    expect([...rowsIn(readScores(profileOf(events).scores!), [0, 1])]).toEqual([1, 2]);
    const without = { ...profileOf(events), scores: undefined };
    expect(mergedProfile([profileOf(events), without]).scores).toBeUndefined();
    // Other bins are no other scores.
    const other = { ...profileOf(events), baselineHash: 'other' };
    expect([...rowsIn(readScores(mergedProfile([profileOf(events), other]).scores!), [0, 1])]).toEqual([
      2, 4,
    ]);
  });

  test('read back as they were, and are left out by a model of other classes', () => {
    const bytes = encodeProfile(profileOf(events), schema);
    expect(decodeProfile(bytes, schema)).toEqual(profileOf(events));
    expect(decodeProfile(bytes, schemaOf('1', '0')).scores).toBeUndefined();
    expect(decodeProfile(bytes, schemaOf()).scores).toBeUndefined();
    expect(
      decodeProfile(encodeProfile(profileOf(events, schemaOf()), schemaOf()), schema).scores,
    ).toBeUndefined();
  });

  test('are not known of profiles that were stored before there were any', () => {
    const golden = JSON.parse(
      readFileSync(new URL('../golden/profile-version-1.json', import.meta.url), 'utf8'),
    ) as { readonly few: string };
    expect(decodeProfile(Buffer.from(golden.few, 'base64'), schema).scores).toBeUndefined();
    const second = decodeProfile(versionTwo(profileOf(events, schemaOf())), schema);
    expect(second.rows).toBe(events.length);
    expect(second.scores).toBeUndefined();
    // Of nothing it is known that there are none.
    expect(decodeProfile(versionTwo(profileOf([], schemaOf())), schema).scores).toBeDefined();
  });
});

/** The bytes that the version before had for a profile without classes: they end before the scores. */
function versionTwo(profile: Profile): Uint8Array {
  const bytes = Buffer.from(encodeProfile(profile, schemaOf()));
  const body = bytes.subarray(0, bytes.length - 5);
  body[3] = 2;
  const sum = Buffer.alloc(4);
  sum.writeUInt32LE(checksum(body));
  return Buffer.concat([body, sum]);
}
