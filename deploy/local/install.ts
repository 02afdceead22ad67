// What the stack and the tests need on a machine: Java, Maven, Redis and promtool from Debian, Kafka's jars from Maven Central.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Programs and the Debian packages that bring them. */
const packages = {
  java: 'default-jre-headless',
  mvn: 'maven',
  'redis-server': 'redis-server',
  promtool: 'prometheus',
  openssl: 'openssl',
} as const;

/** Kafka 4 needs it, Kafka 3.9 runs on it. */
const javaVersionMin = 17;

export type Program = keyof typeof packages;

/** The folder that outlives a checkout: jars, and the data of the stack. */
export const cacheFolder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'driftline');

/**
 * Installs the programs that are missing, when root on Debian. Throws otherwise, and says which they are and how to get
 * them; also where Java is too old for Kafka.
 */
export function installPrograms(programs: readonly Program[]): void {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length > 0) installPackages(missing);
  if (programs.includes('java')) requireJava();
}

function installPackages(missing: readonly Program[]): void {
  const names = missing.map((program) => packages[program]);
  if (process.getuid?.() !== 0 || !isInstalled('apt-get')) {
    throw new Error(`not installed: ${missing.join(', ')}. On Debian: apt-get install ${names.join(' ')}`);
  }
  console.error(`installing ${names.join(' ')}`);
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, {
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  run('apt-get', 'update', '-q');
  run('apt-get', 'install', '-q', '-y', '--no-install-recommends', ...names);
  // A new Java trusts Debian's authorities; this adds those of the machine, without which Maven may not get through a proxy.
  if (missing.includes('java')) run('update-ca-certificates');
  // Debian starts the services that it installs. The stack runs its own on its own ports, so these go again.
  const isBootedBySystemd = existsSync('/run/systemd/system');
  for (const service of names.filter((name) => existsSync(`/etc/init.d/${name}`))) {
    if (isBootedBySystemd) run('systemctl', 'disable', '--now', service);
    else run('service', service, 'stop');
  }
}

function requireJava(): void {
  // The version goes to standard error: `openjdk version "17.0.15" 2025-04-15`.
  const { stderr } = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (Number(/version "(\d+)/.exec(stderr)?.[1] ?? 0) < javaVersionMin) {
    throw new Error(`Java ${javaVersionMin} or newer is needed, found: ${stderr.trim()}`);
  }
}

function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${program}`]).status === 0;
}

const pom = join(import.meta.dirname, 'pom.xml');

/** The class path of a Kafka version, resolved by Maven once and kept for as long as it is asked for the same jars. */
export function kafkaClassPath(version: string): string {
  const asked = createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 8);
  const folder = join(cacheFolder, `kafka-${version}-${asked}`);
  if (!existsSync(folder)) resolveKafka(version, folder);
  return join(folder, '*');
}

function resolveKafka(version: string, folder: string): void {
  installPrograms(['mvn']);
  console.error(`resolving Kafka ${version} from Maven Central`);
  mkdirSync(cacheFolder, { recursive: true });
  // Into a folder of its own, then renamed: a resolution that was interrupted leaves nothing that looks complete.
  const partial = mkdtempSync(join(cacheFolder, 'partial-'));
  try {
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
    const settings = [`-Dkafka.version=${version}`, `-DoutputDirectory=${partial}`, '-DincludeScope=runtime'];
    execFileSync('mvn', ['-q', '-B', '-f', pom, goal, ...settings], {
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    // Another process may have been faster: its folder is as good.
    if (!existsSync(folder)) renameSync(partial, folder);
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
}
