// Bytes that the store gives back: profiles, t-digests, HyperLogLogs, and single values and keys.
import fc from 'fast-check';
import { checksum } from '../../src/codec/bytes.ts';
import { decodeDigest, encodeDigest } from '../../src/codec/digest.ts';
import { decodeHyperLogLog, encodeHyperLogLog } from '../../src/codec/hyperloglog.ts';
import { decodeProfile, encodeProfile } from '../../src/codec/profile.ts';
import { categoryNames, decodeResult, encodeResult } from '../../src/codec/result.ts';
import { evaluateWindow } from '../../src/drift/evaluate.ts';
import {
  decodeName,
  encodeName,
  parseProfileField,
  parseResultMember,
  parseWindowMember,
  profileField,
  resultMember,
  windowMember,
} from '../../src/io/redis/keys.ts';
import {
  decodeEventTime,
  decodeInteger,
  list,
  pairs,
  text,
  unpackProfile,
} from '../../src/io/redis/value.ts';
import { mergedProfile, type Profile } from '../../src/profile/profile.ts';
import { digestQuantile, digestRank, mergedDigest, withSorted } from '../../src/sketch/digest.ts';
import { emptyHyperLogLog, estimatedCount, observeHash } from '../../src/sketch/hyperloglog.ts';
import { defaultPolicy } from '../drift/build.ts';
import { seededRandom } from '../laws/summary-samples.ts';
import { byteDamage, damagedInputs } from './damage.ts';
import { hostileSchema, profileBytes } from './samples.ts';
import { holds, refusal, type Target, utf16Of } from './target.ts';

/** Most of the damage lies behind the checksum, which is made to fit again. */
function resealed(bytes: Uint8Array): Uint8Array {
  if (bytes.length < 4) return bytes;
  const sealed = bytes.slice();
  new DataView(sealed.buffer).setUint32(sealed.length - 4, checksum(sealed.subarray(0, -4)), true);
  return sealed;
}

/** Whatever can be read can be stored again, merged and compared. */
function usedProfile(profile: Profile): void {
  const bytes = encodeProfile(profile, hostileSchema);
  holds(
    Buffer.compare(bytes, encodeProfile(decodeProfile(bytes, hostileSchema), hostileSchema)) === 0,
    'a profile that was read comes back from its bytes',
  );
  const result = evaluateWindow({
    ...{ model: 'hotel', segment: 'all', start: 0, end: 60_000, schema: hostileSchema, baseline: undefined },
    ...{ profile: mergedProfile([profile, profile]), versions: [], policy: defaultPolicy },
  });
  decodeResult(
    encodeResult(result, { position: 0n, revisions: 0 }, categoryNames(new Set(['meal']), 'key')).document,
  );
}

const profile: Target = {
  name: 'profile',
  weight: 8,
  inputs: fc
    .tuple(damagedInputs(profileBytes, byteDamage), fc.integer({ min: 0, max: 7 }))
    .map(([bytes, chance]) => (chance === 0 ? bytes : resealed(bytes))),
  take: (input) => refusal(['PROFILE_INVALID'], () => decodeProfile(input, hostileSchema), usedProfile),
};

function sampleDigests(): Uint8Array[] {
  const random = seededRandom(3);
  return [0, 1, 2, 30, 3000].map((count, i) => {
    const values = Float64Array.from({ length: count }, () =>
      i % 2 === 0 ? random() : Math.round(9 * random()),
    ).sort();
    const buffered = values.slice(0, Math.min(10, count));
    return encodeDigest(
      withSorted(decodeDigest(encodeDigest(emptyDigestOf(), buffered)).digest, values, count),
      buffered,
    );
  });
}

const emptyDigestOf = () => decodeDigest(Uint8Array.of(1, 1, 20, 200, 0, 1, 0, 0)).digest;

const digest: Target = {
  name: 't-digest',
  weight: 14,
  inputs: damagedInputs(sampleDigests(), byteDamage),
  take: (input) =>
    refusal(
      ['PROFILE_INVALID'],
      () => decodeDigest(input),
      ({ digest: read, buffered }) => {
        const again = decodeDigest(encodeDigest(read, buffered), read);
        holds(
          again.digest.total === read.total && again.buffered.length === buffered.length,
          'a digest comes back',
        );
        const merged = mergedDigest(read, withSorted(read, buffered.slice().sort(), buffered.length));
        const wanted = 2 * read.total + buffered.length;
        holds(Math.abs(merged.total - wanted) <= wanted * 1e-12, 'merging keeps the number of values');
        if (merged.total === 0) return;
        for (const q of [0, 0.3, 0.5, 1]) {
          const value = digestQuantile(merged, q);
          holds(value >= merged.min && value <= merged.max, 'a quantile lies between the extremes');
          const { below, atOrBelow } = digestRank(merged, value);
          holds(
            below >= 0 && below <= atOrBelow && atOrBelow <= merged.total * (1 + 1e-12),
            'ranks are ordered',
          );
        }
      },
    ),
};

const registers = emptyHyperLogLog();
for (let i = 0, random = seededRandom(5); i < 5000; i++) {
  observeHash(registers, { low: (random() * 2 ** 32) >>> 0, high: (random() * 2 ** 32) >>> 0 });
}

const hyperLogLog: Target = {
  name: 'HyperLogLog',
  weight: 1,
  inputs: damagedInputs([encodeHyperLogLog(registers)], byteDamage),
  take: (input) =>
    refusal(
      ['PROFILE_INVALID'],
      () => decodeHyperLogLog(input),
      (read) => {
        holds(estimatedCount(read) >= 0, 'there are no fewer than none');
        holds(Buffer.compare(decodeHyperLogLog(encodeHyperLogLog(read)), read) === 0, 'registers come back');
      },
    ),
};

const replies: readonly ((input: Uint8Array) => unknown)[] = [
  (input) => decodeInteger(Buffer.from(input)),
  (input) => decodeEventTime(utf16Of(input)),
  (input) => unpackProfile(Buffer.from(input)),
  (input) => pairs([...input].map((byte) => (byte % 3 === 0 ? byte : Buffer.from([byte])))),
  (input) => text([...input]),
  (input) => list(utf16Of(input)),
];

const numbers = [
  '0',
  '-0',
  '17',
  '-5',
  '9007199254740991',
  '9007199254740992',
  '1e3',
  '0x10',
  '١٢',
  '',
  ' 1',
  '1\n',
  '17\nbytes',
];

const redisValue: Target = {
  name: 'Redis value',
  weight: 4,
  inputs: damagedInputs(
    numbers
      .flatMap((value) => [Buffer.from(value), Buffer.from(value, 'utf16le')])
      .map((bytes) => new Uint8Array(bytes)),
    byteDamage,
  ),
  take(input) {
    const outcomes = replies.map((read) =>
      refusal(
        ['STATE_INVALID'],
        () => read(input),
        () => undefined,
      ),
    );
    return outcomes.every((outcome) => outcome !== 'accepted') ? 'STATE_INVALID' : 'accepted';
  },
};

const members = [
  windowMember({ model: 'größe|{}:\ud800', start: -300_000 }),
  resultMember({ size: 300_000, start: 1_475_280_000_000 }),
  profileField({ version: '__proto__|%', segment: 'all' }),
  [
    '%u0000',
    '%7C%',
    '9'.repeat(400),
    '1:%E0%A4%A',
    '%uD800',
    '9007199254740993:a',
    '0:9007199254740993',
  ].join('|'),
];

const redisKey: Target = {
  name: 'Redis key',
  weight: 8,
  inputs: damagedInputs(
    members.map((member) => new Uint8Array(Buffer.from(member, 'utf16le'))),
    byteDamage,
    fc.string({ unit: 'binary', maxLength: 80 }).map((name) => new Uint8Array(Buffer.from(name, 'utf16le'))),
  ),
  take(input) {
    const member = utf16Of(input);
    holds(decodeName(encodeName(member)) === member, 'a name comes back');
    holds(/^[\w.%-]*$/.test(encodeName(member)), 'a name cannot leave its place');
    const outcomes = [
      refusal(
        ['STATE_INVALID'],
        () => decodeName(member),
        () => undefined,
      ),
      refusal(
        ['STATE_INVALID'],
        () => parseProfileField(member),
        () => undefined,
      ),
      refusal(
        ['STATE_INVALID'],
        () => parseWindowMember(member),
        ({ start }) => holds(Number.isSafeInteger(start), 'a window has a start'),
      ),
      refusal(
        ['STATE_INVALID'],
        () => parseResultMember(member),
        ({ size, start }) =>
          holds(
            Number.isSafeInteger(size) && Number.isSafeInteger(start),
            'a roll-up has a size and a start',
          ),
      ),
    ];
    return outcomes.every((outcome) => outcome !== 'accepted') ? 'STATE_INVALID' : 'accepted';
  },
};

export const storedTargets: readonly Target[] = [profile, digest, hyperLogLog, redisValue, redisKey];
