import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isPlant, planted, plantNames } from './plants.ts';

describe.each(plantNames)('the planted defect %s', (name) => {
  test('takes away a guard that stands in the program as it is', () => {
    const { file, text } = planted(name);
    const sound = readFileSync(join(resolve(import.meta.dirname, '../../src'), file), 'utf8');
    expect(text).not.toBe(sound);
  });
});

test('only what is planted is the name of a defect', () => {
  expect(isPlant('token')).toBe(true);
  expect(isPlant('toString')).toBe(false);
});
