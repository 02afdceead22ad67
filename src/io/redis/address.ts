// The address of Redis as configured: one URL for one server, or for several that find each other.
import { Fault } from '../../fault.ts';

export interface RedisAddress {
  readonly hosts: readonly { readonly host: string; readonly port: number }[];
  readonly db: number;
  readonly encrypted: boolean;
  /** Empty where the URL has none. */
  readonly username: string;
  readonly password: string;
  /** The hosts with their ports, for messages. */
  readonly text: string;
}

const form = /^(rediss?):\/\/(?:([^@/]*)@)?([^@/]+)(?:\/(\d*))?$/;

/**
 * Parses `redis://user:password@host:port,host:port/database`; `rediss:` encrypts, the port is `defaultPort` where none is
 * given, and all but the first host is optional. Throws CONFIG_INVALID, which does not quote the text: it may hold a secret.
 */
export function parseAddress(url: string, defaultPort: number): RedisAddress {
  try {
    const [, scheme, credentials, hosts, db] = form.exec(url) ?? [];
    const known = hosts!.split(',').map((text) => {
      const { hostname, port } = new URL(`redis://${text}`);
      if (hostname === '') throw new Error('no host');
      return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || defaultPort) };
    });
    const { username, password } = new URL(
      `redis://${credentials === undefined ? '' : `${credentials}@`}host`,
    );
    return {
      hosts: known,
      db: Number(db || 0),
      encrypted: scheme === 'rediss',
      username: decodeURIComponent(username),
      password: decodeURIComponent(password),
      text: known.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(', '),
    };
  } catch {
    // The cause would quote the text.
    throw new Fault('CONFIG_INVALID', 'The address of Redis must have the form redis://host:port/database');
  }
}
