// A slow and unreliable network: a TCP proxy between one worker and one server that delays, holds back and cuts.
import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { host } from '../../deploy/local/ports.ts';
import type { Tap } from './witness.ts';

/** What the network is like. */
export interface Weather {
  /** Every chunk is this late, milliseconds, and up to half as much more by chance. */
  readonly delayMs: number;
  /** Nothing gets through; it does when that is over. */
  readonly stalled: boolean;
}

export const calmWeather: Weather = { delayMs: 0, stalled: false };

export interface Link {
  /** Where the proxy listens. */
  readonly address: string;
  setWeather(weather: Weather): void;
  /** Cuts every connection as a reset does. */
  reset(): void;
  close(): Promise<void>;
}

/** What one side of a connection has sent and the other has not been given yet. */
interface Lane {
  readonly queue: { readonly chunk: Buffer; readonly dueAt: number }[];
  bytes: number;
  timer: NodeJS.Timeout | undefined;
}

type Show = (chunk: Buffer) => void;

/** More than this is held back at the sender, as full socket buffers do. */
const heldBytesMax = 256 * 1024;

/** Opens a proxy to a port of this machine. `tap` is called for every connection, and is shown what passes. */
export async function openLink(port: number, tap?: () => Tap): Promise<Link> {
  let weather = calmWeather;
  const pairs = new Set<readonly [Socket, Socket]>();
  const pumps = new Set<() => void>();

  function forward(from: Socket, to: Socket, seen: Partial<Record<'arrived' | 'left', Show>>): void {
    const lane: Lane = { queue: [], bytes: 0, timer: undefined };
    const pump = (): void => {
      clearTimeout(lane.timer);
      lane.timer = undefined;
      while (!weather.stalled && lane.queue.length > 0) {
        const { chunk, dueAt } = lane.queue[0]!;
        const waitMs = dueAt - performance.now();
        if (waitMs > 0) {
          lane.timer = setTimeout(pump, waitMs);
          return;
        }
        lane.queue.shift();
        lane.bytes -= chunk.length;
        seen.left?.(chunk);
        if (to.writable) to.write(chunk);
      }
      if (lane.bytes <= heldBytesMax && to.writableLength <= heldBytesMax) from.resume();
    };
    from.on('data', (chunk: Buffer) => {
      seen.arrived?.(chunk);
      const dueAt = performance.now() + weather.delayMs * (1 + Math.random() / 2);
      lane.queue.push({ chunk, dueAt });
      lane.bytes += chunk.length;
      pump();
      if (lane.bytes > heldBytesMax || to.writableLength > heldBytesMax) from.pause();
    });
    to.on('drain', pump);
    pumps.add(pump);
    from.once('close', () => {
      clearTimeout(lane.timer);
      pumps.delete(pump);
    });
  }

  const server = createServer((client) => {
    const upstream = connect({ host, port, noDelay: true });
    client.setNoDelay(true);
    const pair = [client, upstream] as const;
    pairs.add(pair);
    for (const socket of pair) {
      // What a server does that is not there: the other side is told by the end of its own connection.
      socket.on('error', () => undefined);
      socket.once('close', () => {
        pairs.delete(pair);
        for (const side of pair) if (!side.destroyed) side.resetAndDestroy();
      });
    }
    const shown = tap?.();
    forward(client, upstream, shown === undefined ? {} : { left: shown.sent });
    forward(upstream, client, shown === undefined ? {} : { arrived: shown.answered });
  });
  server.listen(0, host);
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port');

  const reset = (): void => {
    for (const [client] of pairs) client.resetAndDestroy();
  };
  return {
    address: `${host}:${address.port}`,
    setWeather(next) {
      weather = next;
      for (const pump of pumps) pump();
    },
    reset,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      reset();
      await closed;
    },
  };
}
