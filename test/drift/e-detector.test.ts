import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advanceDetector, type DetectorState, prepareDetector } from '../../src/drift/e-detector.ts';
import { logSupremum, type NullBox, nullBox } from '../../src/drift/null-box.ts';
import { logGamma } from '../../src/stats/gamma.ts';
import { movedShares, sampler } from './detector-draws.ts';
import { uniform } from './random.ts';

const options = { decay: 0.5, ceiling: 1e9 };
const alarm = Math.log(1000);

/** The least of the Lagrange dual, which bounds every likelihood in the box from above. */
function dualBound(counts: Float64Array, { lower, upper }: NullBox): number {
  const dual = (mu: number) => {
    let value = mu;
    counts.forEach((count, i) => {
      const share = Math.min(upper[i]!, Math.max(lower[i]!, count / mu));
      value += (count > 0 ? count * Math.log(share) : 0) - mu * share;
    });
    return value;
  };
  let [low, high] = [Math.log(1e-9), Math.log(1e15)];
  for (let step = 0; step < 300; step++) {
    const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
    if (dual(Math.exp(a)) < dual(Math.exp(b))) high = b;
    else low = a;
  }
  return dual(Math.exp(low));
}

/** All ways to put n rows into so many bins. */
function compositions(n: number, size: number): number[][] {
  if (size === 1) return [[n]];
  return Array.from({ length: n + 1 }, (_, first) =>
    compositions(n - first, size - 1).map((rest) => [first, ...rest]),
  ).flat();
}

function multinomialProbability(counts: readonly number[], shares: readonly number[]): number {
  let log = logGamma(counts.reduce((sum, count) => sum + count, 0) + 1);
  counts.forEach((count, i) => {
    if (count > 0) log += count * Math.log(shares[i]!) - logGamma(count + 1);
  });
  return Math.exp(log);
}

describe('the greatest likelihood in the box', () => {
  const counts = fc.array(fc.oneof(fc.constant(0), fc.nat(9), fc.nat(100_000)), {
    minLength: 2,
    maxLength: 12,
  });

  test('is that of the dual problem', () => {
    fc.assert(
      fc.property(
        counts,
        counts,
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        (window, baseline, tolerance) => {
          const size = Math.min(window.length, baseline.length);
          const rows = Float64Array.from(window.slice(0, size));
          const box = nullBox(
            Float64Array.from(baseline.slice(0, size), (count, i) => count + (i === 0 ? 1 : 0)),
            tolerance,
          );
          fc.pre(rows.some((count) => count > 0));
          const found = logSupremum(rows, box);
          expect(Math.abs(found - dualBound(rows, box))).toBeLessThan(1e-7 * (1 + Math.abs(found)));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('is the baseline itself where the box is a point', () => {
    const baseline = Float64Array.of(2e18, 3e18, 5e18);
    const found = logSupremum(Float64Array.of(10, 20, 30), nullBox(baseline, 0));
    expect(found).toBeCloseTo(10 * Math.log(0.2) + 20 * Math.log(0.3) + 30 * Math.log(0.5), 5);
  });

  test('is that of the upper bounds where only bins with rows are too narrow to hold them all', () => {
    const box = { lower: Float64Array.of(0.3, 0.3, 0.1), upper: Float64Array.of(0.4, 0.4, 0.9) };
    expect(logSupremum(Float64Array.of(7, 0, 0), box)).toBeCloseTo(7 * Math.log(0.4), 12);
  });
});

describe('the box', () => {
  test('is the tolerance and 3.5 √(B/m) wide around an average share, and wider around a rare one', () => {
    const baseline = new Float64Array(10).fill(10_000);
    const { lower, upper } = nullBox(baseline, 0.1);
    const reach = 0.1 + 3.5 * Math.sqrt(10 / 100_000);
    expect(Math.abs(upper[0]! / 0.1 - 1 - reach)).toBeLessThan(0.01);
    expect(Math.abs(1 - lower[0]! / 0.1 - reach)).toBeLessThan(0.01);
    const rare = nullBox(Float64Array.of(99_990, 10, 0), 0.1);
    expect(rare.upper[1]! / 1e-4).toBeGreaterThan(2.5);
    expect(rare.upper[2]).toBeGreaterThan(1e-4);
    expect(rare.lower[2]).toBe(0);
  });
});

describe('the e-value of a window', () => {
  const coarse = Float64Array.of(40, 25, 3, 0);
  const reference = prepareDetector(coarse, 0.1);
  const { lower, upper } = reference.box;

  test('is at most 1 in expectation for all shares in the box, summed over all windows of five rows', () => {
    const past: DetectorState = { logEvidence: 0, past: Float32Array.of(3, 80, 0, 1) };
    const between = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 4, maxLength: 4 });
    const windows = compositions(5, 4);
    fc.assert(
      fc.property(between, fc.boolean(), (places, isFirst) => {
        const shares = places.map((place, i) => lower[i]! + place * (upper[i]! - lower[i]!));
        const sum = shares.reduce((total, share) => total + share, 0);
        // Into the box again, the way the sum wants to go.
        const wanted = 1 - sum;
        const room = shares.map((share, i) => (wanted > 0 ? upper[i]! - share : share - lower[i]!));
        const roomSum = room.reduce((total, part) => total + part, 0);
        const inside = shares.map((share, i) => share + (wanted * room[i]!) / roomSum);
        let expectation = 0;
        for (const window of windows) {
          const { logE } = advanceDetector(
            isFirst ? undefined : past,
            Float64Array.from(window),
            reference,
            options,
          );
          expectation += multinomialProbability(window, inside) * Math.exp(logE);
        }
        expect(expectation).toBeLessThanOrEqual(1 + 1e-9);
        expect(expectation).toBeGreaterThan(0.01);
      }),
      { numRuns: 100 },
    );
  });

  test('adds up as R = (R + 1) e, and no further than the ceiling', () => {
    const window = Float64Array.of(20, 30, 4, 2);
    let state: DetectorState | undefined;
    let evidence = 0;
    for (let i = 0; i < 3; i++) {
      const step = advanceDetector(state, window, reference, options);
      evidence = (evidence + 1) * Math.exp(step.logE);
      expect(Math.exp(step.state.logEvidence) / evidence).toBeCloseTo(1, 9);
      state = step.state;
    }
    const capped = advanceDetector(state, Float64Array.of(0, 500, 0, 500), reference, {
      decay: 0.5,
      ceiling: 5,
    });
    expect(capped.state.logEvidence).toBe(Math.log(5));
    expect(capped.logE).toBeGreaterThan(100);
  });

  test('remembers the rows of the past, decayed', () => {
    const first = advanceDetector(undefined, Float64Array.of(4, 2, 0, 1), reference, options).state;
    const second = advanceDetector(first, Float64Array.of(1, 1, 1, 1), reference, options).state;
    expect([...second.past]).toEqual([3, 2, 1, 1.5]);
  });

  test('is finite for a billion rows, for one row, and where all is missing or unseen', () => {
    for (const window of [
      [4e8, 6e8, 1e7, 5],
      [0, 0, 0, 1],
      [0, 0, 1e6, 0],
      [0, 0, 0, 1e6],
    ]) {
      const { logE, state } = advanceDetector(undefined, Float64Array.from(window), reference, options);
      expect(Number.isFinite(logE)).toBe(true);
      expect(
        Number.isFinite(advanceDetector(state, Float64Array.from(window), reference, options).logE),
      ).toBe(true);
    }
    const onlyMissing = prepareDetector(Float64Array.of(1000, 0), 0.1);
    expect(advanceDetector(undefined, Float64Array.of(1000, 0), onlyMissing, options).logE).toBeLessThan(0);
    expect(advanceDetector(undefined, Float64Array.of(100, 100), onlyMissing, options).logE).toBeGreaterThan(
      100,
    );
  });
});

/** How many windows of `rows` rows until the alarm; Infinity when none of `windows` is. */
function delay(
  random: () => number,
  {
    baselineRows,
    rows,
    windows,
    before = 0,
  }: { baselineRows: number; rows: number; windows: number; before?: number },
  shares: readonly number[],
): number {
  const usual = sampler(movedShares(0));
  const draw = sampler(shares);
  const reference = prepareDetector(usual(baselineRows, random), 0.1);
  let state: DetectorState | undefined;
  for (let i = 0; i < before; i++)
    state = advanceDetector(state, usual(rows, random), reference, options).state;
  for (let i = 1; i <= windows; i++) {
    state = advanceDetector(state, draw(rows, random), reference, options).state;
    if (state.logEvidence >= alarm) return i;
  }
  return Infinity;
}

describe('simulated columns', () => {
  const hundredThousand = { baselineRows: 100_000, rows: 1000, windows: 200 };

  test('without drift are an alarm in at most 2 % of the runs over 200 windows', () => {
    const random = uniform(1);
    const delays = Array.from({ length: 100 }, () => delay(random, hundredThousand, movedShares(0)));
    expect(delays.filter(Number.isFinite).length).toBeLessThanOrEqual(2);
  });

  test('that move by 0.3 standard deviations are an alarm within 3 windows, after 20 quiet ones', () => {
    const random = uniform(2);
    const delays = Array.from({ length: 60 }, () =>
      delay(random, { ...hundredThousand, before: 20 }, movedShares(0.3)),
    );
    expect(Math.max(...delays)).toBeLessThanOrEqual(3);
  });

  test('that move by 0.1, within the tolerance, are none', () => {
    const random = uniform(3);
    const delays = Array.from({ length: 20 }, () => delay(random, hundredThousand, movedShares(0.1)));
    expect(delays.filter(Number.isFinite)).toEqual([]);
  });

  test('whose nulls grow from none to 2 % are an alarm in one window', () => {
    const random = uniform(4);
    const delays = Array.from({ length: 20 }, () => delay(random, hundredThousand, movedShares(0, 0.02)));
    expect(Math.max(...delays)).toBe(1);
  });

  test('with as many rows a window as in the baseline are none, where a baseline that is taken for exact is one', () => {
    const random = uniform(5);
    const draw = sampler(movedShares(0));
    let alarms = 0;
    let trapped = 0;
    for (let run = 0; run < 20; run++) {
      const baseline = draw(10_000, random);
      const reference = prepareDetector(baseline, 0.1);
      const certain = baseline.map((count) => count * 1e6);
      const exact = prepareDetector(certain, 0);
      const [evidence, trap] = [reference, exact].map((detector) => {
        let state: DetectorState | undefined;
        let greatest = -Infinity;
        for (let window = 0; window < 100; window++) {
          state = advanceDetector(state, draw(10_000, random), detector, options).state;
          greatest = Math.max(greatest, state.logEvidence);
        }
        return greatest;
      });
      if (evidence! >= alarm) alarms += 1;
      if (trap! >= alarm) trapped += 1;
    }
    expect(alarms).toBe(0);
    expect(trapped).toBeGreaterThan(10);
  });
});
