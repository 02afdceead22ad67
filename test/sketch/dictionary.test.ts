import { describe, expect, test } from 'vitest';
import { categoryText, compileDictionary } from '../../src/sketch/dictionary.ts';

describe('a dictionary', () => {
  test('finds a category by its text, and by the number or boolean of that text', () => {
    const { index, names } = compileDictionary(['BB', '1', 'true', '0.5', '-7', '1e+21']);
    expect(names).toEqual(['BB', '1', 'true', '0.5', '-7', '1e+21']);
    expect(['BB', '1', 'true', '0.5'].map((name) => index.get(name))).toEqual([0, 1, 2, 3]);
    expect([1, 1.0, 0.5, -7, 1e21].map((value) => index.get(value))).toEqual([1, 1, 3, 4, 5]);
    expect(index.get(true)).toBe(2);
    expect(index.get(false)).toBeUndefined();
  });

  test.each(['01', '1.0', '', ' 1', '0x1', '1e0', '+1', '-0', 'True'])(
    'does not take %j for a number or boolean',
    (name) => {
      const { index } = compileDictionary([name]);
      expect([...index.keys()]).toEqual([name]);
    },
  );

  test('knows only its own names, whatever they are called', () => {
    const { index } = compileDictionary(['__proto__', 'toString']);
    expect(index.get('__proto__')).toBe(0);
    expect(index.get('constructor')).toBeUndefined();
  });
});

test('the text of a category is the shortest that reads back as its value', () => {
  expect([1.0, -0, 0.1, 1e21, true, 'x'].map(categoryText)).toEqual(['1', '0', '0.1', '1e+21', 'true', 'x']);
});
