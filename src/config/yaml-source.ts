// YAML text to a source tree: every value with its line and column, and every reason why the text is refused.
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  type Pair,
  parseDocument,
  type YAMLMap,
} from 'yaml';
import { type Problem, problemAt } from './problem.ts';
import type { Origin, SettingPath, SourceEntry, SourceMap, SourceTree } from './source-tree.ts';

/** Text of a configuration file; `path` is how messages name it. */
export interface ConfigurationFile {
  readonly path: string;
  readonly text: string;
}

// A configuration of a thousand models with a hundred features each stays below these; aliases that multiply do not.
const textLengthMax = 4_000_000;
const nodesMax = 200_000;
const depthMax = 32;

interface Reading {
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
  readonly file: string;
  readonly problems: Problem[];
  nodes: number;
}

/** Reads one file. Where the text is no YAML map there is no tree, and at least one problem. */
export function readYaml(file: ConfigurationFile): {
  tree: SourceTree | undefined;
  problems: readonly Problem[];
} {
  const start: Origin = { kind: 'file', file: file.path, line: 1, column: 1 };
  if (file.text.length > textLengthMax) {
    return { tree: undefined, problems: [problemAt(start, [], `longer than ${textLengthMax} characters`)] };
  }
  const lines = new LineCounter();
  const document = parseDocument(file.text, { lineCounter: lines, prettyErrors: false, version: '1.2' });
  const reading: Reading = { document, lines, file: file.path, problems: [], nodes: 0 };
  const broken = [...document.errors, ...document.warnings].map((error) =>
    problemAt(originAt(reading, error.pos[0]), [], yamlMessage(error.code, error.message)),
  );
  if (document.errors.length > 0) return { tree: undefined, problems: broken };
  const empty: SourceMap = { kind: 'map', entries: new Map(), origin: start };
  const tree = document.contents === null ? empty : readNode(document.contents, [], reading);
  return { tree, problems: [...broken, ...reading.problems, ...rootProblems(tree)] };
}

function rootProblems(tree: SourceTree): readonly Problem[] {
  const isEmpty = tree.kind === 'scalar' && tree.value === null;
  return tree.kind === 'map' || isEmpty
    ? []
    : [problemAt(tree.origin, [], 'expected settings as `name: value`')];
}

function yamlMessage(code: string, message: string): string {
  return code === 'DUPLICATE_KEY' ? 'the same key twice in one map' : `not valid YAML: ${message}`;
}

function originAt(reading: Reading, offset: number): Origin {
  const { line, col } = reading.lines.linePos(offset);
  return { kind: 'file', file: reading.file, line: Math.max(1, line), column: Math.max(1, col) };
}

function readNode(node: Node, path: SettingPath, reading: Reading): SourceTree {
  const origin = originAt(reading, node.range?.[0] ?? 0);
  const nothing: SourceTree = { kind: 'scalar', value: null, origin };
  reading.nodes += 1;
  if (reading.nodes > nodesMax || path.length > depthMax) {
    // Once is enough: an alias bomb would say it a million times.
    if (reading.nodes <= nodesMax + 1) {
      reading.problems.push(
        problemAt(origin, path, 'too many values, or nested too deeply: do aliases multiply?'),
      );
    }
    reading.nodes = nodesMax + 2;
    return nothing;
  }
  if (isAlias(node)) {
    const target = node.resolve(reading.document);
    if (target !== undefined) return readNode(target, path, reading);
    reading.problems.push(problemAt(origin, path, `no anchor &${node.source} before this alias`));
    return nothing;
  }
  if (isScalar(node)) return { kind: 'scalar', value: scalarOf(node.value), origin };
  if (isMap(node)) return readMap(node as YAMLMap<Node, Node | null>, path, origin, reading);
  const items = (node as unknown as { items: readonly Node[] }).items;
  return {
    kind: 'list',
    items: items.map((item, index) => readNode(item, [...path, index], reading)),
    origin,
  };
}

function scalarOf(value: unknown): string | number | boolean | null {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  return value === null || value === undefined ? null : String(value);
}

function readMap(
  map: YAMLMap<Node, Node | null>,
  path: SettingPath,
  origin: Origin,
  reading: Reading,
): SourceTree {
  const entries = new Map<string, SourceEntry>();
  for (const pair of map.items) {
    const key = originAt(reading, pair.key.range?.[0] ?? 0);
    const name = readKey(pair, path, key, reading);
    if (name === undefined) continue;
    const tree: SourceTree =
      pair.value === null
        ? { kind: 'scalar', value: null, origin: key }
        : readNode(pair.value, [...path, name], reading);
    entries.set(name, { key, tree });
  }
  return { kind: 'map', entries, origin };
}

function readKey(
  pair: Pair<Node, Node | null>,
  path: SettingPath,
  key: Origin,
  reading: Reading,
): string | undefined {
  if (!isScalar(pair.key)) {
    reading.problems.push(problemAt(key, path, 'a key must be plain text'));
    return undefined;
  }
  // As it is written: `1.10: numeric` names the feature 1.10, not 1.1.
  const name = pair.key.source ?? String(pair.key.value);
  // A parser further up would take this key for the prototype, and the setting would be lost without a word.
  if (name !== '__proto__') return name;
  reading.problems.push(problemAt(key, path, 'the name __proto__ cannot be configured'));
  return undefined;
}
