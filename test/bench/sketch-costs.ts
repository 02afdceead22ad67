// What a complete numeric summary costs besides its values: to merge it into another, and to store it.
import { encodeProfile } from '../../src/codec/profile.ts';
import type { NumericColumn } from '../../src/profile/column.ts';
import { emptyColumn, emptyProfile, observeValue } from '../../src/profile/profile.ts';
import type { ColumnSpec } from '../../src/profile/schema.ts';
import {
  copyNumericSummary,
  mergeNumericSummaries,
  type NumericSummary,
} from '../../src/sketch/numeric-summary.ts';
import { valueSource } from './messages.ts';
import { cpuSeconds, median } from './rounds.ts';

/** All values but one are folded into moments, bins and digest; or the mean case, half of what may wait is waiting. */
const sizes = { folded: 20_001, waiting: 20_500 } as const;
type State = keyof typeof sizes;

function columnOf(spec: ColumnSpec, feature: number, count: number, seed: number): NumericColumn {
  const column = emptyColumn(spec) as NumericColumn;
  const value = valueSource(seed);
  for (let i = 0; i < count; i++) observeValue(column, value(feature));
  return column;
}

/** Microseconds for merging one summary (moments, bins with sums, t-digest, raw values that wait) into another. */
export function mergeMicroseconds(specs: readonly ColumnSpec[], rounds: number): Record<State, number> {
  const pairs = 100;
  const cost = (state: State): number => {
    const make = (seed: number): NumericSummary[] =>
      specs.slice(0, pairs).map((spec, f) => columnOf(spec, f, sizes[state], seed + f).summary);
    const [into, from] = [make(1e6), make(2e6)];
    const once = (): number => {
      const copies = into.map(copyNumericSummary);
      return cpuSeconds(() => {
        for (let i = 0; i < pairs; i++) mergeNumericSummaries(copies[i]!, from[i]!);
      });
    };
    for (let i = 0; i < 20; i++) once();
    return (median(Array.from({ length: rounds }, once)) / pairs) * 1e6;
  };
  return { folded: cost('folded'), waiting: cost('waiting') };
}

/** Bytes per feature of a stored profile of these columns, its header and names included. */
export function storedBytes(specs: readonly ColumnSpec[]): Record<State, number> {
  const schema = {
    model: 'bench',
    task: 'regression',
    columns: specs,
    baselineHash: 'sha256:bench',
  } as const;
  const bytes = (state: State): number => {
    const columns = specs.map((spec, f) => columnOf(spec, f, sizes[state], f));
    const profile = { ...emptyProfile(schema), rows: sizes[state], columns };
    return encodeProfile(profile, schema).length / specs.length;
  };
  return { folded: bytes('folded'), waiting: bytes('waiting') };
}
