import { describe, expect, test } from 'vitest';
import { defects } from './defects.ts';
import { type Simulated, simulate } from './world.ts';

/** Replays one seed: `DRIFTLINE_SEED=17 vitest run --project core test/simulation`. */
const onlySeed = process.env.DRIFTLINE_SEED;

/** How many seeds are tried; more of them are for a quiet night. */
const seeds = Number(process.env.DRIFTLINE_SEEDS ?? 2000);

const seedsPerTest = 100;

/** A hundred seeds take some seconds on a core of their own. */
const testTimeoutMs = 300_000;

const usualFaults = [
  'crash',
  'stop',
  'stall',
  'rebalance',
  'redelivery',
  'clock step',
  'lost acknowledgement',
];

/** Seeds within which a planted defect must be noticed; most show at once. */
const seedsPerDefect = 200;

function expectUndisturbed({ seed, differences, happened }: Simulated): void {
  const story = `DRIFTLINE_SEED=${seed} ${JSON.stringify(happened)}`;
  expect(differences.slice(0, 20), story).toEqual([]);
}

if (onlySeed === undefined) {
  describe('whatever happens to the processes and the stores', () => {
    let retractions = 0;

    for (let first = 1; first <= seeds; first += seedsPerTest) {
      const last = Math.min(first + seedsPerTest - 1, seeds);

      test(
        `results, incidents, alerts and dead letters are those of the undisturbed run: seeds ${first} to ${last}`,
        async () => {
          const happened: Record<string, number> = {};
          for (let seed = first; seed <= last; seed++) {
            const simulated = await simulate(seed);
            expectUndisturbed(simulated);
            for (const [name, times] of Object.entries(simulated.happened)) {
              happened[name] = (happened[name] ?? 0) + times;
            }
          }
          // A simulation in which nothing happens says nothing.
          const often = (last - first) / 4;
          for (const name of usualFaults) {
            expect(happened[name], name).toBeGreaterThan(often);
          }
          expect(happened['roll-back']).toBeGreaterThan(often);
          retractions += happened.retraction ?? 0;
        },
        testTimeoutMs,
      );
    }

    // Rare enough that some dozen seeds may do without.
    test.skipIf(seeds < 500)('alerts were retracted on the way', () => {
      expect(retractions).toBeGreaterThan(seeds / 1000);
    });

    test('the same seed is the same simulation', async () => {
      const [first, second] = [await simulate(7), await simulate(7)];
      expect(second).toEqual(first);
    });
  });

  describe('a simulation notices', () => {
    for (const [name, defect] of Object.entries(defects)) {
      test(
        name,
        async () => {
          for (let seed = 1; seed <= seedsPerDefect; seed++) {
            const { differences } = await simulate(seed, defect);
            if (differences.length > 0) return;
          }
          expect.unreachable(`${seedsPerDefect} seeds have not shown it`);
        },
        testTimeoutMs,
      );
    }
  });
} else {
  test(`seed ${onlySeed}`, async () => {
    const simulated = await simulate(Number(onlySeed));
    console.info(`${simulated.steps} steps, ${JSON.stringify(simulated.happened)}`);
    expectUndisturbed(simulated);
  });
}
