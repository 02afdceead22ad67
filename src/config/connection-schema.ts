// The settings of what Driftline talks to: Kafka, Redis and its own HTTP server.
import { z } from 'zod';
import {
  choice,
  count,
  duration,
  filePath,
  flag,
  identifier,
  optionalText,
  secretText,
  topic,
} from './field.ts';

const brokerAddress = z.string().regex(/^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):[0-9]{1,5}$/, {
  error: 'expected host:port',
});

const certificateFiles = {
  ca_file: filePath('PEM file of the certificate authorities to trust; null trusts those of the system.'),
  cert_file: filePath('PEM file of the client certificate, for mutual TLS.'),
  key_file: filePath('PEM file of the private key of the client certificate.'),
  insecure_skip_verify: flag(
    false,
    'Accept any server certificate. Anyone on the way can then read and change everything: for tests only.',
  ),
};

export const kafkaSchema = z
  .strictObject({
    brokers: z
      .array(brokerAddress)
      .min(1)
      .default(['127.0.0.1:9092'])
      .describe('Addresses of some brokers, as host:port; the others are found through them.'),
    client_id: identifier(
      'driftline',
      "Name under which this process appears in the brokers' logs and quotas.",
    ),
    tls: z
      .strictObject({ enabled: flag(false, 'Encrypt the connections to the brokers.'), ...certificateFiles })
      .prefault({})
      .describe('TLS of the connections to the brokers.'),
    sasl: z
      .strictObject({
        mechanism: z
          .enum(['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'])
          .nullable()
          .default(null)
          .describe('How to authenticate; null does not.'),
        username: optionalText('User name for SASL; the client id for `token_url`.'),
        password_file: filePath(
          'File that holds the password for SASL, or the client secret for `token_url`; a final line break is ignored.',
        ),
        password: secretText('The password for SASL, or the client secret, itself.'),
        token_file: filePath(
          'File that holds the token for `oauthbearer`; read anew for every connection, because tokens are renewed in place.',
        ),
        token_url: z
          .string()
          .regex(/^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1|\[::1\])[:/])[^\s]+$/, {
            error: 'expected an https:// address',
          })
          .nullable()
          .default(null)
          .describe(
            'Token endpoint of an OAuth 2.0 server, which gives tokens for `oauthbearer` to this client (client credentials).',
          ),
        scope: optionalText('The scope that is asked for at `token_url`.'),
      })
      .prefault({})
      .describe('SASL authentication at the brokers.'),
    connection_timeout: duration('3s', 'How long opening a connection may take.', '100ms', '5m'),
    request_timeout: duration('30s', 'How long a broker may take to answer.', '1s', '10m'),
    session_timeout: duration(
      '10s',
      "After this long without a heartbeat the group gives this process's shards to others.",
      '1s',
      '30m',
    ),
    compression: choice(
      ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
      'gzip',
      'Compression of what Driftline sends; it reads all of them.',
    ),
    topics: z
      .strictObject({
        predictions: topic('predictions', 'Topic of the predictions, read.'),
        labels: topic('labels', 'Topic of the labels, read; it has as many partitions as the predictions.'),
        results: topic('driftline.results', 'Topic of the window results, written.'),
        alerts: topic('driftline.alerts', 'Topic of the alerts, written.'),
        dead_letters: topic('driftline.dead-letters', 'Topic of the refused events, written.'),
      })
      .prefault({})
      .describe('Names of the topics.'),
  })
  .prefault({})
  .describe('Where the events come from, and where results, alerts and dead letters go.');

export const redisSchema = z
  .strictObject({
    mode: choice(
      ['single', 'cluster', 'sentinel'],
      'single',
      'What the address leads to: one server; nodes of a Redis Cluster, which know the others; or sentinels, which know the primary.',
    ),
    url: z
      .string()
      .regex(/^rediss?:\/\/[^\s]+$/, { error: 'expected redis://host:port or rediss://host:port' })
      .default('redis://127.0.0.1:6379')
      .describe(
        'Address of the Redis or Valkey server; `rediss://` encrypts the connection. For a cluster or sentinels any number of them: `redis://host:port,host:port`.',
      ),
    sentinel: z
      .strictObject({
        primary: optionalText('What the sentinels call the primary and its replicas.'),
        username: optionalText("User of the sentinels' own access control list."),
        password_file: filePath(
          'File that holds the password of the sentinels themselves; a final line break is ignored.',
        ),
        password: secretText('The password of the sentinels itself.'),
      })
      .prefault({})
      .describe('What `mode: sentinel` needs besides.'),
    prefix: identifier('driftline', 'First part of every key, so that several monitors can share a server.'),
    username: optionalText("User of the server's access control list."),
    password_file: filePath('File that holds the password; a final line break is ignored.'),
    password: secretText('The password itself.'),
    tls: z.strictObject(certificateFiles).prefault({}).describe('TLS of a `rediss://` connection.'),
    connection_timeout: duration('5s', 'How long opening a connection may take.', '100ms', '5m'),
    command_timeout: duration('5s', 'How long the server may take to answer.', '100ms', '5m'),
  })
  .prefault({})
  .describe('Where the state is kept. The server must run with `maxmemory-policy noeviction`.');

export const httpSchema = z
  .strictObject({
    enabled: flag(true, 'Serve metrics, health and results over HTTP.'),
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe(
        'Address to listen on; `0.0.0.0` is every interface: then set a token, or `tls.client_ca_file`, or keep it inside.',
      ),
    port: count(9464, 'Port to listen on; 0 takes a free one.', 0, 65_535),
    token_file: filePath(
      'File that holds a token, of at least 16 characters: whoever asks for anything but the probes must bring it as `Authorization: Bearer`.',
    ),
    token: secretText('The token itself.'),
    tls: z
      .strictObject({
        cert_file: filePath(
          'PEM file of the certificate to serve HTTPS with, with those that lead to its authority.',
        ),
        key_file: filePath('PEM file of its private key.'),
        client_ca_file: filePath(
          'PEM file of the authorities of clients: whoever has no certificate of theirs is not let in, probes included.',
        ),
      })
      .prefault({})
      .describe('HTTPS instead of HTTP.'),
  })
  .prefault({})
  .describe('The HTTP server.');
