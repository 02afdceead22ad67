// How benches measure on a machine that is shared: in rounds, each of them every rival's turn, and medians of ratios within rounds.

/** The processor time in seconds that some work takes, that of its garbage included; the time in which others ran is not. */
export function cpuSeconds(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

/** The middle one; of an even number the upper of both. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** The median of the ratios of two measurements of the same rounds. */
export function medianRatio(numerators: readonly number[], denominators: readonly number[]): number {
  return median(numerators.map((value, round) => value / denominators[round]!));
}

/** To so many significant digits. */
export function rounded(value: number, digits = 3): number {
  return Number(value.toPrecision(digits));
}

/** The whole number that follows a flag of the command line. */
export function numberOption(flag: string, usual: number): number {
  const at = process.argv.indexOf(flag);
  if (at < 0) return usual;
  const value = Number(process.argv[at + 1]);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${flag} wants a whole number from 1 upwards`);
  return value;
}
