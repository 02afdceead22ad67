import { describe, expect, test } from 'vitest';
import { decodeErrorStream, encodeErrorStream } from '../../src/codec/error-stream.ts';
import {
  advanceErrorStream,
  agreedDetection,
  detectionsMax,
  type ErrorDetector,
  type ErrorStream,
  errorOf,
  errorStreamStart,
} from '../../src/quality/error-stream.ts';
import type { Outcome } from '../../src/quality/outcome.ts';
import { seededRandom } from '../laws/summary-samples.ts';
import { errorStream } from './detector-streams.ts';

const minute = 60_000;

function watched(errors: readonly number[], isClassification = true, start = errorStreamStart): ErrorStream {
  return errors.reduce(
    (stream, error, i) => advanceErrorStream(stream, error, i * minute, isClassification),
    start,
  );
}

function outcome(value: number, label: number): Outcome {
  const known = { value: label, timestamp: 0 };
  const prediction = { timestamp: 0, version: '', value, scores: [], groups: new Uint8Array(0), tag: 0 };
  return { prediction, first: known, latest: known };
}

describe('the errors of a stream of labels', () => {
  test('are 0 and 1 for classes, and distances in units of the usual one for numbers', () => {
    expect(errorOf(outcome(1, 1), undefined)).toBe(0);
    expect(errorOf(outcome(1, 0), undefined)).toBe(1);
    expect(errorOf(outcome(-1, 0), undefined)).toBeUndefined();
    expect(errorOf(outcome(1, -1), undefined)).toBeUndefined();
    expect(errorOf(outcome(10, 4), 3)).toBe(2);
    expect(errorOf(outcome(1e70, 0), 3)).toBe(1000);
  });

  test('are watched by three detectors, which say at which label they found a rise', () => {
    const { detections, labels } = watched(errorStream());
    expect(labels).toBe(2000);
    expect(detections).toEqual([
      { detector: 'hddm', at: 1030 * minute, labels: 1031 },
      { detector: 'adwin', at: 1087 * minute, labels: 1088 },
      { detector: 'page_hinkley', at: 1125 * minute, labels: 1126 },
    ]);
  });

  test('that become fewer are no detection', () => {
    expect(watched(errorStream().reverse()).detections).toEqual([]);
  });

  test('of a regression are not for the detector of bounded errors', () => {
    const { detections, hddm } = watched(
      errorStream().map((error) => 1 + 3 * error),
      false,
    );
    expect(hddm).toEqual(errorStreamStart.hddm);
    expect(detections.map(({ detector }) => detector)).toEqual(
      expect.arrayContaining(['adwin', 'page_hinkley']),
    );
  });

  test('go on after a stop as if there had been none', () => {
    const stream = errorStream();
    const half = watched(stream.slice(0, 1100));
    const rest = stream
      .slice(1100)
      .reduce(
        (state, error, i) => advanceErrorStream(state, error, (1100 + i) * minute, true),
        decodeErrorStream(encodeErrorStream(half)),
      );
    expect(rest).toEqual(watched(stream));
  });

  test('leave a state of bounded size, whatever they are', () => {
    // Better and worse by turns, so that there are more detections than are kept.
    const errors = Array.from({ length: 60_000 }, (_, i) => (Math.floor(i / 500) % 2 === 0 ? 0 : i % 2));
    const stream = watched(errors);
    expect(stream.detections.length).toBe(detectionsMax);
    expect(encodeErrorStream(stream).length).toBeLessThan(8000);
    const random = seededRandom(3);
    const steady = watched(Array.from({ length: 100_000 }, () => Number(random() < 0.1)));
    expect(encodeErrorStream(steady).length).toBeLessThan(8000);
  });

  test('that cannot be understood are refused', () => {
    expect(() => decodeErrorStream('{')).toThrow(/not JSON/);
    expect(() => decodeErrorStream('{"format":"driftline.error-stream/2"}')).toThrow(/error-stream\/1/);
    const text = encodeErrorStream(watched(errorStream()));
    expect(() => decodeErrorStream(text.replace('"labels":2000', '"labels":-1'))).toThrow(/error-stream\/1/);
  });
});

describe('what the shards of a model say together', () => {
  const shard = (labels: number, ...times: number[]): ErrorStream => ({
    ...errorStreamStart,
    labels,
    detections: times.map((at) => ({ detector: 'adwin' as ErrorDetector, at, labels })),
  });
  const day = 86_400_000;
  const agreed = (...shards: ErrorStream[]) => agreedDetection(shards, 'adwin', day);

  test('is what at least half of them have found within a day', () => {
    expect(agreed(shard(500, day), shard(500, 1.5 * day), shard(500))).toBe(1.5 * day);
    expect(agreed(shard(500, day), shard(500), shard(500))).toBeUndefined();
    expect(agreed(shard(500, day), shard(500, 5 * day), shard(500))).toBeUndefined();
  });

  test('is what the only one says, and nothing without any', () => {
    expect(agreed(shard(500, day, 3 * day))).toBe(3 * day);
    expect(agreed(shard(500))).toBeUndefined();
    expect(agreed()).toBeUndefined();
  });

  test('leaves out shards that have hardly any labels', () => {
    expect(agreed(shard(500, day), shard(3), shard(0), shard(2))).toBe(day);
    expect(agreed(shard(3, day))).toBeUndefined();
  });

  test('is the latest change', () => {
    expect(agreed(shard(500, day, 9 * day), shard(500, 1.1 * day, 9.5 * day))).toBe(9.5 * day);
  });

  test('does not count one shard twice', () => {
    expect(agreed(shard(500, day, 1.1 * day), shard(500), shard(500))).toBeUndefined();
  });

  test('another detector knows nothing of it', () => {
    expect(agreedDetection([shard(500, day)], 'hddm', day)).toBeUndefined();
  });

  test('is found in every shard soon after a change of the whole, dealt out by hash', () => {
    const random = seededRandom(12);
    const shards: ErrorStream[] = Array.from({ length: 4 }, () => errorStreamStart);
    for (let i = 0; i < 16_000; i++) {
      const owner = Math.floor(4 * random());
      const error = Number(random() < (i < 8000 ? 0.2 : 0.4));
      shards[owner] = advanceErrorStream(shards[owner]!, error, i * minute, true);
    }
    const at = agreedDetection(shards, 'adwin', 3 * day);
    expect(at).toBeGreaterThan(8000 * minute);
    expect(at).toBeLessThan(9500 * minute);
  });
});
