// What is wrong with a configuration: a list of problems, each with its place, and a guess at what was meant.
import type { z } from 'zod';
import { closest } from './closest.ts';
import { propertiesAt, rowsNamed, type SchemaNode } from './schema-node.ts';
import {
  type Origin,
  originText,
  pathText,
  placeOf,
  type SettingPath,
  type SourceTree,
  subtree,
} from './source-tree.ts';

export interface Problem {
  /** A file, a `DRIFTLINE__…` variable, or a flag. */
  readonly file: string;
  /** Both count from 1; undefined outside files. */
  readonly line: number | undefined;
  readonly column: number | undefined;
  /** The setting, such as `kafka.brokers[0]`; empty where a file is not understood at all. */
  readonly path: string;
  readonly message: string;
}

/** A problem with the setting at a path. */
export function problemAt(origin: Origin, path: SettingPath, message: string): Problem {
  const place =
    origin.kind === 'file' ? origin : { file: originText(origin), line: undefined, column: undefined };
  return { file: place.file, line: place.line, column: place.column, path: pathText(path), message };
}

/** One line: `driftline.yaml:3:5: kafka.broker: unknown setting; did you mean "brokers"?`. */
export function problemText(problem: Problem): string {
  const place =
    problem.line === undefined ? problem.file : `${problem.file}:${problem.line}:${problem.column}`;
  return [place, problem.path, problem.message].filter((part) => part !== '').join(': ');
}

/** The problems of what the schema found, in the words of the configuration. */
export function problemsOf(
  issues: readonly z.core.$ZodIssue[],
  tree: SourceTree,
  schema: SchemaNode,
): readonly Problem[] {
  return issues.flatMap((issue) => {
    const path = issue.path as SettingPath;
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => unknownSetting(tree, schema, [...path, key]));
    const message = issueMessage(issue, subtree(tree, path));
    return [problemAt(keyOrPlace(issue, tree, path), path, message)];
  });
}

/** The problem of a setting that does not exist, with the closest one that does. */
export function unknownSetting(tree: SourceTree, schema: SchemaNode, path: SettingPath): Problem {
  const name = String(path.at(-1));
  const siblings = Object.keys(propertiesAt(schema, path.slice(0, -1)) ?? {});
  const guess = closest(name, siblings) ?? rowsNamed(schema, name)[0];
  const hint = guess === undefined ? `one of ${siblings.join(', ')}` : `did you mean "${guess}"?`;
  return problemAt(keyPlace(tree, path), path, `unknown setting; ${hint}`);
}

function keyPlace(tree: SourceTree, path: SettingPath): Origin {
  const parent = subtree(tree, path.slice(0, -1));
  const entry = parent?.kind === 'map' ? parent.entries.get(String(path.at(-1))) : undefined;
  return entry?.key ?? placeOf(tree, path);
}

function keyOrPlace(issue: z.core.$ZodIssue, tree: SourceTree, path: SettingPath): Origin {
  return issue.code === 'invalid_key' ? keyPlace(tree, path) : placeOf(tree, path);
}

function issueMessage(issue: z.core.$ZodIssue, found: SourceTree | undefined): string {
  if (found === undefined) return 'is required';
  switch (issue.code) {
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'not a valid name';
    case 'invalid_type':
      return `${typeMessage(issue)}, found ${foundText(found)}`;
    case 'invalid_value': {
      const options = issue.values.map(String);
      const guess = found.kind === 'scalar' ? closest(String(found.value), options) : undefined;
      const hint = guess === undefined ? '' : `; did you mean "${guess}"?`;
      return `expected one of ${options.join(', ')}, found ${foundText(found)}${hint}`;
    }
    case 'too_small':
    case 'too_big':
      return `${boundMessage(issue)}, found ${foundText(found)}`;
    default:
      return `${issue.message}, found ${foundText(found)}`;
  }
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'settings',
  record: 'names with values',
};

function typeMessage(issue: z.core.$ZodIssueInvalidType): string {
  const named = typeNames[issue.expected];
  // A schema with an own message knows better than its type what is expected.
  return issue.message.startsWith('Invalid input') ? `expected ${named ?? issue.expected}` : issue.message;
}

function boundMessage(issue: z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig): string {
  const bound = issue.code === 'too_small' ? issue.minimum : issue.maximum;
  const unit = issue.origin === 'string' ? ' characters' : issue.origin === 'array' ? ' entries' : '';
  if (issue.inclusive === false)
    return `expected ${issue.code === 'too_small' ? 'more' : 'less'} than ${bound}${unit}`;
  return `expected at ${issue.code === 'too_small' ? 'least' : 'most'} ${bound}${unit}`;
}

function foundText(found: SourceTree): string {
  if (found.kind === 'list') return found.items.length === 0 ? 'an empty list' : 'a list';
  if (found.kind === 'map') return 'settings';
  if (found.value === null) return 'nothing';
  const text = JSON.stringify(typeof found.value === 'string' ? withoutPassword(found.value) : found.value);
  return text.length > 60 ? `${text.slice(0, 57)}…"` : text;
}

/** An address without the user information that may stand in it. */
export function withoutPassword(text: string): string {
  return text.replace(/\/\/[^/]*@/, '//[redacted]@');
}
