import { describe, expect, test } from 'vitest';
import { advanceAdwin, adwinDefaults, adwinStart, adwinWindow } from '../../src/quality/adwin.ts';
import { advanceHddm, hddmDefaults, hddmStart } from '../../src/quality/hddm.ts';
import {
  advancePageHinkley,
  advanceTwoSided,
  pageHinkleyDefaults,
  pageHinkleyStart,
  twoSidedStart,
} from '../../src/quality/page-hinkley.ts';
import { seededRandom } from '../laws/summary-samples.ts';
import { detections, errorStream, normalStream, stepStream } from './detector-streams.ts';

const adwin = (stream: readonly number[]) =>
  detections(stream, adwinStart, (state, value) => advanceAdwin(state, value, adwinDefaults));
const oneSided = (stream: readonly number[]) =>
  detections(stream, pageHinkleyStart, (state, value) =>
    advancePageHinkley(state, value, pageHinkleyDefaults),
  );
const twoSided = (stream: readonly number[]) =>
  detections(stream, twoSidedStart, (state, value) => advanceTwoSided(state, value, pageHinkleyDefaults));
const hddm = (stream: readonly number[]) =>
  detections(stream, hddmStart, (state, value) => advanceHddm(state, value, hddmDefaults));

test('the streams are the ones that the reference indices belong to', () => {
  const sum = (stream: readonly number[]) => stream.reduce((total, value) => total + value, 0);
  expect(sum(stepStream())).toBe(6024);
  expect(sum(errorStream())).toBe(729);
  expect(errorStream().slice(0, 5)).toEqual([0, 0, 0, 0, 1]);
  expect(sum(normalStream())).toBeCloseTo(3118.90780715, 7);
  expect(normalStream()[2]).toBeCloseTo(0.862250848, 9);
});

describe('detections at the indices of MOA, river and scikit-multiflow', () => {
  test('ADWIN with every cut tried, and a fresh window after each detection', () => {
    expect(adwin(stepStream())).toEqual([1023]);
    expect(adwin(errorStream())).toEqual([1087]);
    expect(adwin(normalStream())).toEqual([3039]);
  });

  test('Page-Hinkley, one-sided', () => {
    expect(oneSided(stepStream())).toEqual([1009]);
    expect(oneSided(errorStream())).toEqual([1125]);
    expect(oneSided(normalStream())).toEqual([1681, 3020, 3309, 3757]);
  });

  test('Page-Hinkley, two-sided', () => {
    expect(twoSided(errorStream())).toEqual([1119]);
    expect(twoSided(normalStream())).toEqual([1676, 3020, 3309, 3757, 5466]);
  });

  test('HDDM_A', () => {
    expect(hddm(errorStream())).toEqual([1030]);
  });
});

describe('ADWIN', () => {
  test('never cuts a constant stream', () => {
    expect(adwin(Array.from({ length: 5000 }, () => 0.3))).toEqual([]);
  });

  test('knows the sum and the deviations of its window', () => {
    let state = adwinStart;
    for (let i = 0; i < 200; i++) [state] = advanceAdwin(state, i % 7, { ...adwinDefaults, clock: 1e6 });
    const { n, total, deviation } = adwinWindow(state.rows);
    expect(n).toBe(200);
    expect(total).toBe(594);
    expect(deviation).toBeCloseTo(797.82, 9);
  });

  test('remembers no more than five buckets for every doubling of the stream', () => {
    let state = adwinStart;
    for (let i = 0; i < 100_000; i++) [state] = advanceAdwin(state, i % 2, adwinDefaults);
    expect(state.rows.flat().length).toBeLessThanOrEqual(5 * (Math.log2(100_000) + 1));
    expect(JSON.stringify(state).length).toBeLessThan(6000);
  });

  test('says which way the mean has gone', () => {
    const stream = errorStream();
    let state = adwinStart;
    for (const value of stream) {
      const [next, cut] = advanceAdwin(state, value, adwinDefaults);
      if (cut !== undefined) {
        expect(cut.before).toBeLessThan(0.25);
        expect(cut.after).toBeGreaterThan(0.35);
      }
      state = next;
    }
  });

  test('cuts fewer than one in a hundred streams of 2,000 errors that do not change', () => {
    const random = seededRandom(4);
    let cut = 0;
    for (let stream = 0; stream < 200; stream++) {
      if (adwin(Array.from({ length: 2000 }, () => Number(random() < 0.2))).length > 0) cut += 1;
    }
    expect(cut).toBeLessThanOrEqual(2);
  });
});

test('a fall of the mean is no detection of the one-sided detectors', () => {
  const falling = errorStream().reverse();
  expect(oneSided(falling)).toEqual([]);
  expect(hddm(falling)).toEqual([]);
});
