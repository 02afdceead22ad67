import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { parseSettings } from '../../src/config/settings.ts';

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');

const instructions = read('deploy/Dockerfile')
  .replaceAll(/^#.*\n/gm, '')
  .replaceAll(/\\\n\s*/g, '')
  .split('\n')
  .filter((line) => line !== '');
const ignored = read('.dockerignore')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'));

/** What COPY takes from the repository; what comes from another stage is not of it. */
const copied = instructions
  .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
  .flatMap((line) => line.split(' ').slice(1, -1));

const lastStage = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));

describe('deploy/Dockerfile', () => {
  test('copies only what there is and what the build may see', () => {
    expect(copied.length).toBeGreaterThan(5);
    expect(ignored[0]).toBe('*');
    for (const path of copied) {
      expect(existsSync(new URL(path, root)), path).toBe(true);
      expect(ignored).toContain(`!${path}`);
    }
  });

  test('shows the build nothing that it does not copy', () => {
    expect(ignored.slice(1).filter((line) => !copied.includes(line.slice(1)))).toEqual([]);
  });

  test('ends in an image without a shell, as a user that is not root, with the Node of the build', () => {
    expect(lastStage[0]).toBe('FROM gcr.io/distroless/nodejs24-debian13:nonroot');
    expect(instructions.filter((line) => line.startsWith('FROM ')).slice(0, -1)).toEqual([
      'FROM node:24-trixie-slim AS build',
      'FROM node:24-trixie-slim AS packages',
    ]);
    expect(read('.nvmrc').trim()).toBe('24');
    expect(lastStage.filter((line) => line.startsWith('RUN '))).toEqual([]);
  });

  test('installs what the lock file says, without the development dependencies', () => {
    const installs = instructions.filter((line) => /\bnpm (?!run )/.test(line));
    expect(installs).toHaveLength(2);
    expect(installs.filter((line) => !line.startsWith('RUN npm ci --'))).toEqual([]);
    expect(installs.at(-1)).toContain('--omit=dev');
  });

  test('writes every command that runs in it in exec form', () => {
    const commands = lastStage.filter((line) => /^(ENTRYPOINT|CMD|HEALTHCHECK) /.test(line));
    expect(commands).toHaveLength(3);
    for (const line of commands) expect(JSON.parse(line.slice(line.indexOf('[')))).toBeInstanceOf(Array);
  });

  test('sets only settings that there are', () => {
    const env = Object.fromEntries(
      lastStage.flatMap((line) =>
        [...line.matchAll(/(DRIFTLINE__\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
      ),
    ) as Record<string, string>;
    expect(Object.keys(env)).toEqual(['DRIFTLINE__HTTP__HOST']);
    expect(parseSettings({ files: [], env, flags: [] })).toMatchObject({
      ok: true,
      settings: { http: { host: '0.0.0.0' } },
    });
  });
});

describe('the healthcheck', () => {
  const line = lastStage.find((one) => one.startsWith('HEALTHCHECK ')) ?? '';
  const [program, ...args] = JSON.parse(line.slice(line.indexOf('['))) as string[];

  async function exitCode(port: number): Promise<unknown> {
    const child = spawn(process.execPath, args, {
      env: { DRIFTLINE__HTTP__PORT: String(port) },
      stdio: 'ignore',
    });
    return (await once(child, 'exit'))[0];
  }

  test.each([
    [200, 0],
    [503, 1],
  ])('takes the answer %i for exit code %i', async (status, code) => {
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(status).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    try {
      expect(program).toBe('/nodejs/bin/node');
      expect(await exitCode((server.address() as AddressInfo).port)).toBe(code);
      expect(asked).toEqual(['/healthz']);
    } finally {
      server.close();
    }
  });

  test('takes silence for exit code 1', async () => {
    const server = createServer();
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    expect(await exitCode(port)).toBe(1);
  });
});
