// Result documents of a model `churn`, as the results topic carries them: `amount` is moved in some hours.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { encodeResult } from '../../src/codec/result.ts';
import { prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import { baselineOf, evaluate, profileOf } from '../drift/build.ts';
import { uniform } from '../drift/random.ts';

export const hourMs = 3_600_000;
export const start = Date.UTC(2026, 2, 1);

function rowsOf(seed: number, count: number, shift: number) {
  const random = uniform(seed);
  return Array.from({ length: count }, () => ({
    amount: random() + shift,
    country: random() < 0.1 ? null : random() < 0.7 ? 'de' : 'fr',
  }));
}

const baseline = prepareBaseline(
  baselineOf(rowsOf(1, 3_000, 0), [
    ['amount', 'numeric'],
    ['country', 'categorical'],
  ]),
);

/** The document of one hour of 500 rows, its amounts moved by so much. */
export function documentOf(hour: number, shift: number, position: bigint): string {
  const result = {
    ...evaluate(baseline, profileOf(baseline.baseline.schema, rowsOf(hour + 2, 500, shift))),
    ...{ model: 'churn', start: start + hour * hourMs, end: start + (hour + 1) * hourMs },
  };
  return encodeResult(result, { position, revisions: 0 }, (_, category) => category).document;
}

/** A folder of its own with the documents in `results.ndjson`; it goes when the tests of the file are over. */
export function resultsFolder(documents: readonly string[]): { folder: string; results: string } {
  const folder = mkdtempSync(join(tmpdir(), 'driftline-results-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const results = join(folder, 'results.ndjson');
  writeFileSync(results, `${documents.join('\n')}\n`);
  return { folder, results };
}
