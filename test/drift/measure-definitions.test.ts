import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { measureDefinitions } from '../../src/drift/measure-definitions.ts';
import { prepareBaseline } from '../../src/drift/prepared-baseline.ts';
import { measureNames } from '../../src/drift/result.ts';
import type { ColumnKind } from '../../src/profile/column.ts';
import { baselineOf, evaluate, profileOf } from './build.ts';

/** Where the comment of each measure stands. */
const functions = {
  psi: ['psi', 'populationStabilityIndex'],
  jensen_shannon: ['jensen-shannon', 'jensenShannonDistance'],
  hellinger: ['hellinger', 'hellingerDistance'],
  total_variation: ['total-variation', 'totalVariation'],
  l_infinity: ['l-infinity', 'lInfinityDistance'],
  kolmogorov_smirnov: ['kolmogorov-smirnov', 'kolmogorovSmirnov'],
  wasserstein: ['wasserstein', 'wassersteinDistance'],
  chi_squared: ['chi-squared', 'chiSquaredHomogeneity'],
} as const;

/** The comment right before an exported function, in one line. */
function commentOf(file: string, name: string): string {
  const source = readFileSync(new URL(`../../src/drift/${file}.ts`, import.meta.url), 'utf8');
  const before = source.slice(0, source.indexOf(`export function ${name}(`));
  const comment = before.slice(before.lastIndexOf('/**'));
  expect(comment.trimEnd().endsWith('*/'), `${name} has a comment`).toBe(true);
  return comment.replace(/\s+(\*\s+)?/g, ' ');
}

const numbers = Array.from({ length: 2_000 }, (_, i) => i / 100);
const categories = numbers.map((_, i) => 'abcd'[i % 4]!);

/** The measures of a window beside 2,000 rows. */
function measuresOf(kind: ColumnKind, window: readonly unknown[]) {
  const before = kind === 'numeric' ? numbers : categories;
  const baseline = prepareBaseline(
    baselineOf(
      before.map((x) => ({ x })),
      [['x', kind]],
    ),
  );
  const profile = profileOf(
    baseline.baseline.schema,
    window.map((x) => ({ x })),
  );
  return evaluate(baseline, profile).columns[0]!.measures;
}

const nulls = Array.from({ length: 500 }, () => null);

describe.each(measureNames)('%s', (measure) => {
  const definition = measureDefinitions[measure];
  const [file, name] = functions[measure];
  const comment = commentOf(file, name);

  test('says formula, range and unit above its function, as in the table of docs/statistics.md', () => {
    const { formula, range, unit } = definition;
    expect(comment).toContain(formula);
    expect(comment).toContain(`Range: ${range}.`);
    expect(comment).toContain('Unit: ');
    for (const part of unit.split('; ')) expect(comment).toContain(part);
  });

  test('says what missing rows, unseen values and empty bins do', () => {
    const { missing, unseen, emptyBins } = definition;
    expect(comment).toContain(`Rows that are missing: ${missing}`);
    expect(comment).toContain(`Values that are unseen: ${unseen}`);
    if (measure === 'psi') expect(comment).toContain('Empty bins: as `smoothing` says');
    else expect(comment).toContain(`Empty bins: ${emptyBins}`);
  });

  test('names its source', () => {
    const years = definition.source.match(/\d{4}/g)!;
    const names = definition.source.match(/\p{Lu}\p{L}+/gu)!;
    const sources = comment.slice(comment.indexOf('Source: '));
    for (const word of [...years, ...names]) expect(sources).toContain(word);
  });

  test('is 0 for equal windows, and at its greatest for disjoint ones where there is a greatest', () => {
    expect(measuresOf('numeric', numbers)[measure]!.score).toBe(0);
    // In bins only what is in another bin is apart: the last one holds all that is greater.
    const moved = definition.missing === 'left out' ? numbers.map((x) => x + 1_000) : nulls;
    const apart = measuresOf('numeric', moved)[measure]!.score!;
    if (definition.range === '0 to 1') expect(apart).toBe(1);
    else expect(apart).toBeGreaterThan(1);
  });

  test('does with missing rows what the table says', () => {
    const { score } = measuresOf('numeric', [...numbers, ...nulls])[measure]!;
    if (definition.missing === 'left out') expect(score).toBe(0);
    else expect(score).toBeGreaterThan(0.1);
  });

  test('does with unseen values what the table says', () => {
    const strange = ['y', 'z'].flatMap((name) => Array.from({ length: 250 }, () => name));
    const found = measuresOf('categorical', [...categories, ...strange])[measure];
    if (definition.unseen === 'a bin of their own') {
      expect(found!.score).toBeGreaterThan(0.1);
      const one = strange.map(() => 'y');
      expect(found!.score).toBe(measuresOf('categorical', [...categories, ...one])[measure]!.score);
    } else {
      expect(found).toBeUndefined();
      const beyond = numbers.map((x, i) => (i % 5 === 0 ? 50 : x));
      expect(measuresOf('numeric', beyond)[measure]!.score).toBeGreaterThan(0.1);
    }
  });
});
