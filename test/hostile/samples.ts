// Valid documents of every kind, with names in them that programs have taken for something else.
import { advance } from '../../src/alert/history.ts';
import type { IncidentHistory } from '../../src/alert/incident.ts';
import { encodeBaseline, sealBaseline } from '../../src/codec/baseline.ts';
import { encodeIncidents } from '../../src/codec/incident-history.ts';
import { encodeProfile } from '../../src/codec/profile.ts';
import { prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import type { ColumnKind } from '../../src/profile/column.ts';
import { emptyProfile, type Profile } from '../../src/profile/profile.ts';
import type { ColumnSpec, ModelSchema } from '../../src/profile/schema.ts';
import { compileBinning } from '../../src/sketch/binning.ts';
import { compileDictionary } from '../../src/sketch/dictionary.ts';
import { policy, resultsOfVotes } from '../alert/sample-results.ts';
import { profileOf } from '../drift/build.ts';
import { builtBaseline, eventAt } from '../drift/reference-build.ts';
import { seededRandom } from '../laws/summary-samples.ts';

/** Columns whose names objects inherit. */
export const hostileSchema: ModelSchema = {
  model: 'hotel',
  task: 'binary',
  columns: [
    {
      name: 'lead_time',
      kind: 'numeric',
      binning: compileBinning(Float64Array.of(-1e308, 0, 5e-324, 34, 1e308)),
    },
    { name: 'meal', kind: 'categorical', dictionary: compileDictionary(['BB', 'true', '1', '\ud800']) },
    { name: '__proto__', kind: 'numeric', countsDistinct: true },
    { name: 'constructor', kind: 'categorical' },
    { name: 'toString', kind: 'numeric' },
    { name: '@prediction', kind: 'categorical', dictionary: compileDictionary(['0', 'cat']) },
    { name: '@score', kind: 'numeric', binning: compileBinning(Float64Array.of(0.5)) },
  ],
  baselineHash: 'reference',
};

const random = seededRandom(7);

/** A row of the hostile schema; every one in eight holds what is odd. */
function hostileRow(i: number): Record<string, unknown> {
  const isOdd = i % 8 === 0;
  return Object.fromEntries<unknown>([
    ['lead_time', isOdd ? null : Math.round(100 * random())],
    ['meal', isOdd ? `x${i}` : ['BB', true, 1][i % 3]],
    ['__proto__', isOdd ? -1e308 : random()],
    ['constructor', isOdd ? '\ud800' : `c${i % 5}`],
    ['toString', isOdd ? 'text' : i],
    ['@prediction', i % 2 === 0 ? 0 : 'cat'],
    ['@score', random()],
  ]);
}

const rowsOf = (count: number) => Array.from({ length: count }, (_, i) => hostileRow(i));

/** A profile of a few rows, of none, and of so many that raw values are folded away. */
export const hostileProfiles: readonly Profile[] = [
  emptyProfile(hostileSchema),
  ...[1, 40, 2_500].map((count) => profileOf(hostileSchema, rowsOf(count))),
];

export const profileBytes: readonly Uint8Array[] = hostileProfiles.map((profile) =>
  encodeProfile(profile, hostileSchema),
);

/** A baseline with chunks, of rows in the order of time. */
export const sampleBaseline = sealBaseline(
  builtBaseline(
    rowsOf(900).map((row, i) => {
      const { '@prediction': prediction, '@score': score, ...features } = row;
      return { ...eventAt(i * 1000, features), prediction, score };
    }),
    '',
  ),
);

export const baselineText = encodeBaseline(sampleBaseline);
export const preparedBaseline = prepareBaseline(sampleBaseline);

/** A window of the sample baseline's columns. */
export const sampleWindow: Profile = profileOf(
  sampleBaseline.schema,
  rowsOf(400).map((row) => ({ ...row, lead_time: 500 })),
);

/** Histories of windows that raise and clear, and are still undecided. */
export const histories: readonly IncidentHistory[] = ['wwwwkccccc', 'wwkkss', 'c'].map((votes) => {
  let history: IncidentHistory | undefined;
  for (const result of resultsOfVotes({ lead_time: votes, toString: 'cccwwwwwww', '@score': votes })) {
    history = advance(history, result, policy).history;
  }
  return history!;
});

export const historyTexts: readonly string[] = histories.map(encodeIncidents);

/** A schema of one column. */
export function oneColumn(name: string, kind: ColumnKind, spec: Partial<ColumnSpec> = {}): ModelSchema {
  return { model: 'm', task: 'regression', columns: [{ name, kind, ...spec }], baselineHash: '' };
}
