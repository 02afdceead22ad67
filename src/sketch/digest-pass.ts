// A pass over centroids and values in line: neighbours are blended while the scale function allows it, atoms stay alone.
//
// Passes from one side only would leave small centroids between large ones (rank errors three times as large), so that they
// come from the left and from the right in turn; from where, the total says, so that the result follows from the values alone.
import {
  type Centroids,
  itemMeans,
  itemPure,
  itemWeights,
  type Line,
  lineMax,
  tieItems,
  tieStarts,
} from './centroid-line.ts';
import { isFarApart } from './centroid-mean.ts';

/** A centroid spans at most one step of the scale function k1(q) = delta / 2π · asin(2q − 1). */
export const delta = 200;

/** Of what a centroid may hold: more than that of one value is an atom; the first centroid beside an atom holds no more than that. */
const atomShare = 1 / 4;
const edgeShare = 1 / 8;
/**
 * What the next ones hold, of their distance from the atom. A line from mean to mean misses the ranks between by up to 1.3e-3
 * of all values where centroids double, because values thin out towards an atom or away from it; by 0.8e-3 like this.
 */
const edgeGrowth = 1 / 4;
/** Values that come together as a rule. */
const valuesPerPass = 1000;

const stepSine = Math.sin((2 * Math.PI) / delta);
const stepCosine = Math.cos((2 * Math.PI) / delta);

// The atoms in the order of the pass, and what it has made.
const atomItems = new Uint16Array(lineMax);
const atomStarts = new Float64Array(lineMax);
const madeMeans = new Float64Array(lineMax);
const madeWeights = new Float64Array(lineMax);
const madePure = new Uint8Array(lineMax);

/** The centroids that one pass makes of the items in line, which weigh `total` together. */
export function passOver({ items, ties }: Line, total: number): Centroids {
  const direction = Math.round(total / valuesPerPass) % 2 === 0 ? 1 : -1;
  const atoms = findAtoms(ties, total, direction);
  return made(blend(items, atoms, total, direction), direction);
}

/** Notes the ties that are atoms, and what stands before them as seen in the direction of the pass; returns how many there are. */
function findAtoms(ties: number, total: number, direction: 1 | -1): number {
  let atoms = 0;
  for (let k = 0; k < ties; k++) {
    const tie = direction === 1 ? k : ties - 1 - k;
    const item = tieItems[tie]!;
    const weight = itemWeights[item]!;
    const start = direction === 1 ? tieStarts[tie]! : total - tieStarts[tie]! - weight;
    if (weight <= atomShare * sizeLimit(start, total)) continue;
    atomItems[atoms] = item;
    atomStarts[atoms] = start;
    atoms += 1;
  }
  return atoms;
}

/** Blends neighbours in the direction of the pass; returns how many centroids there are. */
function blend(items: number, atoms: number, total: number, direction: 1 | -1): number {
  const end = direction === 1 ? items : -1;
  let centroids = 0;
  let start = 0;
  let passed = 0;
  let atomEnd = -Infinity;
  for (let i = direction === 1 ? 0 : items - 1; i !== end; centroids++) {
    const atom = passed < atoms ? atomItems[passed]! : end;
    const from = i;
    const first = itemMeans[i]!;
    let weight = itemWeights[i]!;
    let offset = 0;
    i += direction;
    if (from === atom) {
      passed += 1;
      atomEnd = start + weight;
    } else {
      const room = roomAt(
        start,
        total,
        start - atomEnd,
        passed < atoms ? atomStarts[passed]! - start : Infinity,
      );
      for (; i !== atom; i += direction) {
        const added = itemWeights[i]!;
        if (weight + added > room) break;
        weight += added;
        offset += (itemMeans[i]! - first) * added;
      }
    }
    start += weight;
    const last = itemMeans[i - direction]!;
    const mean = first + offset / weight;
    const isPlain = Number.isFinite(mean) && !isFarApart(first, last);
    madeMeans[centroids] = isPlain ? mean : meanFarApart(from, i, end, weight, centroids, direction);
    madeWeights[centroids] = weight;
    madePure[centroids] = first === last ? itemPure[from]! & itemPure[i - direction]! : 0;
  }
  return centroids;
}

/** How much weight a centroid may hold that begins after `start`: beside an atom little, as at the extremes, or the line from the atom to the first mean says nothing. */
function roomAt(start: number, total: number, behind: number, ahead: number): number {
  const size = sizeLimit(start, total);
  const grown = edgeGrowth * Math.min(behind, ahead / (1 + edgeGrowth));
  return Math.min(size, Math.max(edgeShare * size, grown));
}

/**
 * One step of k1 from q = start / total, times the total. By the sine of a sum it is sin φ √(q(1 − q)) + (1 − cos φ)(½ − q),
 * until what is left is less.
 */
function sizeLimit(start: number, total: number): number {
  if (start >= (total * (1 + stepCosine)) / 2) return total - start;
  return stepSine * Math.sqrt(start * (total - start)) + (1 - stepCosine) * (total / 2 - start);
}

/**
 * The mean of items that spread over more than an order of magnitude: the geometric one, or it would lie above nearly all of
 * the values, and those to come would be taken for smaller ones. Unless their neighbours, too, are of one sign: around zero a
 * mean may be small because it is of both. Sums of shares and of logarithms do not overflow.
 */
function meanFarApart(
  from: number,
  to: number,
  end: number,
  weight: number,
  centroids: number,
  direction: 1 | -1,
): number {
  const [first, last] = [itemMeans[from]!, itemMeans[to - direction]!];
  const before = centroids > 0 ? madeMeans[centroids - 1]! : 0;
  const after = to === end ? 0 : itemMeans[to]!;
  const sign = Math.sign(first);
  const isGeometric = sign !== 0 && [before, last, after].every((mean) => Math.sign(mean) === sign);
  let mean = 0;
  for (let i = from; i !== to; i += direction) {
    const share = itemWeights[i]! / weight;
    mean += share * (isGeometric ? Math.log(Math.abs(itemMeans[i]!)) : itemMeans[i]!);
  }
  if (isGeometric) mean = sign * Math.exp(mean);
  return Math.min(Math.max(first, last), Math.max(Math.min(first, last), mean));
}

/** What was made, ascending, in memory of its own: one piece, which is had in half the time of three. */
function made(centroids: number, direction: 1 | -1): Centroids {
  const memory = new ArrayBuffer(17 * centroids);
  const means = new Float64Array(memory, 0, centroids);
  const weights = new Float64Array(memory, 8 * centroids, centroids);
  const pure = new Uint8Array(memory, 16 * centroids, centroids);
  let from = direction === 1 ? 0 : centroids - 1;
  for (let i = 0; i < centroids; i++, from += direction) {
    means[i] = madeMeans[from]!;
    weights[i] = madeWeights[from]!;
    pure[i] = madePure[from]!;
  }
  return { means, weights, pure };
}
