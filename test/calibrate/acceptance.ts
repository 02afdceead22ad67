// `npm run calibrate:acceptance`: false alarms of stationary streams over months, and the power to find a change, under the
// defaults. Prints a line per case, and with `--json` all of them as one object on the last line; fails when a case is not
// met. `--dependence`, `--rows` and `--seeds` choose a part, so that parts can run side by side; `--page` writes what was measured
// into docs/statistics.md. All of it takes about two hours of one processor: with `--resume <file>` every stream that is done is
// written there, and none that is there is run again.
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type DependenceName, dependences } from '../drift/dependent-rows.ts';
import { type AcceptanceCase, withCases } from './acceptance-page.ts';
import { changes } from './features.ts';
import { policyOf, type Quiet, runQuiet, streamOf, windowsToRaise } from './streams.ts';

const { values: flags } = parseArgs({
  options: {
    dependence: { type: 'string', multiple: true, default: [...dependences] },
    rows: { type: 'string', multiple: true, default: ['100', '1000'] },
    seeds: { type: 'string', default: '20' },
    days: { type: 'string', default: '30' },
    runs: { type: 'string', default: '200' },
    resume: { type: 'string' },
    page: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
  },
});

const seeds = Number(flags.seeds);
const days = Number(flags.days);
const runs = Number(flags.runs);
const featureCounts = [50, 100, 200];

/** Windows of 100 rows are not judged by default: this tries the decision itself. */
const loweredMinCount = 50;

const cases: AcceptanceCase[] = [];

function report(found: AcceptanceCase): void {
  cases.push(found);
  const { met, kind, dependence, ...figures } = found;
  const text = Object.entries(figures).map(([label, value]) => `${label} ${value}`);
  console.log(`${met ? 'met    ' : 'NOT MET'} ${kind}, ${dependence} rows: ${text.join(', ')}`);
}

/** How windows of so many rows are judged: by the defaults, and where those call them too few, also by a lower bar. */
interface Judged {
  readonly rows: number;
  readonly minCounts: readonly number[];
}

const judged = flags.rows.map(Number).map((rows): Judged => {
  const { minCount } = policyOf();
  return { rows, minCounts: rows < minCount ? [minCount, loweredMinCount] : [minCount] };
});

/**
 * Independent rows of 1,000 a window raise nothing; others at most once in 10,000 feature-days. All sizes of windows are of the same
 * streams, one after the other.
 */
function quietCases(dependence: DependenceName): void {
  const sums = judged.map(({ minCounts }) =>
    minCounts.map(() => ({ incidents: 0, raises: 0, featureDays: 0 })),
  );
  for (const features of featureCounts) {
    for (let seed = 1; seed <= seeds; seed++) {
      streamQuiet(dependence, features, seed).forEach((bySize, k) => {
        bySize.forEach(({ incidents, raises, featureDays }, p) => {
          const sum = sums[k]![p]!;
          sum.incidents += incidents;
          sum.raises += raises;
          sum.featureDays += featureDays;
        });
      });
      progress(`${dependence}, ${features} features, seed ${seed}`, sums.flat());
    }
  }
  judged.forEach(({ rows, minCounts }, k) => {
    minCounts.forEach((minCount, p) => {
      quietCase(dependence, rows, minCount, sums[k]![p]!);
    });
  });
}

/** Streams that were run before, by what they are. */
const done = new Map<string, readonly (readonly Quiet[])[]>(
  flags.resume !== undefined && existsSync(flags.resume)
    ? readFileSync(flags.resume, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line))
    : [],
);

/** One stream in windows of every size, by every policy. */
function streamQuiet(
  dependence: DependenceName,
  features: number,
  seed: number,
): readonly (readonly Quiet[])[] {
  const key = JSON.stringify([dependence, features, seed, days, judged]);
  const known = done.get(key);
  if (known !== undefined) return known;
  const stream = streamOf(features, dependence, 1_000 * features + seed);
  const found = judged.map(({ rows, minCounts }) =>
    runQuiet(stream, features, rows, days, minCounts.map(policyOf)),
  );
  if (flags.resume !== undefined) appendFileSync(flags.resume, `${JSON.stringify([key, found])}\n`);
  return found;
}

/** A full run takes long: what it has seen so far, on standard error. */
function progress(what: string, sums: readonly Quiet[]): void {
  const minutes = (performance.now() / 60_000).toFixed(1);
  const raised = sums.map(({ incidents, featureDays }) => `${incidents} in ${featureDays} feature-days`);
  process.stderr.write(`${minutes} min, ${what}; incidents so far: ${raised.join(', ')}\n`);
}

function quietCase(dependence: DependenceName, rows: number, minCount: number, sum: Quiet): void {
  const perTenThousand = (sum.raises / sum.featureDays) * 10_000;
  const isStrict = dependence === 'independent' && rows >= 1_000;
  report({
    ...{ kind: 'quiet', dependence, rows, min_count: minCount },
    met: isStrict ? sum.incidents === 0 : perTenThousand <= 1,
    ...{ incidents: sum.incidents, raises: sum.raises, feature_days: sum.featureDays },
    raises_per_10000_feature_days: Number(perTenThousand.toFixed(3)),
  });
}

/** Twenty features of which one changes; every tenth run has a baseline of its own. Only independent rows are to meet it. */
function powerCases(dependence: DependenceName): void {
  for (const change of changes) {
    let raised = 0;
    let windows = 0;
    for (let part = 0; part < runs / 10; part++) {
      const stream = streamOf(20, dependence, 77_000 + part);
      for (let run = 0; run < 10; run++) {
        const taken = windowsToRaise(stream, change, 1_000, policyOf());
        if (taken === Infinity) continue;
        raised += 1;
        windows += taken;
      }
    }
    const share = raised / runs;
    report({
      ...{ kind: 'power', dependence, change: change.name, within: change.within },
      met: dependence !== 'independent' || share >= 0.95,
      ...{ share, runs, mean_windows: Number((windows / Math.max(1, raised)).toFixed(2)) },
    });
  }
}

for (const dependence of dependences.filter((name) => flags.dependence.includes(name))) {
  if (seeds > 0) quietCases(dependence);
  if (runs > 0) powerCases(dependence);
}
const pagePath = join(import.meta.dirname, '../../docs/statistics.md');
if (flags.page) writeFileSync(pagePath, withCases(readFileSync(pagePath, 'utf8'), cases));
if (flags.json) console.log(JSON.stringify({ seeds, days, runs, cases }));
if (cases.some(({ met }) => !met)) process.exitCode = 1;
