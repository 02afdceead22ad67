import { expect, test } from 'vitest';
import { problemText } from '../../src/config/problem.ts';
import { placeOf, plainValue } from '../../src/config/source-tree.ts';
import { readYaml } from '../../src/config/yaml-source.ts';

function problemsIn(text: string): readonly string[] {
  return readYaml({ path: 'a.yaml', text }).problems.map(problemText);
}

function treeIn(text: string) {
  const { tree, problems } = readYaml({ path: 'a.yaml', text });
  expect(problems).toEqual([]);
  if (tree === undefined) throw new Error('no tree');
  return tree;
}

test('every value knows its line and column', () => {
  const tree = treeIn('kafka:\n  brokers: [a:1, b:2]\n  tls:\n    enabled: true\n');
  expect(placeOf(tree, ['kafka', 'brokers', 1])).toMatchObject({ line: 2, column: 18 });
  expect(placeOf(tree, ['kafka', 'tls', 'enabled'])).toMatchObject({ line: 4, column: 14 });
});

test('the place of a value that is not there is the place of what should hold it', () => {
  const tree = treeIn('models:\n  - task: binary\n');
  expect(placeOf(tree, ['models', 0, 'name'])).toMatchObject({ line: 2, column: 5 });
});

test('an empty file sets nothing', () => {
  expect(plainValue(treeIn(''))).toEqual({});
  expect(plainValue(treeIn('# only a comment\n'))).toEqual({});
});

test('a key is the text that is written, not the number that YAML makes of it', () => {
  expect(plainValue(treeIn('1.10: a\n007: b\n'))).toEqual({ '1.10': 'a', '007': 'b' });
});

test('an alias stands for its anchor', () => {
  expect(plainValue(treeIn('a: &x [1, 2]\nb: *x\n'))).toEqual({ a: [1, 2], b: [1, 2] });
});

test('the same key twice is refused with its line', () => {
  expect(problemsIn('a: 1\nb: 2\na: 3\n')).toEqual(['a.yaml:3:1: the same key twice in one map']);
});

test('text that is not YAML is refused with its line', () => {
  expect(problemsIn('a: 1\nb: [\n')[0]).toMatch(/^a\.yaml:\d:\d: not valid YAML: /);
  expect(problemsIn('a: "x\n')[0]).toMatch(/not valid YAML/);
  expect(problemsIn('a: *nobody\n')[0]).toMatch(/nobody/);
  expect(problemsIn('a: 1\n---\nb: 2\n')[0]).toMatch(/^a\.yaml:2:1: not valid YAML: .*multiple documents/);
});

test('a list or a word at the root is refused', () => {
  expect(problemsIn('- 1\n')).toEqual(['a.yaml:1:1: expected settings as `name: value`']);
  expect(problemsIn('driftline\n')).toEqual(['a.yaml:1:1: expected settings as `name: value`']);
});

test('aliases that multiply are refused in bounded time, once', () => {
  const levels = 'bcdefghi'
    .split('')
    .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[i]}`)}]`);
  const problems = problemsIn(`a: &a [${Array(9).fill('l')}]\n${levels.join('\n')}\n`);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(/too many values/);
});

test('an alias within its own anchor is refused', () => {
  expect(problemsIn('a: &a [*a]\n')).toHaveLength(1);
});

test('a key named __proto__ is refused, not lost', () => {
  expect(problemsIn('a:\n  __proto__: 1\n')).toEqual([
    'a.yaml:2:3: a: the name __proto__ cannot be configured',
  ]);
});
