// What is remembered of the values of one categorical column: exact counts of the categories that the baseline knows, the
// most frequent of the others, and how many others there are.
import { Fault } from '../fault.ts';
import { type CategoryValue, categoryText, type Dictionary } from './dictionary.ts';
import {
  copyDistinct,
  type Distinct,
  distinctCountWith,
  emptyDistinct,
  mergeDistincts,
  observeDistinctText,
} from './distinct.ts';
import { emptyHeavyHitters, type HeavyHitters, mergeHeavyHitters, observeName } from './heavy-hitters.ts';

export interface CategorySummary {
  /** Undefined where no baseline has frozen categories: then every category is unseen. */
  readonly dictionary: Dictionary | undefined;
  /** In the order of the dictionary. */
  readonly counts: Float64Array;
  /** Values whose category the dictionary lacks. */
  unseen: number;
  /** Names of those. */
  readonly names: HeavyHitters;
  /**
   * All of their names, to tell how many there are; every name that has a counter is in it. Undefined where that is not
   * known any more: an older version stored the summary.
   */
  distinct: Distinct | undefined;
}

/** Longer names are cut for storage; categories that agree so far are counted as one. */
export const nameLengthMax = 256;

/** A summary of nothing. */
export function emptyCategorySummary(dictionary?: Dictionary): CategorySummary {
  const counts = new Float64Array(dictionary?.names.length ?? 0);
  return { dictionary, counts, unseen: 0, names: emptyHeavyHitters(), distinct: emptyDistinct() };
}

/** Counts one value. */
export function observeCategory(summary: CategorySummary, value: CategoryValue): void {
  const known = summary.dictionary?.index.get(value);
  if (known !== undefined) summary.counts[known]! += 1;
  else observeOther(summary, stored(categoryText(value)));
}

/**
 * A name as it is stored. The engine's `slice` is a view that keeps the whole text in memory, a megabyte maybe; of a text
 * that was joined first, one character longer, it keeps no more than that.
 */
function stored(name: string): string {
  return name.length <= nameLengthMax ? name : `${name.slice(0, nameLengthMax)} `.slice(0, -1);
}

/** The dictionary may know a name as it is stored, though not as it came: cut, it is that category, here and when it is read back. */
function observeOther(summary: CategorySummary, name: string): void {
  const known = summary.dictionary?.index.get(name);
  if (known !== undefined) summary.counts[known]! += 1;
  else {
    summary.unseen += 1;
    // A name that is being counted has been seen before: only the others are worth a hash.
    if (!observeName(summary.names, name) && summary.distinct !== undefined)
      observeDistinctText(summary.distinct, name);
  }
}

/**
 * Adds `from` to `into`; `from` stays as it is. Exact but for the counts of unseen categories. Throws BUG, and changes nothing,
 * for summaries of different dictionaries.
 */
export function mergeCategorySummaries(into: CategorySummary, from: CategorySummary): void {
  if (!sameNames(into.dictionary, from.dictionary)) {
    throw new Fault('BUG', 'summaries with different dictionaries cannot be merged');
  }
  for (let i = 0; i < into.counts.length; i++) into.counts[i]! += from.counts[i]!;
  into.unseen += from.unseen;
  mergeHeavyHitters(into.names, from.names);
  if (into.distinct === undefined || from.distinct === undefined) into.distinct = undefined;
  else mergeDistincts(into.distinct, from.distinct);
}

function sameNames(a: Dictionary | undefined, b: Dictionary | undefined): boolean {
  if (a === b) return true;
  const names = b?.names ?? [];
  return (a?.names ?? []).length === names.length && names.every((name, i) => name === a?.names[i]);
}

/** A summary of its own with the same content. */
export function copyCategorySummary(summary: CategorySummary): CategorySummary {
  const { dictionary, counts, unseen, names, distinct } = summary;
  return {
    dictionary,
    counts: counts.slice(),
    unseen,
    names: { counts: new Map(names.counts), error: names.error },
    distinct: distinct && copyDistinct(distinct),
  };
}

/** How many values there are. */
export function categoryCount(summary: CategorySummary): number {
  let count = summary.unseen;
  for (const known of summary.counts) count += known;
  return count;
}

/**
 * How many categories there are: exact below a thousand unseen ones, else within 3 %. Undefined where it is not known how many
 * unseen ones there were.
 */
export function distinctCategories({ dictionary, counts, distinct }: CategorySummary): number | undefined {
  const known = (dictionary?.names ?? []).filter((_, i) => counts[i]! > 0);
  // A name may be in both: it was unseen to the baseline of an earlier day.
  return distinct && distinctCountWith(distinct, known);
}

/** The `k` most frequent categories, equal counts by name. */
export function topCategories(summary: CategorySummary, k: number): { name: string; count: number }[] {
  const known = (summary.dictionary?.names ?? []).map((name, i) => ({ name, count: summary.counts[i]! }));
  const unseen = [...summary.names.counts].map(([name, count]) => ({ name, count }));
  return [...known, ...unseen]
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
    .slice(0, k);
}
