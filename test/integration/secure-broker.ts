// A real broker that asks who is there: by TLS, by certificates of clients, and by every SASL mechanism.
import { createSign, generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startKafka } from '../../deploy/local/kafka.ts';
import { freePorts, host } from '../../deploy/local/ports.ts';
import { type Authority, createAuthority, keyStore } from '../certificates.ts';

export interface SecureBroker {
  readonly folder: string;
  readonly authority: Authority;
  /** Addresses by what is asked for there; `open` asks for nothing. */
  readonly at: Readonly<Record<'open' | 'tls' | 'mutual' | 'sasl', string>>;
  /** A token that the broker takes, for so many seconds, and for this audience. */
  token(seconds?: number, audience?: string): string;
  remove(): Promise<void>;
}

/** Known to PLAIN and SCRAM; may do everything. */
export const user = { name: 'driftline', password: 'correct-horse' } as const;
/** Known to SCRAM; may do nothing unless it is allowed to. */
export const stranger = { name: 'stranger', password: 'battery-staple' } as const;

const modules = 'org.apache.kafka.common.security';
const allowedUrls = '-Dorg.apache.kafka.sasl.oauthbearer.allowed.urls';

export async function startSecureBroker(): Promise<SecureBroker> {
  const folder = await mkdtemp(join(tmpdir(), 'driftline-secure-'));
  const authority = createAuthority(folder, 'authority');
  const issuer = createIssuer(join(folder, 'jwks.json'));
  const [port, controllerPort, tls, mutual, sasl] = (await freePorts(5)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const server = await startKafka({
    ...{ port, controllerPort, dataFolder: join(folder, 'kafka') },
    listeners: [
      { name: 'TLS', port: tls, protocol: 'SSL' },
      { name: 'MUTUAL', port: mutual, protocol: 'SSL' },
      { name: 'SASL', port: sasl, protocol: 'SASL_SSL' },
    ],
    scramUsers: { [user.name]: user.password, [stranger.name]: stranger.password },
    javaArguments: [`${allowedUrls}=${issuer.url}`],
    extraProperties: {
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': keyStore(authority.issue('broker', 'IP:127.0.0.1')),
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': authority.cert,
      'listener.name.mutual.ssl.client.auth': 'required',
      ...saslProperties(issuer.url),
      'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
      // Whom the plain port, a certificate of our authority and a token stand for; everybody else needs to be allowed.
      'super.users': ['ANONYMOUS', 'CN=client', user.name].map((name) => `User:${name}`).join(';'),
    },
  });
  return {
    ...{ folder, authority, token: issuer.token },
    at: {
      open: `${host}:${port}`,
      tls: `${host}:${tls}`,
      mutual: `${host}:${mutual}`,
      sasl: `${host}:${sasl}`,
    },
    async remove() {
      await server.stop('SIGKILL');
      await rm(folder, { recursive: true });
    },
  };
}

function saslProperties(keysUrl: string): Record<string, string> {
  const at = (mechanism: string, property: string) => `listener.name.sasl.${mechanism}.${property}`;
  const login = (path: string, options = '') => `${modules}.${path} required${options};`;
  const scram = login('scram.ScramLoginModule');
  return {
    'listener.name.sasl.sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    [at('plain', 'sasl.jaas.config')]: login(
      'plain.PlainLoginModule',
      ` user_${user.name}="${user.password}"`,
    ),
    [at('scram-sha-256', 'sasl.jaas.config')]: scram,
    [at('scram-sha-512', 'sasl.jaas.config')]: scram,
    [at('oauthbearer', 'sasl.jaas.config')]: login('oauthbearer.OAuthBearerLoginModule'),
    [at('oauthbearer', 'sasl.server.callback.handler.class')]:
      `${modules}.oauthbearer.OAuthBearerValidatorCallbackHandler`,
    [at('oauthbearer', 'sasl.oauthbearer.jwks.endpoint.url')]: keysUrl,
    [at('oauthbearer', 'sasl.oauthbearer.expected.audience')]: audienceOfBroker,
  };
}

const audienceOfBroker = 'kafka';

interface Issuer {
  /** Where the keys that tokens are signed with are published. */
  readonly url: string;
  token(seconds?: number, audience?: string): string;
}

/** Signs tokens with a new key, whose public half it writes to a file. */
function createIssuer(path: string): Issuer {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'test', use: 'sig', alg: 'RS256' };
  writeFileSync(path, JSON.stringify({ keys: [key] }));
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');
  return {
    url: `file://${path}`,
    token(seconds = 3600, audience = audienceOfBroker) {
      const now = Math.floor(Date.now() / 1000);
      const claims = { sub: user.name, aud: audience, iat: now - 10, exp: now + seconds, scope: 'events' };
      const signed = `${encode({ alg: 'RS256', typ: 'JWT', kid: 'test' })}.${encode(claims)}`;
      return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
    },
  };
}
