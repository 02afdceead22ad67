import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { QualityEvidence, WindowEvidence } from '../../src/alert/evidence.ts';
import { advance } from '../../src/alert/history.ts';
import type { AlertPolicy, IncidentHistory, Transition } from '../../src/alert/incident.ts';
import type { RetrainPolicy } from '../../src/alert/retrain.ts';
import type { WindowResult } from '../../src/drift/result.ts';
import { policy, resultsOfVotes, windowMs } from './sample-results.ts';

const dayMs = 86_400_000;
const retrain = policy.retrain;

function by(changes: Partial<RetrainPolicy>, rest: Partial<AlertPolicy> = {}): AlertPolicy {
  return { ...policy, ...rest, retrain: { ...retrain, ...changes } };
}

interface Window {
  readonly result: WindowResult;
  readonly evidence?: WindowEvidence;
}

function run(windows: readonly Window[], policy: AlertPolicy) {
  let history: IncidentHistory | undefined;
  const transitions: Transition[] = [];
  for (const { result, evidence } of windows) {
    const step = advance(history, result, policy, evidence);
    history = step.history;
    transitions.push(...step.transitions);
  }
  return { history: history!, retrains: transitions.filter(({ rule }) => rule === 'retrain') };
}

const start = resultsOfVotes({ f: 'c' })[0]!.start;
const told = (transitions: readonly Transition[]) =>
  transitions.map(({ type, window, grounds }) =>
    [(window.start - start) / windowMs, type, ...(grounds?.triggers ?? []), ...(grounds?.gates ?? [])].join(
      ' ',
    ),
  );

/** Windows of votes, each with what `of` says beside them. */
function windowsOf(
  votes: Readonly<Record<string, string>>,
  of: (index: number) => WindowEvidence = () => ({}),
): Window[] {
  return resultsOfVotes(votes).map((result, i) => ({ result, evidence: of(i) }));
}

const four = { a: 'wwwwww', b: 'wwwwww', c: 'wwwwww', d: 'cwwwww' };
const counts = (awaited: number, labelled: number, largestClass: number): QualityEvidence => ({
  labels: { awaited, labelled, largestClass },
  realised: 'unknown',
  estimated: 'unknown',
});

describe('retraining is recommended', () => {
  test('once, when more than three features were raised within a day', () => {
    expect(
      told(run(windowsOf({ a: 'wwwwww', b: 'wwwwww', c: 'wwwwww', d: 'cccccc' }), policy).retrains),
    ).toEqual([]);
    expect(told(run(windowsOf(four), policy).retrains)).toEqual(['3 retrain.recommended drifted_features']);
  });

  test('also when they were raised one after another, and no longer when a day has passed between them', () => {
    const quick = { clear: { below: 0.8, windows: 1 } };
    const votes = { a: 'wwwccccccccc', b: 'cccwwwcccccc', c: 'ccccccwwwccc', d: 'cccccccccwww' };
    expect(told(run(windowsOf(votes), by({}, quick)).retrains)).toEqual([
      '11 retrain.recommended drifted_features',
    ]);
    expect(run(windowsOf(votes), by({ withinMs: 8 * windowMs }, quick)).retrains).toEqual([]);
  });

  test('for features that carry more than a share of the importance', () => {
    const weighed = by({ driftedFeatures: null, importance: 0.5, weights: [['a', 8]] });
    expect(told(run(windowsOf({ a: 'www', b: 'ccc', c: 'ccc' }), weighed).retrains)).toEqual([
      '2 retrain.recommended importance',
    ]);
    expect(run(windowsOf({ a: 'ccc', b: 'www', c: 'www' }), weighed).retrains).toEqual([]);
  });

  test('for a loss of quality, realised or estimated, as the policy asks', () => {
    const lost = (which: 'realised' | 'estimated') =>
      windowsOf({ a: 'cccc' }, () => ({ quality: { ...counts(9, 9, 5), [which]: 'degraded' } }));
    expect(told(run(lost('realised'), policy).retrains)).toEqual(['2 retrain.recommended quality_loss']);
    expect(told(run(lost('estimated'), policy).retrains)).toEqual(['2 retrain.recommended quality_loss']);
    expect(run(lost('estimated'), by({ quality: 'realised' })).retrains).toEqual([]);
    expect(run(lost('realised'), by({ quality: 'off' })).retrains).toEqual([]);
  });

  test('by a schedule, with the first window that ends after it has struck, also behind a gap', () => {
    const scheduled = by({ schedule: '@daily UTC' });
    const results = resultsOfVotes({ a: 'c'.repeat(600) }).filter((_, i) => i < 280 || i > 300);
    const windows = results.map((result) => ({
      result,
      evidence: { scheduledAt: Math.floor(result.end / dayMs) * dayMs },
    }));
    expect(told(run(windows, scheduled).retrains)).toEqual([
      '301 retrain.recommended schedule',
      '575 retrain.suppressed schedule cooldown',
    ]);
    expect(told(run(windows, by({ schedule: '@daily UTC', cooldownMs: 0 })).retrains)).toHaveLength(2);
  });

  test('never where it is off', () => {
    expect(run(windowsOf(four), by({ mode: 'off' })).retrains).toEqual([]);
  });

  test('once for an incident, however long it lasts, and again for another one after the cooldown', () => {
    const quick = { clear: { below: 0.8, windows: 2 } };
    const votes = Object.fromEntries(
      ['a', 'b', 'c', 'd'].map((name) => [name, `${'w'.repeat(400)}${'c'.repeat(300)}${'w'.repeat(9)}`]),
    );
    expect(told(run(windowsOf(votes), by({}, quick)).retrains)).toEqual([
      '2 retrain.recommended drifted_features',
      '702 retrain.recommended drifted_features',
    ]);
  });
});

describe('retraining is suppressed, with the reason,', () => {
  test('while a feature looks broken, and recommended when that has passed', () => {
    const votes = Object.fromEntries(Object.keys(four).map((name) => [name, 'w'.repeat(300)]));
    const broken = windowsOf(votes, (i) => ({ isBroken: i === 5 || i === 1 }));
    expect(told(run(broken, policy).retrains)).toEqual([
      '2 retrain.suppressed drifted_features pipeline_break',
      '293 retrain.recommended drifted_features',
    ]);
    const ignored = by({ gates: { ...retrain.gates, pipelineBreak: false } });
    expect(told(run(broken, ignored).retrains)).toEqual(['2 retrain.recommended drifted_features']);
  });

  test('while too few rows are labelled', () => {
    const gated = by({ gates: { ...retrain.gates, labelledRows: 50, labelCoverage: 0.2 } });
    const windows = windowsOf(four, (i) => ({ quality: counts(100, i < 4 ? 5 : 60, 3) }));
    expect(told(run(windows, gated).retrains)).toEqual([
      '3 retrain.suppressed drifted_features labelled_rows label_coverage',
      '5 retrain.recommended drifted_features',
    ]);
    expect(told(run(windowsOf(four), gated).retrains)).toEqual([
      '3 retrain.suppressed drifted_features labelled_rows label_coverage',
    ]);
  });

  test('where all labels are of one class', () => {
    const windows = windowsOf(four, () => ({ quality: counts(100, 40, 40) }));
    expect(told(run(windows, policy).retrains)).toEqual([
      '3 retrain.suppressed drifted_features label_sanity',
    ]);
  });

  test('in a dry run, as often as it would have been recommended', () => {
    expect(told(run(windowsOf(four), by({ mode: 'dry_run' })).retrains)).toEqual([
      '3 retrain.suppressed drifted_features dry_run',
    ]);
  });

  test('within the cooldown, once', () => {
    const quick = { clear: { below: 0.8, windows: 1 } };
    const votes = { a: 'wwwcccccccwwww', b: 'wwwcccccccwwww', c: 'wwwcccccccwwww', d: 'wwwcccccccwwww' };
    expect(told(run(windowsOf(votes), by({ withinMs: 2 * windowMs }, quick)).retrains)).toEqual([
      '2 retrain.recommended drifted_features',
      '12 retrain.suppressed drifted_features cooldown',
    ]);
  });

  test('features that are silenced do not count', () => {
    expect(
      run(
        windowsOf(four, () => ({ silenced: ['a'] })),
        policy,
      ).retrains,
    ).toEqual([]);
  });
});

describe('a late window', () => {
  test('that moves a recommendation leaves its job the same', () => {
    const { history, retrains } = run(windowsOf(four), policy);
    const [revised] = resultsOfVotes({ a: 'w', b: 'w', c: 'w', d: 'w' });
    const { transitions } = advance(history, revised!, policy);
    const moved = transitions.filter(({ rule }) => rule === 'retrain');
    expect(told(moved)).toEqual([
      '3 retrain.retracted drifted_features',
      '2 retrain.recommended drifted_features',
    ]);
    expect(moved.map(({ late }) => late)).toEqual([true, true]);
    expect(moved.map(({ job }) => job)).toEqual([retrains[0]!.job, retrains[0]!.job]);
  });

  test('that takes the ground away withdraws it, and one that gives it back recommends the same job', () => {
    const short = windowsOf({ a: 'wwww', b: 'wwww', c: 'wwww', d: 'cwww' });
    const [, calm] = resultsOfVotes({ a: 'ww', b: 'ww', c: 'ww', d: 'cc' });
    const { history, retrains } = run(short, policy);
    const withdrawn = advance(history, calm!, policy);
    const again = advance(withdrawn.history, short[1]!.result, policy);
    const ofRetrain = [...withdrawn.transitions, ...again.transitions].filter(
      ({ rule }) => rule === 'retrain',
    );
    expect(ofRetrain.map(({ type }) => type)).toEqual(['retrain.retracted', 'retrain.recommended']);
    expect(ofRetrain.map(({ job }) => job)).toEqual([retrains[0]!.job, retrains[0]!.job]);
    expect(ofRetrain[1]!.occurrence).toBe(1);
  });

  const letters = fc.string({ unit: fc.constantFrom(...'cwwwkm.'), minLength: 10, maxLength: 10 });
  const evidence = fc.record({
    isBroken: fc.boolean(),
    quality: fc.option(fc.constantFrom(counts(10, 4, 2), counts(10, 0, 0), counts(9, 9, 9)), {
      nil: undefined,
    }),
  });

  test('of any kind ends where the windows in order end, and each job stands once', () => {
    fc.assert(
      fc.property(
        fc.record({ a: letters, b: letters, c: letters, d: letters }),
        fc.array(evidence, { minLength: 10, maxLength: 10 }),
        fc.array(fc.tuple(fc.nat(9), letters, evidence), { maxLength: 8 }),
        (votes, facts, provisional) => {
          const final = windowsOf(votes, (i) => facts[i]!);
          const noise = provisional.map(([i, other, said]) => ({
            result: resultsOfVotes({ a: other, b: other, c: other, d: other })[i]!,
            evidence: said,
          }));
          const strict = by({ cooldownMs: 3 * windowMs, withinMs: 4 * windowMs });
          const inOrder = run(final, strict);
          const disturbed = run([...noise, ...final.toReversed()], strict);
          expect(disturbed.history.standing).toEqual(inOrder.history.standing);
          expect(disturbed.history.windows).toEqual(inOrder.history.windows);
          const standing = disturbed.history.jobs.filter(({ decision }) => decision !== null);
          expect(new Set(standing.map(({ job }) => JSON.stringify(job))).size).toBe(standing.length);
          const recommended = inOrder.history.standing.filter(({ type }) => type === 'retrain.recommended');
          expect(standing).toHaveLength(recommended.length);
        },
      ),
      { numRuns: 300 },
    );
  });
});
