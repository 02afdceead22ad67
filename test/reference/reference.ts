// `npm run reference`: the four reference data sets through the pipeline, compared with what NumPy and SciPy computed.
import { existsSync } from 'node:fs';
import { referenceFile } from '../reference-file.ts';
import type { Comparison } from './check.ts';
import { compareDataSet, dataSets } from './comparison.ts';

const missing = dataSets.filter((dataSet) => !existsSync(referenceFile(dataSet, 'expected.json')));
if (missing.length > 0) {
  console.error(
    `The reference data are not at ${referenceFile('', '')} (set DRIFTLINE_DATA): ${missing.join(', ')}`,
  );
  process.exit(1);
}

interface Total {
  compared: number;
  outside: number;
}

/** Prints a comparison by what was compared, and adds it up. */
function report({ compared, worst, outside }: Comparison, total: Total): void {
  for (const [what, count] of Object.entries(compared)) {
    console.log(`  ${String(count).padStart(6)} ${what.padEnd(22)} largest error ${worst[what] ?? 0}`);
    total.compared += count;
  }
  for (const line of outside) console.log(`  OUTSIDE ${line}`);
  total.outside += outside.length;
}

const drift: Total = { compared: 0, outside: 0 };
const quality: Total = { compared: 0, outside: 0 };
for (const dataSet of dataSets) {
  const found = await compareDataSet(dataSet);
  console.log(dataSet);
  report(found.drift, drift);
  report(found.quality, quality);
}
console.log(`${drift.compared} values of drift compared, ${drift.outside} outside their bounds`);
console.log(`${quality.compared} values of quality compared, ${quality.outside} outside their bounds`);
if (process.argv.includes('--json')) console.log(JSON.stringify({ ...drift, quality }));
if (drift.outside + quality.outside > 0) process.exitCode = 1;
