// The files that settings name: what must be there before a command can work.
import type { Settings } from './settings.ts';

export interface ReferencedFile {
  /** The setting, as origins name it. */
  readonly path: string;
  readonly file: string;
}

/** Every file that the settings name, in the order of the configuration. */
export function referencedFiles(settings: Settings): readonly ReferencedFile[] {
  const { kafka, redis, http, privacy, models } = settings;
  const named: readonly (readonly [string, string | null])[] = [
    ['kafka.tls.ca_file', kafka.tls.caFile],
    ['kafka.tls.cert_file', kafka.tls.certFile],
    ['kafka.tls.key_file', kafka.tls.keyFile],
    ['kafka.sasl.password_file', kafka.sasl.passwordFile],
    ['kafka.sasl.token_file', kafka.sasl.tokenFile],
    ['redis.password_file', redis.passwordFile],
    ['redis.sentinel.password_file', redis.sentinel.passwordFile],
    ['redis.tls.ca_file', redis.tls.caFile],
    ['redis.tls.cert_file', redis.tls.certFile],
    ['redis.tls.key_file', redis.tls.keyFile],
    ['http.token_file', http.tokenFile],
    ['http.tls.cert_file', http.tls.certFile],
    ['http.tls.key_file', http.tls.keyFile],
    ['http.tls.client_ca_file', http.tls.clientCaFile],
    ['privacy.category_key_file', privacy.categoryKeyFile],
    ...models.map((model, index) => [`models[${index}].baseline`, model.baseline] as const),
  ];
  return named.flatMap(([path, file]) => (file === null ? [] : [{ path, file }]));
}
