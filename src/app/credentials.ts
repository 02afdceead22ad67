// Passwords, keys and certificates that the settings name, read from their files.
import { type Secret, secret } from '../config/field.ts';
import type { KafkaSettings, RedisSettings, Settings } from '../config/settings.ts';
import { Fault } from '../fault.ts';
import { readText } from './text-file.ts';

/** `openssl rand -hex 8` makes one of these. */
const tokenLengthMin = 16;

/** PEM texts as Node's `tls.connect` takes them. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized: boolean;
}

/** PEM texts of a server: its own certificate, and the authorities whose clients it lets in. */
export interface ServedTls {
  readonly cert: string;
  readonly key: string;
  readonly clientCa?: string;
}

export interface Credentials {
  /** Keys the hashes of category names; undefined leaves them out. */
  readonly categoryKey: Secret | undefined;
  /** `tls` is undefined where the connection is not encrypted. */
  readonly kafka: { readonly password: Secret | undefined; readonly tls: TlsMaterial | undefined };
  readonly redis: {
    readonly password: Secret | undefined;
    readonly sentinelPassword: Secret | undefined;
    readonly tls: TlsMaterial | undefined;
  };
  readonly http: { readonly token: Secret | undefined; readonly tls: ServedTls | undefined };
}

/** Reads every secret and certificate file. Throws CONFIG_UNREADABLE, or CONFIG_INVALID for a token that is too short. */
export async function readCredentials(
  settings: Pick<Settings, 'kafka' | 'redis' | 'http' | 'privacy'>,
): Promise<Credentials> {
  const { kafka, redis, http, privacy } = settings;
  return {
    categoryKey: await readSecret(privacy.categoryKey, privacy.categoryKeyFile),
    kafka: {
      password: await readSecret(kafka.sasl.password, kafka.sasl.passwordFile),
      tls: kafka.tls.enabled ? await readTls(kafka.tls) : undefined,
    },
    redis: {
      password: await readSecret(redis.password, redis.passwordFile),
      sentinelPassword: await readSecret(redis.sentinel.password, redis.sentinel.passwordFile),
      tls: redis.url.startsWith('rediss:') ? await readTls(redis.tls) : undefined,
    },
    http: { token: await readHttpToken(http), tls: await readServedTls(http.tls) },
  };
}

/** A secret that was given, or that a file holds; throws CONFIG_UNREADABLE. */
export async function readSecret(given: Secret | null, file: string | null): Promise<Secret | undefined> {
  if (given !== null) return given;
  // Editors and `echo` end a file with a line break that is no part of the secret.
  return file === null ? undefined : secret((await readText(file)).replace(/\r?\n$/, ''));
}

async function readHttpToken(http: Settings['http']): Promise<Secret | undefined> {
  const token = await readSecret(http.token, http.tokenFile);
  if (token === undefined || token.reveal().length >= tokenLengthMin) return token;
  throw new Fault(
    'CONFIG_INVALID',
    `http.token_file: expected a token of at least ${tokenLengthMin} characters; a shorter one can be guessed.`,
  );
}

async function readServedTls({
  certFile,
  keyFile,
  clientCaFile,
}: Settings['http']['tls']): Promise<ServedTls | undefined> {
  if (certFile === null || keyFile === null) return undefined;
  const [cert, key] = [await readText(certFile), await readText(keyFile)];
  return { cert, key, ...(clientCaFile === null ? {} : { clientCa: await readText(clientCaFile) }) };
}

async function readTls(
  tls: Omit<KafkaSettings['tls'], 'enabled'> | RedisSettings['tls'],
): Promise<TlsMaterial> {
  const read = async (file: string | null) => (file === null ? undefined : await readText(file));
  const [ca, cert, key] = [await read(tls.caFile), await read(tls.certFile), await read(tls.keyFile)];
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    rejectUnauthorized: !tls.insecureSkipVerify,
  };
}
