import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import type { CliProcess } from '../../src/cli/cli-process.ts';
import {
  type MessageSender,
  type OpenSender,
  type ProducedMessage,
  produce,
  produceCommand,
} from '../../src/cli/produce-command.ts';
import { Fault } from '../../src/fault.ts';
import { openEvents } from '../../src/io/files/formats.ts';
import type { Clock } from '../../src/ports.ts';

const folder = mkdtempSync(join(tmpdir(), 'driftline-produce-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function written(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

interface Terminal extends CliProcess {
  out: string;
  err: string;
  code: number;
}

function terminal(signal = new AbortController().signal): Terminal {
  const cli: Terminal = {
    env: {},
    out: '',
    err: '',
    code: 0,
    stdout: { write: (text) => (cli.out += text) },
    stderr: { write: (text) => (cli.err += text) },
    isTerminal: false,
    signal,
    version: '0.0.0',
    peakMemoryBytes: () => 0,
    setExitCode: (code) => {
      cli.code = code;
    },
  };
  return cli;
}

/** Remembers what is sent, as a topic would. */
function recorder() {
  const topics: { topic: string; brokers: readonly string[] }[] = [];
  const batches: (readonly ProducedMessage[])[] = [];
  let closed = 0;
  const sender: MessageSender = {
    send: async (messages) => void batches.push(messages),
    close: async () => void closed++,
  };
  const open: OpenSender = async (settings, topic) => {
    topics.push({ topic, brokers: settings.kafka.brokers });
    return sender;
  };
  return { open, sender, topics, batches, messages: () => batches.flat(), closed: () => closed };
}

async function run(args: readonly string[], open: OpenSender, cli = terminal()): Promise<Terminal> {
  await produceCommand(cli, open).parseAsync([...args], { from: 'user' });
  return cli;
}

const lines = Array.from(
  { length: 1203 },
  (_, i) => `{"prediction_id":"p${i}", "model":"m","timestamp":${i}}`,
);

describe('produce', () => {
  test('sends lines as they are, keyed by prediction id and in order', async () => {
    const topic = recorder();
    const path = written('events.ndjson.gz', gzipSync(lines.join('\n')));
    const cli = await run([path, '--topic', 'predictions', '--brokers', 'broker:9092', '--json'], topic.open);
    expect(topic.topics).toEqual([{ topic: 'predictions', brokers: ['broker:9092'] }]);
    expect(topic.messages().map(({ key }) => key)).toEqual(lines.map((_, i) => `p${i}`));
    expect(topic.messages().map(({ value }) => Buffer.from(value).toString())).toEqual(lines);
    expect(JSON.parse(cli.out)).toMatchObject({
      topic: 'predictions',
      messages: 1203,
      bytes: lines.join('').length,
      withoutKey: 0,
      complete: true,
    });
    expect([topic.closed(), cli.code]).toEqual([1, 0]);
  });

  test('sends a line that is no event too, without a key', async () => {
    const topic = recorder();
    const cli = await run([written('bad.ndjson', `${lines[0]}\nnonsense\n`), '--topic', 't'], topic.open);
    expect(topic.messages()[1]).toEqual({ key: null, value: Buffer.from('nonsense') });
    expect(cli.err).toContain('1 of them have no prediction id');
  });

  test('sends the rows of a table as events', async () => {
    const topic = recorder();
    const path = written('rows.csv', 'at,x,label\n2024-01-01,1,yes\n2024-01-02,nan,no\n');
    await run([path, '--topic', 't', '--timestamp', 'at', '--model', 'm'], topic.open);
    expect(topic.messages().map(({ key, value }) => [key, JSON.parse(String(value))])).toEqual([
      ['1', { prediction_id: '1', model: 'm', timestamp: 1704067200000, label: 'yes', features: { x: 1 } }],
      [
        '2',
        { prediction_id: '2', model: 'm', timestamp: 1704153600000, label: 'no', features: { x: 'NaN' } },
      ],
    ]);
    const labels = recorder();
    await run([path, '--stream', 'labels', '--topic', 't', '--timestamp', 'at', '--model', 'm'], labels.open);
    expect(labels.messages().map(({ value }) => JSON.parse(String(value)))).toEqual([
      { prediction_id: '1', model: 'm', label: 'yes', timestamp: 1704067200000 },
      { prediction_id: '2', model: 'm', label: 'no', timestamp: 1704153600000 },
    ]);
  });

  test('takes the configured topic of the stream where none is named', async () => {
    const topic = recorder();
    const path = written('one.ndjson', lines[0]!);
    await run([path, '--set', 'kafka.topics.labels=truth', '--stream', 'labels'], topic.open);
    expect(topic.topics[0]?.topic).toBe('truth');
  });

  test('keeps to its rate', async () => {
    const topic = recorder();
    let now = 0;
    const clock: Clock = {
      now: () => now,
      elapsed: () => now,
      sleep: async (ms) => {
        now += ms;
      },
    };
    const file = await openEvents(written('slow.ndjson', `${lines.slice(0, 1000).join('\n')}\n`));
    const sent = await produce([file], 'predictions', topic.sender, 200, clock, terminal());
    expect(sent.messages).toBe(1000);
    // The last 20 of 1,000 events at 200 a second leave after 4.9 s.
    expect(now).toBeCloseTo(4900, 6);
    expect(Math.max(...topic.batches.map((batch) => batch.length))).toBe(20);
  });

  test('stops where it is when it is interrupted, and says so', async () => {
    const topic = recorder();
    const stop = new AbortController();
    const open: OpenSender = async () => ({
      ...topic.sender,
      send: async (messages) => {
        await topic.sender.send(messages);
        stop.abort();
      },
    });
    const cli = await run(
      [written('long.ndjson', lines.join('\n')), '--topic', 't'],
      open,
      terminal(stop.signal),
    );
    expect(topic.batches).toHaveLength(1);
    expect([cli.code, cli.err]).toEqual([1, expect.stringContaining('interrupted')]);
    expect(topic.closed()).toBe(1);
  });

  test('opens every file before it sends anything', async () => {
    const topic = recorder();
    const path = written('first.ndjson', lines[0]!);
    const failed = run([path, join(folder, 'missing.ndjson'), '--topic', 't'], topic.open);
    await expect(failed).rejects.toThrow(Fault);
    expect(topic.topics).toEqual([]);
  });
});
