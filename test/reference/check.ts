// Values compared, by what they are, with the largest error of each.

export interface Comparison {
  /** How many values were compared, by what they are. */
  readonly compared: Record<string, number>;
  /** The largest error by what it is the error of. */
  readonly worst: Record<string, number>;
  /** One line for every value outside its bound. */
  readonly outside: string[];
}

/** Counts a comparison, keeps the largest error, and says what is outside. */
export function check(into: Comparison, what: string, where: string, error: number, bound: number): void {
  into.compared[what] = (into.compared[what] ?? 0) + 1;
  // An error that is no number is outside of any bound.
  if (!(error <= (into.worst[what] ?? 0))) into.worst[what] = error;
  if (!(error <= bound)) into.outside.push(`${where}: ${what} is off by ${error}, allowed is ${bound}`);
}

/** The same for values that must be equal. */
export function exact(
  into: Comparison,
  what: string,
  where: string,
  found: unknown,
  expected: unknown,
): void {
  check(
    into,
    what,
    `${where} (${String(found)}, expected ${String(expected)})`,
    found === expected ? 0 : 1,
    0,
  );
}

/** Not a number where nothing was found. */
export function relativeError(found: number | null | undefined, expected: number): number {
  if (found === null || found === undefined) return Number.NaN;
  return Math.abs(found - expected) / Math.max(1, Math.abs(expected));
}
