// The figures of the acceptance runs in docs/statistics.md. Runs come in parts: a case takes the place of the same one before.
import { withBlock } from '../../config/reference-pages.ts';
import { type DependenceName, dependences } from '../drift/dependent-rows.ts';
import { blockOf, percent } from './study-table.ts';

/** A stationary stream: what it raised. */
export interface QuietCase {
  readonly kind: 'quiet';
  readonly dependence: DependenceName;
  readonly rows: number;
  readonly min_count: number;
  readonly met: boolean;
  readonly incidents: number;
  readonly raises: number;
  readonly feature_days: number;
  readonly raises_per_10000_feature_days: number;
}

/** A change of one feature: how often it was raised in time. */
export interface PowerCase {
  readonly kind: 'power';
  readonly dependence: DependenceName;
  readonly change: string;
  readonly within: number;
  readonly met: boolean;
  readonly share: number;
  readonly runs: number;
  readonly mean_windows: number;
}

export type AcceptanceCase = QuietCase | PowerCase;

const rowNames: Readonly<Record<DependenceName, string>> = {
  independent: 'independent',
  entity: 'each value five times',
  autoregressive: 'autocorrelation 0.9',
};

const count = (value: number) => value.toLocaleString('en-US');

/** The first so many cells say which case a row is of. */
const keyCells = 3;

function cellsOf(found: AcceptanceCase): readonly string[] {
  const rows = rowNames[found.dependence];
  if (found.kind === 'quiet') {
    return [
      ...[rows, count(found.rows), String(found.min_count)],
      ...[found.feature_days, found.incidents, found.raises].map(count),
      found.raises_per_10000_feature_days.toFixed(2),
    ];
  }
  return [
    ...[rows, found.change, String(found.within)],
    ...[count(found.runs), percent(found.share), found.mean_windows.toFixed(1)],
  ];
}

const tables = {
  quiet: {
    block: 'acceptance quiet',
    header: [
      ...['rows', 'a window', '`min_count`', 'feature-days', 'incidents', 'features raised'],
      'per 10,000 feature-days',
    ],
  },
  power: {
    block: 'acceptance power',
    header: [
      'rows',
      'change of one feature',
      'within windows',
      'runs',
      'raised in time',
      'windows on average',
    ],
  },
} as const;

/** The page with these cases in its two tables, those that were there before kept. */
export function withCases(page: string, cases: readonly AcceptanceCase[]): string {
  return (['quiet', 'power'] as const).reduce((text, kind) => {
    const { block, header } = tables[kind];
    const known = rowsOf(blockOf(text, block));
    const keyOf = (cells: readonly string[]) => cells.slice(0, keyCells).join('|');
    const byKey = new Map(known.map((cells) => [keyOf(cells), cells]));
    for (const found of cases) {
      if (found.kind !== kind) continue;
      const cells = cellsOf(found);
      byKey.set(keyOf(cells), cells);
    }
    const order = (cells: readonly string[]) => dependences.findIndex((name) => rowNames[name] === cells[0]);
    const rows = [...byKey.values()].sort((a, b) => order(a) - order(b));
    const lines = [header, header.map((_, i) => (i < keyCells - 1 ? '---' : '---:')), ...rows];
    return withBlock(text, block, lines.map((cells) => `| ${cells.join(' | ')} |\n`).join(''));
  }, page);
}

function rowsOf(block: string): (readonly string[])[] {
  return block
    .split('\n')
    .slice(2)
    .filter((line) => line !== '')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}
