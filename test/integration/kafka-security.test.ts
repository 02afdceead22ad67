// TLS, certificates of clients and SASL against a real broker, as a configuration sets them; and what is said when they are wrong.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kafkaClient } from '../../src/app/clients.ts';
import { readCredentials } from '../../src/app/credentials.ts';
import type { KafkaClient } from '../../src/io/kafka/client.ts';
import { createKafkaOutbound } from '../../src/io/kafka/outbound.ts';
import { createKafkaProducer } from '../../src/io/kafka/producer.ts';
import { checkTopics, createTopics, describeTopics } from '../../src/io/kafka/topics.ts';
import { createAuthority } from '../certificates.ts';
import { settingsOf } from '../pipeline/sample-models.ts';
import { finish } from './driftline-process.ts';
import { newClient, numbered, quiet, startReader, unique, until } from './kafka-rig.ts';
import { type SecureBroker, startSecureBroker, stranger, user } from './secure-broker.ts';

let broker: SecureBroker;
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

type ResourceType = (typeof AclResourceTypes)[keyof typeof AclResourceTypes];

const security = readFileSync(new URL('../../SECURITY.md', import.meta.url), 'utf8');

const topics = { predictions: 'secured.predictions', labels: 'secured.labels' };
const names = Object.values(topics).sort();

beforeAll(async () => {
  broker = await startSecureBroker();
  const specs = Object.values(topics).map((topic) => ({ topic, partitions: 1, replication: 1, config: {} }));
  await createTopics(newClient([broker.at.open]), specs);
});

afterAll(() => broker.remove());

/** A file beside the broker's, with this text. */
function file(name: string, text: string): string {
  const path = join(broker.folder, name);
  writeFileSync(path, text);
  return path;
}

const tls = (more = {}) => ({ enabled: true, ca_file: broker.authority.cert, ...more });

function passwordOf({ password }: { readonly password: string }): string {
  return file(`password-${password}`, `${password}\n`);
}

/** The client that a configuration makes. */
async function clientOf(at: keyof SecureBroker['at'], kafka: object): Promise<KafkaClient> {
  const settings = settingsOf(JSON.stringify({ kafka: { brokers: [broker.at[at]], ...kafka } }));
  return kafkaClient(settings.kafka, (await readCredentials(settings)).kafka, quiet);
}

async function seen(at: keyof SecureBroker['at'], kafka: object): Promise<readonly string[]> {
  return [...(await describeTopics(await clientOf(at, kafka), Object.values(topics))).keys()].sort();
}

const scram = (more = {}) => ({
  mechanism: 'scram-sha-512',
  username: user.name,
  password_file: passwordOf(user),
  ...more,
});

describe('a broker lets in', () => {
  test('whoever trusts its authority, over TLS', async () => {
    expect(await seen('tls', { tls: tls() })).toEqual(names);
  });

  test('a client with a certificate, where it asks for one', async () => {
    const { cert, key } = broker.authority.issue('client');
    const own = { cert_file: cert, key_file: key };
    expect(await seen('mutual', { tls: tls(own) })).toEqual(names);
  });

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'])(
    'a user with a password, by %s',
    async (mechanism) => {
      const sasl = { ...scram(), mechanism };
      expect(await seen('sasl', { tls: tls(), sasl })).toEqual(names);
    },
  );

  test('a token from a file, which is read again when it was renewed', async () => {
    const path = file('token', `${broker.token(-60)}\n`);
    const client = await clientOf('sasl', {
      tls: tls(),
      sasl: { mechanism: 'oauthbearer', token_file: path },
    });
    await expect(describeTopics(client, ['a'])).rejects.toMatchObject({ code: 'KAFKA_REFUSED' });
    writeFileSync(path, broker.token());
    expect((await describeTopics(client, names)).size).toBe(2);
  });

  test('a reader and a producer over TLS and SCRAM', async () => {
    const client = await clientOf('sasl', { tls: tls(), sasl: scram() });
    const producer = await createKafkaProducer(client, 'zstd');
    await producer.sendRecords(topics.predictions, numbered(100));
    await producer.close();
    const { source, values, done } = startReader(topics, 1, {
      client,
      resumeAt: () => ({ predictions: 0, labels: 0 }),
    });
    await until(() => expect(values('predictions')).toHaveLength(100));
    await source.stop();
    expect(await done).toBeUndefined();
  });
});

test('a token of an OAuth 2.0 server lets a client in', async () => {
  const server = createServer((_, response) => {
    response.end(JSON.stringify({ access_token: broker.token(), token_type: 'bearer', expires_in: 3600 }));
  }).listen(0, '127.0.0.1');
  await until(() => expect(server.listening).toBe(true));
  const { port } = server.address() as { port: number };
  const sasl = {
    ...{ mechanism: 'oauthbearer', token_url: `http://127.0.0.1:${port}/token` },
    ...{ username: 'id', password_file: file('secret', 'secret') },
  };
  expect(await seen('sasl', { tls: tls(), sasl })).toEqual(names);
  server.close();
});

describe.concurrent('what is wrong is told by its code:', () => {
  const cases: Record<
    string,
    [at: keyof SecureBroker['at'], kafka: () => object, code: string, says: RegExp]
  > = {
    'another authority': [
      'tls',
      () => ({ tls: tls({ ca_file: createAuthority(broker.folder, 'other').cert }) }),
      'KAFKA_UNTRUSTED',
      /self-signed certificate|unable to verify/,
    ],
    'the authorities of the system, where it has one of its own': [
      'tls',
      () => ({ tls: { enabled: true } }),
      'KAFKA_UNTRUSTED',
      /unable to verify|self-signed/,
    ],
    'no certificate of the client': [
      'mutual',
      () => ({ tls: tls() }),
      'KAFKA_REFUSED',
      /wants a certificate of this client/,
    ],
    'a certificate of another authority': [
      'mutual',
      () => {
        const { cert, key } = createAuthority(broker.folder, 'foreign').issue('client');
        return { tls: tls({ cert_file: cert, key_file: key }) };
      },
      'KAFKA_REFUSED',
      /wants a certificate of this client/,
    ],
    'another name than its certificate has': [
      'tls',
      () => ({ brokers: [broker.at.tls.replace('127.0.0.1', 'localhost')], tls: tls() }),
      'KAFKA_UNTRUSTED',
      /localhost/,
    ],
    'a wrong password': [
      'sasl',
      () => ({ tls: tls(), sasl: scram({ password_file: passwordOf({ password: 'wrong' }) }) }),
      'KAFKA_REFUSED',
      /SCRAM-SHA-512.*failed|invalid credentials/i,
    ],
    'a wrong password by plain': [
      'sasl',
      () => ({
        tls: tls(),
        sasl: scram({ mechanism: 'plain', password_file: passwordOf({ password: 'wrong' }) }),
      }),
      'KAFKA_REFUSED',
      /PLAIN.*failed/,
    ],
    'a token for somebody else': [
      'sasl',
      () => ({
        tls: tls(),
        sasl: { mechanism: 'oauthbearer', token_file: file('theirs', broker.token(60, 'another')) },
      }),
      'KAFKA_REFUSED',
      /OAUTHBEARER authentication failed: .*invalid_token/,
    ],
    'no TLS, where it speaks nothing else': [
      'tls',
      () => ({}),
      'KAFKA_UNREACHABLE',
      /TLS or SASL settings do not fit/,
    ],
    'TLS, where it does not speak it': [
      'open',
      () => ({ tls: tls() }),
      'KAFKA_UNREACHABLE',
      /does not seem to speak TLS/,
    ],
    'no SASL, where it asks for it': [
      'sasl',
      () => ({ tls: tls() }),
      'KAFKA_UNREACHABLE',
      /TLS or SASL settings/,
    ],
  };

  test.each(Object.entries(cases))('%s', async (_, [at, kafka, code, says]) => {
    const fault = await seen(at, kafka()).catch((error: unknown) => error);
    expect(fault).toMatchObject({ code, message: expect.stringMatching(says) });
    expect((fault as Error).message).not.toContain(user.password);
  });
});

test('a command says what was refused and exits with 2', async () => {
  const config = file(
    'refused.yaml',
    JSON.stringify({
      kafka: {
        brokers: [broker.at.sasl],
        tls: tls(),
        sasl: scram({ password_file: passwordOf({ password: 'no' }) }),
      },
    }),
  );
  const { code, stderr } = await finish(['topics', 'plan', '-c', config]);
  expect(stderr).toMatch(/KAFKA_REFUSED.*SCRAM-SHA-512/);
  expect(code).toBe(2);
});

describe('a user with rights of its own', () => {
  const strange = () => ({
    tls: tls(),
    sasl: scram({ username: stranger.name, password_file: passwordOf(stranger) }),
  });

  async function allow(resourceType: ResourceType, resourceName: string, row: string): Promise<void> {
    const admin = newClient([broker.at.open]).kafka.admin();
    await admin.connect();
    const rule = {
      resourceType,
      resourceName,
      resourcePatternType: ResourcePatternTypes.LITERAL,
    };
    const whom = { principal: `User:${stranger.name}`, host: '*', permissionType: AclPermissionTypes.ALLOW };
    await admin.createAcls({ acl: rights(row).map((operation) => ({ ...rule, ...whom, operation })) });
    await admin.disconnect();
  }

  test('that are none is told on which topic', async () => {
    const { done } = startReader(topics, 1, { client: await clientOf('sasl', strange()) });
    expect(await done).toMatchObject({
      code: 'KAFKA_REFUSED',
      message: expect.stringMatching(/secured\.predictions.*[Nn]ot authorized/),
    });
  });

  test('that are those of the documentation reads and sends all that a worker does, and nothing else', async () => {
    const group = unique('group');
    const outbound = { results: unique('r'), alerts: unique('a'), dead_letters: unique('d') };
    const written = Object.values(outbound);
    const spec = (topic: string) => ({ topic, partitions: 1, replication: 1, config: {} });
    await createTopics(newClient([broker.at.open]), written.map(spec));
    for (const topic of names) await allow(AclResourceTypes.TOPIC, topic, 'the topics that it reads');
    for (const topic of written) await allow(AclResourceTypes.TOPIC, topic, 'the topics that it writes');
    await allow(AclResourceTypes.GROUP, group, 'its consumer group');

    const client = await clientOf('sasl', strange());
    expect(await checkTopics(client, { ...topics, outbound: written })).toBe(1);
    const { source, values, done } = startReader(topics, 1, {
      ...{ client: await clientOf('sasl', strange()), groupId: group },
      resumeAt: () => ({ predictions: 0, labels: 0 }),
    });
    await until(() => expect(values('predictions')).toHaveLength(100));
    await source.commit(new Map([[0, { predictions: 50, labels: 0 }]]));
    expect((await source.positions(0)).committed).toEqual({ predictions: 50, labels: 0 });
    await source.stop();
    expect(await done).toBeUndefined();

    const sending = await createKafkaOutbound({ client, topics: outbound, compression: 'gzip' });
    for (const topic of ['results', 'alerts', 'dead_letters'] as const) {
      await sending.send([{ topic, id: 'i', key: 'k', value: '{}' }]);
    }
    await sending.close();
    const producer = await createKafkaProducer(client, 'none');
    await expect(producer.sendRecords(topics.labels, numbered(1))).rejects.toMatchObject({
      code: 'KAFKA_REFUSED',
    });
    await producer.close();
  });
});

/** What SECURITY.md says that is needed on the resource that a row begins with. */
function rights(resource: string): (typeof AclOperationTypes)[keyof typeof AclOperationTypes][] {
  const row = security.split('\n').find((line) => line.startsWith(`| ${resource}`));
  const operations = row?.split('|')[2]?.split(',') ?? [];
  return operations.map((name) => {
    const operation = name
      .trim()
      .replace(/(?<=[a-z])(?=[A-Z])/g, '_')
      .toUpperCase();
    return AclOperationTypes[operation as keyof typeof AclOperationTypes];
  });
}
