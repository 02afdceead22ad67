// Prometheus's own checker, where it is installed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { error } = spawnSync('promtool', ['--version']);

/** Why checks by promtool are left out; undefined when it is there. */
export const promtoolMissing: string | undefined =
  error === undefined ? undefined : 'promtool is not installed (Debian: apt-get install prometheus)';

export interface Checked {
  readonly ok: boolean;
  readonly text: string;
}

/** Runs `promtool check <kind>` on a file. */
export function promtoolCheck(kind: 'config' | 'rules', path: string): Checked {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', kind, path], { encoding: 'utf8' });
  return { ok: status === 0, text: stdout + stderr };
}

/** Runs `promtool check rules` on rules that record these queries. */
export function promtoolCheckQueries(queries: readonly string[]): Checked {
  const folder = mkdtempSync(join(tmpdir(), 'driftline-rules-'));
  try {
    const rules = queries.map((expr, i) => ({ record: `query:${i}`, expr }));
    const path = join(folder, 'rules.json');
    writeFileSync(path, JSON.stringify({ groups: [{ name: 'queries', rules }] }));
    return promtoolCheck('rules', path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
