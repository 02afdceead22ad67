// Durations and sizes as people write them: `500ms`, `10s`, `5m`, `24h`, `30d`; `64kB`, `1MB`, `2GiB`.

const durationUnits: readonly (readonly [string, number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
  ['ms', 1],
];

const sizeUnits: ReadonlyMap<string, number> = new Map([
  ['B', 1],
  ['kB', 1e3],
  ['MB', 1e6],
  ['GB', 1e9],
  ['KiB', 2 ** 10],
  ['MiB', 2 ** 20],
  ['GiB', 2 ** 30],
]);

// Nine digits keep every value a safe integer, in any unit.
export const durationPattern = /^[0-9]{1,9}(ms|s|m|h|d)$/;
export const sizePattern = /^[0-9]{1,6}(B|kB|MB|GB|KiB|MiB|GiB)$/;

/** Milliseconds of a duration; NaN for text that `durationPattern` does not match. */
export function durationMs(text: string): number {
  const unit = durationPattern.exec(text)?.[1];
  const factor = durationUnits.find(([name]) => name === unit)?.[1];
  return factor === undefined ? Number.NaN : Number.parseInt(text, 10) * factor;
}

/** The shortest text of a whole number of milliseconds: 300000 is `5m`. */
export function durationText(ms: number): string {
  const [name, factor] = durationUnits.find(([, unit]) => ms !== 0 && ms % unit === 0) ?? ['s', 1_000];
  return `${ms / factor}${name}`;
}

/** Bytes of a size; `kB`, `MB` and `GB` are decimal, `KiB`, `MiB` and `GiB` binary. NaN where `sizePattern` does not match. */
export function sizeBytes(text: string): number {
  const factor = sizeUnits.get(sizePattern.exec(text)?.[1] ?? '');
  return factor === undefined ? Number.NaN : Number.parseInt(text, 10) * factor;
}
