// The most frequent of unboundedly many names in bounded memory. Misra, Gries, "Finding repeated elements" (1982); merge:
// Agarwal et al., "Mergeable summaries" (2012). A name's true count lies between its counter and counter + `error`, and
// every name more frequent than `error` has a counter.

export interface HeavyHitters {
  readonly counts: Map<string, number>;
  /** How much any name may have been undercounted. */
  error: number;
}

/** Counters kept; the error is at most n / (counters + 1). */
export const countersMax = 192;

/** No names. */
export function emptyHeavyHitters(): HeavyHitters {
  return { counts: new Map(), error: 0 };
}

/** Counts a name `times` times. */
export function observeName(hitters: HeavyHitters, name: string, times = 1): void {
  const { counts } = hitters;
  const counted = counts.get(name);
  if (counted !== undefined) counts.set(name, counted + times);
  else {
    counts.set(name, times);
    if (counts.size > countersMax) purge(hitters);
  }
}

/** Adds `from` to `into`; `from` stays as it is. Errors add up. */
export function mergeHeavyHitters(into: HeavyHitters, from: HeavyHitters): void {
  for (const [name, count] of from.counts) into.counts.set(name, (into.counts.get(name) ?? 0) + count);
  into.error += from.error;
  purge(into);
}

/** Takes the greatest count that does not fit off all counters, so that at most `countersMax` stay above zero. */
function purge(hitters: HeavyHitters): void {
  const { counts } = hitters;
  if (counts.size <= countersMax) return;
  const descending = Float64Array.from(counts.values()).sort().reverse();
  const excess = descending[countersMax]!;
  for (const [name, count] of counts) {
    if (count > excess) counts.set(name, count - excess);
    else counts.delete(name);
  }
  hitters.error += excess;
}
