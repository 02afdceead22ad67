// A Meter that adds up counters in memory, for commands that end and say what they have counted.
import type { Meter } from '../ports.ts';

export interface Tally {
  readonly meter: Meter;
  /** The sum of a counter over all label sets that have these labels among theirs. */
  sum(name: string, labels?: Readonly<Record<string, string>>): number;
}

/** A tally of nothing. Gauges and durations are of a moment: a command that ends has no use for them. */
export function createTally(): Tally {
  const counters = new Map<
    string,
    { readonly name: string; readonly labels: Readonly<Record<string, string>>; total: number }
  >();
  return {
    meter: {
      count(name, labels, by) {
        const key = JSON.stringify([name, labels]);
        const counter = counters.get(key) ?? { name, labels, total: 0 };
        counters.set(key, counter);
        counter.total += by;
      },
      gauge: () => undefined,
      observe: () => undefined,
    },
    sum(name, labels = {}) {
      const wanted = Object.entries(labels);
      return [...counters.values()]
        .filter(
          (counter) =>
            counter.name === name && wanted.every(([label, value]) => counter.labels[label] === value),
        )
        .reduce((sum, { total }) => sum + total, 0);
    },
  };
}
