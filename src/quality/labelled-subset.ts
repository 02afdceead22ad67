// Whether the predictions that are labelled by now are like the others: if not, quality that is known so far is not quality.
import type { Profile } from '../profile/profile.ts';
import { type ModelSchema, predictionColumn } from '../profile/schema.ts';
import { readNumeric } from '../sketch/numeric-summary.ts';
import { readScores, type ScoreCounts } from '../sketch/score-counts.ts';
import { stratifiedTest, type TableTest } from '../stats/contingency.ts';
import { type Grouping, groupCodes, tableRow } from './grouping.ts';
import type { LabelledProfile } from './labelled-profile.ts';
import { equalMassEdges, groupedRows } from './strata.ts';

/** Fewer rows on a side say nothing. */
const rowsMin = 20;

const scoreGroups = 10;

/**
 * The output of the labelled predictions against that of the predictions without a label: scores on ten groups of about equal
 * mass, the numbers of a regression on the groups of its baseline. Undefined where one side is too small, without
 * scores, and where the bins of the window are of another baseline.
 */
export function labelledSubsetBias(
  { schema, grouping }: { readonly schema: ModelSchema; readonly grouping: Grouping | undefined },
  profile: Profile,
  labelled: LabelledProfile,
): TableTest | undefined {
  const counts =
    schema.task === 'regression'
      ? grouping && labelled.bound && numbersByGroup(grouping, labelled.bound.table, profile, schema)
      : profile.scores && labelled.scores && scoresByGroup(profile.scores, labelled.scores);
  if (counts === undefined) return undefined;
  const others = counts.all.map((rows, group) => Math.max(0, rows - counts.labelled[group]!));
  return stratifiedTest([{ before: others, after: counts.labelled }], rowsMin);
}

interface GroupCounts {
  readonly all: Float64Array;
  readonly labelled: Float64Array;
}

function scoresByGroup(all: ScoreCounts, labelled: ScoreCounts): GroupCounts | undefined {
  const [steps, labelledSteps] = [readScores(all), readScores(labelled)];
  const cells = Array.from({ length: all.cells }, (_, i) => i);
  const edges = equalMassEdges(steps, cells, scoreGroups);
  return {
    all: groupedRows(steps, cells, edges),
    labelled: groupedRows(
      labelledSteps,
      Array.from({ length: labelled.cells }, (_, i) => i),
      edges,
    ),
  };
}

function numbersByGroup(
  grouping: Grouping,
  table: Float64Array,
  profile: Profile,
  { columns }: ModelSchema,
): GroupCounts | undefined {
  const { output, features, labels } = grouping;
  const column = profile.columns[columns.findIndex(({ name }) => name === predictionColumn)];
  if (output === undefined || column?.kind !== 'numeric') return undefined;
  const { bins } = readNumeric(column.summary);
  if (bins === undefined) return undefined;
  const all = new Float64Array(groupCodes);
  const { groups, size } = output.coarsening;
  bins.counts.forEach((rows, bin) => {
    all[groups[bin]! < 0 ? size + 1 : groups[bin]!]! += rows;
  });
  return {
    all,
    labelled: all.map((_, group) => {
      const row = tableRow(grouping, features.length, group);
      return table.subarray(row, row + labels.size).reduce((sum, rows) => sum + rows, 0);
    }),
  };
}
