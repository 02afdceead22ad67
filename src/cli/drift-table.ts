// The most drifted columns of a replay: what a person wants to see first.
import { type Cell, textTable } from './table.ts';

/** What is read of a result document. */
interface Document {
  readonly model: string;
  readonly window_start_time: string;
  readonly window_seconds: number;
  readonly status: string;
  readonly columns: readonly {
    readonly feature_name: string;
    readonly drift_score: number | null;
    readonly drift_threshold: number | null;
    readonly measure: string;
    readonly state: string;
    readonly moved?: readonly { readonly text: string }[];
  }[];
}

interface Row {
  readonly model: string;
  readonly windowSeconds: number;
  readonly feature: string;
  readonly measure: string;
  windows: number;
  drifted: number;
  worst: number;
  worstWindow: string;
  threshold: number | null;
  /** What moved in the worst window that drifted, greatest contribution first. */
  moved: readonly string[];
  movedScore: number;
}

/** So many of what moved fit on one line. */
const moversShown = 2;

export interface DriftTable {
  /** Takes the text of a result document; a revision takes the place of what was said of its window before. */
  add(document: string): void;
  /** Windows of each status. */
  windows(): Readonly<Record<string, number>>;
  drifted(): number;
  text(rows: number): string;
}

/** A table of nothing yet. */
export function createDriftTable(): DriftTable {
  const documents = new Map<string, Document>();
  return {
    add(text) {
      const document = JSON.parse(text) as Document;
      documents.set(`${document.model}\0${document.window_seconds}\0${document.window_start_time}`, document);
    },
    windows() {
      const counts: Record<string, number> = {};
      for (const { status } of documents.values()) counts[status] = (counts[status] ?? 0) + 1;
      return counts;
    },
    drifted: () => rowsOf(documents.values()).reduce((sum, row) => sum + row.drifted, 0),
    text: (limit) => tableText(rowsOf(documents.values()), limit),
  };
}

function rowsOf(documents: Iterable<Document>): Row[] {
  const rows = new Map<string, Row>();
  for (const { model, window_seconds: windowSeconds, window_start_time: start, columns } of documents) {
    for (const column of columns) {
      const { feature_name: feature, drift_score: score, drift_threshold, measure, state } = column;
      if (score === null || state === 'insufficient_data') continue;
      const key = `${model}\0${windowSeconds}\0${feature}`;
      const row = rows.get(key) ?? { ...{ model, windowSeconds, feature, measure }, ...emptyRow() };
      rows.set(key, row);
      row.windows += 1;
      if (state === 'drifted') row.drifted += 1;
      if (score > row.worst)
        Object.assign(row, { worst: score, worstWindow: start, threshold: drift_threshold });
      if (column.moved !== undefined && score > row.movedScore)
        Object.assign(row, { moved: column.moved.map(({ text }) => text), movedScore: score });
    }
  }
  return [...rows.values()].sort((a, b) => b.drifted - a.drifted || b.worst - a.worst);
}

function emptyRow(): Omit<Row, 'model' | 'windowSeconds' | 'feature' | 'measure'> {
  return {
    ...{ windows: 0, drifted: 0, worst: -Infinity, worstWindow: '', threshold: null },
    ...{ moved: [], movedScore: -Infinity },
  };
}

function tableText(rows: readonly Row[], limit: number): string {
  const headers = [
    'model',
    'window',
    'feature',
    'measure',
    'windows',
    'drifted',
    'worst score',
    'threshold',
    'worst window',
  ];
  const shown = rows.slice(0, limit);
  const cells = shown.map((row): Cell[] => [
    row.model,
    durationText(row.windowSeconds),
    row.feature,
    row.measure,
    ...[row.windows, row.drifted, rounded(row.worst), row.threshold === null ? null : rounded(row.threshold)],
    row.worstWindow.replace('T00:00:00.000Z', '').replace('.000Z', 'Z'),
  ]);
  return `${textTable(headers, cells)}${movedText(shown)}`;
}

/** Below the table: a line for every drifted feature. */
function movedText(rows: readonly Row[]): string {
  const cells = rows
    .filter(({ moved }) => moved.length > 0)
    .map(({ model, windowSeconds, feature, moved }) => [
      ...[model, durationText(windowSeconds), feature],
      moved.slice(0, moversShown).join('; '),
    ]);
  return cells.length === 0 ? '' : `\n${textTable(['model', 'window', 'feature', 'what moved'], cells)}`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** `1d`, `5m`, or seconds where nothing longer divides it. */
export function durationText(seconds: number): string {
  for (const [unit, length] of [
    ['d', 86_400],
    ['h', 3600],
    ['m', 60],
  ] as const) {
    if (seconds % length === 0) return `${seconds / length}${unit}`;
  }
  return `${seconds}s`;
}
