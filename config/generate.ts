// Writes the files that are made from the code; with --check it writes none, and fails when one differs.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { settingsSchema } from '../src/config/schema-node.ts';
import { metrics } from '../src/metrics-table.ts';
import { defaultFile } from './default-file.ts';
import {
  configurationPage,
  faultsPage,
  measureTables,
  metricsPage,
  rejectReasonsTable,
  withBlock,
} from './reference-pages.ts';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Every generated file: path from the root of the repository, and text. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const files = new Map([
    ['config/driftline.yaml', defaultFile()],
    ['config/schemas/driftline.schema.json', `${JSON.stringify(settingsSchema, undefined, 2)}\n`],
    ['docs/configuration.md', configurationPage()],
    ['docs/faults.md', faultsPage()],
    ['docs/metrics.md', metricsPage(metrics)],
  ]);
  const events = readIfPresent('docs/events.md');
  if (events !== undefined) files.set('docs/events.md', withBlock(events, 'reject reasons', rejectReasonsTable()));
  const statistics = readIfPresent('docs/statistics.md');
  if (statistics !== undefined) {
    const { measures, nulls } = measureTables();
    files.set('docs/statistics.md', withBlock(withBlock(statistics, 'measures', measures), 'under no drift', nulls));
  }
  return files;
}

/** The first line in which two texts differ, counted from 1; undefined for equal texts. */
export function firstDifference(actual: string, expected: string): number | undefined {
  if (actual === expected) return undefined;
  const [left, right] = [actual.split('\n'), expected.split('\n')];
  return left.findIndex((line, index) => line !== right[index]) + 1 || left.length + 1;
}

function check(): void {
  for (const [path, text] of generatedFiles()) {
    const actual = readIfPresent(path);
    const line = actual === undefined ? 1 : firstDifference(actual, text);
    if (line === undefined) continue;
    process.stderr.write(
      `${path}:${line}: differs from the code${quoted('has', actual, line)}${quoted('should have', text, line)}\n`,
    );
    process.exitCode = 1;
  }
  if (process.exitCode === 1) process.stderr.write('run `npm run generate` and commit what changes\n');
}

function quoted(verb: string, text: string | undefined, line: number): string {
  return `\n  ${verb}: ${text?.split('\n')[line - 1] ?? '(nothing)'}`;
}

function write(): void {
  for (const [path, text] of generatedFiles()) {
    if (readIfPresent(path) === text) continue;
    mkdirSync(dirname(root + path), { recursive: true });
    writeFileSync(root + path, text);
    process.stdout.write(`wrote ${path}\n`);
  }
}

function readIfPresent(path: string): string | undefined {
  try {
    return readFileSync(root + path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv.includes('--check')) check();
  else write();
}
