// One window's result: compared, folded into the incidents, and committed with everything that has to be sent.
import { marksOf } from '../alert/calendar.ts';
import { advance } from '../alert/history.ts';
import type { IncidentHistory, Transition } from '../alert/incident.ts';
import { alertEvent } from '../codec/cloud-event.ts';
import { decodeIncidents, encodeIncidents } from '../codec/incident-history.ts';
import { encodeResult } from '../codec/result.ts';
import type { WindowResult } from '../drift/result.ts';
import type { ModelState, OutboundMessage, ResultKey, StoredResult } from '../ports.ts';
import { windowStart } from '../profile/window.ts';
import { diagnose, type Finding } from '../quality/diagnosis.ts';
import type { QualityPolicy } from '../quality/result.ts';
import type { Gathered } from './gather.ts';
import type { MonitoredModel } from './model.ts';
import type { EvaluatePorts, OpenRound } from './round.ts';
import { detected } from './sequential.ts';
import type { EvaluationSettings } from './settings.ts';

/** `conflict`: somebody else has committed. `postponed`: a revision that came too soon after the one before. */
export type Publication = 'published' | 'unchanged' | 'postponed' | 'conflict';

/** Publishes a gathered window unless the same inputs have been published before. */
export async function publish(
  model: MonitoredModel,
  gathered: Gathered,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
  round: OpenRound,
): Promise<Publication> {
  const { key, state, inputs } = gathered;
  const name = model.schema.model;
  const startedAt = ports.clock.elapsed();
  const previous = await ports.results.result(name, key);
  const standing = standingOf(gathered, previous, settings, ports, round);
  if (standing !== undefined) return standing;
  const content = gathered.content();
  const { result, detectors } = detected(model, content.result, state, previous, settings);
  const revisions = previous === undefined ? 0 : previous.revisions + 1;
  const { position } = gathered;
  const { document, revision } = encodeResult(result, { position, revisions }, model.nameOf, content.quality);
  const alerts = judged(model, result, state, settings);
  const committed = await ports.results.commit(name, {
    expected: state.head,
    head: ports.token(),
    result: { key, revision, revisions, inputs, publishedAt: ports.clock.now(), document },
    profiles: content.profiles,
    incidents: alerts === undefined ? undefined : encodeIncidents(alerts.history),
    detectors,
    outbox: [resultMessage(name, key, revision, document), ...(alerts?.messages ?? [])],
    pending: enclosingRollup(key, settings),
    retentionMs: retentionOf(key, settings),
  });
  ports.meter.count('driftline_evaluations_total', { outcome: committed ? 'published' : 'conflict' }, 1);
  if (!committed) return 'conflict';
  observe(model, gathered, result, revisions, alerts?.transitions ?? [], startedAt, ports);
  observeTime(name, gathered, revisions, settings, ports);
  return 'published';
}

/** What makes a publication needless now; undefined when it is due. */
function standingOf(
  gathered: Gathered,
  previous: StoredResult | undefined,
  settings: EvaluationSettings,
  ports: EvaluatePorts,
  round: OpenRound,
): Publication | undefined {
  // Profiles that retention has removed leave nothing to say; what was published of them stands.
  if (!gathered.isThere || previous?.inputs === gathered.inputs) return 'unchanged';
  if (gathered.key.start < round.completeFrom) return 'unchanged';
  if (previous === undefined || round.final) return undefined;
  return ports.clock.now() - previous.publishedAt < settings.windows.reviseEveryMs ? 'postponed' : undefined;
}

interface Judgement {
  readonly history: IncidentHistory;
  readonly transitions: readonly Transition[];
  readonly messages: readonly OutboundMessage[];
}

/** The incidents after this result; undefined where windows of this size have no vote. */
function judged(
  model: MonitoredModel,
  result: WindowResult,
  state: ModelState,
  settings: EvaluationSettings,
): Judgement | undefined {
  if (result.end - result.start !== settings.alertWindowMs) return undefined;
  const before = state.incidents === undefined ? undefined : decodeIncidents(state.incidents);
  const findings = findingsOf(model, result);
  const isBroken = findings.some(({ kind }) => kind === 'pipeline_break');
  const evidence = { ...marksOf(model.calendar, result), isBroken };
  const { history, transitions } = advance(before, result, model.alerts, evidence);
  const context = { source: settings.source, result, findings, policy: model.alerts, nameOf: model.nameOf };
  const messages = transitions.map((transition): OutboundMessage => alertEvent(transition, context));
  return { history, transitions, messages };
}

/** Results bring no quality here, so that none of these numbers is asked for. */
const noQuality: QualityPolicy = { minLabelled: Infinity, z: 0, alpha: 0, leastEffect: 1 };

/** What kind of change the window shows; nothing where it shows none. */
function findingsOf({ baseline }: MonitoredModel, result: WindowResult): readonly Finding[] {
  if (baseline === undefined || result.driftedColumns === 0) return [];
  return diagnose(result, undefined, [], baseline.baseline, noQuality);
}

function resultMessage(model: string, key: ResultKey, revision: string, document: string): OutboundMessage {
  return {
    topic: 'results',
    id: `${model}/all/${key.size}/${key.start}/${revision}`,
    key: model,
    value: document,
  };
}

/** The roll-up of the next greater size, which this window is a part of. */
function enclosingRollup(key: ResultKey, settings: EvaluationSettings): ResultKey[] {
  const size = settings.windows.rollupsMs.find((rollup) => rollup > key.size);
  return size === undefined ? [] : [{ size, start: windowStart(key.start, size) }];
}

function retentionOf(key: ResultKey, settings: EvaluationSettings): number {
  return key.size === settings.windows.sizeMs ? settings.retention.resultsMs : settings.retention.rollupsMs;
}

function observe(
  model: MonitoredModel,
  gathered: Gathered,
  result: WindowResult,
  revisions: number,
  transitions: readonly Transition[],
  startedAt: number,
  ports: EvaluatePorts,
): void {
  const { clock, meter, log } = ports;
  const name = model.schema.model;
  const seconds = (clock.elapsed() - startedAt) / 1000;
  meter.observe('driftline_evaluation_duration_seconds', { model: name }, seconds);
  const { start, size } = gathered.key;
  log.debug(
    { model: name, start, size, revisions, rows: result.rows, drifted: result.driftedColumns },
    'window published',
  );
  for (const { type, rule, severity, window, columns } of transitions) {
    meter.count('driftline_alerts_total', { type, severity }, 1);
    log.info({ model: name, type, rule, severity, window: window.start, columns: columns.length }, 'alert');
  }
}

/** How long a first result has been waited for, or why there is another one. */
function observeTime(
  model: string,
  { key, passedAt }: Gathered,
  revisions: number,
  settings: EvaluationSettings,
  { clock, meter }: EvaluatePorts,
): void {
  if (revisions > 0) {
    const reason = key.size === settings.windows.sizeMs ? 'late_events' : 'revised_parts';
    meter.count('driftline_revisions_total', { model, reason }, 1);
    return;
  }
  const since = (moment: number): number => Math.max(0, clock.now() - moment) / 1000;
  meter.observe('driftline_window_to_result_seconds', { model }, since(key.start + key.size));
  if (passedAt !== undefined) meter.observe('driftline_event_to_result_seconds', { model }, since(passedAt));
}
