import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

async function runMain(...argv: string[]) {
  const child = spawn(process.execPath, [main, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => (text.stdout += chunk));
  child.stderr.on('data', (chunk) => (text.stderr += chunk));
  const [exitCode] = await once(child, 'close');
  return { ...text, exitCode: exitCode as number };
}

test('the process passes arguments, data, messages and the exit code through', async () => {
  const version = await runMain('--version');
  expect(version).toMatchObject({ stderr: '', exitCode: 0 });
  expect(version.stdout).toMatch(/^\d+\.\d+\.\d+/);
  expect(await runMain('nonsense')).toMatchObject({ stdout: '', exitCode: 2 });
});

test('the process ends with its command, whatever a client has left open', async () => {
  const open = 'data:text/javascript,setInterval(() => undefined, 1000)';
  const child = spawn(process.execPath, ['--import', open, main, 'nonsense'], { stdio: 'ignore' });
  const [exitCode] = await once(child, 'close');
  expect(exitCode).toBe(2);
});

test('a reader that goes away ends the process without a word', async () => {
  const child = spawn(process.execPath, [main, 'config', 'schema'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += chunk));
  child.stdout.destroy();
  const [exitCode] = await once(child, 'close');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

test('the first signal asks a command to stop, the second ends the process at once', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'driftline-main-'));
  const pipe = join(folder, 'configuration');
  // A configuration that never ends keeps a command busy for as long as the test likes.
  execFileSync('mkfifo', [pipe]);
  const child = spawn(process.execPath, [main, 'config', 'check', pipe], { stdio: 'ignore' });
  const closed = once(child, 'close');
  const writer = await open(pipe, 'w');
  try {
    child.kill('SIGTERM');
    expect(await Promise.race([closed, sleep(300, 'still running')])).toBe('still running');
    child.kill('SIGTERM');
    await closed;
    expect(child.signalCode).toBe('SIGTERM');
  } finally {
    child.kill('SIGKILL');
    await writer.close();
    rmSync(folder, { recursive: true });
  }
});
