// Counts of simulated windows for the sequential detector: a column that is standard normal, in ten equal bins, moved.
import { normalQuantile, normalTail } from '../../src/stats/normal.ts';

const bins = 10;
const edges = Array.from({ length: bins - 1 }, (_, i) => normalQuantile(1 - (i + 1) / bins));

/** Shares of the bins, then of missing and unseen, after a move by `shift` standard deviations. */
export function movedShares(shift: number, missing = 0): number[] {
  const below = [0, ...edges.map((edge) => 1 - normalTail(edge - shift)), 1];
  return [...below.slice(1).map((to, i) => (to - below[i]!) * (1 - missing)), missing, 0];
}

/** Draws rows by these shares, in constant time each (Walker's alias method, 1977). */
export function sampler(shares: readonly number[]): (rows: number, random: () => number) => Float64Array {
  const size = shares.length;
  const kept = shares.map((share) => share * size);
  const alias = new Int32Array(size);
  const poor = kept.flatMap((share, i) => (share < 1 ? [i] : []));
  const rich = kept.flatMap((share, i) => (share >= 1 ? [i] : []));
  while (poor.length > 0 && rich.length > 0) {
    const from = poor.pop()!;
    const to = rich.at(-1)!;
    alias[from] = to;
    kept[to]! += kept[from]! - 1;
    if (kept[to]! < 1) poor.push(rich.pop()!);
  }
  for (const i of [...poor, ...rich]) alias[i] = i;
  return (rows, random) => {
    const counts = new Float64Array(size);
    for (let row = 0; row < rows; row++) {
      const position = random() * size;
      const bin = Math.floor(position);
      counts[position - bin < kept[bin]! ? bin : alias[bin]!]! += 1;
    }
    return counts;
  };
}
