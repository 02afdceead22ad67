import { describe, expect, test } from 'vitest';
import { type PowerCase, type QuietCase, withCases } from './acceptance-page.ts';
import { blockOf } from './study-table.ts';

const empty = ['quiet', 'power']
  .map((kind) => `<!-- generated: acceptance ${kind} -->\n<!-- end: acceptance ${kind} -->\n`)
  .join('between\n');

function quiet(dependence: QuietCase['dependence'], rows: number, incidents: number): QuietCase {
  return {
    ...{ kind: 'quiet', dependence, rows, min_count: 300, met: true },
    ...{ incidents, raises: incidents, feature_days: 210_000, raises_per_10000_feature_days: incidents / 21 },
  };
}

const power: PowerCase = {
  ...{ kind: 'power', dependence: 'independent', change: 'shift of 0.4 sd', within: 5, met: true },
  ...{ share: 1, runs: 200, mean_windows: 3 },
};

describe('the acceptance tables of a page', () => {
  test('take cases in, each in the table of its kind', () => {
    const page = withCases(empty, [quiet('independent', 1_000, 0), power]);
    expect(blockOf(page, 'acceptance quiet')).toContain(
      '| independent | 1,000 | 300 | 210,000 | 0 | 0 | 0.00 |\n',
    );
    expect(blockOf(page, 'acceptance power')).toContain(
      '| independent | shift of 0.4 sd | 5 | 200 | 100 % | 3.0 |\n',
    );
    expect(page).toContain('between\n');
  });

  test('keep the cases of other parts, replace the same case, and stand in one order', () => {
    const parts = [
      [quiet('autoregressive', 100, 2)],
      [quiet('independent', 1_000, 0)],
      [quiet('autoregressive', 100, 5)],
    ];
    const page = parts.reduce((text, cases) => withCases(text, cases), empty);
    const rows = blockOf(page, 'acceptance quiet').trim().split('\n').slice(2);
    expect(rows).toEqual([
      '| independent | 1,000 | 300 | 210,000 | 0 | 0 | 0.00 |',
      '| autocorrelation 0.9 | 100 | 300 | 210,000 | 5 | 5 | 0.24 |',
    ]);
  });
});
