// The events of a chaos run: several models and versions, out of order, late, much too late, from the future and malformed.
import { partitionOf } from '../../src/codec/partitioner.ts';
import type { Stream } from '../../src/ports.ts';
import { normal, uniform } from '../drift/random.ts';

export interface ChaosEvent {
  readonly stream: Stream;
  readonly key: string;
  readonly value: string;
}

export interface EventSource {
  /** The next so many events, in the order in which they are sent. */
  next(count: number): ChaosEvent[];
  /** How many have been made. */
  made(): number;
}

export const partitions = 8;

/** Events without an id go where a replay puts them: to the first partition. */
const keyless = firstKeyOf(0);

interface ModelShare {
  readonly name: string;
  readonly task: 'binary' | 'regression';
  /** Of all events; one model has enough for the summaries of large windows, another one few. */
  readonly share: number;
  readonly hasBaseline: boolean;
}

export const models: readonly ModelShare[] = [
  { name: 'fraud', task: 'binary', share: 0.7, hasBaseline: true },
  { name: 'churn', task: 'binary', share: 0.16, hasBaseline: true },
  { name: 'price', task: 'regression', share: 0.1, hasBaseline: true },
  { name: 'fresh', task: 'binary', share: 0.04, hasBaseline: false },
];

const minuteMs = 60_000;

/** More disorder than the watermark allows for is late; this much is not. */
const disorderMs = 4_000;

/** Where the events lie in time, milliseconds. */
export interface Course {
  readonly startTime: number;
  /** From one event to the next, up to the turn; half as much after it. */
  readonly stepMs: number;
  readonly turnAfter: number;
}

/**
 * Twice as fast as the clock, from one span ago to the end of the span, then with it: more
 * windows in less time, and never ahead of the clock.
 */
export function courseOf(rate: number, spanMs: number, now: number): Course {
  return { startTime: now - spanMs, stepMs: 2_000 / rate, turnAfter: (rate * spanMs) / 1_000 };
}

/** Events of which everything follows from the seed, except where they lie in time. */
export function eventSource(seed: number, { startTime, stepMs, turnAfter }: Course): EventSource {
  const random = uniform(seed);
  const drifts = driftsOf(uniform(seed ^ 0xd41f));
  let made = 0;
  const one = (): ChaosEvent => {
    const index = made++;
    const elapsedMs = (Math.min(index, turnAfter) + Math.max(0, index - turnAfter) / 2) * stepMs;
    const time = startTime + Math.floor(elapsedMs);
    const kind = random();
    const model = pickModel(random);
    if (kind < 0.012) return malformed(index, time, model.name, random);
    if (kind < 0.16) return label(index, time, model, random);
    const drifted = random() < drifts(model.name, elapsedMs);
    const timestamp = displaced(time, index, random);
    const id = `p${index}`;
    const row = predictionRow(model, drifted, random);
    const event = { prediction_id: id, model: model.name, ...row, timestamp };
    return { stream: 'predictions', key: id, value: JSON.stringify(event) };
  };
  return { next: (count) => Array.from({ length: count }, one), made: () => made };
}

/** Most events come nearly in order, some late. The first ones do, so that lateness means something to every shard. */
function displaced(time: number, index: number, random: () => number): number {
  const kind = random();
  if (kind < 0.94 || index < 500) return time - Math.floor(random() * disorderMs);
  if (kind < 0.995) return time - Math.floor(random() ** 2 * 3 * minuteMs);
  return kind < 0.998 ? time - 6 * 60 * minuteMs : time + 6 * 60 * minuteMs;
}

/** The share of drifted rows by model and minute of event time; many lie near to what just counts as drift. */
function driftsOf(random: () => number): (model: string, elapsedMs: number) => number {
  const known = new Map<string, number>();
  return (model, elapsedMs) => {
    const episode = `${model} ${Math.floor(elapsedMs / minuteMs)}`;
    const share = known.get(episode) ?? (random() < 0.5 ? 0 : random() * 0.7);
    known.set(episode, share);
    return share;
  };
}

function pickModel(random: () => number): ModelShare {
  let left = random();
  for (const model of models) {
    left -= model.share;
    if (left < 0) return model;
  }
  return models[0]!;
}

/** A prediction like those of the baseline, or one that has drifted, without id, model and time. */
export function predictionRow({ task }: Pick<ModelShare, 'task'>, drifted: boolean, random: () => number) {
  const amount = Math.exp(normal(random) + (drifted ? 1.5 : 0));
  const features = {
    amount: random() < 0.03 ? null : Number(amount.toPrecision(6)),
    age: random() < 0.01 ? 'unknown' : Math.floor(18 + random() * (drifted ? 30 : 60)),
    balance: Math.round(normal(random) * 500) / 100,
    country: country(random, drifted),
    returning: random() < 0.4,
    ...(random() < 0.001 ? { surprise: 1 } : {}),
  };
  // More versions than are kept apart, the last ones rare.
  const version = String(1 + Math.floor(random() ** 3 * 5));
  if (task === 'regression') {
    return {
      model_version: version,
      features,
      prediction: Number((amount * 10 + normal(random)).toFixed(3)),
    };
  }
  const score = Number(random().toFixed(3));
  return { model_version: version, features, prediction: score > 0.7 ? 1 : 0, score };
}

function country(random: () => number, drifted: boolean): string {
  const kind = random();
  if (kind < (drifted ? 0.3 : 0.6)) return 'de';
  if (kind < 0.9) return 'fr';
  return `c${Math.floor(random() ** 2 * 400)}`;
}

/** Labels of predictions that came or are to come, some twice, some with another value, some of none. */
function label(index: number, time: number, { name, task }: ModelShare, random: () => number): ChaosEvent {
  const kind = random();
  const distance = 1 + Math.floor(random() ** 2 * 5_000);
  const of = kind < 0.85 ? Math.max(0, index - distance) : kind < 0.95 ? index + distance : -index;
  const id = `p${of}`;
  const value = task === 'regression' ? Number((random() * 50).toFixed(2)) : Number(random() < 0.3);
  const event = { prediction_id: id, model: name, label: value, timestamp: displaced(time, index, random) };
  return { stream: 'labels', key: id, value: JSON.stringify(event) };
}

function malformed(index: number, time: number, model: string, random: () => number): ChaosEvent {
  const stream = random() < 0.8 ? 'predictions' : 'labels';
  const id = `bad${index}`;
  const whole = { prediction_id: id, model, timestamp: time, label: 1, prediction: 1, features: {} };
  const { prediction_id: _, ...nameless } = whole;
  const choices: readonly (readonly [key: string, value: string])[] = [
    [keyless, 'not json'],
    [keyless, JSON.stringify(nameless)],
    [id, JSON.stringify({ ...whole, timestamp: 'yesterday' })],
    [id, JSON.stringify({ ...whole, model: 'nobody' })],
    [keyless, '{"prediction_id":'],
  ];
  const [key, value] = choices[Math.floor(random() * choices.length)]!;
  return { stream, key, value };
}

function firstKeyOf(partition: number): string {
  for (let i = 0; ; i++) if (partitionOf(`none${i}`, partitions) === partition) return `none${i}`;
}
