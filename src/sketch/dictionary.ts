// The categories that a baseline has seen, each with its place, found by text or by the number or boolean of that text.

export type CategoryValue = string | number | boolean;

export interface Dictionary {
  readonly names: readonly string[];
  readonly index: ReadonlyMap<CategoryValue, number>;
}

/** A dictionary of distinct names, in their order. */
export function compileDictionary(names: readonly string[]): Dictionary {
  const index = new Map<CategoryValue, number>();
  names.forEach((name, i) => {
    index.set(name, i);
    // JSON tells "1" from 1 where a category does not: both are found without making text of numbers on the way.
    const number = Number(name);
    if (categoryText(number) === name) index.set(number, i);
    if (name === 'true' || name === 'false') index.set(name === 'true', i);
  });
  return { names, index };
}

/** A category's text: numbers in shortest form, so that 1.0 is "1" and -0 is "0". */
export function categoryText(value: CategoryValue): string {
  return String(value);
}
