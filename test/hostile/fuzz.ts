// `npm run fuzz`: a million hostile inputs into every decoder, the HTTP server and what leaves the process. `--inputs`,
// `--seed` and `--target` say how many, which and where; `--json` prints everything as one object on the last line.
import { parseArgs } from 'node:util';
import type { Attack } from './attack.ts';
import { fuzz } from './fuzzing.ts';

const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000_000) },
    target: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
});

function reported({ target, inputs, outcomes, slowestMs, failures }: Attack): void {
  const ends = Object.entries(outcomes).sort(([, a], [, b]) => b - a);
  const text = ends.map(([outcome, count]) => `${outcome} ${count}`).join(', ');
  console.log(`${target}: ${inputs} inputs, slowest ${slowestMs.toFixed(1)} ms of processor time; ${text}`);
  for (const failure of failures) {
    console.log(
      `  FAILED: npm run fuzz -- --target ${JSON.stringify(target)} --seed ${failure.seed} --inputs ${failure.inputs}`,
    );
    console.log(`  ${failure.error}\n  smallest input found, base64: ${failure.input.slice(0, 4000)}`);
  }
}

const seed = Number(values.seed);
console.log(`seed ${seed}`);
const startedAt = performance.now();
const { target } = values;
const report = await fuzz({
  ...{ inputs: Number(values.inputs), seed, finished: reported },
  ...(target === undefined ? {} : { target }),
});
const failures = report.reports.flatMap((one) => one.failures);
const summary = {
  ...{ seed, inputs: report.inputs, seconds: Math.round((performance.now() - startedAt) / 1000) },
  peak_megabytes: Math.round(process.resourceUsage().maxRSS / 1024),
  failures: failures.length,
  targets: report.reports.map(({ target: name, inputs, outcomes, slowestMs }) => ({
    ...{ target: name, inputs, outcomes, slowest_ms: Number(slowestMs.toFixed(1)) },
  })),
};
console.log(
  `${summary.inputs} inputs in ${summary.seconds} s, at most ${summary.peak_megabytes} MB, ${summary.failures} failures`,
);
if (values.json) console.log(JSON.stringify(summary));
process.exitCode = Number(failures.length > 0);
