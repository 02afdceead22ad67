// Kafka's own Java clients, as its console tools run them: what they write and what they read.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { kafkaClassPath } from '../../deploy/local/install.ts';
import { kafkaVersion } from '../../deploy/local/kafka.ts';
import { kafkaAddress } from '../../deploy/local/ports.ts';
import type { CompressionName } from '../../src/io/kafka/codecs.ts';
import type { KafkaRecord } from '../../src/io/kafka/producer.ts';

// Kafka 4 has moved the one and renamed the options.
const isKafka3 = kafkaVersion.startsWith('3.');
const consoleProducer = isKafka3 ? 'kafka.tools.ConsoleProducer' : 'org.apache.kafka.tools.ConsoleProducer';
const readerOption = isKafka3 ? '--property' : '--reader-property';
const formatterOption = isKafka3 ? '--property' : '--formatter-property';
const consoleConsumer = 'org.apache.kafka.tools.consumer.ConsoleConsumer';

/** Bytes of records that the producer packs into one batch, and how long it waits for them. */
const batching = ['--max-partition-memory-bytes', '200000', '--timeout', '200'];

/** Writes records by the Java producer, many to a batch. Keys and values hold no tabs and no line breaks. */
export async function writeByJava(
  topic: string,
  compression: CompressionName,
  records: readonly KafkaRecord[],
): Promise<void> {
  const lines = records.map(({ key, value }) => `${key}\t${value}\n`).join('');
  const parsing = [readerOption, 'parse.key=true'];
  const packing = ['--compression-codec', compression, ...batching];
  await runJava(consoleProducer, ['--topic', topic, ...packing, ...parsing], lines);
}

/** The first `count` records of topics by the Java consumer, as `key: value`, in no order between topics. */
export async function readByJava(topics: readonly string[], count: number): Promise<readonly string[]> {
  const reading = ['--include', topics.join('|'), '--from-beginning', '--max-messages', String(count)];
  const printing = [formatterOption, 'print.key=true', formatterOption, 'key.separator=: '];
  const output = await runJava(consoleConsumer, [...reading, '--timeout-ms', '30000', ...printing]);
  return output.trimEnd().split('\n');
}

async function runJava(main: string, args: readonly string[], input = ''): Promise<string> {
  const machine = ['-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
  const child = spawn(
    'java',
    [
      ...machine,
      quiet,
      '-cp',
      kafkaClassPath(kafkaVersion),
      main,
      '--bootstrap-server',
      kafkaAddress,
      ...args,
    ],
    { stdio: ['pipe', 'pipe', 'pipe'] },
  );
  const [output, errors]: [Buffer[], Buffer[]] = [[], []];
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
  child.stdin.end(input);
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${main} ended with ${code}:\n${Buffer.concat(errors)}`);
  return Buffer.concat(output).toString();
}
