// Windows worked out before they are due: while they wait for events out of order, there is time for what all of them will
// want at the same moment.
import { partitionOf } from '../codec/partitioner.ts';
import { type Due, type Evaluator, type ListedWindow, windowName } from './due.ts';
import { prepareWindow } from './gather.ts';
import type { Models } from './model.ts';
import type { EvaluatePorts, Round } from './round.ts';
import type { EvaluationSettings } from './settings.ts';

/** Merged profiles that are kept for windows to come; those beyond are worked out when they are due. */
const preparedBytesMax = 256 * 2 ** 20;

/** Whether this process is the first to do the work on a model: the one that reads the shard that the model's name falls to. */
export function isOwn(model: string, { owned }: Round, { shardCount }: EvaluatePorts): boolean {
  return owned === undefined || owned.has(partitionOf(model, shardCount));
}

/**
 * Works out the windows to come, for half an interval at most, so that what is due meanwhile need not wait. A window that
 * has changed since is worked out once more, when most of its time has gone by. What nobody lists any more is forgotten.
 */
export async function prepareAhead(
  evaluator: Evaluator,
  due: Due,
  models: Models,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
  round: Round,
): Promise<void> {
  // Alone with its input, as a replay is, nobody waits for anything.
  if (round.owned === undefined) return;
  const { prepared } = evaluator;
  for (const name of [...prepared.keys()]) if (!evaluator.waiting.has(name)) prepared.delete(name);
  const enoughAt = ports.clock.elapsed() + settings.intervalMs / 2;
  let bytes = [...prepared.values()].reduce((sum, { content }) => sum + bytesOf(content.profiles), 0);
  for (const window of due.upcoming) {
    if (ports.clock.elapsed() >= enoughAt || bytes >= preparedBytesMax || round.until?.aborted) return;
    const model = models.get(window.model);
    if (model === undefined || !isOwn(window.model, round, ports)) continue;
    const listed = listedVersions(window);
    const known = prepared.get(windowName(window));
    if (known !== undefined && (known.listed === listed || !isNearlyDue(window, due, settings))) continue;
    const found = await prepareWindow(model, window.start, settings, ports);
    if (found === undefined) continue;
    prepared.set(windowName(window), { ...found, listed });
    bytes += bytesOf(found.content.profiles) - (known === undefined ? 0 : bytesOf(known.content.profiles));
  }
}

function isNearlyDue({ start }: ListedWindow, { watermark }: Due, { windows }: EvaluationSettings): boolean {
  return start + windows.sizeMs + windows.graceMs - watermark <= windows.outOfOrdernessMs / 2;
}

function listedVersions({ changedIn, labelledIn }: ListedWindow): string {
  const text = (versions: ReadonlyMap<number, number>): string =>
    [...versions].map(([shard, version]) => `${shard}:${version}`).join(' ');
  return `${text(changedIn)}/${text(labelledIn)}`;
}

function bytesOf(profiles: readonly { readonly bytes: Uint8Array }[]): number {
  return profiles.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
