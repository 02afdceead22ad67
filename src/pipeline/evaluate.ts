// From changed windows to published results: whoever sees a due window takes the model's lease, merges what the shards
// hold of it, compares it with the baseline, and commits result, incidents and outbox rows in one write.
import type { ModelState, ModelWindow, ResultKey, ShardProgress } from '../ports.ts';
import { globalWatermark } from '../profile/watermark.ts';
import { isDue, windowStart } from '../profile/window.ts';
import { type Gathered, gatherRollup, gatherWindow } from './gather.ts';
import type { Models, MonitoredModel } from './model.ts';
import { publish } from './publish.ts';
import { relay } from './relay.ts';
import type { EvaluatePorts, Round } from './round.ts';
import type { EvaluationSettings } from './settings.ts';

/** What an evaluator remembers between its rounds, so that a quiet round costs one read. */
export interface Evaluator {
  watermark: number;
  /** Monotonic time of the last round that looked at every model. */
  sweptAt: number;
}

/** A window that has changed, and in which shards as of which version. */
export interface DueWindow extends ModelWindow {
  readonly changedIn: Map<number, number>;
}

/** A crash between a commit and its relay, or between two commits, is picked up within this time, monotonic milliseconds. */
const sweepEveryMs = 10_000;

/** Evaluates everything that is due now and not being evaluated elsewhere; returns how many results were published. */
export async function evaluateDue(
  evaluator: Evaluator,
  models: Models,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
  round: Round,
): Promise<number> {
  const progress = await ports.shards.progress(ports.shardCount);
  const watermark = globalWatermark(progress, round.whenIdle);
  const due = dueWindows(progress, watermark, settings);
  const sweep =
    passedBoundary(evaluator.watermark, watermark, settings.windows.rollupsMs) ||
    ports.clock.elapsed() - evaluator.sweptAt >= sweepEveryMs;
  evaluator.watermark = watermark;
  if (sweep) evaluator.sweptAt = ports.clock.elapsed();
  let published = 0;
  for (const model of models.values()) {
    const windows = due.get(model.schema.model) ?? [];
    if (windows.length > 0 || sweep)
      published += await evaluateModel(model, windows, watermark, settings, ports, round);
  }
  return published;
}

/** Per model the changed windows whose time has come, in window order. */
function dueWindows(
  progress: readonly ShardProgress[],
  watermark: number,
  settings: EvaluationSettings,
): Map<string, DueWindow[]> {
  const { sizeMs, graceMs } = settings.windows;
  const due = new Map<string, Map<number, DueWindow>>();
  progress.forEach(({ changed }, shard) => {
    for (const { model, start, version } of changed) {
      if (!isDue(start + sizeMs, watermark, graceMs)) continue;
      const windows = due.get(model) ?? new Map<number, DueWindow>();
      due.set(model, windows);
      const window = windows.get(start) ?? { model, start, changedIn: new Map() };
      windows.set(start, window);
      window.changedIn.set(shard, version);
    }
  });
  return new Map(
    [...due].map(([model, windows]) => [model, [...windows.values()].sort((a, b) => a.start - b.start)]),
  );
}

function passedBoundary(before: number, now: number, sizes: readonly number[]): boolean {
  return sizes.some((size) => windowStart(before, size) !== windowStart(now, size));
}

async function evaluateModel(
  model: MonitoredModel,
  windows: readonly DueWindow[],
  watermark: number,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
  round: Round,
): Promise<number> {
  const name = model.schema.model;
  const token = ports.token();
  if (!(await ports.results.lease(name, token, settings.leaseMs))) return 0;
  try {
    let published = 0;
    for (const window of windows) {
      const gathered = await gatherWindow(model, window.start, settings, ports, round);
      if (!gathered.due) continue;
      const outcome = await publish(model, gathered, settings, ports, round);
      if (outcome === 'conflict') return published;
      if (outcome !== 'postponed') {
        await acknowledge(window, gathered, ports);
        await confirm(model, gathered, settings, ports, round);
      }
      if (outcome === 'published') published += 1;
      if (!(await ports.results.lease(name, token, settings.leaseMs))) return published;
    }
    published += await evaluateRollups(model, token, watermark, settings, ports, round);
    await relay(name, ports);
    return published;
  } finally {
    await ports.results.release(name, token);
  }
}

async function evaluateRollups(
  model: MonitoredModel,
  token: string,
  watermark: number,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
  round: Round,
): Promise<number> {
  const name = model.schema.model;
  const postponed = new Set<string>();
  let published = 0;
  for (;;) {
    const state = await ports.results.state(name);
    const key = nextRollup(state, watermark, settings, postponed);
    if (key === undefined) return published;
    const outcome = await publish(
      model,
      await gatherRollup(model, key, settings, ports),
      settings,
      ports,
      round,
    );
    if (outcome === 'conflict') return published;
    if (outcome === 'postponed') postponed.add(`${key.size}:${key.start}`);
    if (outcome === 'unchanged' && !(await ports.results.settle(name, state.sequence, key))) return published;
    if (outcome === 'published') published += 1;
    if (!(await ports.results.lease(name, token, settings.leaseMs))) return published;
  }
}

/** The first pending roll-up, smaller sizes first, whose time has come: greater ones are made of smaller ones. */
function nextRollup(
  state: ModelState,
  watermark: number,
  settings: EvaluationSettings,
  postponed: ReadonlySet<string>,
): ResultKey | undefined {
  return state.pending.find(
    ({ size, start }) =>
      isDue(start + size, watermark, settings.windows.graceMs) && !postponed.has(`${size}:${start}`),
  );
}

/**
 * Makes sure that an acknowledged window has the result that was made of it. A store that was rolled back in between has
 * lost the result, and with the acknowledgement it would forget that one is due: it is made again at once, whether or not
 * event time, which went back too, has come so far.
 */
async function confirm(
  model: MonitoredModel,
  gathered: Gathered,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
  round: Round,
): Promise<void> {
  const { key } = gathered;
  for (let known = gathered; known.profiles.length > 0; ) {
    const stored = await ports.results.result(model.schema.model, key);
    if (stored?.inputs === known.inputs) return;
    known = await gatherWindow(model, key.start, settings, ports, round);
    await publish(model, known, settings, ports, { ...round, final: true });
  }
}

/**
 * What was published is taken off the shards' lists, unless it has changed since it was read. The version is the one read,
 * never the one listed: where the store was rolled back in between, that one is still to come.
 */
async function acknowledge(window: DueWindow, gathered: Gathered, ports: EvaluatePorts): Promise<void> {
  const { model, start } = window;
  await Promise.all(
    [...window.changedIn].map(async ([shard, listed]) => {
      const read = gathered.read[shard] ?? 0;
      if (read === 0 && !(await hasExpired(shard, window, listed, ports))) return;
      await ports.shards.acknowledge(shard, [{ model, start, version: read === 0 ? listed : read }]);
    }),
  );
}

/**
 * A window that is listed by a shard that holds nothing of it has expired, or the store was rolled back after it was
 * listed: a second look, in this order, tells which.
 */
async function hasExpired(
  shard: number,
  window: ModelWindow,
  listed: number,
  ports: EvaluatePorts,
): Promise<boolean> {
  const progress = await ports.shards.progress(ports.shardCount);
  const isListed = progress[shard]?.changed.some(
    ({ model, start, version }) => model === window.model && start === window.start && version === listed,
  );
  if (isListed !== true) return false;
  const { parts } = await ports.shards.read(shard, { model: window.model, start: window.start });
  return parts.length === 0;
}
