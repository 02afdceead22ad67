import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { settingsSchema } from '../../src/config/schema-node.ts';
import { runInMemory } from './memory-process.ts';

let folder: string;
const at = (name: string) => join(folder, name);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'driftline-config-'));
  mkdirSync(at('baselines'));
  writeFileSync(at('baselines/there.json'), '{}');
  writeFileSync(at('good.yaml'), 'models: [{name: a, task: binary, baseline: baselines/there.json}]\n');
  writeFileSync(at('over.yaml'), 'http: {port: 9000}\nmodels: [{name: b, task: regression}]\n');
  writeFileSync(at('bad.yaml'), 'htp: {port: 1}\nlog: {level: wran}\n');
  writeFileSync(at('lost.yaml'), 'models: [{name: a, task: binary, baseline: baselines/lost.json}]\n');
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('config check', () => {
  test('counts the models of a sound configuration', async () => {
    const run = await runInMemory(['config', 'check', at('good.yaml'), at('over.yaml')]);
    expect(run).toEqual({ stdout: 'ok: 2 models\n', stderr: '', exitCode: 0 });
  });

  test('lists every problem on a line of its own and exits with 2', async () => {
    const run = await runInMemory(['config', 'check', at('bad.yaml')]);
    expect(run).toEqual({
      stdout: '',
      stderr: [
        `${at('bad.yaml')}:1:1: htp: unknown setting; did you mean "http"?`,
        `${at('bad.yaml')}:2:14: log.level: expected one of debug, info, warn, error, found "wran"; did you mean "warn"?`,
        'driftline: CONFIG_INVALID: the configuration has 2 problems',
        '',
      ].join('\n'),
      exitCode: 2,
    });
  });

  test('finds files that are named and not there, by the line that names them', async () => {
    const run = await runInMemory(['config', 'check', at('lost.yaml')]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toContain(
      `${at('lost.yaml')}:1:44: models[0].baseline: ${at('baselines/lost.json')} cannot be read (ENOENT)`,
    );
  });

  test('prints its findings as JSON', async () => {
    const run = await runInMemory(['config', 'check', at('bad.yaml'), '--json']);
    expect(run.exitCode).toBe(2);
    const found = JSON.parse(run.stdout) as { ok: boolean; problems: { path: string; line: number }[] };
    expect(found.ok).toBe(false);
    expect(found.problems.map(({ path, line }) => [path, line])).toEqual([
      ['htp', 1],
      ['log.level', 2],
    ]);
  });

  test('a file that cannot be read is a fault of its own', async () => {
    const run = await runInMemory(['config', 'check', at('none.yaml')]);
    expect(run.exitCode).toBe(2);
    expect(run.stderr).toMatch(/^driftline: CONFIG_UNREADABLE: cannot read .*none\.yaml \(ENOENT/);
  });
});

describe('config print', () => {
  test('prints what holds, flags above the environment above files', async () => {
    const argv = ['config', 'print', '-c', at('good.yaml'), '-c', at('over.yaml'), '--set', 'http.host=::1'];
    const env = {
      DRIFTLINE__HTTP__PORT: '9001',
      DRIFTLINE__HTTP__HOST: '::2',
      DRIFTLINE__REDIS__PASSWORD: 'hunter2',
    };
    const { stdout, exitCode } = await runInMemory(argv, { env });
    expect(exitCode).toBe(0);
    expect(parse(stdout)).toMatchObject({
      http: { host: '::1', port: 9001 },
      redis: { password: '[redacted]' },
      models: [{ name: 'a' }, { name: 'b' }],
    });
    const json = await runInMemory([...argv, '--json'], { env });
    expect(JSON.parse(json.stdout)).toEqual(parse(stdout));
  });

  test('says where each value came from', async () => {
    const { stdout } = await runInMemory(['config', 'print', '-c', at('over.yaml'), '--origin']);
    expect(stdout).toContain(`port: 9000 # ${at('over.yaml')}:1:14`);
    const json = await runInMemory(['config', 'print', '-c', at('over.yaml'), '--origin', '--json']);
    expect(JSON.parse(json.stdout)).toContainEqual({ path: 'http.port', origin: `${at('over.yaml')}:1:14` });
  });

  test('refuses a wrong configuration with all its problems', async () => {
    const run = await runInMemory(['config', 'print', '-c', at('bad.yaml')]);
    expect(run).toMatchObject({ stdout: '', exitCode: 2 });
    expect(run.stderr.split('\n')).toHaveLength(4);
    expect(run.stderr).toMatch(/^driftline: CONFIG_INVALID: the configuration has 2 problems\n {2}/);
  });

  test('refuses a flag that is no setting', async () => {
    const run = await runInMemory(['config', 'print', '-c', at('good.yaml'), '--set', 'http.port']);
    expect(run).toMatchObject({ exitCode: 2 });
    expect(run.stderr).toBe(
      'driftline: USAGE: --set http.port: expected path=value, such as http.port=9000\n',
    );
  });
});

test('config schema prints the JSON Schema', async () => {
  const { stdout, exitCode } = await runInMemory(['config', 'schema']);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toEqual(settingsSchema);
});
