// A plain text table for people: columns two spaces apart, numbers to the right.
import { printable } from './printable.ts';

export type Cell = string | number | null;

/**
 * Lays out rows below their headers. A column whose cells are all numbers (or null) is aligned to the right; null is
 * shown as `-`. Ends with a line break.
 */
export function textTable(headers: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const texts = rows.map((row) => headers.map((_, column) => cellText(row[column] ?? null)));
  const widths = headers.map((header, column) =>
    Math.max(width(header), ...texts.map((row) => width(row[column] ?? ''))),
  );
  const isNumeric = headers.map(
    (_, column) => rows.length > 0 && rows.every((row) => typeof (row[column] ?? null) !== 'string'),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => {
        const space = ' '.repeat((widths[column] ?? 0) - width(cell));
        return isNumeric[column] ? space + cell : cell + space;
      })
      .join('  ')
      .trimEnd();
  return `${[headers, ...texts].map(line).join('\n')}\n`;
}

function cellText(cell: Cell): string {
  return cell === null ? '-' : printable(String(cell));
}

/** Code points, so that a name outside the basic plane does not shift its row. */
function width(text: string): number {
  return [...text].length;
}
