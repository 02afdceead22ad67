// Certificate authorities and certificates for tests, made by OpenSSL and good for two days.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPrograms } from '../deploy/local/install.ts';

/** Paths of PEM files; the key is in PKCS#8, as Java wants it. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

export interface Authority extends Certificate {
  /** A certificate for a server at 127.0.0.1 and localhost, or for these names alone; or for a client. */
  issue(name: string, addresses?: string): Certificate;
}

const keyOptions = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
const days = ['-days', '2'];

/** A new authority, whose files and whose certificates' files are put into a folder. */
export function createAuthority(folder: string, name: string): Authority {
  installPrograms(['openssl']);
  const [cert, key] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  openssl('req', '-x509', ...keyOptions, ...days, '-subj', `/CN=${name}`, '-keyout', key, '-out', cert);
  return {
    cert,
    key,
    issue(subject, addresses = 'IP:127.0.0.1,DNS:localhost') {
      const file = (ending: string) => join(folder, `${name}-${subject}.${ending}`);
      const issued = { cert: file('pem'), key: file('key') };
      writeFileSync(file('ext'), `subjectAltName=${addresses}\n`);
      openssl('req', ...keyOptions, '-subj', `/CN=${subject}`, '-keyout', issued.key, '-out', file('csr'));
      const signing = ['-CA', cert, '-CAkey', key, '-CAcreateserial', '-extfile', file('ext')];
      openssl('x509', '-req', ...days, '-in', file('csr'), '-out', issued.cert, ...signing);
      return issued;
    },
  };
}

/** Key and certificate in one file, as a PEM keystore of Kafka wants them. */
export function keyStore({ cert, key }: Certificate): string {
  const path = `${key}store.pem`;
  writeFileSync(path, readFileSync(key, 'utf8') + readFileSync(cert, 'utf8'));
  return path;
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
