// `npm run bench:sketch`: what a value costs in the complete numeric summary, beside npm's `tdigest`, `@datadog/sketches-js` and
// `JSON.parse` of the same values, in one run; what a merge costs, and what is stored.
//
// As in a monitor, 1,000 sketches take turns: 50 models of 20 features, each message of the next model. Every round is a
// window of new sketches. `--rows` is how many messages of each model a window has, `--rounds` how many windows there are.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { DDSketch } from '@datadog/sketches-js';
import { TDigest } from 'tdigest';
import type { NumericColumn } from '../../src/profile/column.ts';
import { emptyColumn, observeValue } from '../../src/profile/profile.ts';
import type { ColumnSpec } from '../../src/profile/schema.ts';
import { compileBinning, freezeEdges } from '../../src/sketch/binning.ts';
import { readNumeric } from '../../src/sketch/numeric-summary.ts';
import { features, message, valueSource } from './messages.ts';
import { cpuSeconds, median, medianRatio, numberOption, rounded } from './rounds.ts';
import { mergeMicroseconds, storedBytes } from './sketch-costs.ts';

const models = 50;
const sketches = models * features;
const baselineRows = 5000;
const rows = numberOption('--rows', 3001);
const rounds = numberOption('--rounds', 5);

const specs = Array.from({ length: sketches }, (_, sketch): ColumnSpec => {
  const value = valueSource(1000 + sketch);
  const sample = Float64Array.from({ length: baselineRows }, () => value(sketch % features)).sort();
  return { name: `feature_${sketch}`, kind: 'numeric', binning: compileBinning(freezeEdges(sample)) };
});

/** Message by message: feature f of message i at 20 i + f. */
const values = (() => {
  const value = valueSource(1);
  return Float64Array.from({ length: rows * sketches }, (_, i) => value(i % features));
})();
const messages = Array.from({ length: rows * models }, (_, i) =>
  message(i, values.subarray(i * features, (i + 1) * features)),
);

/** Each summarises one window, and says what the medians of its first sketches are: nobody skips the work unnoticed. */
const contenders = {
  driftline: () => {
    const columns = specs.map(emptyColumn) as NumericColumn[];
    for (let i = 0, at = 0; i < values.length; i++, at = at + 1 < sketches ? at + 1 : 0)
      observeValue(columns[at]!, values[i]!);
    return columns.slice(0, 3).map(({ summary }) => readNumeric(summary).quantile(0.5));
  },
  sketchesJs: () => {
    const made = specs.map(() => new DDSketch());
    for (let i = 0, at = 0; i < values.length; i++, at = at + 1 < sketches ? at + 1 : 0)
      made[at]!.accept(values[i]!);
    return made.slice(0, 3).map((sketch) => sketch.getValueAtQuantile(0.5));
  },
  tdigest: () => {
    const made = specs.map(() => new TDigest());
    for (let i = 0, at = 0; i < values.length; i++, at = at + 1 < sketches ? at + 1 : 0)
      made[at]!.push(values[i]!);
    return made.slice(0, 3).map((digest) => digest.percentile(0.5));
  },
  jsonParse: () => {
    const numbers = [0, 1, 2].map(() => new Float64Array(rows));
    messages.forEach((text, i) => {
      const parsed = JSON.parse(text).features;
      if (i % models === 0)
        numbers.forEach((column, f) => {
          column[i / models] = parsed[`feature_0${f}`];
        });
    });
    return numbers.map((column) => column.sort()[rows >> 1]!);
  },
} as const satisfies Record<string, () => number[]>;

type Contender = keyof typeof contenders;
const names = Object.keys(contenders) as Contender[];

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Nanoseconds per value of one window; the garbage of others is collected before. */
function measured(name: Contender): number {
  collectGarbage();
  let medians: number[] = [];
  const seconds = cpuSeconds(() => {
    medians = contenders[name]();
  });
  const wrong = medians.some((found, f) => !(Math.abs(found / expected[f]! - 1) < 0.05));
  if (wrong) throw new Error(`${name} found the medians ${medians} instead of ${expected}`);
  return (seconds * 1e9) / values.length;
}

const expected = contenders.jsonParse();
for (const name of names) if (name !== 'tdigest') measured(name);
const nanoseconds: Record<Contender, number[]> = {
  driftline: [],
  sketchesJs: [],
  tdigest: [],
  jsonParse: [],
};
for (let round = 0; round < rounds; round++) for (const name of names) nanoseconds[name].push(measured(name));

const { driftline, sketchesJs, tdigest, jsonParse } = nanoseconds;
const merge = mergeMicroseconds(specs, 2 * rounds + 1);
const stored = storedBytes(specs.slice(0, features));
const summary = {
  sketches,
  values_per_sketch: rows,
  rounds,
  driftline_ns: rounded(median(driftline)),
  sketches_js_ns: rounded(median(sketchesJs)),
  tdigest_ns: rounded(median(tdigest)),
  json_parse_ns: rounded(median(jsonParse)),
  times_faster_than_tdigest: rounded(medianRatio(tdigest, driftline)),
  times_faster_than_sketches_js: rounded(medianRatio(sketchesJs, driftline)),
  share_of_json_parse: rounded(medianRatio(driftline, jsonParse)),
  merge_us: rounded(merge.folded),
  merge_waiting_us: rounded(merge.waiting),
  bytes_per_feature: Math.round(stored.folded),
  bytes_per_feature_waiting: Math.round(stored.waiting),
};
console.log(
  [
    `${sketches} sketches in turn, ${rows} values each, median of ${rounds} windows, nanoseconds a value:`,
    `  ${summary.driftline_ns} complete numeric summary (counters, moments, bins with sums, t-digest)`,
    `  ${summary.sketches_js_ns} @datadog/sketches-js, ${summary.times_faster_than_sketches_js} times as long`,
    `  ${summary.tdigest_ns} tdigest, ${summary.times_faster_than_tdigest} times as long`,
    `  ${summary.json_parse_ns} JSON.parse; the summary takes ${summary.share_of_json_parse} of it`,
    `merging a summary into another: ${summary.merge_us} us, with 500 raw values waiting in each ${summary.merge_waiting_us} us`,
    `stored per feature and window: ${summary.bytes_per_feature} bytes, with 500 raw values waiting ${summary.bytes_per_feature_waiting}`,
  ].join('\n'),
);
if (process.argv.includes('--json')) console.log(JSON.stringify(summary));
