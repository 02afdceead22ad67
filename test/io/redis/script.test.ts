// The Lua files: each states its contract, and touches the keys that it was given and no others.
import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadScript, runScript } from '../../../src/io/redis/script.ts';

const files = readdirSync(new URL('../../../src/io/redis/', import.meta.url)).filter((file) =>
  file.endsWith('.lua'),
);

test('there are scripts to examine', () => {
  expect(files.length).toBeGreaterThanOrEqual(10);
});

describe.each(files)('%s', (file) => {
  const script = loadScript(file);
  const lines = script.source.split('\n');
  const code = lines.filter((line) => !line.startsWith('--'));

  test('opens with a shebang, which makes Redis check memory, replicas and slots before the script starts', () => {
    expect(lines[0]).toMatch(/^#!lua( flags=(no-writes|allow-oom))?$/);
    expect(lines[1]).toMatch(/^-- [A-Z].*[.,:]$/);
  });

  test('the key count in its name is the number of keys that it documents and uses', () => {
    const used = [...code.join('\n').matchAll(/KEYS\[(\d+)\]/g)].map(([, index]) => Number(index));
    const documented = lines.flatMap((line) => /^-- KEYS\[(\d+)(…?)\]/.exec(line) ?? []).length / 3;
    expect(Math.max(...used)).toBe(script.keys);
    expect(new Set(used).size).toBe(script.keys);
    expect(documented).toBe(script.keys + (script.more ? 1 : 0));
  });

  test('every command is given a declared key', () => {
    const calls = [...code.join('\n').matchAll(/redis\.call\(\s*'(\w+)',\s*([^,)]+)/g)];
    expect(calls.length).toBe(code.join('\n').split('redis.call').length - 1);
    for (const [, , key] of calls) expect(key).toMatch(/^KEYS\[(\d+|window|hash|bucket)\]$/);
  });

  test('runs without memory only where it takes none but for a lease', () => {
    if (lines[0] !== '#!lua flags=allow-oom') return;
    const commands = [...code.join('\n').matchAll(/redis\.call\(\s*'(\w+)'/g)].map(([, command]) => command);
    const frugal = ['DEL', 'GET', 'HGET', 'SREM', 'XDEL', 'XRANGE', 'ZREM', 'ZSCORE'];
    const leasing = file === 'lease-1.lua' ? ['SET'] : [];
    expect([...frugal, ...leasing]).toEqual(expect.arrayContaining(commands));
  });

  test('says what it returns', () => {
    expect(lines.filter((line) => line.startsWith('-- Returns '))).toHaveLength(1);
  });
});

test('a script is not run with another number of keys than its own', async () => {
  const connection = { call: () => Promise.resolve(null) };
  const bug = { code: 'BUG' };
  await expect(runScript(connection, loadScript('claim-1.lua'), [], [])).rejects.toMatchObject(bug);
  await expect(runScript(connection, loadScript('claim-1.lua'), ['a', 'b'], [])).rejects.toMatchObject(bug);
  await expect(runScript(connection, loadScript('checkpoint-2-n.lua'), ['a'], [])).rejects.toMatchObject(bug);
  expect(await runScript(connection, loadScript('checkpoint-2-n.lua'), ['a', 'b', 'c'], [])).toBeNull();
});

test('a file whose name does not tell its number of keys is no script', () => {
  expect(() => loadScript('claim.lua')).toThrow(expect.objectContaining({ code: 'BUG' }));
});
