import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { advance } from '../../src/alert/history.ts';
import type { IncidentHistory, Transition } from '../../src/alert/incident.ts';
import { alertPolicyOf } from '../../src/app/alert-policy.ts';
import { rehearsed } from '../../src/app/rehearsal.ts';
import { judgedWindow } from '../../src/codec/judged-window.ts';
import { decodeResult, encodeResult } from '../../src/codec/result.ts';
import { defaultSettings } from '../../src/config/settings.ts';
import type { WindowResult } from '../../src/drift/result.ts';
import { resultsOfVotes } from '../alert/sample-results.ts';
import { runInMemory } from './memory-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'driftline-policy-'));
afterAll(() => rmSync(folder, { recursive: true }));

const votes = {
  a: 'wwwwkkkcccccc',
  b: 'wwwwwwwcccccc',
  c: 'wwwwwww.ccccc',
  d: 'cwwwwwwcccccc',
  e: 'ccccccmcccccc',
};
const results = resultsOfVotes(votes);
const text = (result: WindowResult) =>
  encodeResult(result, { position: 0n, revisions: 0 }, () => undefined).document;

function fileOf(name: string, documents: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, documents.map((document) => `${document}\n`).join(''));
  return path;
}

const path = fileOf('results.ndjson', results.map(text));

test('documents lead to what the results that they were written from led to', () => {
  const settings = defaultSettings();
  let history: IncidentHistory | undefined;
  const live: Transition[] = results.flatMap((result) => {
    const step = advance(history, result, alertPolicyOf({ importance: new Map() }, settings));
    history = step.history;
    return step.transitions;
  });
  const documents = results.map((result) => judgedWindow(decodeResult(text(result))));
  expect(live.length).toBeGreaterThan(2);
  expect(rehearsed(documents, settings, new Map())).toEqual(live);
});

describe('policy test', () => {
  const run = (...argv: readonly string[]) => runInMemory(['policy', 'test', ...argv]);

  test('shows what the policy tells on results of the past', async () => {
    const { stdout, exitCode } = await run(path);
    expect(exitCode).toBe(0);
    const told = stdout.split('\n').filter((line) => line.includes('retrain.'));
    expect(told).toHaveLength(1);
    expect(told[0]).toMatch(
      /^ +2016-10-01T00:20:00.000Z +hotel_cancellation +retrain.recommended +drifted_features$/,
    );
    expect(stdout).toContain('warning: a, b, c');
  });

  test('marks what only the changed policy tells, and what it no longer does', async () => {
    const { stdout } = await run(path, '--set', 'retrain.mode=dry_run', '--set', 'alerts.clear.windows=9');
    const lines = stdout.split('\n');
    expect(lines.find((line) => line.includes('retrain.recommended'))).toMatch(/^- /);
    expect(lines.find((line) => line.includes('kept back by dry_run'))).toMatch(/^\+ /);
    expect(lines.find((line) => line.includes('drift.cleared'))).toMatch(/^- /);
    expect(lines.find((line) => line.includes('drift.raised'))).toMatch(/^ {3}/);
  });

  test('takes the last revision of a window, in whatever order the windows stand', async () => {
    const calm = resultsOfVotes({ ...votes, d: 'ccccccccccccc' });
    const revised = fileOf('revised.ndjson', [...results.toReversed(), ...calm].map(text));
    expect((await run(revised)).stdout).not.toContain('retrain.');
  });

  test('prints one document a line', async () => {
    const { stdout } = await run(path, '--json', '--set', 'retrain.drifted_features=9');
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(rows.find(({ type }) => type === 'retrain.recommended')).toMatchObject({
      told: 'before',
      model: 'hotel_cancellation',
      window_end_time: '2016-10-01T00:20:00.000Z',
      triggers: ['drifted_features'],
    });
  });

  test('says so where no window is of the size that votes, and where there are none', async () => {
    expect(await run(path, '--set', 'alerts.window=1h')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('alerts.window'),
    });
    expect(await run(fileOf('empty.ndjson', []))).toMatchObject({ exitCode: 2 });
    expect(await run(fileOf('other.ndjson', ['{"a":1}']))).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('STATE_INVALID'),
    });
  });
});
