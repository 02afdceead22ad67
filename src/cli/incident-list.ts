// The incidents of a replay, in the order in which they were raised.
import { textTable } from './table.ts';

interface Incident {
  readonly rule: string;
  severity: string;
  readonly columns: Set<string>;
  readonly raised: string;
  cleared: string | null;
}

interface AlertText {
  readonly type: string;
  readonly correlationid: string;
  readonly data: {
    readonly rule: string;
    readonly severity: string;
    readonly window: { readonly start: string; readonly end: string };
    readonly columns: readonly { readonly feature_name: string }[];
  };
}

export interface IncidentList {
  /** Takes the text of an event of the alerts topic. */
  add(event: string): void;
  raised(): number;
  cleared(): number;
  text(): string;
}

/** A list of nothing yet. */
export function createIncidentList(): IncidentList {
  const incidents = new Map<string, Incident>();
  return {
    add(text) {
      const { type, correlationid, data } = JSON.parse(text) as AlertText;
      const known = incidents.get(correlationid);
      if (data.rule === 'retrain') return;
      if (type.includes('.retracted.')) {
        if (known !== undefined && known.raised === data.window.end) incidents.delete(correlationid);
        return;
      }
      const incident = known ?? {
        ...data,
        columns: new Set<string>(),
        raised: data.window.end,
        cleared: null,
      };
      incidents.set(correlationid, incident);
      incident.severity = data.severity;
      for (const { feature_name } of data.columns) incident.columns.add(feature_name);
      if (type.includes('.cleared.')) incident.cleared = data.window.end;
    },
    raised: () => incidents.size,
    cleared: () => [...incidents.values()].filter(({ cleared }) => cleared !== null).length,
    text() {
      if (incidents.size === 0) return 'No incident was raised.\n';
      const rows = [...incidents.values()].map(({ rule, severity, columns, raised, cleared }) => [
        ...[rule, severity, [...columns].join(', '), moment(raised)],
        cleared === null ? 'open' : moment(cleared),
      ]);
      return textTable(['incident', 'severity', 'columns', 'raised at', 'cleared at'], rows);
    },
  };
}

function moment(text: string): string {
  return text.replace('T00:00:00.000Z', '').replace('.000Z', 'Z');
}
