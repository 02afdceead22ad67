// What is left when all is quiet, in a form in which two runs can be compared.

import type { AlertEvent } from '../../src/codec/alert-schema.ts';
import { decodeIncidents } from '../../src/codec/incident-history.ts';
import { type ResultDocument, resultContent } from '../../src/codec/result.ts';
import type { OutboundMessage, ResultStore } from '../../src/ports.ts';

export interface Ending {
  /** The content of every result with its merged profiles, by model, size and start. */
  readonly windows: ReadonlyMap<string, string>;
  /** The windows whose result, as it is stored, never arrived on its topic. */
  readonly unsent: readonly string[];
  /** What was published more than once under one revision, with different content. */
  readonly ambiguous: readonly string[];
  /** The windows of which the greatest revision that was ever published says other than what is stored. */
  readonly outdated: readonly string[];
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
  const published = publishedResults(sent);
  const unsent: string[] = [];
  const outdated: string[] = [];
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
        if (!published.documents.has(document)) unsent.push(window);
        const newest = published.newest.get(windowOf(JSON.parse(document)));
        if (newest === undefined || resultContent(newest) !== resultContent(document)) outdated.push(window);
      }
    }
    const { incidents: history } = await results.state(model);
    if (history === undefined) continue;
    const { withdrawn: _, sequence: __, jobs: ___, ...content } = decodeIncidents(history);
    incidents.set(model, JSON.stringify(content));
  }
  return {
    windows,
    unsent,
    ambiguous: published.ambiguous,
    outdated,
    incidents,
    deadLetters: idsOf(sent, 'dead_letters'),
    alerts: standingAlerts(sent),
    rows,
  };
}

/** All results that arrived: the greatest revision of every window, and those under whose name another content came too. */
function publishedResults(sent: readonly OutboundMessage[]) {
  const results = sent.filter(({ topic }) => topic === 'results');
  const newest = new Map<string, { readonly revision: string; readonly value: string }>();
  const contents = new Map<string, Set<string>>();
  for (const { value } of results) {
    const document = JSON.parse(value) as ResultDocument;
    const window = windowOf(document);
    const known = newest.get(window);
    if (known === undefined || known.revision < document.revision)
      newest.set(window, { revision: document.revision, value });
    const name = `${window} ${document.revision}`;
    contents.set(name, (contents.get(name) ?? new Set()).add(value));
  }
  return {
    documents: new Set(results.map(({ value }) => value)),
    newest: new Map([...newest].map(([window, { value }]) => [window, value])),
    ambiguous: [...contents].filter(([, values]) => values.size > 1).map(([name]) => name),
  };
}

function windowOf({ model, window_start_time: start, window_seconds: seconds }: ResultDocument): string {
  return `${model} ${start} ${seconds}`;
}

function idsOf(sent: readonly OutboundMessage[], topic: OutboundMessage['topic']): Set<string> {
  return new Set(sent.filter((message) => message.topic === topic).map(({ id }) => id));
}

function alertsOf(sent: readonly OutboundMessage[]): readonly AlertEvent[] {
  const alerts = sent.filter(({ topic }) => topic === 'alerts');
  const events = new Map(alerts.map(({ id, value }) => [id, JSON.parse(value) as AlertEvent]));
  // What is told of the monitor itself is a matter of timing.
  return [...events.values()].filter(({ type }) => !type.startsWith('io.driftline.monitor.'));
}

/** How many alerts were retracted. */
export function retractions(sent: readonly OutboundMessage[]): number {
  return alertsOf(sent).filter(({ data }) => data.retracts !== undefined).length;
}

function standingAlerts(sent: readonly OutboundMessage[]): Set<string> {
  const events = alertsOf(sent);
  const retracted = new Set(events.map(({ causationid }) => causationid));
  const standing = events.filter(({ id, data }) => data.retracts === undefined && !retracted.has(id));
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
    ...found.ambiguous.map((name) => `result ${name} was published twice with different content`),
    ...found.outdated.map((window) => `the greatest revision of window ${window} is not its last`),
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
