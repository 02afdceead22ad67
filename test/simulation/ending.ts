// What is left when all is quiet, in a form in which two runs can be compared.

import type { AlertEvent } from '../../src/codec/cloud-event.ts';
import { decodeIncidents } from '../../src/codec/incident-history.ts';
import { type ResultDocument, resultContent } from '../../src/codec/result.ts';
import type { OutboundMessage, ResultStore } from '../../src/ports.ts';

export interface Ending {
  /** The content of every result with its merged profiles, by model, size and start. */
  readonly windows: ReadonlyMap<string, string>;
  /** The windows whose result, as it is stored, never arrived on its topic. */
  readonly unsent: readonly string[];
  /** The incident history of every model, without what tells how it came about. */
  readonly incidents: ReadonlyMap<string, string>;
  /** Ids of the dead letters sent. */
  readonly deadLetters: ReadonlySet<string>;
  /** The alerts that were announced and not retracted; a decision that was withdrawn and made again counts as one. */
  readonly alerts: ReadonlySet<string>;
  /** The rows of all windows of the smallest size. */
  readonly rows: number;
}

/** What a run was about: the names of the models, and the sizes of the windows in ascending order. */
export interface Scope {
  readonly models: Iterable<readonly [name: string, model: unknown]>;
  readonly sizes: readonly number[];
}

/** Reads everything back. */
export async function readEnding(
  results: ResultStore,
  sent: readonly OutboundMessage[],
  { models, sizes }: Scope,
): Promise<Ending> {
  const windows = new Map<string, string>();
  const arrived = new Set(sent.filter(({ topic }) => topic === 'results').map(({ value }) => value));
  const unsent: string[] = [];
  const incidents = new Map<string, string>();
  let rows = 0;
  for (const [model] of models) {
    for (const size of sizes) {
      for (const { key, profiles } of await results.profiles(model, size, -Infinity, Infinity)) {
        const { document } = (await results.result(model, key))!;
        const bytes = profiles.map(
          (profile) => `${profile.version} ${Buffer.from(profile.bytes).toString('base64')}`,
        );
        const window = `${model} ${size} ${key.start}`;
        windows.set(window, [resultContent(document), ...bytes].join('\n'));
        if (size === sizes[0]) rows += (JSON.parse(document) as ResultDocument).rows;
        if (!arrived.has(document)) unsent.push(window);
      }
    }
    const { incidents: history } = await results.state(model);
    if (history === undefined) continue;
    const { withdrawn: _, sequence: __, ...content } = decodeIncidents(history);
    incidents.set(model, JSON.stringify(content));
  }
  return {
    windows,
    unsent,
    incidents,
    deadLetters: idsOf(sent, 'dead_letters'),
    alerts: standingAlerts(sent),
    rows,
  };
}

function idsOf(sent: readonly OutboundMessage[], topic: OutboundMessage['topic']): Set<string> {
  return new Set(sent.filter((message) => message.topic === topic).map(({ id }) => id));
}

function alertsOf(sent: readonly OutboundMessage[]): readonly AlertEvent[] {
  const alerts = sent.filter(({ topic }) => topic === 'alerts');
  const events = new Map(alerts.map(({ id, value }) => [id, JSON.parse(value) as AlertEvent]));
  return [...events.values()];
}

/** How many alerts were retracted. */
export function retractions(sent: readonly OutboundMessage[]): number {
  return alertsOf(sent).filter(({ data }) => data.transition === 'drift.retracted').length;
}

function standingAlerts(sent: readonly OutboundMessage[]): Set<string> {
  const events = alertsOf(sent);
  const retracted = new Set(events.map(({ causationid }) => causationid));
  const standing = events.filter(
    ({ id, data }) => data.transition !== 'drift.retracted' && !retracted.has(id),
  );
  return new Set(
    standing.map(
      ({ correlationid, data }) =>
        `${correlationid} ${data.transition} ${data.window.start} ${data.severity}`,
    ),
  );
}

/** What two endings do not agree on, in sentences. `alertsExact`: also what was announced and not retracted. */
export function differences(expected: Ending, found: Ending, alertsExact: boolean): string[] {
  const missing = [...expected.deadLetters].filter((id) => !found.deadLetters.has(id));
  const surplus = [...found.deadLetters].filter((id) => !expected.deadLetters.has(id));
  const unannounced = [...expected.alerts].filter((alert) => !found.alerts.has(alert));
  const unretracted = [...found.alerts].filter((alert) => !expected.alerts.has(alert));
  return [
    ...unequal('window', expected.windows, found.windows),
    ...found.unsent.map((window) => `the result of window ${window} was never sent`),
    ...unequal('incident history', expected.incidents, found.incidents),
    ...missing.map((id) => `dead letter ${id} is lost`),
    ...surplus.map((id) => `dead letter ${id} should not be`),
    ...unannounced.map((alert) => `alert ${alert} was not announced`),
    ...(alertsExact ? unretracted.map((alert) => `alert ${alert} was not retracted`) : []),
  ];
}

function unequal(
  what: string,
  expected: ReadonlyMap<string, string>,
  found: ReadonlyMap<string, string>,
): string[] {
  return [...new Set([...expected.keys(), ...found.keys()])].sort().flatMap((key) => {
    const [wanted, got] = [expected.get(key), found.get(key)];
    if (wanted === got) return [];
    if (wanted === undefined) return [`${what} ${key} should not be`];
    if (got === undefined) return [`${what} ${key} is missing`];
    return [`${what} ${key} differs: ${excerpt(wanted, got)}`];
  });
}

function excerpt(wanted: string, got: string): string {
  let at = 0;
  while (wanted[at] === got[at]) at += 1;
  const around = (text: string): string => text.slice(Math.max(0, at - 40), at + 40);
  return `…${around(wanted)}… became …${around(got)}…`;
}
