// How far two distribution functions lie apart on coarse edges, as a mean of squares: what shows that the rows of a chunk
// move together even where the bins one by one do not.
import { total } from '../sketch/total.ts';

/**
 * The mean over the inner edges of (F - G)² / (G(1 - G)), for the counts of a chunk and of the whole over the same bins in
 * ascending order. Its mean for independent rows is 1/n - 1/m for a chunk inside the whole. Edges with nothing of the whole
 * on one side are left out; 0 without any other. Source: Anderson and Darling, Annals of Mathematical Statistics 23 (1952),
 * with every edge counted once.
 */
export function orderedStatistic(whole: Float64Array, chunk: Float64Array): number {
  const m = total(whole);
  const n = total(chunk);
  let below = 0;
  let chunkBelow = 0;
  let sum = 0;
  let edges = 0;
  for (let i = 0; i + 1 < whole.length; i++) {
    below += whole[i]!;
    chunkBelow += chunk[i]!;
    if (below === 0 || below === m) continue;
    const g = below / m;
    sum += (chunkBelow / n - g) ** 2 / (g * (1 - g));
    edges += 1;
  }
  return edges === 0 ? 0 : sum / edges;
}

/**
 * The variance of that statistic, divided by 1/n - 1/m, for independent rows: 2 Σ Σ ρ² / edges², with the correlation
 * ρ² = g(1 - h) / (h(1 - g)) of the whole's shares g ≤ h below two edges. 0 without an edge.
 */
export function orderedVariance(whole: Float64Array): number {
  const m = total(whole);
  const odds: number[] = [];
  let below = 0;
  for (let i = 0; i + 1 < whole.length; i++) {
    below += whole[i]!;
    if (below > 0 && below < m) odds.push(below / (m - below));
  }
  let sum = 0;
  for (let i = 0; i < odds.length; i++) {
    sum += 1;
    for (let j = 0; j < i; j++) sum += 2 * (odds[j]! / odds[i]!);
  }
  return odds.length === 0 ? 0 : (2 * sum) / odds.length ** 2;
}
