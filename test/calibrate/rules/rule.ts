// What a drift rule is to the study: something that is made ready for a baseline and then flags windows, or does not.

/** Rows of a numeric column without missing values: in their order, and ascending. */
export interface Sample {
  readonly values: Float64Array;
  readonly sorted: Float64Array;
}

/** A rule for numeric columns. */
export interface Rule {
  /** Stable name of the rule in the JSON output. */
  readonly id: string;
  readonly vendor: string;
  /** The rule as the tables show it. */
  readonly label: string;
  /** Where the rule was published. */
  readonly source: string;
  /** Flags windows of `windowRows` rows. Undefined where the rule makes no statement on windows of that size. */
  readonly prepare: (baseline: Sample, windowRows: number) => ((window: Sample) => boolean) | undefined;
}

/** A rule for categorical columns, which are counts per category in the same order on both sides. */
export interface CategoryRule {
  readonly id: string;
  readonly vendor: string;
  readonly label: string;
  readonly source: string;
  readonly prepare: (
    baseline: Float64Array,
    windowRows: number,
  ) => ((window: Float64Array) => boolean) | undefined;
}

/** A sample of values in their order. */
export function sampleOf(values: Float64Array): Sample {
  return { values, sorted: values.toSorted() };
}
