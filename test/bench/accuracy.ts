// `npm run bench:accuracy`: how far Kolmogorov-Smirnov and Wasserstein distances from summaries are from those of the values,
// for every distribution of the laws; `--size` values a side, `--seeds` windows of each kind. Fails where a bound is exceeded or
// an interval does not hold the exact value; `--json` prints the figures as one object on the last line.
import { accuracies, errorAllowed } from '../drift/accuracy-trial.ts';
import { numberOption, rounded } from './rounds.ts';

const size = numberOption('--size', 100_000);
const seeds = numberOption('--seeds', 3);

const found = [];
for (const accuracy of accuracies(size, seeds)) {
  const { name, basis, trials, held } = accuracy;
  const ks = rounded(accuracy.worstKolmogorovSmirnov, 2);
  const wasserstein = rounded(accuracy.worstWasserstein, 2);
  console.log(
    `${name}, from its ${basis}: KS within ${ks}, Wasserstein / sd within ${wasserstein}; ${held} of ${trials} held`,
  );
  const isKept = held === trials && accuracy.worstKolmogorovSmirnov <= errorAllowed(name, basis);
  found.push({ name, basis, trials, held, ks, wasserstein, within_bounds: isKept });
}
const outside = found.filter((one) => !one.within_bounds).length;
if (outside > 0) process.exitCode = 1;
if (process.argv.includes('--json')) console.log(JSON.stringify({ size, seeds, outside, found }));
