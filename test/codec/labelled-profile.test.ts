import { describe, expect, test } from 'vitest';
import { decodeLabelled, encodeLabelled } from '../../src/codec/labelled-profile.ts';
import { Fault } from '../../src/fault.ts';
import { compileDictionary } from '../../src/sketch/dictionary.ts';
import { labelledBaseline, labelledWindow, prepared } from '../quality/build.ts';
import { labelledEvents, optionsOf, tasks } from '../quality/samples.ts';

const specs = new Map(
  tasks.map((task) => [
    task,
    prepared(labelledBaseline(labelledEvents(task, 2000, 1), optionsOf(task))).spec,
  ]),
);

function stored(task: (typeof tasks)[number], n: number): Uint8Array {
  const spec = specs.get(task)!;
  const rows = labelledEvents(task, n, 2).map((event) => ({
    event,
    label: event.label,
    labelledAt: event.timestamp + 1e6,
  }));
  return encodeLabelled(labelledWindow(rows, spec).labelled, spec);
}

describe.each(tasks)('stored labelled predictions of a %s model', (task) => {
  const spec = specs.get(task)!;
  const bytes = stored(task, 500);

  test('leave out what belongs to another baseline, and keep the rest', () => {
    const other = { ...spec, schema: { ...spec.schema, baselineHash: 'another' } };
    const read = decodeLabelled(bytes, other)!;
    expect(read.bound).toBeUndefined();
    expect(read.baselineHash).toBe('');
    expect(read.labelled).toBe(500);
    const same = decodeLabelled(bytes, spec)!;
    expect(same.bound).toBeDefined();
    expect({ ...read, bound: same.bound, baselineHash: same.baselineHash }).toEqual(same);
  });

  test('without a baseline have nothing that belongs to one', () => {
    const free = { ...spec, grouping: undefined };
    const rows = labelledEvents(task, 50, 2).map((event) => ({ event, label: event.label, labelledAt: 0 }));
    const { labelled } = labelledWindow(rows, free);
    expect(labelled.bound).toBeUndefined();
    expect(decodeLabelled(encodeLabelled(labelled, free), free)!.bound).toBeUndefined();
  });

  test('are refused when they are damaged anywhere', () => {
    for (let i = 0; i < bytes.length; i += 7) {
      const damaged = bytes.slice();
      damaged[i]! ^= 0x55;
      expect(() => decodeLabelled(damaged, spec)).toThrow(Fault);
    }
    expect(() => decodeLabelled(bytes.slice(0, -1), spec)).toThrow(Fault);
    expect(() => decodeLabelled(new Uint8Array(0), spec)).toThrow(Fault);
  });

  test('are refused in another version', () => {
    const later = bytes.slice();
    later[3] = 2;
    expect(() => decodeLabelled(later, spec)).toThrow(/version 2/);
  });
});

test('labelled predictions that were counted by other classes are none any more', () => {
  const spec = specs.get('binary')!;
  const turned = { ...spec, schema: { ...spec.schema, classes: compileDictionary(['1', '0']) } };
  expect(decodeLabelled(stored('binary', 10), turned)).toBeUndefined();
});

test.each([
  ['binary', 1000, 25_000],
  ['binary', 20_000, 20_000],
  ['regression', 20_000, 4_000],
] as const)('%s: %d labelled predictions take less than %d bytes', (task, n, most) => {
  expect(stored(task, n).length).toBeLessThan(most);
});
