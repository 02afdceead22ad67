import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parseScenario } from './case.ts';
import { alertsOf, countersOf, rejectsOf, resultsOf } from './outcome.ts';
import { openStage } from './stage.ts';

const folder = join(import.meta.dirname, 'cases');

describe('the pipeline, told by scenarios', () => {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.yaml'))) {
    const scenario = parseScenario(readFileSync(join(folder, file), 'utf8'));

    test(`${scenario.title} (${file})`, async () => {
      const stage = openStage(scenario);
      expect(scenario.steps.some((step) => 'expect' in step)).toBe(true);
      for (const [i, step] of scenario.steps.entries()) {
        if (!('expect' in step)) {
          await stage.play(step);
          continue;
        }
        const { results, alerts, rejects, counters } = step.expect;
        const found = {
          ...(results && { results: await resultsOf(stage.outcome) }),
          ...(alerts && { alerts: alertsOf(stage.outcome) }),
          ...(rejects && { rejects: rejectsOf(stage.outcome) }),
          ...(counters && { counters: countersOf(stage.outcome, Object.keys(counters)) }),
        };
        expect(found, `step ${i + 1}`).toMatchObject(step.expect);
      }
    });
  }
});
