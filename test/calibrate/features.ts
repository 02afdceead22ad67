// The features of the acceptance runs: what kinds there are, and how one of them can change.
import type { ColumnKind } from '../../src/profile/column.ts';

/** The last one is new: no baseline has it. */
export const categories = [...Array.from({ length: 64 }, (_, i) => `category ${i}`), 'new'];

const newCategory = categories.length - 1;

/**
 * Makes a feature's values, in place, out of standard normal ones, so that features of every kind depend on their past alike.
 * NaN is no value; of a categorical feature a value is a place in `categories`.
 */
interface Shape {
  readonly kind: ColumnKind;
  readonly shape: (values: Float64Array) => void;
}

export const shapes: readonly Shape[] = [
  { kind: 'numeric', shape: () => {} },
  {
    kind: 'numeric',
    shape: (values) => {
      for (let row = 0; row < values.length; row++) values[row] = Math.exp(values[row]!);
    },
  },
  {
    kind: 'numeric',
    shape: (values) => {
      for (let row = 0; row < values.length; row++) values[row] = Math.floor(4 * values[row]!);
    },
  },
  {
    kind: 'numeric',
    shape: (values) => {
      for (let row = 0; row < values.length; row++) if (values[row]! < 0.25) values[row] = 0;
    },
  },
  {
    kind: 'categorical',
    shape: (values) => {
      for (let row = 0; row < values.length; row++)
        values[row] = Math.min(newCategory - 1, Math.floor(Math.abs(values[row]!) * 6));
    },
  },
  {
    kind: 'numeric',
    shape: (values) => {
      for (let row = 0; row < values.length; row++) if (values[row]! > 2) values[row] = Number.NaN;
    },
  },
];

/** What the rows of a feature become, in place. */
export type Change = (values: Float64Array, random: () => number) => void;

export interface ChangeCase {
  readonly name: string;
  /** Which shape of feature changes. */
  readonly feature: number;
  readonly change: Change;
  /** Within so many windows it has to be raised. */
  readonly within: number;
}

function shifted(by: number): Change {
  return (values) => {
    for (let row = 0; row < values.length; row++) values[row]! += by;
  };
}

function replaced(share: number, by: number): Change {
  return (values, random) => {
    for (let row = 0; row < values.length; row++) if (random() < share) values[row] = by;
  };
}

export const changes: readonly ChangeCase[] = [
  { name: 'shift of 0.4 sd', feature: 0, change: shifted(0.4), within: 5 },
  { name: 'shift of 0.5 sd', feature: 0, change: shifted(0.5), within: 4 },
  { name: 'a new category at 10 %', feature: 4, change: replaced(0.1, newCategory), within: 5 },
  { name: 'nulls from 0 to 10 %', feature: 0, change: replaced(0.1, Number.NaN), within: 5 },
];
