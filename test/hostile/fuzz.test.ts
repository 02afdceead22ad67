// The short form of `npm run fuzz`, and the inputs that a long one has once failed on.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attack } from './attack.ts';
import { fuzz } from './fuzzing.ts';
import { regressions } from './regressions.ts';
import type { Target } from './target.ts';
import { targets } from './targets.ts';

/** `DRIFTLINE_SEED=17` tries other inputs; those of one seed are always the same. */
const seed = Number(process.env.DRIFTLINE_SEED ?? 1);

test('no input of any kind crashes a decoder or the server, hangs, is refused without a reason, or changes what it should not', async () => {
  const { reports } = await fuzz({ inputs: 6000, seed });
  expect(reports.map(({ target }) => target)).toEqual(targets.map(({ name }) => name));
  expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
  for (const { target, outcomes } of reports) {
    // An attack that is never let in, or never turned away, has not been one.
    expect(outcomes.accepted, target).toBeGreaterThan(0);
    if (!['lines', 'names on their way out'].includes(target)) {
      expect(Object.keys(outcomes).length, target).toBeGreaterThan(1);
    }
  }
}, 240_000);

describe('an input that once was too much', () => {
  test.each(regressions)('for $target: $what', async ({ target, input, outcome }) => {
    const found = targets.find(({ name }) => name === target)!;
    expect(await found.take(input)).toBe(outcome);
  });
});

describe('an attack notices', () => {
  const inputs = fc.uint8Array({ minLength: 1, maxLength: 8 });
  const against = (take: Target['take']) => attack({ name: 'planted', weight: 1, inputs, take }, 1000, seed);
  const isRare = (input: Uint8Array) => input[0] === 77;

  test('an error that is no refusal, and finds the smallest input', async () => {
    const { failures } = await against((input) => {
      if (isRare(input)) throw new TypeError('planted');
      return 'accepted';
    });
    expect(failures[0]).toMatchObject({ input: Buffer.from([77]).toString('base64') });
    expect(failures[0]?.error).toContain('planted');
  });

  test('an input that takes too long', async () => {
    const { failures } = await against((input) => {
      for (
        const end = process.threadCpuUsage().user + 600_000;
        isRare(input) && process.threadCpuUsage().user < end;
      );
      return 'accepted';
    });
    expect(failures[0]?.error).toContain('ms of processor time');
  }, 120_000);

  test('an object that every other object inherits from being changed', async () => {
    const { failures } = await against((input) => {
      if (isRare(input)) Object.assign(Object.prototype, { polluted: 1 });
      return 'accepted';
    });
    delete (Object.prototype as { polluted?: number }).polluted;
    expect(failures[0]?.error).toContain('polluted');
  });

  test('memory that is kept', async () => {
    const kept: Uint8Array[] = [];
    const { failures } = await against(() => {
      kept.push(new Uint8Array(100_000).fill(1));
      return 'accepted';
    });
    expect(failures.at(-1)?.error).toContain('bytes are kept');
  });
});
