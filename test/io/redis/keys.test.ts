// Keys: no name breaks out of its place, and everything of a shard or a model lies in one slot.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeName,
  encodeName,
  modelKeys,
  parseProfileField,
  parseResultMember,
  parseWindowMember,
  profileField,
  resultMember,
  shardKeys,
  windowMember,
} from '../../../src/io/redis/keys.ts';
import { oddNames } from '../../laws/store-samples.ts';

/** Any sequence of UTF-16 units: well-formed text, lone surrogates, and the characters that keys are made of. */
const names = fc.oneof(
  fc.constantFrom(...oddNames),
  fc.string({ unit: 'binary' }),
  fc.array(fc.nat({ max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc
    .array(fc.constantFrom('{', '}', ':', '|', '%', 'u', 'D800', '7C', '\ud800', '\udc00'))
    .map((parts) => parts.join('')),
);
const starts = fc.maxSafeInteger();

/** The part of a key that decides its slot, by the rule of the Redis Cluster specification. */
function hashTag(key: string): string {
  const open = key.indexOf('{');
  const close = key.indexOf('}', open + 1);
  return open < 0 || close <= open + 1 ? key : key.slice(open + 1, close);
}

describe('names', () => {
  test('every name comes back from its encoding', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(decodeName(encodeName(name))).toBe(name);
      }),
    );
  });

  test('different names have different encodings', () => {
    fc.assert(
      fc.property(names, names, (a, b) => {
        expect(encodeName(a) === encodeName(b)).toBe(a === b);
      }),
    );
  });

  test('an encoded name holds letters, digits, underscore, point, hyphen and escapes only', () => {
    fc.assert(
      fc.property(names, (name) => {
        expect(encodeName(name)).toMatch(/^[\w.%-]*$/);
      }),
    );
  });

  test('common names are legible', () => {
    expect(encodeName('hotel_cancellation-v1.2')).toBe('hotel_cancellation-v1.2');
    expect(encodeName('a b')).toBe('a%20b');
    expect(encodeName('ü')).toBe('%C3%BC');
    expect(encodeName('\ud800')).toBe('%uD800');
  });

  test('an encoding that nobody made is refused', () => {
    expect(() => decodeName('%FF')).toThrow(expect.objectContaining({ code: 'STATE_INVALID' }));
  });
});

describe('fields and members', () => {
  test('every one comes back from its text', () => {
    fc.assert(
      fc.property(names, names, starts, fc.maxSafeNat(), (a, b, start, size) => {
        expect(parseProfileField(profileField({ version: a, segment: b }))).toEqual({
          version: a,
          segment: b,
        });
        expect(parseWindowMember(windowMember({ model: a, start }))).toEqual({ model: a, start });
        expect(parseResultMember(resultMember({ size, start }))).toEqual({ size, start });
      }),
    );
  });

  test('text that is none is refused', () => {
    const fault = expect.objectContaining({ code: 'STATE_INVALID' });
    for (const field of ['', 'a', 'a|b|c']) expect(() => parseProfileField(field)).toThrow(fault);
    for (const member of ['', '1', 'x:m', '1.5:m', '1:m:n'])
      expect(() => parseWindowMember(member)).toThrow(fault);
    for (const member of ['', '1', '-1:0', '1:x']) expect(() => parseResultMember(member)).toThrow(fault);
  });
});

describe('keys', () => {
  test('all keys of a shard share a hash tag of their own', () => {
    fc.assert(
      fc.property(names, names, names, starts, fc.nat(), (prefix, group, model, start, shard) => {
        const keys = shardKeys({ prefix, group }, shard);
        const tags = [keys.meta, keys.changed, keys.window({ model, start })].map(hashTag);
        expect(new Set(tags)).toEqual(new Set([`${encodeName(group)}:s:${shard}`]));
      }),
    );
  });

  test('all keys of a model share a hash tag of their own', () => {
    fc.assert(
      fc.property(names, names, names, starts, fc.nat(), (prefix, group, model, start, size) => {
        const keys = modelKeys({ prefix, group }, model);
        const fixed = [keys.state, keys.lease, keys.pending, keys.outbox, keys.sizes];
        const bySize = [
          keys.index(size),
          keys.expiries(size),
          keys.result({ size, start }),
          keys.profiles({ size, start }),
        ];
        expect(new Set([...fixed, ...bySize]).size).toBe(9);
        expect(new Set([...fixed, ...bySize].map(hashTag))).toEqual(
          new Set([`${encodeName(group)}:m:${encodeName(model)}`]),
        );
      }),
    );
  });

  test('keys are as documented', () => {
    const space = { prefix: 'team:driftline', group: 'g' };
    expect(shardKeys(space, 7).window({ model: 'a b', start: 300_000 })).toBe(
      'team:driftline:{g:s:7}:w:a%20b:300000',
    );
    expect(modelKeys(space, 'a b').result({ size: 300_000, start: 0 })).toBe(
      'team:driftline:{g:m:a%20b}:r:300000:0',
    );
  });
});
