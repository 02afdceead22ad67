// One Kafka broker in KRaft mode on this machine, from Kafka's own jars.
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectKafka } from '../../src/io/kafka/client.ts';
import type { Log } from '../../src/ports.ts';
import { installPrograms, kafkaClassPath } from './install.ts';
import { host } from './ports.ts';
import { type LocalServer, startServer } from './server.ts';

/** The release that tests run against where nothing else is said; they pass on 3.9.1 and 4.3.1 too. */
export const defaultKafkaVersion = '4.2.0';
export const kafkaVersion = process.env.DRIFTLINE_STACK_KAFKA_VERSION ?? defaultKafkaVersion;

export interface KafkaOptions {
  readonly version?: string;
  readonly port: number;
  readonly controllerPort: number;
  /** Its log segments, properties and output. What is there already is used again. */
  readonly dataFolder: string;
  /** Where clients may connect as well, beside `port`. */
  readonly listeners?: readonly Listener[];
  /** Users that SCRAM knows from the beginning, with their passwords; only where the data folder is new. */
  readonly scramUsers?: Readonly<Record<string, string>>;
  /** Broker properties beyond those of a small single broker, or instead of them. */
  readonly extraProperties?: Readonly<Record<string, string>>;
  /** Arguments of the Java machine beyond the usual ones. */
  readonly javaArguments?: readonly string[];
  /** Whether it outlives this process; by default it ends when this process exits. */
  readonly detached?: boolean;
}

export interface Listener {
  /** Upper case, as properties name it. */
  readonly name: string;
  readonly port: number;
  readonly protocol: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
}

// One collector thread: the stack shares a small machine with the tests that use it.
const heap = ['-Xms128m', '-Xmx384m', '-XX:+UseSerialGC'];
const quiet = ['-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];

/**
 * Starts a broker and resolves when it answers a metadata request. Installs Java and Kafka's jars where they are missing.
 * Throws when a port is taken, or with the broker's last words when it does not start.
 */
export async function startKafka(options: KafkaOptions): Promise<LocalServer> {
  const { version = kafkaVersion, port, controllerPort, dataFolder, detached = false } = options;
  const { listeners = [], scramUsers = {}, javaArguments = [] } = options;
  installPrograms(['java']);
  const classPath = kafkaClassPath(version);
  mkdirSync(dataFolder, { recursive: true });
  const properties = join(dataFolder, 'server.properties');
  writeFileSync(properties, propertiesText(options));
  if (!existsSync(join(logFolder(dataFolder), 'meta.properties'))) {
    format(classPath, properties, scramUsers);
  }
  return startServer({
    name: 'kafka',
    program: 'java',
    args: [...heap, ...quiet, ...javaArguments, '-cp', classPath, 'kafka.Kafka', properties],
    ports: [port, controllerPort, ...listeners.map((listener) => listener.port)],
    folder: dataFolder,
    ready: answersMetadata,
    waitMs: 90_000,
    detached,
  });
}

/** Writes the empty storage of a new cluster. */
function format(classPath: string, properties: string, scramUsers: Readonly<Record<string, string>>): void {
  const id = randomBytes(16);
  // Base64url must not begin with "-": the tool would take it for an option.
  id[0]! &= 0x7f;
  const tool = ['-XX:TieredStopAtLevel=1', ...heap, ...quiet, '-cp', classPath, 'kafka.tools.StorageTool'];
  const users = Object.entries(scramUsers).flatMap(([name, password]) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((kind) => [
      '--add-scram',
      `${kind}=[name=${name},password=${password}]`,
    ]),
  );
  execFileSync('java', [...tool, 'format', '-t', id.toString('base64url'), '-c', properties, ...users], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}

const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

async function answersMetadata(address: string): Promise<boolean> {
  const settings = { clientId: 'driftline-stack', connectionTimeoutMs: 2_000, requestTimeoutMs: 5_000 };
  const admin = connectKafka({ brokers: [address], ...settings }, silent).kafka.admin();
  try {
    await admin.connect();
    return (await admin.describeCluster()).brokers.length > 0;
  } catch {
    // Not yet: the caller asks again until its patience ends, and then shows what the broker wrote.
    return false;
  } finally {
    await admin.disconnect();
  }
}

const logFolder = (dataFolder: string): string => join(dataFolder, 'data');

function propertiesText(options: KafkaOptions): string {
  const { port, controllerPort, dataFolder, listeners = [], extraProperties } = options;
  const forClients: readonly Listener[] = [{ name: 'PLAINTEXT', port, protocol: 'PLAINTEXT' }, ...listeners];
  const addresses = forClients.map((listener) => `${listener.name}://${host}:${listener.port}`);
  const protocols = forClients.map(({ name, protocol }) => `${name}:${protocol}`);
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@${host}:${controllerPort}`,
    listeners: [...addresses, `CONTROLLER://${host}:${controllerPort}`].join(','),
    'advertised.listeners': addresses.join(','),
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': [...protocols, 'CONTROLLER:PLAINTEXT'].join(','),
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': logFolder(dataFolder),
    'offsets.topic.replication.factor': '1',
    'offsets.topic.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'group.initial.rebalance.delay.ms': '0',
    // A broker that was killed cannot register again before its session has ended: 9 s by default.
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': '3000',
    'num.network.threads': '2',
    'num.io.threads': '2',
    'log.segment.bytes': String(16 << 20),
    // A cleaner that has found nothing to compact looks again so soon, not after 15 s: tests wait for it.
    'log.cleaner.backoff.ms': '500',
    'auto.create.topics.enable': 'false',
    ...extraProperties,
  };
  return `${Object.entries(properties)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`;
}
