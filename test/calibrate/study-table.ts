// A table of the study: columns that are computed one by one, its form on the page, and what the page says again.

/** One number of a table. Null: the rule makes no statement here. */
export interface Cell {
  /** The row: whose it is, and what it is. */
  readonly group: string;
  readonly label: string;
  /** Stable name of the row in the JSON output. */
  readonly id: string;
  readonly value: number | null;
  /** How many independent trials the value rests on; absent where it is calculated. */
  readonly trials?: number;
}

export interface Column {
  readonly label: string;
  /** Whether `--check` computes it. */
  readonly isQuick: boolean;
  /** The cells from top to bottom; the same rows in every column of a table. */
  readonly compute: () => readonly Cell[];
}

export interface Table {
  /** Name of its block on the page. */
  readonly id: string;
  /** Headings of the first two columns. */
  readonly heading: readonly [string, string];
  readonly columns: readonly Column[];
  readonly format: (value: number) => string;
}

export interface ComputedColumn {
  readonly label: string;
  readonly cells: readonly Cell[];
}

/** A cell as the page shows it. */
export function cellText(table: Table, { value }: Cell): string {
  return value === null ? '–' : table.format(value);
}

/** The table in Markdown; `columns` are all of its columns. */
export function tableText(table: Table, columns: readonly ComputedColumn[]): string {
  const lines = [
    [...table.heading, ...columns.map(({ label }) => label)],
    ['---', '---', ...columns.map(() => '---:')],
    ...columns[0]!.cells.map(({ group, label }, row) => [
      group,
      label,
      ...columns.map(({ cells }) => cellText(table, cells[row]!)),
    ]),
  ];
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** The text between the markers of a block of the page; empty where there is none. */
export function blockOf(page: string, name: string): string {
  const start = `<!-- generated: ${name} -->\n`;
  const from = page.indexOf(start);
  return from < 0 ? '' : page.slice(from + start.length, page.indexOf('<!-- end:', from));
}

/** Where a computed column differs from the table on the page, one sentence each. */
export function differences(table: Table, column: ComputedColumn, onPage: string): string[] {
  const [heading = [], , ...rows] = onPage
    .trim()
    .split('\n')
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
  const position = heading.indexOf(column.label);
  return column.cells.flatMap((cell) => {
    const { group, label } = cell;
    const row = rows.find(([ofGroup, ofLabel]) => ofGroup === group && ofLabel === label);
    const said = position < 0 ? undefined : row?.[position];
    const computed = cellText(table, cell);
    if (said === computed) return [];
    return [
      `${table.id}, ${group}, ${label}, ${column.label}: the page says ${said ?? 'nothing'}, computed ${computed}`,
    ];
  });
}

/** A share as a percentage: two digits, and two decimals at the least where it is small. */
export function percent(share: number): string {
  if (share === 0) return '0';
  if (share < 0.00005) return '< 0.01 %';
  if (share >= 0.0995) return `${Math.round(share * 100)} %`;
  return `${(share * 100).toFixed(share >= 0.00995 ? 1 : 2)} %`;
}

/** A number with about three digits. */
export function plain(value: number): string {
  if (value === 0) return '0';
  return value >= 100
    ? Math.round(value).toLocaleString('en-US')
    : value >= 10
      ? value.toFixed(1)
      : value.toFixed(2);
}
