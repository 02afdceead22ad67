import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { explainCommand } from '../../src/cli/explain-command.ts';
import { runInMemory } from './memory-process.ts';
import { documentOf, resultsFolder } from './sample-results.ts';

// The second hour is drifted in its first revision only; the third stays so, the fourth is quiet.
const documents = [
  documentOf(0, 0, 1n),
  documentOf(1, 0.5, 2n),
  documentOf(2, 0.5, 3n),
  documentOf(3, 0, 4n),
  documentOf(1, 0, 5n),
];
const { folder, results } = resultsFolder(documents);

function explain(...args: string[]) {
  return runInMemory(['explain', ...args, '--results', results], { commands: [explainCommand] });
}

describe('explain', () => {
  test('takes the last window that has drifted, and says what, by how much, and what moved', async () => {
    const { stdout, exitCode } = await explain('churn', 'amount');
    const [, , drifted] = documents.map((text) => JSON.parse(text).columns[0]);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^churn \/ amount, 2026-03-01T02:00:00\.000Z to 2026-03-01T03:00:00\.000Z/);
    expect(stdout).toContain('Drifted (critical): psi is ');
    expect(stdout).toContain(`  ${drifted.moved[0].text}\n    baseline █`);
    expect(stdout).toMatch(/ {2}kolmogorov_smirnov +0\.\d+ {3}by chance up to 0\.0/);
    expect(stdout).toContain('500 rows; 3,000 in the baseline.');
  });

  test('draws shares to one scale: the greatest fills the bar, none leaves it empty', async () => {
    const { stdout } = await explain('churn', 'amount');
    const bars = [...stdout.matchAll(/(?:baseline|window) +([█·]+) ([\d.]+) %/g)];
    const shares = bars.map(([, , share]) => Number(share));
    const lengths = bars.map(([, drawn]) => drawn!.replaceAll('·', '').length);
    const greatest = Math.max(...shares);
    expect(lengths[shares.indexOf(greatest)]).toBe(24);
    for (const [i, length] of lengths.entries())
      expect(Math.abs(length - (24 * shares[i]!) / greatest)).toBeLessThan(1.2);
  });

  test('of a window that is asked for the last revision counts', async () => {
    const { stdout } = await explain('churn', 'amount', '--window', '2026-03-01T01:00:00Z');
    expect(stdout).toContain('Not drifted: psi is ');
    expect(stdout).not.toContain('What moved');
  });

  test('of a feature that never drifted the last window is explained, with its missing rows', async () => {
    const { stdout } = await explain('churn', 'country');
    expect(stdout).toMatch(/^churn \/ country, 2026-03-01T03:00/);
    expect(stdout).toMatch(/\d+ of them missing \(\d/);
  });

  test('prints what the result says as JSON', async () => {
    const { stdout } = await explain('churn', 'amount', '--json');
    expect(JSON.parse(stdout)).toEqual(JSON.parse(documents[2]!).columns[0]);
  });

  test('refuses a feature or a window that there is none of, and files that cannot be read', async () => {
    expect((await explain('churn', 'nothing')).stderr).toMatch(
      /USAGE: no window of model churn has a feature nothing/,
    );
    const none = await explain('churn', 'amount', '--window', '2020-01-01T00:00:00Z');
    expect(none.stderr).toMatch(/USAGE: no window that starts at 2020-01-01/);
    const missing = await runInMemory(['explain', 'churn', 'amount', '--results', join(folder, 'none')], {
      commands: [explainCommand],
    });
    expect(missing.stderr).toMatch(/INPUT_MISSING: .*none cannot be read/);
  });
});
