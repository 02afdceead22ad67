// Tables of counts: whether their rows share one distribution, and how strongly they differ.
import { chiSquaredTail } from './chi-squared.ts';

export interface TableTest {
  /** Pearson's chi-squared. */
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  readonly p: number;
  /** √(chi-squared / (n · (least side - 1))): 0 where the rows agree, 1 where they have nothing in common. */
  readonly cramersV: number;
}

/** Counts of two samples over the same classes, within one stratum. */
export interface Stratum {
  readonly before: ArrayLike<number>;
  readonly after: ArrayLike<number>;
}

/**
 * Whether two samples have the same shares of classes within every stratum: the 2 × k statistics of the strata added up
 * (K. Pearson, Biometrika 8, 1911). Strata in which a sample has fewer than `rowsMin` rows say nothing and are left
 * out. The effect is Cramér's V of the strata, each weighted with the rows of the later sample (H. Cramér, Mathematical
 * Methods of Statistics, 1946), less what chance alone makes of it (W. Bergsma, Journal of the Korean Statistical
 * Society 42, 2013). Undefined where no stratum is left, or none of them has two classes.
 */
export function stratifiedTest(strata: readonly Stratum[], rowsMin: number): TableTest | undefined {
  let [statistic, degreesOfFreedom, effect, weight] = [0, 0, 0, 0];
  for (const stratum of strata) {
    const found = twoSampleStatistic(stratum);
    if (found === undefined || found.m < rowsMin || found.n < rowsMin) continue;
    const { m, n, classes } = found;
    statistic += found.statistic;
    degreesOfFreedom += classes - 1;
    // Of two rows the least side is 2, so that V² is chi-squared over n; scaled to samples of equal size.
    const share = (4 * m * n) / (m + n) ** 2;
    effect += (n * Math.max(0, found.statistic - (classes - 1))) / ((m + n) * share);
    weight += n;
  }
  if (degreesOfFreedom === 0) return undefined;
  return {
    statistic,
    degreesOfFreedom,
    p: chiSquaredTail(statistic, degreesOfFreedom),
    cramersV: Math.min(1, Math.sqrt(effect / weight)),
  };
}

function twoSampleStatistic({ before, after }: Stratum): Found | undefined {
  let [m, n] = [0, 0];
  for (let i = 0; i < before.length; i++) {
    m += before[i]!;
    n += after[i]!;
  }
  if (m === 0 || n === 0) return undefined;
  let [statistic, classes] = [0, 0];
  for (let i = 0; i < before.length; i++) {
    const both = before[i]! + after[i]!;
    if (both === 0) continue;
    classes += 1;
    statistic += (before[i]! * n - after[i]! * m) ** 2 / (m * n) / both;
  }
  return classes < 2 ? undefined : { statistic, classes, m, n };
}

interface Found {
  readonly statistic: number;
  readonly classes: number;
  readonly m: number;
  readonly n: number;
}
