// A message that its topic finds too large, told with less: first the evidence goes, then the columns that matter least.
import type { AlertEvent } from './alert-schema.ts';
import type { DeadLetterDocument } from './dead-letter.ts';
import type { ResultDocument } from './result.ts';

/** What the shortest form of any message needs, in bytes: a topic that takes less is of no use. */
export const shortestBytesMax = 16 * 1024;

/**
 * The value of a message with less in it; undefined where nothing is left that may go. Equal values give equal ones, so
 * that a repeat is shortened to the same text. `value` is a document of this program.
 */
export function shortened(topic: 'results' | 'alerts' | 'dead_letters', value: string): string | undefined {
  switch (topic) {
    case 'results':
      return textOf(shorterResult(JSON.parse(value)));
    case 'alerts':
      return textOf(shorterAlert(JSON.parse(value)));
    case 'dead_letters':
      return textOf(withoutPayload(JSON.parse(value)));
  }
}

function textOf(document: object | undefined): string | undefined {
  return document === undefined ? undefined : JSON.stringify(document);
}

/** Without what moved; then with the worse half of the columns, in their order; then without versions. */
function shorterResult(document: ResultDocument): ResultDocument | undefined {
  const { columns, columns_omitted: omitted = 0, versions } = document;
  if (columns.some(({ moved }) => moved !== undefined)) {
    return { ...document, columns: columns.map(({ moved: _, ...column }) => column) };
  }
  if (columns.length > 0) {
    const kept = new Set([...columns].sort(worstFirst).slice(0, columns.length >> 1));
    return {
      ...document,
      columns: columns.filter((column) => kept.has(column)),
      columns_omitted: omitted + columns.length - kept.size,
    };
  }
  return versions.length === 0 ? undefined : { ...document, versions: [] };
}

type Column = ResultDocument['columns'][number];

function worstFirst(a: Column, b: Column): number {
  return excess(b) - excess(a) || (a.feature_name < b.feature_name ? -1 : 1);
}

/** Drifted columns before all others, and each kind by how far the score lies above its threshold. */
function excess({ state, drift_score: score, drift_threshold: threshold }: Column): number {
  const ratio = score === null || threshold === null || threshold <= 0 ? 0 : score / threshold;
  return (state === 'drifted' ? 1e6 : 0) + Math.min(ratio, 1e5);
}

/** Its columns stand in order already, the worst first. An event about the monitor has none. */
function shorterAlert(event: AlertEvent | { readonly data: object }): object | undefined {
  const { data } = event;
  if (!('columns' in data) || data.columns.length === 0) return undefined;
  return { ...event, data: { ...data, columns: data.columns.slice(0, data.columns.length >> 1) } };
}

function withoutPayload({ payload_base64: payload, ...letter }: DeadLetterDocument): object | undefined {
  return payload === undefined ? undefined : { ...letter, payload_truncated: true };
}
