// The most frequent of unboundedly many names in bounded memory. Misra, Gries, "Finding repeated elements" (1982); merge:
// Agarwal et al., "Mergeable summaries" (2012). A name's true count lies between its counter and counter + `error`, and
// every name more frequent than `error` has a counter.
//
// A full table is purged down to half, as Apache DataSketches' frequent items do: taking off only what makes room for one
// would touch every counter again for every new name. The price is half the precision.

export interface HeavyHitters {
  readonly counts: Map<string, number>;
  /** How much any name may have been undercounted. */
  error: number;
}

/** Counters kept. The error is at most n / (counters / 2 + 1), after any merges. */
export const countersMax = 192;

/** No names. */
export function emptyHeavyHitters(): HeavyHitters {
  return { counts: new Map(), error: 0 };
}

/** Counts a name `times` times; returns whether it had a counter already. */
export function observeName(hitters: HeavyHitters, name: string, times = 1): boolean {
  const { counts } = hitters;
  const counted = counts.get(name);
  if (counted !== undefined) {
    counts.set(name, counted + times);
    return true;
  }
  counts.set(name, times);
  if (counts.size > countersMax) purge(hitters, countersMax / 2);
  return false;
}

/** Adds `from` to `into`; `from` stays as it is. Errors add up. */
export function mergeHeavyHitters(into: HeavyHitters, from: HeavyHitters): void {
  for (const [name, count] of from.counts) into.counts.set(name, (into.counts.get(name) ?? 0) + count);
  into.error += from.error;
  // A merge happens once, so that it need not make room for more.
  if (into.counts.size > countersMax) purge(into, countersMax);
}

/** Takes the greatest count that does not fit off all counters, so that at most `kept` stay above zero. */
function purge(hitters: HeavyHitters, kept: number): void {
  const { counts } = hitters;
  const ascending = Float64Array.from(counts.values()).sort();
  const excess = ascending[ascending.length - 1 - kept]!;
  for (const [name, count] of counts) {
    if (count > excess) counts.set(name, count - excess);
    else counts.delete(name);
  }
  hitters.error += excess;
}
