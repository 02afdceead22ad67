import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { freePort, freePorts, portFrom } from '../../../deploy/local/ports.ts';

describe('a port of the stack', () => {
  test('is the preset one where the environment says nothing', () => {
    expect(portFrom('PORT', 19_092, {})).toBe(19_092);
  });

  test('is what the environment says', () => {
    expect(portFrom('PORT', 19_092, { PORT: '65535' })).toBe(65_535);
  });

  test.each(['', '0', '65536', '-1', '1.5', 'http'])('is refused when the environment says %j', (text) => {
    expect(() => portFrom('PORT', 19_092, { PORT: text })).toThrow(`PORT: expected a port, found "${text}"`);
  });
});

describe('free ports', () => {
  test('differ from one another', async () => {
    const ports = await freePorts(50);
    expect(new Set(ports).size).toBe(50);
  });

  test('can be listened on', async () => {
    const port = await freePort();
    const server = createServer();
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    server.close();
  });
});
