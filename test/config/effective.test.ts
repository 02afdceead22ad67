import fc from 'fast-check';
import { expect, test } from 'vitest';
import { effectiveYaml } from '../../src/config/effective.ts';
import { parseSettings } from '../../src/config/settings.ts';

function sound(text: string, env: Record<string, string> = {}) {
  const parsed = parseSettings({ files: [{ path: 'a.yaml', text }], env, flags: [] });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return parsed;
}

test('the effective text parses to the same settings, with and without origins', () => {
  const name = fc
    .string({ minLength: 1, maxLength: 12, unit: 'grapheme' })
    .filter((text) => !text.startsWith('@') && text !== '__proto__');
  const model = fc.record({
    name,
    task: fc.constantFrom('binary', 'regression', 'multiclass'),
    features: fc.dictionary(name, fc.constantFrom('numeric', 'categorical', 'boolean'), { maxKeys: 4 }),
    drift: fc.record({ warning: fc.double({ min: 0, max: 0.2, noNaN: true }) }),
  });
  const configuration = fc.record({
    models: fc.uniqueArray(model, { selector: (one) => one.name, maxLength: 3 }),
    windows: fc.record({ idle_after: fc.integer({ min: 1, max: 99 }).map((n) => `${n}m`) }),
    log: fc.record({ level: fc.constantFrom('debug', 'warn') }),
  });
  fc.assert(
    fc.property(configuration, fc.boolean(), (value, isOriginShown) => {
      // JSON is YAML.
      const parsed = sound(JSON.stringify(value));
      const again = sound(effectiveYaml(parsed.effective, isOriginShown));
      expect(again.settings).toEqual(parsed.settings);
    }),
    { numRuns: 60 },
  );
});

test('secrets and passwords in addresses are redacted', () => {
  const env = { DRIFTLINE__REDIS__PASSWORD: 'hunter2', DRIFTLINE__REDIS__URL: 'redis://u:hunter3@h:1' };
  const text = effectiveYaml(sound('', env).effective, true);
  expect(text).not.toMatch(/hunter/);
  expect(text).toContain('password: "[redacted]" # DRIFTLINE__REDIS__PASSWORD');
  expect(text).toContain('url: redis://[redacted]@h:1 # DRIFTLINE__REDIS__URL');
});

test('every value says where it came from', () => {
  const lines = effectiveYaml(sound('windows: {size: 1m}').effective, true).split('\n');
  expect(lines).toContain('  size: 1m # a.yaml:1:17');
  expect(lines).toContain('  rollups: [1h, 1d] # default');
  const unexplained = lines.filter((line) => line !== '' && !line.includes(' # ') && !line.endsWith(':'));
  expect(unexplained).toEqual([]);
});
