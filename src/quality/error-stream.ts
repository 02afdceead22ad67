// The errors of a model in the order in which its labels came, watched by detectors: when did it get worse?
//
// A window's result must not depend on the order of its labels, so the detectors stand beside it: their state belongs to the
// shard, is written with its checkpoint, and is a function of its labels in the order of their offsets. Ids are dealt out to
// shards by their hash, so each shard sees a sample of the model's errors, and a change shows in all of them: what shards say
// together is `agreedDetection`.
import { type AdwinState, advanceAdwin, adwinDefaults, adwinStart } from './adwin.ts';
import { advanceHddm, type HddmState, hddmDefaults, hddmStart } from './hddm.ts';
import type { Outcome } from './outcome.ts';
import {
  advancePageHinkley,
  type PageHinkleyState,
  pageHinkleyDefaults,
  pageHinkleyStart,
} from './page-hinkley.ts';

export const errorDetectors = ['adwin', 'page_hinkley', 'hddm'] as const;

export type ErrorDetector = (typeof errorDetectors)[number];

/** A rise of the errors. */
export interface ErrorDetection {
  readonly detector: ErrorDetector;
  /** When the label became known at which it was found, epoch milliseconds. */
  readonly at: number;
  /** How many labels had come by then. */
  readonly labels: number;
}

export interface ErrorStream {
  readonly labels: number;
  readonly adwin: AdwinState;
  readonly pageHinkley: PageHinkleyState;
  /** Of errors that are 0 or 1 alone: the bound it rests on knows no others. */
  readonly hddm: HddmState;
  /** The newest last; at most `detectionsMax`. */
  readonly detections: readonly ErrorDetection[];
}

export const errorStreamStart: ErrorStream = {
  labels: 0,
  adwin: adwinStart,
  pageHinkley: pageHinkleyStart,
  hddm: hddmStart,
  detections: [],
};

export const detectionsMax = 16;

/** An error of a regression counts in units of the baseline's mean absolute error, and no more than this. */
const errorMax = 1e3;

/**
 * The error of an outcome as detectors take it: 1 for a wrong class, 0 for the right one; of a number its distance in units
 * of `scale`, the baseline's mean absolute error. Undefined where a class is not known.
 */
export function errorOf({ prediction, latest }: Outcome, scale: number | undefined): number | undefined {
  if (scale === undefined)
    return prediction.value < 0 || latest.value < 0 ? undefined : Number(prediction.value !== latest.value);
  return Math.min(errorMax, Math.abs(prediction.value - latest.value) / scale);
}

/** One more error of the stream; `at` is the time of its label. */
export function advanceErrorStream(
  stream: ErrorStream,
  error: number,
  at: number,
  isClassification: boolean,
): ErrorStream {
  const labels = stream.labels + 1;
  const [adwin, cut] = advanceAdwin(stream.adwin, error, adwinDefaults);
  const [pageHinkley, isRisen] = advancePageHinkley(stream.pageHinkley, error, pageHinkleyDefaults);
  const [hddm, isWorse] = isClassification
    ? advanceHddm(stream.hddm, error, hddmDefaults)
    : ([stream.hddm, false] as const);
  const found: Readonly<Record<ErrorDetector, boolean>> = {
    // A window is also cut where errors have become fewer.
    adwin: cut !== undefined && cut.after > cut.before,
    page_hinkley: isRisen,
    hddm: isWorse,
  };
  const detections = errorDetectors
    .filter((name) => found[name])
    .map((detector) => ({ detector, at, labels }));
  return {
    ...{ labels, adwin, pageHinkley, hddm },
    detections:
      detections.length === 0
        ? stream.detections
        : [...stream.detections, ...detections].slice(-detectionsMax),
  };
}

/** A shard of so few labels has nothing to say yet. */
const labelsMin = 100;

/**
 * When a detector found the latest change that at least half of the shards with labels have found, no longer than
 * `withinMs` apart: the time at which it was half of them. Undefined where they do not agree. One shard decides by itself.
 */
export function agreedDetection(
  shards: readonly ErrorStream[],
  detector: ErrorDetector,
  withinMs: number,
): number | undefined {
  const heard = shards.filter(({ labels }) => labels >= labelsMin);
  const needed = Math.ceil(heard.length / 2);
  const times = heard
    .flatMap(({ detections }, shard) =>
      detections.filter((found) => found.detector === detector).map(({ at }) => ({ at, shard })),
    )
    .sort((a, b) => a.at - b.at);
  for (let last = times.length - 1; last >= 0; last--) {
    const { at } = times[last]!;
    const together = times.slice(0, last + 1).filter((found) => found.at >= at - withinMs);
    if (needed > 0 && new Set(together.map(({ shard }) => shard)).size >= needed) return at;
  }
  return undefined;
}
