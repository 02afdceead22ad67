import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { calmWeather, type Link, openLink } from './proxy.ts';

let echo: Server;
let link: Link;

beforeEach(async () => {
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.pipe(socket);
  });
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  link = await openLink((echo.address() as AddressInfo).port);
});

afterEach(async () => {
  await link.close();
  echo.close();
});

function open(): Socket {
  const [host, port] = link.address.split(':') as [string, string];
  return connect({ host, port: Number(port) });
}

async function received(socket: Socket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for (let size = 0; size < bytes; ) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    chunks.push(chunk);
    size += chunk.length;
  }
  return Buffer.concat(chunks);
}

test('all bytes arrive in order, also many and also late', async () => {
  const socket = open();
  const bytes = Buffer.from(Array.from({ length: 1_000_000 }, (_, i) => (i * 7) % 251));
  socket.write(bytes);
  expect((await received(socket, bytes.length)).equals(bytes)).toBe(true);
  link.setWeather({ delayMs: 40, stalled: false });
  const startedAt = performance.now();
  socket.write('late');
  expect((await received(socket, 4)).toString()).toBe('late');
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(79);
  socket.destroy();
});

test('nothing gets through while it is stalled, and everything afterwards', async () => {
  const socket = open();
  await once(socket, 'connect');
  link.setWeather({ delayMs: 0, stalled: true });
  let got = '';
  socket.on('data', (chunk) => {
    got += chunk;
  });
  socket.write('held');
  await new Promise((wake) => setTimeout(wake, 150));
  expect(got).toBe('');
  link.setWeather(calmWeather);
  await once(socket, 'data');
  expect(got).toBe('held');
  socket.destroy();
});

test('a reset cuts what is open, and the next connection works', async () => {
  const socket = open();
  socket.write('x');
  await received(socket, 1);
  const failed = once(socket, 'error');
  link.reset();
  expect((await failed)[0]).toMatchObject({ code: 'ECONNRESET' });
  const next = open();
  next.write('again');
  expect((await received(next, 5)).toString()).toBe('again');
  next.destroy();
});

test('a connection ends where there is no server', async () => {
  echo.close();
  const closed = openClosed();
  await expect(closed).resolves.toBeUndefined();
});

async function openClosed(): Promise<void> {
  const socket = open();
  socket.on('error', () => undefined);
  await new Promise<void>((done) => socket.once('close', () => done()));
}
