// `driftline produce`: sends the events of files to a topic, as their producers would.
import { Command, InvalidArgumentError } from 'commander';
import { eventKey } from '../codec/event-key.ts';
import type { Settings } from '../config/settings.ts';
import { systemClock } from '../io/clock.ts';
import type { EventFile, EventPayload } from '../io/files/event-file.ts';
import { openEvents } from '../io/files/formats.ts';
import type { Clock, Stream } from '../ports.ts';
import type { CliProcess } from './cli-process.ts';
import { type ColumnOptions, eventFileOptions, withColumnOptions } from './event-file-options.ts';
import { exitCodes } from './exit-code.ts';
import { writeJson } from './output.ts';
import { type Progress, progressLine } from './progress.ts';
import { loadSettings, type SettingsOptions, withSettingsOptions } from './settings-option.ts';

/** A message as it goes to the topic. The key is null for a line that has no prediction id. */
export interface ProducedMessage {
  readonly key: string | null;
  readonly value: Uint8Array | string;
}

/** Sends messages in order; resolves when all replicas hold them. */
export interface MessageSender {
  send(messages: readonly ProducedMessage[]): Promise<void>;
  close(): Promise<void>;
}

/** Connects a sender for one topic. Throws KAFKA_UNREACHABLE or TOPIC_MISSING. */
export type OpenSender = (settings: Settings, topic: string) => Promise<MessageSender>;

interface ProduceOptions extends SettingsOptions, ColumnOptions {
  readonly topic?: string;
  readonly stream: Stream;
  readonly brokers?: string;
  readonly rate?: number;
  readonly json?: boolean;
}

interface Sent {
  messages: number;
  bytes: number;
  withoutKey: number;
}

/** Messages of one send: large enough for throughput, small enough that a broker takes it in one request. */
const batchMessages = 500;

/** `produce`, with what connects to Kafka. */
export function produceCommand(cli: CliProcess, openSender: OpenSender): Command {
  return withColumnOptions(withSettingsOptions(new Command('produce')))
    .description('send the events of files to a topic, keyed by prediction id')
    .argument('<files...>', 'NDJSON (also .gz, .zst), CSV or Parquet; lines are sent as they are')
    .option('--topic <name>', 'the topic (default: the one configured for the stream)')
    .option('--stream <stream>', 'predictions or labels', streamOf, 'predictions')
    .option('--brokers <host:port,...>', 'Kafka (default: kafka.brokers)')
    .option('--rate <events>', 'events per second (default: as fast as Kafka takes them)', rateOf)
    .option('--model <name>', 'CSV, Parquet: the model of tables that have no such column')
    .option('--json', 'print a summary as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  driftline produce predictions.ndjson.gz --topic predictions --brokers localhost:9092\n' +
        '  driftline produce scored.parquet --model churn --timestamp scored_at --rate 1000',
    )
    .action(async (paths: string[], options: ProduceOptions) => {
      const { brokers } = options;
      const flags =
        brokers === undefined ? [] : [{ flag: '--brokers', path: 'kafka.brokers', text: brokers }];
      const settings = await loadSettings(options, cli, flags);
      const topic = options.topic ?? settings.kafka.topics[options.stream];
      const files = await openAll(paths, options);
      const started = systemClock.elapsed();
      try {
        const sender = await openSender(settings, topic);
        try {
          const sent = await produce(files, options.stream, sender, options.rate, systemClock, cli);
          report(cli, options, topic, sent, systemClock.elapsed() - started);
        } finally {
          await sender.close();
        }
      } finally {
        for (const file of files) file.close();
      }
      if (cli.signal.aborted) cli.setExitCode(exitCodes.failed);
    });
}

function streamOf(text: string): Stream {
  if (text === 'predictions' || text === 'labels') return text;
  throw new InvalidArgumentError('It is predictions or labels.');
}

function rateOf(text: string): number {
  const rate = Number(text);
  if (rate > 0 && Number.isFinite(rate)) return rate;
  throw new InvalidArgumentError('It is a number of events per second.');
}

async function openAll(paths: readonly string[], options: ProduceOptions): Promise<EventFile[]> {
  const files: EventFile[] = [];
  try {
    for (const path of paths) files.push(await openEvents(path, eventFileOptions(options)));
  } catch (error) {
    for (const file of files) file.close();
    throw error;
  }
  return files;
}

/** Sends the files one after the other, at `rate` events per second where there is one, until all is sent or the signal comes. */
export async function produce(
  files: readonly EventFile[],
  stream: Stream,
  sender: MessageSender,
  rate: number | undefined,
  clock: Clock,
  cli: Pick<CliProcess, 'signal' | 'stderr' | 'isTerminal'>,
): Promise<Readonly<Sent>> {
  const sent: Sent = { messages: 0, bytes: 0, withoutKey: 0 };
  const progress = progressLine(cli, 'events');
  const started = clock.elapsed();
  // A tenth of a second's events at a time, so that a low rate is a trickle and not a burst per second.
  const size =
    rate === undefined ? batchMessages : Math.max(1, Math.min(batchMessages, Math.floor(rate / 10)));
  try {
    for (const [index, file] of files.entries()) {
      for await (const payloads of file.batches()) {
        for (let from = 0; from < payloads.length; from += size) {
          const aheadMs =
            rate === undefined ? 0 : (sent.messages / rate) * 1000 - (clock.elapsed() - started);
          if (aheadMs > 0) await clock.sleep(aheadMs, cli.signal);
          if (cli.signal.aborted) return sent;
          const messages = payloads.slice(from, from + size).map((payload) => messageOf(payload, stream));
          await sender.send(messages);
          for (const message of messages) count(sent, message);
          showProgress(
            progress,
            sent.messages,
            (index + file.progress()) / files.length,
            clock.elapsed() - started,
          );
        }
      }
    }
  } finally {
    progress.end();
  }
  return sent;
}

function showProgress(progress: Progress, done: number, part: number, elapsedMs: number): void {
  // The files know their part that is read and not their number of events: the total is an estimate.
  progress.update(done, part > 0 ? Math.max(done, Math.round(done / part)) : undefined, elapsedMs);
}

function messageOf(payload: EventPayload, stream: Stream): ProducedMessage {
  const key = eventKey(payload) ?? null;
  if (payload instanceof Uint8Array) return { key, value: payload };
  if (stream === 'predictions') return { key, value: JSON.stringify(payload, spelledOut) };
  const { prediction_id, model, label, timestamp } = payload as Readonly<Record<string, unknown>>;
  return { key, value: JSON.stringify({ prediction_id, model, label, timestamp }, spelledOut) };
}

/** JSON has no literal for these numbers and would make them null; as text they still count as not finite. */
function spelledOut(_: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function count(sent: Sent, { key, value }: ProducedMessage): void {
  sent.messages += 1;
  sent.bytes += typeof value === 'string' ? Buffer.byteLength(value) : value.length;
  if (key === null) sent.withoutKey += 1;
}

function report(
  cli: CliProcess,
  options: ProduceOptions,
  topic: string,
  sent: Sent,
  elapsedMs: number,
): void {
  const perSecond = elapsedMs > 0 ? Math.round((sent.messages / elapsedMs) * 1000) : 0;
  const isComplete = !cli.signal.aborted;
  if (options.json === true) {
    writeJson(cli, { topic, ...sent, elapsedMs: Math.round(elapsedMs), perSecond, complete: isComplete });
    return;
  }
  cli.stderr.write(
    `${isComplete ? 'sent' : 'interrupted: sent'} ${sent.messages.toLocaleString('en-US')} events to ${topic} ` +
      `(${(sent.bytes / 1e6).toFixed(1)} MB, ${perSecond.toLocaleString('en-US')}/s)\n`,
  );
  if (sent.withoutKey > 0) {
    cli.stderr.write(
      `${sent.withoutKey.toLocaleString('en-US')} of them have no prediction id and were sent without key\n`,
    );
  }
}
