import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { freePort } from '../../../deploy/local/ports.ts';
import {
  accepts,
  runningServer,
  type ServerCommand,
  startServer,
  stopServer,
} from '../../../deploy/local/server.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'driftline-server-'));
});
afterEach(async () => {
  await stopServer(folder, 'SIGKILL');
  rmSync(folder, { recursive: true });
});

const listens = "require('node:net').createServer().listen(Number(process.argv[1]), '127.0.0.1')";

/** A server of one line, ready as soon as it listens. */
async function command(script: string, changes: Partial<ServerCommand> = {}): Promise<ServerCommand> {
  const port = await freePort();
  return {
    name: 'example',
    program: process.execPath,
    args: ['-e', script, String(port)],
    ports: [port],
    folder,
    ready: async () => true,
    waitMs: 10_000,
    ...changes,
  };
}

test('a server is known by its folder while it runs, and no longer', async () => {
  const { pid, address, stop } = await startServer(await command(listens));
  const port = Number(address.split(':')[1]);
  expect(runningServer(folder)).toMatchObject({ pid, port });
  expect(await accepts(port)).toBe(true);
  await stop();
  expect(runningServer(folder)).toBeUndefined();
  expect(await accepts(port)).toBe(false);
});

test('a server that was killed can start again on its port at once', async () => {
  const again = await command(listens);
  const first = await startServer(again);
  await first.stop('SIGKILL');
  const second = await startServer(again);
  expect(second.pid).not.toBe(first.pid);
});

test('a server is awaited until it says that it is ready', async () => {
  let asked = 0;
  const ready = async () => ++asked === 3;
  await startServer(await command(listens, { ready }));
  expect(asked).toBe(3);
});

test('a server that does not become ready is ended, and its last words are told', async () => {
  const script = `console.log('still loading'); ${listens}`;
  const silent = await command(script, { ready: async () => false, waitMs: 700 });
  await expect(startServer(silent)).rejects.toThrow(
    /example was not ready on port \d+ within 0.7 seconds\nstill loading$/,
  );
  expect(await accepts(silent.ports[0])).toBe(false);
});

test('a server that ends at once is not awaited', async () => {
  const broken = await command("console.error('no such file'); process.exit(3)", { waitMs: 60_000 });
  await expect(startServer(broken)).rejects.toThrow('example ended with code 3\nno such file');
});

test('a program that is not there is told', async () => {
  const absent = await command('', { program: '/nowhere/program' });
  await expect(startServer(absent)).rejects.toThrow(/example cannot be started: .*ENOENT/);
});

test('a port that somebody else listens on is refused before anything starts', async () => {
  const taken = await command(listens);
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(taken.ports[0], '127.0.0.1', resolve));
  await expect(startServer(taken)).rejects.toThrow(`example: port ${taken.ports[0]} is taken`);
  expect(existsSync(join(folder, 'server.json'))).toBe(false);
  other.close();
});

test('a process that only has the same id is left alone', async () => {
  const { pid } = await startServer(await command(listens));
  const file = join(folder, 'server.json');
  const remembered = JSON.parse(readFileSync(file, 'utf8'));
  writeFileSync(file, JSON.stringify({ ...remembered, startedAt: 'another time' }));
  expect(await stopServer(folder)).toBe(false);
  expect(() => process.kill(pid, 0)).not.toThrow();
  writeFileSync(file, JSON.stringify(remembered));
  expect(await stopServer(folder)).toBe(true);
  // Its entry goes when its parent has taken notice.
  await vi.waitFor(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), { timeout: 20_000 });
});
