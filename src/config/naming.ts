// Names of settings: `snake_case` in files, `camelCase` with the unit last in the program, by one rule for all.
import type { Milliseconds } from './field.ts';

type CamelCase<Name> = Name extends `${infer Head}_${infer Tail}`
  ? `${Head}${Capitalize<CamelCase<Tail>>}`
  : Name;

type RenamedKey<Key, Value> =
  Value extends Milliseconds<unknown> ? `${CamelCase<Key> & string}Ms` : CamelCase<Key>;

/** The same value with camelCase keys, and durations as `…Ms: number`. Maps and functions stay as they are. */
export type Renamed<Value> = Value extends ReadonlyMap<unknown, unknown> | ((...args: never[]) => unknown)
  ? Value
  : Value extends readonly (infer Item)[]
    ? readonly Renamed<Item>[]
    : Value extends object
      ? { readonly [Key in keyof Value as RenamedKey<Key, Value[Key]>]: RenamedValue<Value[Key]> }
      : Value;

type RenamedValue<Value> = Value extends Milliseconds<infer Number> ? Number : Renamed<Value>;

/** Renames all keys of parsed settings. */
export function renamed<Value>(value: Value): Renamed<Value> {
  return rename(value) as Renamed<Value>;
}

function rename(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rename);
  if (typeof value !== 'object' || value === null || value instanceof Map) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) =>
      isMilliseconds(child) ? [`${camelCase(key)}Ms`, child.ms] : [camelCase(key), rename(child)],
    ),
  );
}

function isMilliseconds(value: unknown): value is Milliseconds<unknown> {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, 'ms');
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
