// The groups of values that labels are counted by: at most ten of every tracked column, and a few of the labels.
//
// They follow from the baseline, so that counts by group belong to it. Ten groups fit into four bits with those for missing
// and unseen values: 25 features are 13 bytes of what waits for a label, which then takes 45 bytes of Redis.
import type { Baseline } from '../profile/baseline.ts';
import type { Column } from '../profile/column.ts';
import { type ColumnSpec, type ModelSchema, predictionColumn } from '../profile/schema.ts';
import { type Coarsening, coarsenedBins, coarsenedCategories } from '../sketch/coarsen.ts';
import { readNumeric } from '../sketch/numeric-summary.ts';

/** Groups of values; missing and unseen come on top. */
const valueGroups = 10;
export const groupCodes = valueGroups + 2;

/** The first features of the baseline are tracked. */
export const trackedMax = 25;

/** With more classes labels are told apart as right and wrong. */
const labelClassesMax = 8;

export interface GroupedColumn {
  readonly spec: ColumnSpec;
  readonly coarsening: Coarsening;
}

export interface Grouping {
  /** One byte of the baseline's hash, never 0: what was grouped by another baseline is recognised. */
  readonly tag: number;
  readonly features: readonly GroupedColumn[];
  /** The numbers of a regression; undefined for a classification, whose scores are counted by themselves. */
  readonly output: GroupedColumn | undefined;
  readonly labels: LabelGroups;
}

export type LabelGroups =
  | { readonly kind: 'class'; readonly size: number }
  | { readonly kind: 'right_or_wrong'; readonly size: 2 }
  | { readonly kind: 'number'; readonly size: number; readonly edges: Float64Array };

/** The groups that follow from a baseline's summaries. `edges` cut the labels of a regression. */
export function groupingOf({ schema, profile }: Baseline, edges: Float64Array): Grouping {
  const columns = schema.columns.map((spec, i) => ({ spec, coarsening: groupsOf(profile.columns[i]!) }));
  return {
    tag: tagOf(schema.baselineHash),
    features: columns.filter(({ spec }) => !spec.name.startsWith('@')).slice(0, trackedMax),
    output:
      schema.task === 'regression' ? columns.find(({ spec }) => spec.name === predictionColumn) : undefined,
    labels: labelGroups(schema, edges),
  };
}

function groupsOf(column: Column): Coarsening {
  if (column.kind === 'categorical') return coarsenedCategories(column.summary.counts, valueGroups);
  return coarsenedBins(readNumeric(column.summary).bins?.counts ?? new Float64Array(0), valueGroups);
}

function tagOf(hash: string): number {
  let tag = 0;
  for (let i = 0; i < hash.length; i++) tag = (31 * tag + hash.charCodeAt(i)) & 0xff;
  return tag === 0 ? 1 : tag;
}

function labelGroups({ task, classes }: ModelSchema, edges: Float64Array): LabelGroups {
  if (task === 'regression') return { kind: 'number', size: edges.length + 1, edges };
  const size = classes?.names.length ?? 0;
  return size <= labelClassesMax ? { kind: 'class', size } : { kind: 'right_or_wrong', size: 2 };
}

/** The group of a label; `predicted` is the place of the predicted class. */
export function labelGroupOf(labels: LabelGroups, predicted: number, label: number): number {
  if (labels.kind === 'class') return label;
  if (labels.kind === 'right_or_wrong') return predicted === label ? 0 : 1;
  let group = 0;
  while (group < labels.edges.length && labels.edges[group]! <= label) group += 1;
  return group;
}

/** Length of a table of labelled rows by column, group and label group: tracked features, then the output. */
export function tableLength({ features, output, labels }: Grouping): number {
  return (features.length + (output === undefined ? 0 : 1)) * groupCodes * labels.size;
}

/** Where a column's rows of one group begin in a table. */
export function tableRow({ labels }: Grouping, column: number, group: number): number {
  return (column * groupCodes + group) * labels.size;
}
