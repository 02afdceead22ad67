import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { defaultKafkaVersion } from '../../deploy/local/kafka.ts';
import { redisVersion } from '../../deploy/local/redis.ts';
import { parseSettings } from '../../src/config/settings.ts';

interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly restart?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const packageVersion = (JSON.parse(read('package.json')) as { version: string }).version;

const { services, volumes } = parse(read('docker-compose.yml'), { merge: true }) as Compose;
const all = Object.entries(services);
/** What `${NAME:-default}` is when nobody sets the name. */
const byDefault = (text: string) => text.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1');
const mounts = all.flatMap(([name, service]) =>
  (service.volumes ?? []).map((text) => {
    const [source = '', target = '', mode] = byDefault(text).split(':');
    return { name, source, target, mode };
  }),
);
const service = (name: string): Service => {
  const found = services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no service ${name}`);
  return found;
};

describe('docker-compose.yml', () => {
  test('has Kafka, Redis, Prometheus, Grafana, Driftline and what creates its topics', () => {
    expect(Object.keys(services).toSorted()).toEqual([
      ...['driftline', 'grafana', 'kafka', 'prometheus', 'redis', 'topics'],
    ]);
  });

  test('publishes ports on the loopback interface alone', () => {
    const ports = all.flatMap(([, { ports = [] }]) => ports);
    expect(ports.length).toBeGreaterThan(3);
    expect(ports.filter((port) => !/^127\.0\.0\.1:\d+:\d+$/.test(port))).toEqual([]);
  });

  test('publishes no port twice', () => {
    const ports = all.flatMap(([, { ports = [] }]) => ports.map((port) => port.split(':')[1]));
    expect(ports).toEqual([...new Set(ports)]);
  });

  test.each(all)('pins the image of %s to a version', (_, { image }) => {
    expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+\.\d+(-\w+)?$/);
  });

  test('runs the versions of Kafka and Redis that the tests run against', () => {
    expect(service('kafka').image).toBe(`apache/kafka:${defaultKafkaVersion}`);
    expect(service('redis').image).toBe(`redis:${redisVersion}-bookworm`);
  });

  test('names its own image by the version of the package', () => {
    for (const name of ['driftline', 'topics'])
      expect(service(name).image).toBe(`driftline:${packageVersion}`);
  });

  test.each(all.filter(([name]) => name !== 'topics'))(
    'watches the health of %s and restarts it',
    (_, one) => {
      expect(['CMD', 'CMD-SHELL']).toContain(one.healthcheck?.test?.[0]);
      expect(one.restart).toBe('unless-stopped');
    },
  );

  test('creates the topics once, before Driftline starts', () => {
    const { command, restart, healthcheck, depends_on } = service('topics');
    expect(command?.slice(0, 2)).toEqual(['topics', 'create']);
    expect(restart).toMatch(/^(no|on-failure:\d+)$/);
    expect(healthcheck).toEqual({ disable: true });
    expect(depends_on).toEqual({ kafka: { condition: 'service_healthy' } });
    expect(service('driftline').depends_on).toMatchObject({
      topics: { condition: 'service_completed_successfully' },
      redis: { condition: 'service_healthy' },
    });
  });

  test('waits only for services that there are', () => {
    const names = all.flatMap(([, { depends_on = {} }]) => Object.keys(depends_on));
    expect(names.filter((name) => services[name] === undefined)).toEqual([]);
  });

  test('lets no topic come into being by its mention', () => {
    expect(service('kafka').environment?.KAFKA_AUTO_CREATE_TOPICS_ENABLE).toBe('false');
  });

  test('advertises an address of Kafka to the containers and another one to this machine', () => {
    const { environment = {}, ports } = service('kafka');
    expect(environment.KAFKA_ADVERTISED_LISTENERS).toBe(
      'PLAINTEXT://kafka:19092,PLAINTEXT_HOST://127.0.0.1:9092',
    );
    expect(ports).toEqual(['127.0.0.1:9092:9092']);
    const listeners = String(environment.KAFKA_LISTENERS).split(',');
    const protocols = String(environment.KAFKA_LISTENER_SECURITY_PROTOCOL_MAP).split(',');
    const nameOf = (text: string) => text.split(':')[0];
    expect(listeners.map(nameOf).toSorted()).toEqual(protocols.map(nameOf).toSorted());
  });

  test('keeps every write of Redis, and never evicts', () => {
    const command = service('redis').command?.join(' ');
    expect(command).toContain('--appendonly yes');
    expect(command).toContain('--maxmemory-policy noeviction');
  });

  test('mounts only folders and volumes that there are, and files read-only', () => {
    expect(mounts.length).toBeGreaterThan(6);
    for (const { source, mode } of mounts) {
      if (!source.startsWith('.')) {
        expect(Object.keys(volumes)).toContain(source);
        continue;
      }
      expect(existsSync(new URL(source, root)), source).toBe(true);
      expect(mode, source).toBe('ro');
    }
  });

  test('declares no volume that nothing uses', () => {
    const used = new Set(mounts.map(({ source }) => source));
    expect(Object.keys(volumes).filter((name) => !used.has(name))).toEqual([]);
  });

  test('gives Driftline no privileges and a file system that cannot be written', () => {
    for (const name of ['driftline', 'topics']) {
      expect(service(name)).toMatchObject({ read_only: true, cap_drop: ['ALL'] });
    }
  });
});

describe('the configuration of Compose', () => {
  const path = 'config/examples/compose.yaml';
  const parsed = parseSettings({
    files: [{ path, text: read(path) }],
    env: { DRIFTLINE__HTTP__HOST: '0.0.0.0' },
    flags: [],
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  const { settings } = parsed;

  test.each(['driftline', 'topics'])('is the file that %s is started with', (name) => {
    const file = service(name).command?.[(service(name).command?.indexOf('--config') ?? -1) + 1];
    const mount = mounts.find((one) => one.name === name);
    expect(file).toBe(`${mount?.target}/compose.yaml`);
    expect(existsSync(new URL(`${mount?.source}/compose.yaml`, root))).toBe(true);
  });

  test('names the services as their network does', () => {
    expect(settings.kafka.brokers).toEqual(['kafka:19092']);
    expect(settings.redis.url).toBe('redis://redis:6379');
  });

  test('listens where the port is published, and where the healthcheck asks', () => {
    expect(service('driftline').ports).toEqual([`127.0.0.1:${settings.http.port}:${settings.http.port}`]);
    expect(service('driftline').healthcheck?.test?.join(' ')).toContain(
      `http://127.0.0.1:${settings.http.port}/healthz`,
    );
  });
});
