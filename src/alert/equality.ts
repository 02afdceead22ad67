// Whether two values of plain data say the same, in whatever order their keys stand.

/** True for equal numbers, texts and nulls, and for arrays and objects of equal ones; an absent key is not an undefined one. */
export function isDeepEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))];
  return (
    left.size === right.size &&
    [...left].every(([key, value]) => right.has(key) && isDeepEqual(value, right.get(key)))
  );
}
