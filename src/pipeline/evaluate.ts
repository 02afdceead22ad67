// From changed windows to published results: whoever sees a due window takes the model's lease, merges what the shards
// hold of it, compares it with the baseline, and commits result, incidents and outbox rows in one write.
import type { ChangedWindow, ModelState, ResultKey } from '../ports.ts';
import { isDue } from '../profile/window.ts';
import { isOwn, prepareAhead } from './ahead.ts';
import { type Due, type DueWindow, type Evaluator, lookForDue, windowName } from './due.ts';
import { type Gathered, gatherRollup, gatherWindow } from './gather.ts';
import type { Models, MonitoredModel } from './model.ts';
import { publish } from './publish.ts';
import { relay } from './relay.ts';
import type { EvaluatePorts, OpenRound, Round } from './round.ts';
import type { EvaluationSettings } from './settings.ts';

/** Models that are evaluated at the same time: while one waits for the store or the brokers, another one computes. */
const modelsAtOnce = 8;

/** How long a model's due windows are left to the process that has prepared them, wall-clock milliseconds. */
const othersFirstMs = 1_000;

/** Evaluates everything that is due now and not being evaluated elsewhere; returns how many results were published. */
export async function evaluateDue(
  evaluator: Evaluator,
  models: Models,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
  round: Round,
): Promise<number> {
  const progress = await ports.shards.progress(ports.shardCount);
  const due = lookForDue(evaluator, progress, settings.windows, round, ports.clock.elapsed());
  const open = { ...round, completeFrom: Math.max(...progress.map(({ completeFrom }) => completeFrom)) };
  const waiting = [...models.values()]
    .map((model) => ({ model, windows: takenWindows(model, due, ports, round) }))
    .filter(({ windows }) => due.sweep || windows.length > 0);
  let published = 0;
  const take = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !round.until?.aborted; next = waiting.shift()) {
      const { prepared } = evaluator;
      const own = { ...next, prepared, watermark: due.watermark };
      published += await evaluateModel(own, settings, ports, open);
    }
  };
  // All of them are let finish before a failure is told: none goes on unseen.
  const ended = await Promise.allSettled(Array.from({ length: modelsAtOnce }, take));
  for (const outcome of ended) if (outcome.status === 'rejected') throw outcome.reason;
  await prepareAhead(evaluator, due, models, settings, ports, round);
  return published;
}

/** The due windows of a model that this process goes for. Others' have just come due: they have them prepared, it has not. */
function takenWindows(
  model: MonitoredModel,
  due: Due,
  ports: EvaluatePorts,
  round: Round,
): readonly DueWindow[] {
  const name = model.schema.model;
  const windows = due.windows.get(name) ?? [];
  if (isOwn(name, round, ports)) return windows;
  const now = ports.clock.now();
  // A clock that was set back says nothing of how long others have had.
  const isOthers = ({ passedAt = Number.NaN }: DueWindow): boolean =>
    now >= passedAt && now < passedAt + othersFirstMs;
  return windows.filter((window) => !isOthers(window));
}

/** A model and what of it is due. */
interface DueModel {
  readonly model: MonitoredModel;
  readonly windows: readonly DueWindow[];
  readonly prepared: Evaluator['prepared'];
  readonly watermark: number;
}

async function evaluateModel(
  { model, windows, prepared, watermark }: DueModel,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
  round: OpenRound,
): Promise<number> {
  const name = model.schema.model;
  const token = ports.token();
  if (!(await ports.results.lease(name, token, settings.leaseMs))) return 0;
  try {
    let published = 0;
    for (const window of windows) {
      const known = prepared.get(windowName(window));
      const gathered = await gatherWindow(model, window.start, settings, ports, round, known);
      if (!gathered.due) continue;
      const { passedAt } = window;
      const outcome = await publish(model, { ...gathered, passedAt }, settings, ports, round);
      if (outcome === 'conflict') return published;
      if (outcome !== 'postponed') {
        await acknowledge(window, gathered, ports);
        if (window.start >= round.completeFrom) await confirm(model, gathered, settings, ports, round);
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
  round: OpenRound,
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
    if (outcome === 'unchanged' && !(await ports.results.settle(name, state.head, key))) return published;
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
  round: OpenRound,
): Promise<void> {
  const { key } = gathered;
  for (let known = gathered; known.isThere; ) {
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
  const { model, start, changedIn, labelledIn } = window;
  const parts = [
    ...[...changedIn].map(([shard, listed]) => ({ shard, listed, part: undefined })),
    ...[...labelledIn].map(([shard, listed]) => ({ shard, listed, part: 'labelled' as const })),
  ];
  await Promise.all(
    parts.map(async ({ shard, listed, part }) => {
      const versions = gathered.read[shard];
      const read = (part === undefined ? versions?.profiles : versions?.labelled) ?? 0;
      const seen = { model, start, ...(part && { part }) };
      if (read === 0 && !(await hasExpired(shard, { ...seen, version: listed }, ports))) return;
      await ports.shards.acknowledge(shard, [{ ...seen, version: read === 0 ? listed : read }]);
    }),
  );
}

/**
 * A window that is listed by a shard that holds nothing of it has expired, or the store was rolled back after it was
 * listed: a second look, in this order, tells which.
 */
async function hasExpired(shard: number, listed: ChangedWindow, ports: EvaluatePorts): Promise<boolean> {
  const progress = await ports.shards.progress(ports.shardCount);
  const isListed = progress[shard]?.changed.some(
    ({ model, start, version, part }) =>
      model === listed.model && start === listed.start && version === listed.version && part === listed.part,
  );
  if (isListed !== true) return false;
  const { parts } = await ports.shards.read(shard, { model: listed.model, start: listed.start });
  return !parts.some(({ key }) => key.part === listed.part);
}
