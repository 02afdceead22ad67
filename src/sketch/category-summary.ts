// What is remembered of the values of one categorical column: exact counts of the categories that the baseline knows, and
// the most frequent of the others.
import { Fault } from '../fault.ts';
import { type CategoryValue, categoryText, type Dictionary } from './dictionary.ts';
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
}

/** Longer names are cut for storage; categories that agree so far are counted as one. */
export const nameLengthMax = 256;

/** A summary of nothing. */
export function emptyCategorySummary(dictionary?: Dictionary): CategorySummary {
  const counts = new Float64Array(dictionary?.names.length ?? 0);
  return { dictionary, counts, unseen: 0, names: emptyHeavyHitters() };
}

/** Counts one value. */
export function observeCategory(summary: CategorySummary, value: CategoryValue): void {
  const known = summary.dictionary?.index.get(value);
  if (known !== undefined) summary.counts[known]! += 1;
  else observeOther(summary, categoryText(value).slice(0, nameLengthMax));
}

/** The dictionary may know a name as it is stored, though not as it came: cut, it is that category, here and when it is read back. */
function observeOther(summary: CategorySummary, name: string): void {
  const known = summary.dictionary?.index.get(name);
  if (known !== undefined) summary.counts[known]! += 1;
  else {
    summary.unseen += 1;
    observeName(summary.names, name);
  }
}

/**
 * Adds `from` to `into`; `from` stays as it is. Exact but for the names of unseen categories. Throws BUG, and changes nothing,
 * for summaries of different dictionaries.
 */
export function mergeCategorySummaries(into: CategorySummary, from: CategorySummary): void {
  if (!sameNames(into.dictionary, from.dictionary)) {
    throw new Fault('BUG', 'summaries with different dictionaries cannot be merged');
  }
  for (let i = 0; i < into.counts.length; i++) into.counts[i]! += from.counts[i]!;
  into.unseen += from.unseen;
  mergeHeavyHitters(into.names, from.names);
}

function sameNames(a: Dictionary | undefined, b: Dictionary | undefined): boolean {
  if (a === b) return true;
  const names = b?.names ?? [];
  return (a?.names ?? []).length === names.length && names.every((name, i) => name === a?.names[i]);
}

/** A summary of its own with the same content. */
export function copyCategorySummary(summary: CategorySummary): CategorySummary {
  const { dictionary, counts, unseen, names } = summary;
  return {
    dictionary,
    counts: counts.slice(),
    unseen,
    names: { counts: new Map(names.counts), error: names.error },
  };
}

/** How many values there are. */
export function categoryCount(summary: CategorySummary): number {
  let count = summary.unseen;
  for (const known of summary.counts) count += known;
  return count;
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
