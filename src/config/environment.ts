// Settings from variables and flags: `DRIFTLINE__KAFKA__TLS__ENABLED=true`, `--set kafka.tls.enabled=true`.
import { closest } from './closest.ts';
import { type Problem, problemAt, unknownSetting } from './problem.ts';
import { nodeAt, nonNull, type SchemaNode, settingRows } from './schema-node.ts';
import {
  mergeSources,
  type Origin,
  pathText,
  type SettingPath,
  type SourceTree,
  treeAt,
  treeOf,
} from './source-tree.ts';

export const variablePrefix = 'DRIFTLINE__';

/** A setting from the command line. */
export interface SettingFlag {
  /** How messages name it: `--set http.port`, `--brokers`. */
  readonly flag: string;
  /** `kafka.brokers` */
  readonly path: string;
  readonly text: string;
}

interface TextSetting {
  readonly origin: Origin;
  readonly path: SettingPath;
  readonly text: string;
}

/** The variable that sets a path: `kafka.client_id` is `DRIFTLINE__KAFKA__CLIENT_ID`. */
export function variableOf(path: string): string {
  return variablePrefix + path.toUpperCase().replaceAll('.', '__');
}

/**
 * The settings of all variables that begin with `DRIFTLINE__`; the rest of a name is a path with `__` for dots. Maps
 * and lists are JSON; lists of text may be separated by commas instead. Undefined where there is none.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>, schema: SchemaNode) {
  const settings = Object.entries(env)
    .filter(
      (entry): entry is [string, string] => entry[0].startsWith(variablePrefix) && entry[1] !== undefined,
    )
    .map(([variable, text]): TextSetting => {
      const path = variable.slice(variablePrefix.length).toLowerCase().split('__');
      return { origin: { kind: 'environment', variable }, path, text };
    })
    // A section given whole comes before a setting within it, whatever order the variables are in.
    .sort((a, b) => a.path.length - b.path.length);
  return readTexts(settings, schema);
}

/** The settings of flags, later ones above earlier ones. */
export function readFlags(flags: readonly SettingFlag[], schema: SchemaNode) {
  const settings = flags.map(
    ({ flag, path, text }): TextSetting => ({ origin: { kind: 'flag', flag }, path: path.split('.'), text }),
  );
  return readTexts(settings, schema);
}

function readTexts(settings: readonly TextSetting[], schema: SchemaNode) {
  const problems: Problem[] = [];
  let tree: SourceTree | undefined;
  for (const { origin, path, text } of settings) {
    const node = nodeAt(schema, path);
    if (node === undefined) {
      problems.push(unknownText(origin, path, schema));
      continue;
    }
    const value = readText(nonNull(node), text);
    if (value === undefined) {
      problems.push(problemAt(origin, path, 'expected JSON, for example ["a","b"] or {"a":1}'));
      continue;
    }
    const set = treeAt(path, treeOf(value, origin));
    tree = tree === undefined ? set : mergeSources(tree, set);
  }
  return { tree, problems };
}

function unknownText(origin: Origin, path: SettingPath, schema: SchemaNode): Problem {
  if (nodeAt(schema, path.slice(0, -1)) !== undefined)
    return unknownSetting(treeAt(path, treeOf('', origin)), schema, path);
  const paths = settingRows(schema).map((row) => row.path);
  const guess = closest(pathText(path), paths);
  return problemAt(origin, path, `unknown setting${guess === undefined ? '' : `; did you mean ${guess}?`}`);
}

/** Text as the schema wants it; the schema refuses what does not fit. Undefined where JSON is needed and is not there. */
function readText(node: SchemaNode, text: string): unknown {
  if (node.type === 'string') return text;
  try {
    return JSON.parse(text, refusePrototype);
  } catch {
    if (node.items?.type === 'string') return text.split(',').map((item) => item.trim());
    return node.type === 'array' || node.type === 'object' ? undefined : text;
  }
}

// See `readKey` of YAML files: the name would vanish on its way through the schema.
function refusePrototype(name: string, value: unknown): unknown {
  if (name === '__proto__') throw new SyntaxError('the name __proto__ cannot be configured');
  return value;
}
