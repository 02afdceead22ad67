// What a scenario has led to, in the words of its expectations.
import type { AlertEvent } from '../../src/codec/alert-schema.ts';
import type { DeadLetterDocument } from '../../src/codec/dead-letter.ts';
import { decodeResult, type ResultDocument } from '../../src/codec/result.ts';
import { durationText } from '../../src/config/quantity.ts';
import type { OutboundTopic } from '../../src/ports.ts';
import { timeText } from './case.ts';
import type { Outcome } from './stage.ts';

/** Every stored result, in order of model, size and start. */
export async function resultsOf({ results, models, sizes }: Outcome): Promise<object[]> {
  const found: object[] = [];
  for (const model of models) {
    for (const size of sizes) {
      for (const { key } of await results.profiles(model, size, -Infinity, Infinity)) {
        const stored = (await results.result(model, key))!;
        const document = decodeResult(stored.document);
        found.push({ size: durationText(size), start: timeText(key.start), ...told(document) });
      }
    }
  }
  return found;
}

function told(document: ResultDocument): object {
  const { model, rows, status, revisions, unknown_features, versions, columns } = document;
  return {
    ...{ model, rows, status, revisions, unknown_features },
    drifted: columns.filter(({ state }) => state === 'drifted').map(({ feature_name }) => feature_name),
    versions: Object.fromEntries(versions.map(({ version, rows }) => [version, rows])),
    columns: Object.fromEntries(columns.map((column) => [column.feature_name, column])),
  };
}

/** Every alert that was sent, in order. */
export function alertsOf(outcome: Outcome): object[] {
  return documents<AlertEvent>(outcome, 'alerts').map(({ data }) => ({
    ...{ model: data.model, type: data.transition, rule: data.rule, severity: data.severity },
    ...(data.retracts === undefined ? {} : { retracts: data.retracts }),
    columns: data.columns.map(({ feature_name }) => feature_name).sort(),
    window: timeText(Date.parse(data.window.start)),
    late: data.late,
  }));
}

/** Every dead letter that was sent, in order. */
export function rejectsOf(outcome: Outcome): object[] {
  return documents<DeadLetterDocument>(outcome, 'dead_letters').map(
    ({ stream, partition, offset, reason, path }) => ({
      ...{ stream, shard: partition, offset, reason },
      ...(path === undefined ? {} : { path }),
    }),
  );
}

function documents<Document>({ sent }: Outcome, topic: OutboundTopic): Document[] {
  return sent.filter((message) => message.topic === topic).map(({ value }) => JSON.parse(value) as Document);
}

/** The sums of counters, which are named as Prometheus does: `name{label=value,…}`. */
export function countersOf({ tally }: Outcome, names: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    names.map((name) => {
      const [, metric, labels] = /^(\w+)(?:\{(.*)\})?$/.exec(name)!;
      const pairs = (labels ?? '')
        .split(',')
        .filter((pair) => pair !== '')
        .map((pair) => pair.split('=') as [string, string]);
      return [name, tally.sum(metric!, Object.fromEntries(pairs))];
    }),
  );
}
