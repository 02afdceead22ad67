// Passwords, keys and certificates that the settings name, read from their files.
import { type Secret, secret } from '../config/field.ts';
import type { KafkaSettings, RedisSettings, Settings } from '../config/settings.ts';
import { readText } from './text-file.ts';

/** PEM texts as Node's `tls.connect` takes them. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly rejectUnauthorized: boolean;
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
}

/** Reads every secret and certificate file. Throws CONFIG_UNREADABLE. */
export async function readCredentials(
  settings: Pick<Settings, 'kafka' | 'redis' | 'privacy'>,
): Promise<Credentials> {
  const { kafka, redis, privacy } = settings;
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
  };
}

async function readSecret(given: Secret | null, file: string | null): Promise<Secret | undefined> {
  if (given !== null) return given;
  // Editors and `echo` end a file with a line break that is no part of the secret.
  return file === null ? undefined : secret((await readText(file)).replace(/\r?\n$/, ''));
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
