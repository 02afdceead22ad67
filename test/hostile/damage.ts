// Damage that knows what it damages: bytes flipped, cut off and spliced; JSON values and names exchanged for hostile ones.
import fc from 'fast-check';

/** One change. `at` and `other` are places as shares of the input, so that they mean something in an input of any length. */
export interface Damage {
  readonly kind: 'flip' | 'cut' | 'insert' | 'overwrite' | 'copy' | 'value' | 'name' | 'twice';
  readonly at: number;
  readonly other: number;
  readonly bytes: Uint8Array;
  readonly text: string;
}

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** JSON that is valid, or nearly, and of which every piece has broken some program. */
export const hostileValues = [
  ...['null', 'true', '[]', '{}', '""', '0', '-0', '-1', '0.1', '1e400', '-1e400', '1e-400', '5e-324'],
  ...[
    '9007199254740991',
    '9007199254740993',
    '-9007199254740993',
    '1.7976931348623157e308',
    '1e308',
    '4294967296',
  ],
  ...[
    '8640000000000000',
    '8640000000000001',
    '-8640000000000000',
    '253402300800000',
    '-62135596800001',
    '1e21',
  ],
  ...['"9999-12-31T23:59:59.999Z"', '"0000-01-01T00:00:00.000Z"', '"+275760-09-13T00:00:00.000Z"'],
  ...[
    '"2016-10-01T00:00:00.000+23:59"',
    '"NaN"',
    '"-Infinity"',
    '"\\u0000"',
    '"\\ud800"',
    '"x\\udc00y"',
    '"\\ud83d\\ude00"',
  ],
  ...[
    '"__proto__"',
    '"constructor"',
    '"toString"',
    '"@prediction"',
    '"all"',
    '"(other)"',
    '"\\r\\nX: 1"',
    '"\\u001b[2J"',
  ],
  ...['"\\\\\\"\\n"', '"{a}:b|c%u0000"', '"../../etc/passwd"', '"\\u202eabc"', '"𝕏"', `"${'x'.repeat(300)}"`],
  ...[
    `"${'\\ud800'.repeat(300)}"`,
    `"${'é'.repeat(5000)}"`,
    nested(200),
    nested(20_000),
    `${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}`,
  ],
  ...[
    '{"__proto__":{"polluted":1}}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    '{"toString":1}',
    '{"length":-1}',
  ],
  ...[
    `[${'1,'.repeat(2000)}1]`,
    `{${Array.from({ length: 500 }, (_, i) => `"${i * 65_536}":0`)}}`,
    '01',
    '+1',
    '.5',
    '1.',
    'NaN',
    "'a'",
  ],
  ...['/*c*/1', '1,', '"\t"', '"unclosed', '{"a":1,"a":2}', '[1', 'tru', '\u2028', '\ufeff1'],
];

/** Names for members of objects. */
export const hostileNames = [
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'valueOf',
    'hasOwnProperty',
    '__defineGetter__',
    'length',
    '',
  ],
  ...[
    '0',
    '-0',
    '4294967295',
    '1e3',
    ' ',
    '\\u0000',
    '\\ud800',
    'größe',
    '@score',
    'format',
    'a.b[0]',
    'x'.repeat(1000),
  ],
];

/** Bytes that UTF-8 forbids or that programs stumble over: NUL, overlong forms, surrogates, beyond U+10FFFF, byte order marks. */
const hostileBytes = [
  ...[
    [0x00],
    [0xc0, 0x80],
    [0xe0, 0x80, 0x80],
    [0xed, 0xa0, 0x80],
    [0xf4, 0x90, 0x80, 0x80],
    [0xff],
    [0xef, 0xbb, 0xbf],
  ],
  ...[
    [0xff, 0xfe],
    [0x0d, 0x0a],
    [0x0a],
    [0x22],
    [0x5c],
    [0x7b],
    [0x5d],
    [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80],
  ],
  ...[
    [0xff, 0xff, 0xff, 0xff],
    [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
    [0, 0, 0, 0, 0, 0, 0xf0, 0x7f],
  ],
  ...[
    [0, 0, 0, 0, 0, 0, 0xf8, 0x7f],
    [1, 0, 0, 0, 0, 0, 0, 0],
    [0, 0, 0, 0, 0, 0, 0, 0x80],
    [0xff, 0xff, 0xff, 0xff, 0x0f],
  ],
].map((bytes) => Uint8Array.from(bytes));

const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const someBytes = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...hostileBytes) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 16 }) },
);

function damageOf(kinds: readonly Damage['kind'][], text: fc.Arbitrary<string>): fc.Arbitrary<Damage> {
  return fc.record({ kind: fc.constantFrom(...kinds), at: place, other: place, bytes: someBytes, text });
}

/** Changes of bytes, whatever they mean. */
export const byteDamage = damageOf(['flip', 'flip', 'cut', 'insert', 'overwrite', 'copy'], fc.constant(''));

/** Changes that leave JSON text, and YAML in flow style, what it is for the most part. */
export const jsonDamage = fc.oneof(
  damageOf(
    ['value', 'value', 'twice'],
    fc.oneof(fc.constantFrom(...hostileValues), fc.json({ maxDepth: 2 })),
  ),
  damageOf(['name'], fc.constantFrom(...hostileNames)),
);

/** The bytes with all changes made, one after the other. */
export function damaged(bytes: Uint8Array, changes: readonly Damage[]): Uint8Array {
  return changes.reduce(changed, bytes);
}

function changed(bytes: Uint8Array, damage: Damage): Uint8Array {
  const at = Math.floor(damage.at * bytes.length);
  const other = Math.floor(damage.other * bytes.length);
  switch (damage.kind) {
    case 'flip': {
      const flipped = bytes.slice();
      if (flipped.length > 0) flipped[at]! ^= 1 << Math.floor(damage.other * 8);
      return flipped;
    }
    case 'cut':
      return bytes.subarray(0, at);
    case 'insert':
      return Buffer.concat([bytes.subarray(0, at), damage.bytes, bytes.subarray(at)]);
    case 'overwrite': {
      const written = bytes.slice();
      written.set(damage.bytes.subarray(0, written.length - at), at);
      return written;
    }
    case 'copy':
      return Buffer.concat([
        bytes.subarray(0, at),
        bytes.subarray(Math.min(at, other), Math.max(at, other)),
        bytes.subarray(at),
      ]);
    default:
      return Buffer.from(changedText(Buffer.from(bytes).toString(), damage));
  }
}

/** A string, which is a name where a colon follows, a number, or a literal. */
const token = /"(?:[^"\\]|\\.)*"(\s*:)?|-?\d[\d.eE+-]*|true|false|null/g;

function changedText(text: string, { kind, at, text: replacement }: Damage): string {
  const found = [...text.matchAll(token)].filter((match) => (match[1] !== undefined) === (kind === 'name'));
  const match = found[Math.floor(at * found.length)];
  if (match === undefined) return text;
  const [before, after] = [text.slice(0, match.index), text.slice(match.index + match[0].length)];
  if (kind === 'name') return `${before}"${replacement}"${match[1]}${after}`;
  if (kind === 'value') return `${before}${replacement}${after}`;
  const [name = ''] = /"[^"]*"\s*:\s*$/.exec(before.slice(-80)) ?? [];
  return `${before}${match[0]},${name}${replacement}${after}`;
}

/** Valid inputs with up to six changes, one as a rule; and a few that were never valid. */
export function damagedInputs(
  valid: readonly Uint8Array[],
  damage: fc.Arbitrary<Damage>,
  raw: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 300 }),
): fc.Arbitrary<Uint8Array> {
  const changes = fc.oneof(
    { weight: 3, arbitrary: fc.array(damage, { minLength: 1, maxLength: 1 }) },
    { weight: 2, arbitrary: fc.array(damage, { maxLength: 6 }) },
  );
  return fc.oneof(
    {
      weight: 12,
      arbitrary: fc.tuple(fc.constantFrom(...valid), changes).map(([bytes, all]) => damaged(bytes, all)),
    },
    { weight: 1, arbitrary: raw },
  );
}

/** Documents of JSON: damaged as JSON, as bytes, or both; and any JSON at all. */
export function damagedJson(valid: readonly string[]): fc.Arbitrary<Uint8Array> {
  const bytes = valid.map((text) => new Uint8Array(Buffer.from(text)));
  const anyDamage = fc.oneof({ weight: 5, arbitrary: jsonDamage }, { weight: 1, arbitrary: byteDamage });
  const anyJson = fc
    .oneof(fc.json({ maxDepth: 3 }), fc.constantFrom(...hostileValues))
    .map((text) => new Uint8Array(Buffer.from(text)));
  return damagedInputs(bytes, anyDamage, anyJson);
}
