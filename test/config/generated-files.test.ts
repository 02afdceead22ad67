import { readdirSync, readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { sampleModel } from '../../config/default-file.ts';
import { firstDifference, generatedFiles } from '../../config/generate.ts';
import { withBlock } from '../../config/reference-pages.ts';
import { settingRows, settingsSchema } from '../../src/config/schema-node.ts';
import { defaultSettings, parseSettings } from '../../src/config/settings.ts';
import { faults } from '../../src/fault.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

test.each([...generatedFiles()])('%s is what the code says', (path, text) => {
  expect(read(path)).toBe(text);
});

describe('config/driftline.yaml', () => {
  const text = read('config/driftline.yaml');

  test('parses to the defaults and its sample model', () => {
    const parsed = parseSettings({ files: [{ path: 'driftline.yaml', text }], env: {}, flags: [] });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const { models, ...settings } = parsed.settings;
    const { models: none, ...defaults } = defaultSettings();
    expect(settings).toEqual(defaults);
    expect(none).toEqual([]);
    expect(models).toMatchObject([{ name: sampleModel.name, task: sampleModel.task, baseline: null }]);
  });

  test('holds every setting but the secrets, and nothing else', () => {
    const names = pathsIn(parse(text), '').map((path) =>
      path.replace(
        /^models\[\]\.(features|drift\.features|importance)\.[a-z_]+/,
        (_, map) => `models[].${map}.<name>`,
      ),
    );
    const known = settingRows()
      .filter((row) => !row.isSecret && !['models', 'models[].drift.features'].includes(row.path))
      // A list that is empty in the file has no entries there; the reference says what they hold.
      .filter((row) => !/^alerts\.[a-z]+\[\]/.test(row.path))
      .map((row) => (/^models\[\]\.(features|importance)$/.test(row.path) ? `${row.path}.<name>` : row.path));
    expect([...new Set(names)].toSorted()).toEqual(known.toSorted());
  });
});

function pathsIn(value: unknown, path: string): readonly string[] {
  if (Array.isArray(value) && value.some((item) => typeof item === 'object')) {
    return value.flatMap((item) => pathsIn(item, `${path}[]`));
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [path];
  return Object.entries(value).flatMap(([name, child]) =>
    pathsIn(child, path === '' ? name : `${path}.${name}`),
  );
}

describe('the JSON Schema', () => {
  const validate = new Ajv({ strict: true, allowUnionTypes: true }).compile(settingsSchema);
  const examples = readdirSync(new URL('config/examples', root)).map((name) => `config/examples/${name}`);

  test.each(['config/driftline.yaml', ...examples])('accepts %s, as the parser does', (path) => {
    const text = read(path);
    expect(validate(parse(text)), JSON.stringify(validate.errors)).toBe(true);
    expect(parseSettings({ files: [{ path, text }], env: {}, flags: [] })).toMatchObject({ ok: true });
  });

  test.each([
    ['an unknown setting', 'gruop: a'],
    ['a wrong type', 'http: {port: high}'],
    ['a number out of range', 'http: {port: 70000}'],
    ['a bad duration', 'windows: {size: 5x}'],
    ['a bad choice', 'log: {level: loud}'],
    ['a model without a task', 'models: [{name: a}]'],
    ['a secret', 'redis: {password: a}'],
  ])('refuses %s, as the parser does', (_, text) => {
    expect(validate(parse(text))).toBe(false);
    expect(parseSettings({ files: [{ path: 'a.yaml', text }], env: {}, flags: [] })).toMatchObject({
      ok: false,
    });
  });
});

test('every setting and every section has a meaning', () => {
  expect(
    settingRows()
      .filter((row) => !/^[A-Z…].*[.…]$/.test(row.meaning))
      .map((row) => row.path),
  ).toEqual([]);
});

test('every fault is on its page', () => {
  const page = generatedFiles().get('docs/faults.md') ?? '';
  for (const code of Object.keys(faults)) expect(page).toContain(`\`${code}\``);
});

test('a difference is told by its first line', () => {
  expect(firstDifference('a\nb\n', 'a\nb\n')).toBeUndefined();
  expect(firstDifference('a\nb\n', 'a\nc\n')).toBe(2);
  expect(firstDifference('a', 'a\nb')).toBe(2);
  expect(firstDifference('a\nb', 'a')).toBe(2);
});

test('a generated block replaces what stands between its markers, and a page without markers is refused', () => {
  const page = 'before\n<!-- generated: x -->\nold\n<!-- end: x -->\nafter\n';
  expect(withBlock(page, 'x', 'new\n')).toBe('before\n<!-- generated: x -->\nnew\n<!-- end: x -->\nafter\n');
  expect(() => withBlock('no markers', 'x', 'new')).toThrow('generated: x');
});
