// What is due: the changed windows whose time has come, and since when it has.
import type { ModelWindow, ShardProgress } from '../ports.ts';
import { latestPassing, type Passing, passedAt } from '../profile/passing.ts';
import { globalWatermark } from '../profile/watermark.ts';
import { isDue, windowStart } from '../profile/window.ts';
import type { PreparedContent } from './content.ts';
import type { Round } from './round.ts';
import type { WindowSettings } from './settings.ts';
import type { Outstanding } from './stall.ts';

/** A window that has changed, and in which shards as of which version. */
export interface ListedWindow extends ModelWindow {
  readonly changedIn: Map<number, number>;
  /** The same of its labelled part. */
  readonly labelledIn: Map<number, number>;
}

export interface DueWindow extends ListedWindow {
  /** Wall clock at which event time passed its end; undefined where it has changed since, and is late for that reason. */
  readonly passedAt: number | undefined;
}

/** What an evaluator remembers of its rounds: how far time had come, and what was listed then. */
export interface Evaluator {
  watermark: number;
  /** Monotonic time of the last round that looked at every model. */
  sweptAt: number;
  /** The last ends that event time has passed, in order. */
  readonly passings: Passing[];
  /** The windows that waited in the last round for event time to pass their end, or have been due since it did. */
  waiting: ReadonlySet<string>;
  /** What of results and event time stood still as of the last round, unless it has moved since. */
  outstanding: readonly Outstanding[];
  /** What has been worked out of windows that are not due yet, by `windowName`. */
  readonly prepared: Map<string, PreparedContent>;
}

export interface Due {
  readonly watermark: number;
  /** Per model the changed windows whose time has come, in window order. */
  readonly windows: ReadonlyMap<string, readonly DueWindow[]>;
  /** Changed windows that every shard has seen the end of, and that wait for events out of order. */
  readonly upcoming: readonly ListedWindow[];
  /** Whether every model is to be looked at, because a roll-up may be due, or something was left half done. */
  readonly sweep: boolean;
}

/** A crash between a commit and its relay, or between two commits, is picked up within this time, monotonic milliseconds. */
const sweepEveryMs = 10_000;

/** Ends that are remembered: an evaluation that is so many windows behind has other troubles than a wrong figure. */
const passingsMax = 64;

/** An evaluator before its first round. */
export function newEvaluator(): Evaluator {
  return {
    watermark: -Infinity,
    sweptAt: -Infinity,
    passings: [],
    waiting: new Set(),
    outstanding: [],
    prepared: new Map(),
  };
}

/** What is due as of this progress; `evaluator` remembers it. */
export function lookForDue(
  evaluator: Evaluator,
  progress: readonly ShardProgress[],
  settings: WindowSettings,
  round: Round,
  elapsedMs: number,
): Due {
  const watermark = globalWatermark(progress, round.whenIdle);
  const sweep =
    passedBoundary(evaluator.watermark, watermark, settings.rollupsMs) ||
    elapsedMs - evaluator.sweptAt >= sweepEveryMs;
  if (sweep) evaluator.sweptAt = elapsedMs;
  evaluator.watermark = watermark;
  const known = evaluator.passings.at(-1)?.end ?? -Infinity;
  notePassing(evaluator.passings, latestPassing(progress, round.whenIdle, settings));
  const waiting = new Set<string>();
  const due = new Map<string, DueWindow[]>();
  const upcoming: ListedWindow[] = [];
  let isAwaited = false;
  for (const window of listedWindows(progress)) {
    const end = window.start + settings.sizeMs;
    const name = windowName(window);
    if (!isDue(end, watermark, settings.graceMs)) {
      waiting.add(name);
      isAwaited = true;
      if (end <= watermark + settings.outOfOrdernessMs) upcoming.push(window);
      continue;
    }
    const isInTime = end > known || evaluator.waiting.has(name);
    if (isInTime) waiting.add(name);
    const windows = due.get(window.model) ?? [];
    due.set(window.model, windows);
    windows.push({ ...window, passedAt: isInTime ? passedAt(evaluator.passings, end) : undefined });
  }
  evaluator.waiting = waiting;
  evaluator.outstanding = [
    ...(isAwaited ? heldBackBy(progress, watermark) : []),
    ...[...due.values()].flatMap(firstUnpublished),
  ];
  return { watermark, windows: due, upcoming, sweep };
}

/** The shard that event time waits for; none where all are idle, and the clock carries it on. */
function heldBackBy(progress: readonly ShardProgress[], watermark: number): readonly Outstanding[] {
  const shard = progress.findIndex((one) => !one.idle && one.watermark === watermark);
  if (shard === -1) return [];
  return [{ reason: 'event_time', subject: `shard/${shard}`, mark: String(watermark) }];
}

/** The oldest window of a model that has been due since event time passed it, and whose first result is still to come. */
function firstUnpublished(windows: readonly DueWindow[]): readonly Outstanding[] {
  const oldest = windows.find(({ passedAt }) => passedAt !== undefined);
  if (oldest === undefined) return [];
  return [{ reason: 'results', subject: `model/${oldest.model}`, mark: String(oldest.start) }];
}

/** The windows that the shards list as changed, in window order. */
function listedWindows(progress: readonly ShardProgress[]): readonly ListedWindow[] {
  const listed = new Map<string, ListedWindow>();
  progress.forEach(({ changed }, shard) => {
    for (const { model, start, version, part } of changed) {
      const name = windowName({ model, start });
      const window = listed.get(name) ?? { model, start, changedIn: new Map(), labelledIn: new Map() };
      listed.set(name, window);
      (part === undefined ? window.changedIn : window.labelledIn).set(shard, version);
    }
  });
  return [...listed.values()].sort((a, b) => a.start - b.start);
}

/** Names a base window among all models'. */
export function windowName({ model, start }: ModelWindow): string {
  return `${start}:${model}`;
}

function notePassing(passings: Passing[], latest: Passing | undefined): void {
  if (latest === undefined || latest.end <= (passings.at(-1)?.end ?? -Infinity)) return;
  passings.push(latest);
  if (passings.length > passingsMax) passings.shift();
}

function passedBoundary(before: number, now: number, sizes: readonly number[]): boolean {
  return sizes.some((size) => windowStart(before, size) !== windowStart(now, size));
}
