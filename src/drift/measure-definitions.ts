// What every drift measure is, in words: the table of docs/statistics.md, and what the comments of the functions have to say.
import type { MeasureName } from './result.ts';

export interface MeasureDefinition {
  /** p and q are shares of a bin in the baseline and in the window, F and G the distribution functions. */
  readonly formula: string;
  readonly range: string;
  readonly unit: string;
  readonly comparedOn: string;
  /** What rows without a value do: null, absent, of another type, NaN, infinite. */
  readonly missing: string;
  /** What values do that the baseline has no row of. */
  readonly unseen: string;
  readonly emptyBins: string;
  /** The distribution of scores when nothing has drifted and rows are independent: n rows of the window, m of the baseline, B bins. */
  readonly underNoDrift: string;
  readonly source: string;
}

const binned = {
  comparedOn: 'coarse bins, missing, unseen',
  missing: 'a bin of their own',
  unseen: 'a bin of their own',
} as const;

const ordered = {
  comparedOn: 'fine bins and digest, numeric columns, finite values',
  missing: 'left out',
  unseen: 'numbers like any other',
  emptyBins: 'no bins needed',
} as const;

export const measureDefinitions: Readonly<Record<MeasureName, MeasureDefinition>> = {
  psi: {
    ...binned,
    formula: 'Σ (q − p) ln(q/p)',
    range: '0 to ∞',
    unit: 'nats',
    emptyBins: 'half a row is added to every bin of both sides',
    underNoDrift: '(1/n + 1/m) χ²(B − 1)',
    source: 'Siddiqi 2006; Yurdakul and Naranjo 2020',
  },
  jensen_shannon: {
    ...binned,
    formula: '√(½ Σ p log₂(p/r) + ½ Σ q log₂(q/r)), r = (p + q)/2',
    range: '0 to 1',
    unit: 'root of bits',
    emptyBins: 'as they are',
    underNoDrift:
      'the square is (1/n + 1/m)/(8 ln 2) times a chi-squared variable; scale and degrees of freedom are fitted to the mean and the variance of the Poisson counts where bins are sparse',
    source: 'Lin 1991; Endres and Schindelin 2003',
  },
  hellinger: {
    ...binned,
    formula: '√(½ Σ (√p − √q)²)',
    range: '0 to 1',
    unit: 'none',
    emptyBins: 'as they are',
    underNoDrift: 'the square is (1/n + 1/m)/8 times a chi-squared variable, fitted in the same way',
    source: 'Hellinger 1909',
  },
  total_variation: {
    ...binned,
    formula: '½ Σ |p − q|',
    range: '0 to 1',
    unit: 'share of rows',
    emptyBins: 'as they are',
    underNoDrift:
      'a multiple of a chi variable with the two moments of the normal limit (Nabeya 1951), and one row',
    source: 'Levin, Peres and Wilmer 2009',
  },
  l_infinity: {
    ...binned,
    formula: 'max |p − q|',
    range: '0 to 1',
    unit: 'share of rows',
    emptyBins: 'as they are',
    underNoDrift: 'bins as independent normals, an upper bound (Šidák 1967), and one row',
    source: 'Breck et al. 2019',
  },
  kolmogorov_smirnov: {
    ...ordered,
    formula: 'sup |F − G|',
    range: '0 to 1',
    unit: 'share of values',
    underNoDrift:
      "exact for up to a million pairs of values, beyond the limit distribution with Stephens' correction (1970), which the floor takes at every size; conservative where values are tied",
    source: 'Kolmogorov 1933; Smirnov 1939',
  },
  wasserstein: {
    ...ordered,
    formula: '∫ |F − G| dx / standard deviation of the baseline',
    range: '0 to ∞',
    unit: 'standard deviations; `raw` in the unit of the column',
    underNoDrift:
      'a half-normal variable around the mean of the integral of a Brownian bridge over F; conservative but for very heavy tails',
    source: 'del Barrio, Giné and Matrán 1999',
  },
  chi_squared: {
    ...binned,
    formula: 'Σ (observed − expected)²/expected of the 2 × B table',
    range: '0 to ∞',
    unit: 'none; grows with the rows',
    emptyBins: 'as they are',
    underNoDrift: 'χ²(B − 1), fitted in the same way where bins are sparse (Haldane 1937)',
    source: 'Pearson 1900',
  },
};
