// The configuration as it holds: what was set with the defaults of the rest, as a tree and as YAML.
import { Document, isCollection, type Node, YAMLMap, YAMLSeq } from 'yaml';
import { withoutPassword } from './problem.ts';
import { configurationNode, nonNull, type SchemaNode } from './schema-node.ts';
import {
  type Origin,
  originText,
  pathText,
  plainValue,
  type SettingPath,
  type SourceEntry,
  type SourceTree,
  treeOf,
} from './source-tree.ts';

const byDefault: Origin = { kind: 'default' };

/** The tree with every setting that has a default, in the order of the schema. */
export function withDefaults(tree: SourceTree): SourceTree {
  return complete(tree, configurationNode);
}

function complete(tree: SourceTree, node: SchemaNode): SourceTree {
  const inner = nonNull(node);
  if (tree.kind === 'list' && inner.items !== undefined) {
    const { items } = inner;
    return { ...tree, items: tree.items.map((item) => complete(item, items)) };
  }
  if (tree.kind !== 'map' || inner.properties === undefined) return tree;
  const entries = Object.entries(inner.properties).flatMap(([name, child]): [string, SourceEntry][] => {
    const given = tree.entries.get(name);
    if (given !== undefined) return [[name, { key: given.key, tree: complete(given.tree, child) }]];
    if (child.default === undefined) return [];
    return [[name, { key: byDefault, tree: complete(treeOf(child.default, byDefault), child) }]];
  });
  return { kind: 'map', entries: new Map(entries), origin: tree.origin };
}

/** Where every value of a tree came from, by path. A list of plain values counts as one value. */
export function leafOrigins(tree: SourceTree): ReadonlyMap<string, Origin> {
  return new Map(leaves(tree, []).map(({ path, origin }) => [pathText(path), origin]));
}

function leaves(tree: SourceTree, path: SettingPath): readonly { path: SettingPath; origin: Origin }[] {
  if (tree.kind === 'map' && tree.entries.size > 0) {
    return [...tree.entries].flatMap(([name, entry]) => leaves(entry.tree, [...path, name]));
  }
  if (tree.kind === 'list' && tree.items.some((item) => item.kind === 'map')) {
    return tree.items.flatMap((item, index) => leaves(item, [...path, index]));
  }
  return [{ path, origin: tree.origin }];
}

/**
 * The settings as YAML. With `isOriginShown` every value says in a comment where it came from. Secrets are redacted,
 * and nothing else is lost: the text parses to the same settings as long as no secret is set.
 */
export function effectiveYaml(effective: SourceTree, isOriginShown: boolean): string {
  const document = new Document(yamlNode(redacted(effective), isOriginShown));
  return document.toString({ lineWidth: 0, flowCollectionPadding: false });
}

function yamlNode(tree: SourceTree, isOriginShown: boolean): Node {
  if (tree.kind === 'map' && tree.entries.size > 0) {
    const map = new YAMLMap<string, Node>();
    for (const [name, entry] of tree.entries) map.set(name, yamlNode(entry.tree, isOriginShown));
    return map;
  }
  if (tree.kind === 'list' && tree.items.some((item) => item.kind === 'map')) {
    const list = new YAMLSeq<Node>();
    for (const item of tree.items) list.add(yamlNode(item, isOriginShown));
    return list;
  }
  const node = new Document(plainValue(tree), { aliasDuplicateObjects: false }).contents as Node;
  if (isCollection(node)) node.flow = true;
  if (isOriginShown) node.comment = ` ${originText(tree.origin)}`;
  return node;
}

/** The same with `[redacted]` for every secret that is set, and for user information in addresses. */
export function redacted(tree: SourceTree, node: SchemaNode = configurationNode): SourceTree {
  const inner = nonNull(node);
  if (tree.kind === 'map') {
    const entries = [...tree.entries].map(([name, entry]): [string, SourceEntry] => {
      const child = inner.properties?.[name];
      return [name, child === undefined ? entry : { key: entry.key, tree: redacted(entry.tree, child) }];
    });
    return { ...tree, entries: new Map(entries) };
  }
  if (tree.kind === 'list' || typeof tree.value !== 'string') return tree;
  return { ...tree, value: node.writeOnly === true ? '[redacted]' : withoutPassword(tree.value) };
}
