// Which rows of the reference data make up its chunks: runs of neighbours in time, of several sizes, spread over all of it.

/** Chunks of one size; chunk k is what lies in [starts[k], ends[k]). */
export interface PlannedSize {
  /** What starts and ends count: rows in their order, or event time. */
  readonly by: 'row' | 'time';
  readonly rows: number;
  /** A chunk counts when it has at least rows / tolerance and at most rows · tolerance rows. */
  readonly tolerance: number;
  /** With fewer chunks that count the size says nothing. */
  readonly chunksMin: number;
  readonly starts: Float64Array;
  readonly ends: Float64Array;
}

export interface ChunkPlan {
  readonly sizes: readonly PlannedSize[];
}

/** When the reference rows happened: all event times ascending, or an even sample of them, and whether rows come in that order. */
export interface RowTimes {
  readonly sorted: Float64Array;
  readonly inOrder: boolean;
}

/** Fewer chunks of a size say too little of their variance. */
const chunksMin = 8;

/** More chunks of a size would make the estimate better by less than a twentieth. */
const chunksMax = 256;

/** The least window that is judged by default has about this many rows; every next size is four times as great. */
const leastRows = 250;
const growth = 4;

/** Smaller chunks of little data would leave bins empty. */
const fewestRows = 100;

/** Counters for all columns and chunks: 64 MB. */
const countersMax = 1 << 24;

/** Whole hours and days: what windows are in production, and what traffic repeats by. */
const calendarMs = [3_600_000, 86_400_000];

/** A week of days has seven at the most; their few chunks widen the null. */
const daysMin = 5;

/** Hours and days differ in traffic more than chunks that are cut by rows. */
const calendarTolerance = 4;

/**
 * Chunks of 250, 1,000, 4,000 … rows, as long as the data hold eight of a size; of an eighth of the data where they have
 * fewer than 2,000 rows; none below 800. Up to 256 of a size, at equal distances, fewer where there are very many columns.
 *
 * Where the times are known, whole hours and days take the place of runs of rows that come near their size or beyond: a run
 * that is no whole day holds more of the night than of the morning, and a null made of such runs would take the day's rhythm
 * for chance and be blind to shifts of whole days.
 */
export function planChunks(rows: number, columns: number, times?: RowTimes): ChunkPlan {
  const calendar = times === undefined ? [] : calendarSizes(rows, times);
  const longest = Math.min(...calendar.map((size) => size.rows / growth));
  const wanted: number[] = [];
  for (let size = leastRows; size * chunksMin <= rows && size <= longest; size *= growth) wanted.push(size);
  if (wanted.length === 0 && calendar.length === 0 && rows >= fewestRows * chunksMin) {
    wanted.push(Math.floor(rows / chunksMin));
  }
  const affordable = Math.floor(
    countersMax / (Math.max(1, wanted.length + calendar.length) * Math.max(1, columns) * 34),
  );
  const most = Math.max(chunksMin, Math.min(chunksMax, affordable));
  const runs = wanted.map((size): PlannedSize => {
    const chunks = Math.min(most, Math.floor(rows / size));
    const starts = Float64Array.from({ length: chunks }, (_, k) => Math.floor((k * rows) / chunks));
    return {
      by: 'row',
      rows: size,
      tolerance: 2,
      chunksMin,
      starts,
      ends: starts.map((start) => start + size),
    };
  });
  return {
    sizes: [...runs.map((size) => inTime(size, rows, times)), ...calendar.map((size) => thinned(size, most))],
  };
}

function calendarSizes(rows: number, { sorted }: RowTimes): PlannedSize[] {
  const start = sorted[0] ?? 0;
  const last = sorted.at(-1) ?? 0;
  // The last row's share of time is part of its day: seven days of hourly rows are seven whole days.
  const end = last + Math.max(1, (last - start) / Math.max(1, rows - 1));
  return calendarMs.flatMap((length): PlannedSize[] => {
    const first = Math.ceil(start / length) * length;
    const whole = Math.max(0, Math.floor((end - first) / length + 1e-9));
    const rowsEach = (rows * length) / (end - start);
    if (whole < daysMin || rowsEach < fewestRows) return [];
    const starts = Float64Array.from({ length: whole }, (_, k) => first + k * length);
    const ends = starts.map((time) => time + length);
    return [{ by: 'time', rows: rowsEach, tolerance: calendarTolerance, chunksMin: daysMin, starts, ends }];
  });
}

/** At most so many of the chunks, at equal distances. */
function thinned(size: PlannedSize, most: number): PlannedSize {
  const found = size.starts.length;
  if (found <= most) return size;
  const pick = (_: number, k: number) => Math.floor((k * found) / most);
  const kept = Array.from({ length: most }, pick);
  return {
    ...size,
    starts: Float64Array.from(kept, (k) => size.starts[k]!),
    ends: Float64Array.from(kept, (k) => size.ends[k]!),
  };
}

/** Runs of rows as spans of time, where rows do not come in its order. */
function inTime(size: PlannedSize, rows: number, times: RowTimes | undefined): PlannedSize {
  if (times === undefined || times.inOrder) return size;
  const { sorted } = times;
  const timeOf = (row: number) =>
    row >= rows ? Infinity : sorted[Math.floor((row * sorted.length) / rows)]!;
  return { ...size, by: 'time', starts: size.starts.map(timeOf), ends: size.ends.map(timeOf) };
}

/** The chunk that a row number or a time falls in; -1 between chunks. */
export function chunkAt({ starts, ends }: PlannedSize, position: number): number {
  let low = 0;
  let high = starts.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (starts[middle]! <= position) low = middle + 1;
    else high = middle;
  }
  return low > 0 && position < ends[low - 1]! ? low - 1 : -1;
}
