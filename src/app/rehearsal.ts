// What a policy would have decided on results of the past: the fold of a live run, over result documents.
import { type Calendar, marksOf } from '../alert/calendar.ts';
import { advance } from '../alert/history.ts';
import type { AlertPolicy, IncidentHistory, Transition } from '../alert/incident.ts';
import { type DocumentWindow, judgedWindow } from '../codec/judged-window.ts';
import { decodeResult } from '../codec/result.ts';
import type { Settings } from '../config/settings.ts';
import { Fault } from '../fault.ts';
import type { EventFile } from '../io/files/event-file.ts';
import type { Baseline } from '../profile/baseline.ts';
import { pipelineBreaks } from '../quality/pipeline-break.ts';
import { alertPolicyOf, calendarOf } from './alert-policy.ts';
import { loadBaseline } from './models.ts';

/** The revision of every window that comes last, of all sizes, in order of model, then time. Rejects with STATE_INVALID. */
export async function readResults(files: readonly EventFile[]): Promise<readonly DocumentWindow[]> {
  const newest = new Map<string, DocumentWindow>();
  for (const file of files) {
    for await (const payloads of file.batches()) {
      for (const payload of payloads) {
        const text =
          payload instanceof Uint8Array ? Buffer.from(payload).toString() : JSON.stringify(payload);
        const window = judgedWindow(decodeResult(text));
        newest.set(JSON.stringify([window.model, window.segment, window.start, window.end]), window);
      }
    }
  }
  return [...newest.values()].sort(
    (a, b) => order(a.model, b.model) || order(a.segment, b.segment) || a.end - b.end || a.start - b.start,
  );
}

function order(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

/** The baselines that tell a break from drift, by model. */
export async function readBaselines(settings: Settings): Promise<ReadonlyMap<string, Baseline>> {
  const baselines = new Map<string, Baseline>();
  for (const { name, baseline } of settings.models) {
    if (baseline !== null) baselines.set(name, await loadBaseline(baseline));
  }
  return baselines;
}

/**
 * Everything that would have been told, had the windows come in order: of models that are not configured by the rules for
 * all. Throws USAGE where no window is of the size that votes.
 */
export function rehearsed(
  windows: readonly DocumentWindow[],
  settings: Settings,
  baselines: ReadonlyMap<string, Baseline>,
): readonly Transition[] {
  const { windowMs } = settings.alerts;
  const voting = windows.filter(({ start, end }) => end - start === windowMs);
  if (voting.length === 0) {
    throw new Fault('USAGE', `no result is of a window of ${windowMs / 1000} s, which vote (alerts.window)`);
  }
  const rulesOf = new Map<string, ModelRules>();
  const histories = new Map<string, IncidentHistory>();
  return voting.flatMap((window) => {
    const rules = rulesOf.get(window.model) ?? modelRules(window.model, settings);
    rulesOf.set(window.model, rules);
    const key = JSON.stringify([window.model, window.segment]);
    const baseline = baselines.get(window.model);
    const isBroken = baseline !== undefined && pipelineBreaks(window.columns, baseline).length > 0;
    const evidence = { ...marksOf(rules.calendar, window), isBroken };
    const step = advance(histories.get(key), window, rules.policy, evidence);
    histories.set(key, step.history);
    return step.transitions;
  });
}

interface ModelRules {
  readonly policy: AlertPolicy;
  readonly calendar: Calendar;
}

function modelRules(name: string, settings: Settings): ModelRules {
  const model = settings.models.find((configured) => configured.name === name) ?? {
    name,
    importance: new Map(),
  };
  return { policy: alertPolicyOf(model, settings), calendar: calendarOf(model, settings) };
}
