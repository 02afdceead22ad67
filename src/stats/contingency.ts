// Tables of counts: whether two samples share one distribution within every stratum, and how strongly they differ.
import { chiSquaredTail } from './chi-squared.ts';

export interface TableTest {
  /** Pearson's chi-squared, divided by the inflation. */
  readonly statistic: number;
  readonly degreesOfFreedom: number;
  readonly p: number;
  /** 0 where the samples agree, 1 where they have nothing in common; does not depend on their sizes. */
  readonly cramersV: number;
}

/** Counts of two samples over the same classes, within one stratum. */
export interface Stratum {
  readonly before: ArrayLike<number>;
  readonly after: ArrayLike<number>;
}

/**
 * Whether two samples have the same shares of classes within every stratum: the 2 × k statistics of the strata added up
 * (K. Pearson, Biometrika 8, 1911). Strata in which a sample has fewer than `rowsMin` rows say nothing and are left out.
 *
 * The tail is that of a scaled chi-squared variable with the mean and the variance that the statistic has where the margins
 * are given (J. B. S. Haldane, Biometrika 31, 1940), so that a class of few rows is no discovery. `inflation` is how much
 * larger the statistic is where rows depend on each other (J. N. K. Rao, A. J. Scott, JASA 76, 1981).
 *
 * The effect is Cramér's V (Mathematical Methods of Statistics, 1946) as samples of equal size with these shares would have
 * it, less what chance alone makes of it, averaged in squares over the strata by the rows of the later sample. Undefined
 * where no stratum is left, or none of them has two classes.
 */
export function stratifiedTest(
  strata: readonly Stratum[],
  rowsMin: number,
  inflation = 1,
): TableTest | undefined {
  let [statistic, degreesOfFreedom, mean, variance, effect, weight] = [0, 0, 0, 0, 0, 0];
  for (const stratum of strata) {
    const margins = marginsOf(stratum);
    const { m, n, classes } = margins;
    if (m < rowsMin || n < rowsMin) continue;
    weight += n;
    if (classes.length < 2) continue;
    const found = pearsonStatistic(stratum, margins);
    const moments = conditionalMoments(margins);
    statistic += found;
    degreesOfFreedom += classes.length - 1;
    mean += moments.mean;
    variance += moments.variance;
    effect += n * squaredEffect(stratum, margins);
  }
  if (degreesOfFreedom === 0) return undefined;
  const scale = variance / (2 * mean);
  return {
    statistic: statistic / inflation,
    degreesOfFreedom,
    p: scale > 0 ? chiSquaredTail(statistic / inflation / scale, mean / scale) : 1,
    cramersV: Math.sqrt(effect / weight),
  };
}

interface Margins {
  readonly m: number;
  readonly n: number;
  /** Rows of both samples in the classes that occur. */
  readonly classes: readonly number[];
}

function marginsOf({ before, after }: Stratum): Margins {
  let [m, n] = [0, 0];
  const classes: number[] = [];
  for (let i = 0; i < before.length; i++) {
    m += before[i]!;
    n += after[i]!;
    if (before[i]! + after[i]! > 0) classes.push(before[i]! + after[i]!);
  }
  return { m, n, classes };
}

function pearsonStatistic({ before, after }: Stratum, { m, n }: Margins): number {
  let statistic = 0;
  for (let i = 0; i < before.length; i++) {
    const both = before[i]! + after[i]!;
    if (both > 0) statistic += (before[i]! * n - after[i]! * m) ** 2 / (m * n * both);
  }
  return statistic;
}

/** V² = ½ Σ (p - q)² / (p + q) for the shares p and q of the samples; its mean by chance is (k - 1)(1/m + 1/n)/4. */
function squaredEffect({ before, after }: Stratum, { m, n, classes }: Margins): number {
  let sum = 0;
  for (let i = 0; i < before.length; i++) {
    const [p, q] = [before[i]! / m, after[i]! / n];
    if (p + q > 0) sum += (p - q) ** 2 / (p + q) / 2;
  }
  return Math.max(0, sum - ((classes.length - 1) * (1 / m + 1 / n)) / 4);
}

/** Mean and variance of the statistic over all tables with these margins. */
function conditionalMoments({ m, n, classes }: Margins): { mean: number; variance: number } {
  const total = m + n;
  const k = classes.length;
  const mean = (total * (k - 1)) / (total - 1);
  if (total < 4) return { mean, variance: 0 };
  const inverse = (sizes: readonly number[]) => sizes.reduce((sum, size) => sum + 1 / size, 0);
  const rowSpread = (total * inverse([m, n]) - 4) / (total - 2);
  const classSpread = (total * inverse(classes) - k * k) / (total - 2);
  const rows = (total - 2) / (total - 1);
  const columns = ((k - 1) * (total - k)) / (total - 1);
  const variance =
    ((2 * total) / (total - 3)) * (rows - rowSpread) * (columns - classSpread) +
    ((total * total) / (total - 1)) * rowSpread * classSpread;
  return { mean, variance: Math.max(0, variance) };
}
