// Whether the predictions that are labelled by now are like the others: if not, quality that is known so far is not quality.

import type { Profile } from '../profile/profile.ts';
import { readNumeric } from '../sketch/numeric-summary.ts';
import { stratifiedTest, type TableTest } from '../stats/contingency.ts';
import { type Grouping, groupCodes, tableRow } from './grouping.ts';

/** Fewer rows on a side say nothing. */
const rowsMin = 20;

/**
 * The output of the labelled predictions against that of the predictions that have no label, on the groups of the
 * baseline. Undefined where one side is too small, and where the window's bins are of another baseline. `columns` names
 * those of the profile.
 */
export function labelledSubsetBias(
  grouping: Grouping,
  table: Float64Array,
  profile: Profile,
  columns: readonly string[],
): TableTest | undefined {
  const { output, features, labels } = grouping;
  const column = output && profile.columns[columns.indexOf(output.spec.name)];
  if (output === undefined || column?.kind !== 'numeric') return undefined;
  const { bins } = readNumeric(column.summary);
  if (bins === undefined) return undefined;
  const all = new Float64Array(groupCodes);
  const { groups, size } = output.coarsening;
  bins.counts.forEach((rows, bin) => {
    all[groups[bin]! < 0 ? size + 1 : groups[bin]!]! += rows;
  });
  all[size]! += column.missing + column.invalid + column.nonfinite;
  const labelled = all.map((_, group) => {
    const row = tableRow(grouping, features.length, group);
    return table.subarray(row, row + labels.size).reduce((sum, rows) => sum + rows, 0);
  });
  const others = all.map((rows, group) => Math.max(0, rows - labelled[group]!));
  return stratifiedTest([{ before: others, after: labelled }], rowsMin);
}
