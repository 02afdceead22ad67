// `npm run reference`: the four reference data sets through the pipeline, compared with what NumPy and SciPy computed.
import { existsSync } from 'node:fs';
import { referenceFile } from '../reference-file.ts';
import { compareDataSet, dataSets } from './comparison.ts';

const missing = dataSets.filter((dataSet) => !existsSync(referenceFile(dataSet, 'expected.json')));
if (missing.length > 0) {
  console.error(
    `The reference data are not at ${referenceFile('', '')} (set DRIFTLINE_DATA): ${missing.join(', ')}`,
  );
  process.exit(1);
}

let compared = 0;
const outside: string[] = [];
for (const dataSet of dataSets) {
  const comparison = await compareDataSet(dataSet);
  console.log(dataSet);
  for (const [what, count] of Object.entries(comparison.compared)) {
    console.log(
      `  ${String(count).padStart(6)} ${what.padEnd(14)} largest error ${comparison.worst[what] ?? 0}`,
    );
    compared += count;
  }
  for (const line of comparison.outside) console.log(`  OUTSIDE ${line}`);
  outside.push(...comparison.outside);
}
console.log(`${compared} values compared, ${outside.length} outside their bounds`);
if (process.argv.includes('--json')) console.log(JSON.stringify({ compared, outside: outside.length }));
if (outside.length > 0) process.exitCode = 1;
