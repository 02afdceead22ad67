// A configuration as it was written: values in a tree, each with the place it came from.

/** Where a value was set. Lines and columns count from 1. */
export type Origin =
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'environment'; readonly variable: string }
  | { readonly kind: 'flag'; readonly flag: string }
  | { readonly kind: 'default' };

/** Keys and list indices from the root to a setting. */
export type SettingPath = readonly (string | number)[];

export type Scalar = string | number | boolean | null;

export type SourceTree =
  | { readonly kind: 'scalar'; readonly value: Scalar; readonly origin: Origin }
  | { readonly kind: 'list'; readonly items: readonly SourceTree[]; readonly origin: Origin }
  | SourceMap;

export interface SourceMap {
  readonly kind: 'map';
  readonly entries: ReadonlyMap<string, SourceEntry>;
  readonly origin: Origin;
}

export interface SourceEntry {
  /** Where the key itself stands. */
  readonly key: Origin;
  readonly tree: SourceTree;
}

/** The path as messages write it: `kafka.brokers[0]`; keys that are not plain words stand in quotes. */
export function pathText(path: SettingPath): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    const key = /^[A-Za-z0-9_@-]+$/.test(part) ? part : JSON.stringify(part);
    return text === '' ? key : `${text}.${key}`;
  }, '');
}

/** The place as messages write it: `driftline.yaml:3:5`, a variable, a flag or `default`. */
export function originText(origin: Origin): string {
  if (origin.kind === 'file') return `${origin.file}:${origin.line}:${origin.column}`;
  if (origin.kind === 'environment') return origin.variable;
  return origin.kind === 'flag' ? origin.flag : 'default';
}

/** A tree of a value that JSON can hold; every part of it comes from the same place. */
export function treeOf(value: unknown, origin: Origin): SourceTree {
  if (Array.isArray(value)) return { kind: 'list', items: value.map((item) => treeOf(item, origin)), origin };
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([name, child]): [string, SourceEntry] => [
      name,
      { key: origin, tree: treeOf(child, origin) },
    ]);
    return { kind: 'map', entries: new Map(entries), origin };
  }
  return { kind: 'scalar', value: value as Scalar, origin };
}

/** A tree that holds one value at a path. */
export function treeAt(path: SettingPath, leaf: SourceTree): SourceTree {
  return path.reduceRight<SourceTree>(
    (tree, part) => ({
      kind: 'map',
      entries: new Map([[String(part), { key: leaf.origin, tree }]]),
      origin: leaf.origin,
    }),
    leaf,
  );
}

/** The plain value of a tree. */
export function plainValue(tree: SourceTree): unknown {
  if (tree.kind === 'scalar') return tree.value;
  if (tree.kind === 'list') return tree.items.map(plainValue);
  return Object.fromEntries([...tree.entries].map(([name, entry]) => [name, plainValue(entry.tree)]));
}

/** The part of a tree at a path; undefined where there is none. */
export function subtree(tree: SourceTree, path: SettingPath): SourceTree | undefined {
  return path.reduce<SourceTree | undefined>((at, part) => at && childOf(at, part), tree);
}

/** Where the value at a path was set, or else the nearest place above it that was. */
export function placeOf(tree: SourceTree, path: SettingPath): Origin {
  let at = tree;
  for (const part of path) {
    const child = childOf(at, part);
    if (child === undefined) break;
    at = child;
  }
  return at.origin;
}

function childOf(tree: SourceTree, part: string | number): SourceTree | undefined {
  if (tree.kind === 'map') return tree.entries.get(String(part))?.tree;
  return tree.kind === 'list' ? tree.items[Number(part)] : undefined;
}

/**
 * Two sources of one configuration, the second above the first: maps are merged key by key, the list `models` by the
 * models' names, and everything else of the second replaces the first.
 */
export function mergeSources(below: SourceTree, above: SourceTree): SourceTree {
  return mergeTrees(below, above, true);
}

function mergeTrees(below: SourceTree, above: SourceTree, isRoot: boolean): SourceTree {
  if (below.kind !== 'map' || above.kind !== 'map') return above;
  const entries = new Map(below.entries);
  for (const [name, entry] of above.entries) {
    const old = below.entries.get(name);
    const merge = isRoot && name === 'models' ? mergeNamed : mergeTrees;
    entries.set(
      name,
      old === undefined ? entry : { key: entry.key, tree: merge(old.tree, entry.tree, false) },
    );
  }
  return { kind: 'map', entries, origin: above.origin };
}

function mergeNamed(below: SourceTree, above: SourceTree): SourceTree {
  if (below.kind !== 'list' || above.kind !== 'list') return above;
  const items = [...below.items];
  for (const item of above.items) {
    const index = below.items.findIndex((old) => nameOf(old) !== undefined && nameOf(old) === nameOf(item));
    const old = items[index];
    if (old === undefined) items.push(item);
    else items[index] = mergeTrees(old, item, false);
  }
  return { kind: 'list', items, origin: above.origin };
}

function nameOf(model: SourceTree): Scalar | undefined {
  const name = subtree(model, ['name']);
  return name?.kind === 'scalar' ? name.value : undefined;
}
