// Prometheus' own judgement of a metrics page.
import { spawnSync } from 'node:child_process';

export const hasPromtool = spawnSync('promtool', ['--version']).status === 0;

/**
 * What `promtool check metrics` has against a page. Node's own metrics, which prom-client names, have lint warnings of
 * their own and are left out; a page that does not parse is reported whatever it holds.
 */
export function complaints(page: string): string[] {
  const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: page,
    encoding: 'utf8',
  });
  const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '');
  // 3 means: parsed, with lint warnings.
  if (status !== 0 && status !== 3) return [`exit code ${status}`, ...lines];
  return lines.filter((line) => !/^(nodejs|process)_/.test(line));
}
