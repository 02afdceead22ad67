// `npm run bench:evaluate`: how long one window of a thousand features takes to be compared with its baseline, every measure
// with its noise floor and p-value; `--json` prints the figures as one object on the last line.
import { evaluateWindow } from '../../src/drift/evaluate.ts';
import { measureNames } from '../../src/drift/result.ts';
import { hourMs, policyOf, streamOf } from '../calibrate/streams.ts';
import { cpuSeconds, median, numberOption, rounded } from './rounds.ts';

const features = numberOption('--features', 1_000);
const rows = numberOption('--rows', 5_000);
const rounds = numberOption('--rounds', 15);
/** Rows of the baseline: enough for chunks, so that nulls are calibrated as they are in production. */
const baselineRows = 16_000;
/** Until the compiler has seen everything. */
const warmUps = 3;

const stream = streamOf(features, 'independent', 42, baselineRows);
const { baseline } = stream;
const policy = policyOf();

let checksum = 0;

/** One window's whole evaluation, without the reading of its profile. */
function evaluateOnce(index: number): number {
  const profile = stream.window(rows);
  return cpuSeconds(() => {
    const { columns } = evaluateWindow({
      ...{ model: 'bench', segment: 'all', start: index * hourMs, end: (index + 1) * hourMs, profile },
      ...{ versions: [{ version: '1', rows }], schema: baseline.baseline.schema, baseline, policy },
    });
    for (const { score } of columns) checksum += score ?? 0;
  });
}

for (let round = 0; round < warmUps; round++) evaluateOnce(round);
const seconds = Array.from({ length: rounds }, (_, round) => evaluateOnce(warmUps + round));
const milliseconds = median(seconds) * 1e3;
const report = {
  features,
  rows,
  measures: measureNames.length,
  evaluate_ms: rounded(milliseconds),
  fastest_ms: rounded(Math.min(...seconds) * 1e3),
  us_per_feature: rounded((milliseconds * 1e3) / features),
  checksum: rounded(checksum, 9),
};
console.log(
  `${features} features × ${report.measures} measures of a window of ${rows} rows: ${report.evaluate_ms} ms of processor time, ${report.us_per_feature} µs a feature.`,
);
if (process.argv.includes('--json')) console.log(JSON.stringify(report));
