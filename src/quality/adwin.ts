// ADWIN: a window over a stream of numbers that grows while its mean stays and is cut where two parts of it differ.
//
// A. Bifet, R. Gavaldà, "Learning from Time-Changing Data with Adaptive Windowing" (SDM 2007), as MOA implements it (every
// bucket is tried as a cut, the newest of each row too) and with a fresh window after each detection. The older loop of
// river and scikit-multiflow leaves those cuts out and detects up to 128 values later.

export interface AdwinOptions {
  /** Bound on the probability that a window without change is cut. */
  readonly delta: number;
  /** Cuts are looked for at every so many values. */
  readonly clock: number;
}

export const adwinDefaults: AdwinOptions = { delta: 0.002, clock: 32 };

/** Row i holds buckets of 2^i values, oldest first, at most `bucketsPerRow`: about 5 log₂ n in all. */
export interface AdwinState {
  readonly rows: readonly (readonly Bucket[])[];
  /** Values since the window was begun, those that were dropped included. */
  readonly seen: number;
}

/** The sum of a bucket's values, and of their squared deviations from its mean. */
export interface Bucket {
  readonly total: number;
  readonly deviation: number;
}

export const adwinStart: AdwinState = { rows: [], seen: 0 };

const bucketsPerRow = 5;
/** Neither part of a cut may have fewer values, and a window no more than twice as many is not cut at all. */
const partMin = 5;

/** The means of the two parts that a window was cut into. */
export interface AdwinCut {
  readonly before: number;
  readonly after: number;
}

/** One more value of the stream, and where the window was cut: then the mean has changed, and the state is a fresh one. */
export function advanceAdwin(
  state: AdwinState,
  value: number,
  options: AdwinOptions,
): readonly [AdwinState, AdwinCut | undefined] {
  const next: AdwinState = {
    rows: withBucket(state.rows, 0, { total: value, deviation: 0 }),
    seen: state.seen + 1,
  };
  if (next.seen % options.clock !== 0) return [next, undefined];
  const cut = findCut(next.rows, options.delta);
  return [cut === undefined ? next : adwinStart, cut];
}

/** Adds a bucket to a row; of one too many the two oldest become one of the next row. */
function withBucket(
  rows: readonly (readonly Bucket[])[],
  row: number,
  bucket: Bucket,
): readonly (readonly Bucket[])[] {
  const buckets = [...(rows[row] ?? []), bucket];
  const changed = [...rows];
  changed[row] = buckets;
  if (buckets.length <= bucketsPerRow) return changed;
  const [oldest, second] = buckets as [Bucket, Bucket];
  changed[row] = buckets.slice(2);
  const size = 2 ** row;
  // Two equal parts of `size` values: n² / 2n · (difference of the means)².
  const between = (oldest.total - second.total) ** 2 / (2 * size);
  const joined = {
    total: oldest.total + second.total,
    deviation: oldest.deviation + second.deviation + between,
  };
  return withBucket(changed, row + 1, joined);
}

/** Number, mean and squared deviations of the values of a stretch. */
interface Part {
  readonly n: number;
  readonly total: number;
  readonly deviation: number;
}

/** Number, sum and squared deviations of the window's values. */
export function adwinWindow(rows: AdwinState['rows']): Part {
  let part: Part = { n: 0, total: 0, deviation: 0 };
  rows.forEach((buckets, row) => {
    for (const bucket of buckets) part = joinedParts(part, { n: 2 ** row, ...bucket });
  });
  return part;
}

function joinedParts(a: Part, b: Part): Part {
  if (a.n === 0) return b;
  const n = a.n + b.n;
  const between = ((a.total / a.n - b.total / b.n) ** 2 * a.n * b.n) / n;
  return { n, total: a.total + b.total, deviation: a.deviation + b.deviation + between };
}

function findCut(rows: AdwinState['rows'], delta: number): AdwinCut | undefined {
  const { n, total, deviation } = adwinWindow(rows);
  if (n <= 2 * partMin) return undefined;
  const confidence = Math.log((2 * Math.log(n)) / delta);
  let [older, olderTotal] = [0, 0];
  for (let row = rows.length - 1; row >= 0; row--) {
    for (const bucket of rows[row]!) {
      older += 2 ** row;
      olderTotal += bucket.total;
      const newer = n - older;
      if (older < partMin || newer < partMin) continue;
      const cut = { before: olderTotal / older, after: (total - olderTotal) / newer };
      const m = 1 / (older - partMin + 1) + 1 / (newer - partMin + 1);
      const bound = Math.sqrt(2 * m * (deviation / n) * confidence) + (2 / 3) * confidence * m;
      if (Math.abs(cut.before - cut.after) > bound) return cut;
    }
  }
  return undefined;
}
