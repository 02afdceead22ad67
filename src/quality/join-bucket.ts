// Where in the store an id is remembered: buckets of a period of time, cut small by the hash of the id.
//
// A bucket of up to 128 small entries is what Redis keeps as one packed list, at about 9 bytes an entry beyond its content; a
// key of its own costs 150. Buckets expire as a whole: nothing is deleted one by one.
//
// A period is an eighth of the horizon, and times are compared by their periods alone. So all labels of one id that wait in one
// period have the same fate, and what counts is a function of the events, not of the order in which both streams are read.
import type { Hash64 } from '../sketch/murmur-hash.ts';

const periodsPerHorizon = 8;

/** Entries that a bucket should hold on average: of 90 by chance, one bucket in ten thousand has more than 128. */
const entriesPerBucket = 90;

/** What decides which labels count for which predictions, milliseconds. */
export interface JoinTimes {
  /** How long after a prediction its label may come. */
  readonly horizonMs: number;
  /** How long before: clocks differ. */
  readonly skewMs: number;
  /** No prediction is accepted whose time lies this far behind the watermark. */
  readonly acceptedMs: number;
}

/** Length of a period, milliseconds. */
export function periodLength({ horizonMs }: JoinTimes): number {
  return Math.max(1, Math.ceil(horizonMs / periodsPerHorizon));
}

/** The number of the period that holds a time, counted from the epoch. */
export function periodOf(timestamp: number, times: JoinTimes): number {
  return Math.floor(timestamp / periodLength(times));
}

/** How many periods after its label's a prediction may be. */
function periodsAhead(times: JoinTimes): number {
  return Math.ceil(times.skewMs / periodLength(times));
}

/** The periods, first and last, in which the prediction of a label can be. */
export function predictionPeriods(labelPeriod: number, times: JoinTimes): readonly [number, number] {
  return [labelPeriod - periodsPerHorizon, labelPeriod + periodsAhead(times)];
}

/** The periods, first and last, in which labels of a prediction can be. */
export function labelPeriods(predictionPeriod: number, times: JoinTimes): readonly [number, number] {
  return [predictionPeriod - periodsAhead(times), predictionPeriod + periodsPerHorizon];
}

/** Whether a label comes so long after another one, of a time so much later, that its prediction need not be remembered. */
export function isBehind(labelPeriod: number, latestLabelPeriod: number): boolean {
  return labelPeriod < latestLabelPeriod - periodsPerHorizon;
}

/**
 * Whether predictions of a period may be forgotten: neither another of them nor a label of theirs would still be accepted. That
 * labels have come so far is told by labels alone: they may be read long after the predictions.
 */
export function arePredictionsOver(
  period: number,
  watermark: number,
  latestLabelPeriod: number,
  times: JoinTimes,
): boolean {
  const [, last] = labelPeriods(period, times);
  return isClosed(period, watermark, times) && isBehind(last, latestLabelPeriod);
}

/** Whether labels of a period may be forgotten: no prediction that they could count for would still be accepted. */
export function areLabelsOver(period: number, watermark: number, times: JoinTimes): boolean {
  return isClosed(predictionPeriods(period, times)[1], watermark, times);
}

function isClosed(period: number, watermark: number, times: JoinTimes): boolean {
  return (period + 1) * periodLength(times) + times.acceptedMs <= watermark;
}

/** How long the store keeps a bucket after its last write, milliseconds by the wall clock: labels may never come. */
export function bucketRetention(times: JoinTimes): number {
  return (2 * periodsPerHorizon + 2) * periodLength(times) + times.acceptedMs;
}

/** How many buckets a period should have for so many entries. */
export function bucketCount(entries: number): number {
  return Math.max(1, Math.ceil(entries / entriesPerBucket));
}

/** Whether so many buckets have all the entries that they should. */
export function areFull(count: number, entries: number): boolean {
  return entries >= count * entriesPerBucket;
}

/** The bucket of an id among `count`, by the first bits of its key; whether it is sampled is decided by others. */
export function bucketOfKey(key: string, count: number): number {
  const bits =
    key.charCodeAt(0) * 2 ** 24 +
    key.charCodeAt(1) * 2 ** 16 +
    key.charCodeAt(6) * 2 ** 8 +
    key.charCodeAt(7);
  return Math.floor((bits / 2 ** 32) * count);
}

/** All 64 bits of a hash as eight characters of one byte: an id among those of a period. */
export function idKey({ low, high }: Hash64): string {
  return String.fromCharCode(
    low >>> 24,
    (low >>> 16) & 0xff,
    high >>> 24,
    (high >>> 16) & 0xff,
    (high >>> 8) & 0xff,
    high & 0xff,
    (low >>> 8) & 0xff,
    low & 0xff,
  );
}

/**
 * What an entry is called in its bucket: the upper half of the hash and the last two bytes of the lower one. The bucket says
 * some of the other bits, so that of 100 million entries in a period two are taken for one with a probability of 2e-5.
 */
export function entryName(key: string): string {
  return key.slice(2);
}
