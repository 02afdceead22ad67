import { describe, expect, test } from 'vitest';
import { parseReferenceSchema } from '../../src/codec/reference-schema.ts';
import { Fault } from '../../src/fault.ts';

describe('a reference schema', () => {
  test('names task and features in order, whatever they are called', () => {
    const text =
      '{"task":"regression","window_ms":1,"features":{"z":"numeric","a":"categorical","__proto__":"boolean"}}';
    const { task, features } = parseReferenceSchema(text, 'schema.json');
    expect(task).toBe('regression');
    expect([...features]).toEqual([
      ['z', 'numeric'],
      ['a', 'categorical'],
      ['__proto__', 'categorical'],
    ]);
  });

  test('may leave the task out', () => {
    expect(parseReferenceSchema('{"features":{}}', 'schema.json')).toEqual({ features: new Map() });
  });

  test.each([
    ['{', /schema\.json is not JSON/],
    ['[]', /schema\.json/],
    ['{}', /features: expected an object/],
    ['{"features":["a"]}', /features: expected an object/],
    ['{"features":{"a":"toString"}}', /features\.a: expected numeric, categorical, boolean, not "toString"/],
    ['{"task":"ranking","features":{}}', /task/],
  ])('of %s is INPUT_UNSUPPORTED with the reason', (text, message) => {
    const parse = () => parseReferenceSchema(text, 'schema.json');
    expect(parse).toThrow(Fault);
    expect(parse).toThrow(message);
  });
});
