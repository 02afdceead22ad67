// At most 32 coarse bins out of a baseline's fine bins or categories: what PSI and its kin need to be quiet in small
// windows.
import { total } from './total.ts';

/**
 * Which coarse bin each fine bin or category belongs to; -1 where the baseline has no row: what falls there is
 * unseen.
 */
export interface Coarsening {
  readonly groups: Int32Array;
  /** How many coarse bins there are. */
  readonly size: number;
}

export const coarseBins = 32;

interface Run {
  readonly first: number;
  /** One past the last fine bin of the run. */
  readonly end: number;
  readonly mass: number;
}

/**
 * Merges adjacent fine bins to about equal baseline mass. A bin that holds a full share by itself stays alone (an
 * atom such as the zeros of a zero-inflated column must not hide among its neighbours), and merging never reaches
 * across it; where atoms are so many that the pieces between them exceed the limit, the bar for being alone rises. A
 * function of the baseline's counts alone.
 */
export function coarsenedBins(counts: Float64Array, limit: number = coarseBins): Coarsening {
  const filled: number[] = [];
  for (let i = 0; i < counts.length; i++) if (counts[i]! > 0) filled.push(i);
  const masses = Float64Array.from(filled, (i) => counts[i]!);
  const share = total(masses) / limit;
  if (filled.length <= limit)
    return numbered(
      counts.length,
      filled,
      filled.map((_, k) => k),
    );
  for (let bar = share; ; bar *= 1.25) {
    const runs = runsBetweenHeavy(masses, bar);
    const pieces = runs.map((run) =>
      run.mass >= bar && run.end - run.first === 1 ? 1 : Math.max(1, Math.floor(run.mass / share)),
    );
    if (pieces.reduce((sum, count) => sum + count, 0) <= limit)
      return numbered(counts.length, filled, split(masses, runs, pieces));
  }
}

/** Cuts the bins into heavy ones, each a run of its own, and the runs of light ones between them. */
function runsBetweenHeavy(masses: Float64Array, bar: number): Run[] {
  const runs: Run[] = [];
  let first = 0;
  let mass = 0;
  const close = (end: number) => {
    if (end > first) runs.push({ first, end, mass });
    first = end;
    mass = 0;
  };
  for (let i = 0; i < masses.length; i++) {
    if (masses[i]! >= bar) {
      close(i);
      mass = masses[i]!;
      close(i + 1);
    } else mass += masses[i]!;
  }
  close(masses.length);
  return runs;
}

/** The coarse bin of every fine one: each run in so many pieces of about equal mass, by the middle of each fine bin. */
function split(masses: Float64Array, runs: readonly Run[], pieces: readonly number[]): number[] {
  const labels: number[] = [];
  let offset = 0;
  runs.forEach(({ first, end, mass }, run) => {
    const count = pieces[run]!;
    let below = 0;
    for (let i = first; i < end; i++) {
      labels.push(offset + Math.min(count - 1, Math.floor((count * (below + masses[i]! / 2)) / mass)));
      below += masses[i]!;
    }
    offset += count;
  });
  return labels;
}

/** Numbers the labels, which ascend, without gaps. */
function numbered(length: number, filled: readonly number[], labels: readonly number[]): Coarsening {
  const groups = new Int32Array(length).fill(-1);
  let size = 0;
  for (let k = 0; k < filled.length; k++) {
    if (k === 0 || labels[k] !== labels[k - 1]) size += 1;
    groups[filled[k]!] = size - 1;
  }
  return { groups, size };
}

/**
 * The most frequent categories one by one, and the rest of the baseline's categories pooled in the last bin. Ties go
 * to the category that stands first in the dictionary.
 */
export function coarsenedCategories(counts: Float64Array, limit: number = coarseBins): Coarsening {
  const groups = new Int32Array(counts.length).fill(-1);
  const filled: number[] = [];
  for (let i = 0; i < counts.length; i++) if (counts[i]! > 0) filled.push(i);
  filled.sort((a, b) => counts[b]! - counts[a]! || a - b);
  filled.forEach((category, rank) => {
    groups[category] = Math.min(rank, limit - 1);
  });
  return { groups, size: Math.min(filled.length, limit) };
}
