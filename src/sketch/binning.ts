// Bins frozen by a baseline, and the table that finds a value's bin without searching: bin i is [edges[i-1], edges[i]),
// the first and the last are open. So there is one bin more than there are edges.
//
// The table cuts the numbers into slots, in even steps of the value or in steps of the leading bits of its representation,
// which order as the doubles do. It names the first bin that a value of each slot can lie in, and a short scan does the
// rest. Even steps suit values around zero or far from it, bits suit those that spread over orders of magnitude; each
// binning gets the one that scans less (30 ns a value against 6 where the wrong one is taken).

export interface Binning {
  /** Strictly ascending, finite. */
  readonly edges: Float64Array;
  /** Per slot: how many edges lie in the slots before it. */
  readonly starts: Uint16Array;
  readonly spacing: 'even' | 'bits';
  /** Slot 0 begins at this value, or at this sortable high word. */
  readonly base: number;
  /** Slots per unit of either. */
  readonly scale: number;
}

/** Slots of the table: 8 KB for each feature, shared by all its windows. */
const slotCount = 4096;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
const high = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;
const low = 1 - high;

/** The upper 32 bits of a double as an unsigned integer that orders as the doubles do; -0 counts as 0. */
function sortableHigh(x: number): number {
  float[0] = x + 0;
  const word = words[high]! | 0;
  return (word ^ ((word >> 31) | 0x80000000)) >>> 0;
}

/** The least double greater than `x`, which must be finite. */
export function nextUp(x: number): number {
  if (x === 0) return Number.MIN_VALUE;
  float[0] = x;
  let bits = (BigInt(words[high]!) << 32n) | BigInt(words[low]!);
  bits += x > 0 ? 1n : -1n;
  words[high] = Number(bits >> 32n);
  words[low] = Number(bits & 0xffffffffn);
  return float[0]!;
}

/**
 * Edges of at most `maxBins` bins of equal mass for an ascending sample, and around every value `a` that holds more than
 * 1/maxBins of it the two edges `a` and the next double: so it has a bin of its own, however its neighbours move. At most
 * three edges a bin. Empty for an empty sample.
 */
export function freezeEdges(sorted: Float64Array, maxBins = 256): Float64Array {
  const n = sorted.length;
  const edges = new Set<number>();
  for (let i = 1; i < maxBins && n > 0; i++) {
    const cut = sorted[Math.min(n - 1, Math.floor((i * n) / maxBins))]!;
    // A cut at the least value would leave an empty bin below; heavy values get their edges below.
    if (cut > sorted[0]!) edges.add(cut + 0);
  }
  for (let from = 0; from < n; ) {
    const value = sorted[from]!;
    const to = endOfRun(sorted, from);
    if ((to - from) * maxBins > n) {
      edges.add(value + 0);
      const next = nextUp(value);
      if (Number.isFinite(next)) edges.add(next);
    }
    from = to;
  }
  return Float64Array.from(edges).sort();
}

/** One past the last element that equals `sorted[from]`, by doubling steps and bisection. */
function endOfRun(sorted: Float64Array, from: number): number {
  const value = sorted[from]!;
  let step = 1;
  while (from + step < sorted.length && sorted[from + step] === value) step *= 2;
  let inside = from + step / 2;
  if (step === 1) inside = from;
  let outside = Math.min(from + step, sorted.length);
  while (outside - inside > 1) {
    const middle = (inside + outside) >> 1;
    if (sorted[middle] === value) inside = middle;
    else outside = middle;
  }
  return outside;
}

/** The binning of ascending finite edges, with its table. */
export function compileBinning(edges: Float64Array): Binning {
  const even = withTable(edges, 'even');
  const bits = withTable(edges, 'bits');
  return scanned(even) <= scanned(bits) ? even : bits;
}

function withTable(edges: Float64Array, spacing: Binning['spacing']): Binning {
  const first = edges[0] ?? 0;
  const last = edges[edges.length - 1] ?? 0;
  const base = spacing === 'even' ? first : sortableHigh(first);
  const width = (spacing === 'even' ? last : sortableHigh(last)) - base;
  const binning = {
    edges,
    starts: new Uint16Array(slotCount),
    spacing,
    base,
    scale: (slotCount - 1) / width,
  };
  let bin = 0;
  for (let slot = 0; slot < slotCount; slot++) {
    while (bin < edges.length && slotOf(binning, edges[bin]!) < slot) bin += 1;
    binning.starts[slot] = bin;
  }
  return binning;
}

/** What scans cost altogether when values are spread as the edges are: the squares of the edges in each slot. */
function scanned({ edges, starts }: Binning): number {
  let cost = 0;
  for (let slot = 0; slot < starts.length; slot++) {
    const inSlot = (starts[slot + 1] ?? edges.length) - starts[slot]!;
    cost += inSlot * inSlot;
  }
  return cost;
}

/**
 * Never decreases with x, which is all that the table rests on: rounding, overflow and a width of 0 do no harm. Without a
 * branch, since no processor can foresee it for a column of zeros and ones; NaN, from 0 · Infinity, becomes slot 0.
 */
function slotOf({ spacing, base, scale }: Binning, x: number): number {
  const slot = ((spacing === 'even' ? x : sortableHigh(x)) - base) * scale;
  return Math.min(Math.max(slot, 0), slotCount - 1) | 0;
}

/** The bin of a finite value. */
export function binOf(binning: Binning, x: number): number {
  const { edges, starts } = binning;
  let bin = starts[slotOf(binning, x)]!;
  while (bin < edges.length && edges[bin]! <= x) bin += 1;
  return bin;
}

/** How many bins there are: one more than edges. */
export function binCount(binning: Binning): number {
  return binning.edges.length + 1;
}
