// Isotonic regression: the non-decreasing function of x that is nearest to what was observed.

/** Runs of x on which the function is constant, ascending; between them it is linear, outside it goes on as it ends. */
export interface IsotonicMap {
  /** First and last x of each run. */
  readonly from: Float64Array;
  readonly to: Float64Array;
  readonly value: Float64Array;
  /** How many rows each run rests on. */
  readonly rows: Float64Array;
}

/**
 * Fits the shares of successes at ascending distinct x, each of `rows` rows, by pooling neighbours that are out of order
 * (Ayer, Brunk, Ewing, Reid, Silverman, Annals of Mathematical Statistics 26, 1955). Between runs the function is linear,
 * as in scikit-learn's `IsotonicRegression(out_of_bounds="clip")`. Undefined without rows.
 */
export function fitIsotonic(
  x: Float64Array,
  successes: Float64Array,
  rows: Float64Array,
): IsotonicMap | undefined {
  if (x.length === 0) return undefined;
  const runs: { from: number; to: number; successes: number; rows: number }[] = [];
  for (let i = 0; i < x.length; i++) {
    let run = { from: x[i]!, to: x[i]!, successes: successes[i]!, rows: rows[i]! };
    for (let last = runs.at(-1); last !== undefined && isOutOfOrder(last, run); last = runs.at(-1)) {
      runs.pop();
      run = {
        from: last.from,
        to: run.to,
        successes: last.successes + run.successes,
        rows: last.rows + run.rows,
      };
    }
    runs.push(run);
  }
  return {
    from: Float64Array.from(runs, (run) => run.from),
    to: Float64Array.from(runs, (run) => run.to),
    value: Float64Array.from(runs, (run) => run.successes / run.rows),
    rows: Float64Array.from(runs, (run) => run.rows),
  };
}

interface Shares {
  readonly successes: number;
  readonly rows: number;
}

/** Whether the share before is not below the one after, compared in whole numbers. */
function isOutOfOrder(before: Shares, after: Shares): boolean {
  return before.successes * after.rows >= after.successes * before.rows;
}

/** The run that x lies in, or the one it is nearest to. */
export function isotonicRun({ from, to }: IsotonicMap, x: number): number {
  let low = 0;
  let high = from.length - 1;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (to[middle]! < x) low = middle + 1;
    else high = middle;
  }
  if (low > 0 && x < from[low]! && x - to[low - 1]! < from[low]! - x) return low - 1;
  return low;
}

/** The value of the function at x. */
export function isotonicValue(map: IsotonicMap, x: number): number {
  const { from, to, value } = map;
  const run = isotonicRun(map, x);
  if (x < from[run]! && run > 0) return between(map, run - 1, x);
  if (x > to[run]! && run + 1 < to.length) return between(map, run, x);
  return value[run]!;
}

function between({ from, to, value }: IsotonicMap, run: number, x: number): number {
  const part = (x - to[run]!) / (from[run + 1]! - to[run]!);
  return value[run]! + part * (value[run + 1]! - value[run]!);
}
