import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const source = join(root, 'src');

// The floors of src/, lowest first. A file imports from a lower floor or its own folder: never up, never sideways.
const floors = [
  ['fault.ts', 'metrics-table.ts'],
  ['sketch', 'stats'],
  ['profile'],
  ['drift', 'quality'],
  ['alert'],
  ['codec', 'config'],
  ['join-port.ts'],
  ['ports.ts'],
  ['log-source.ts', 'delivery.ts'],
  ['pipeline', 'io'],
  ['app.ts', 'app'],
  ['cli'],
  ['main.ts'],
];

// What each floor may import from outside; a floor that is not named imports nothing.
const packages: Record<string, RegExp> = {
  codec: /^(zod|node:crypto|node:zlib)$/,
  config: /^(zod|yaml|croner|node:path)$/,
  io: /^(node:|kafkajs|ioredis|prom-client|pino|fastify|snappy|lz4-napi|@duckdb\/node-api)/,
  app: /^node:/,
  cli: /^(node:|commander)/,
  'main.ts': /^node:/,
};

// Files of io that several clients share; otherwise a client's folder knows only itself.
const pureFloors = ['sketch', 'stats', 'profile', 'drift', 'quality', 'alert', 'codec', 'config'];

interface SourceFile {
  readonly path: string;
  readonly floor: string;
  readonly text: string;
  readonly imports: readonly string[];
}

function readSources(): SourceFile[] {
  return readdirSync(source, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => {
      const text = readFileSync(join(source, path), 'utf8');
      const imports = [...text.matchAll(/^(?:import|export)\b[^;]*?\bfrom '([^']+)'/gms)].map(
        (match) => match[1]!,
      );
      return { path, floor: path.split('/')[0]!, text, imports };
    });
}

function heightOf(floor: string): number {
  return floors.findIndex((names) => names.includes(floor));
}

function resolved(file: SourceFile, specifier: string): string {
  return relative(source, resolve(source, dirname(file.path), specifier));
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '');
}

const files = readSources();

describe('the floors of src', () => {
  test('every file stands on a known floor', () => {
    expect(files.filter((file) => heightOf(file.floor) < 0).map((file) => file.path)).toEqual([]);
    expect(files.length).toBeGreaterThan(40);
  });

  test('imports point down, or stay in their own folder', () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => resolved(file, specifier))
        .filter((target) => {
          const floor = target.split('/')[0]!;
          return floor !== file.floor && heightOf(floor) >= heightOf(file.floor);
        })
        .map((target) => `${file.path} must not import ${target}: take it as an argument or a port`),
    );
    expect(wrong).toEqual([]);
  });

  test('a client of io knows only its own folder and the shared floor below', () => {
    const clientOf = (path: string) => path.split('/').slice(0, 2).join('/');
    const wrong = files
      .filter((file) => file.floor === 'io')
      .flatMap((file) =>
        file.imports
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => resolved(file, specifier))
          .filter((target) => target.startsWith('io/') && target.split('/').length > 2)
          .filter((target) => clientOf(target) !== clientOf(file.path))
          .map((target) => `${file.path} must not import ${target}`),
      );
    expect(wrong).toEqual([]);
  });

  test('packages are imported only where their floor allows them', () => {
    const wrong = files.flatMap((file) =>
      file.imports
        .filter((specifier) => !specifier.startsWith('.'))
        .filter((specifier) => !packages[file.floor]?.test(specifier))
        .map((specifier) => `${file.path} must not import ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test('no import goes in a circle, types included', () => {
    const graph = new Map(
      files.map((file) => [
        file.path,
        file.imports
          .filter((specifier) => specifier.startsWith('.'))
          .map((specifier) => resolved(file, specifier)),
      ]),
    );
    expect(cycles(graph)).toEqual([]);
  });
});

/** Every import path that comes back to a file it went through. */
function cycles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  function visit(path: string, trail: readonly string[]): void {
    if (trail.includes(path)) {
      found.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      return;
    }
    if (done.has(path)) return;
    for (const next of graph.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  }
  for (const path of graph.keys()) visit(path, []);
  return found;
}

describe('the pure floors', () => {
  test('have no clock, chance, waiting, console or environment', () => {
    const forbidden =
      /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bprocess\.\w|\bawait\b|\basync\b|\bconsole\.|\bsetTimeout\b|\bperformance\./;
    const wrong = files
      .filter((file) => pureFloors.includes(file.floor))
      .filter((file) => forbidden.test(withoutComments(file.text)))
      .map((file) => `${file.path}: take time, tokens and settings as arguments`);
    expect(wrong).toEqual([]);
  });

  test('only io/clock.ts reads the clock', () => {
    const readers = files.filter((file) =>
      /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/.test(withoutComments(file.text)),
    );
    expect(readers.map((file) => file.path)).toEqual(['io/clock.ts']);
  });

  test('only main.ts reads the process', () => {
    const readers = files.filter((file) =>
      /\bprocess\.(env|argv|exit|on|stdout|stderr|stdin)\b/.test(withoutComments(file.text)),
    );
    expect(readers.map((file) => file.path).filter((path) => path !== 'main.ts')).toEqual([]);
  });
});

describe('the way the code looks', () => {
  test('no file of src is longer than 300 lines', () => {
    const long = files.filter((file) => file.text.split('\n').length > 301).map((file) => file.path);
    expect(long).toEqual([]);
  });

  test('every file opens with one sentence that says what it is', () => {
    const silent = files
      .filter((file) => !/^(#!.*\n)?\/\/ [A-Z0-9`<]/.test(file.text))
      .map((file) => file.path);
    expect(silent).toEqual([]);
  });

  test('no folder gathers what has no name', () => {
    const bags = /(^|\/)(utils?|helpers?|common|types|interfaces|misc|shared)(\.ts|\/)/;
    expect(files.map((file) => file.path).filter((path) => bags.test(path))).toEqual([]);
  });

  test('no file only re-exports others', () => {
    expect(files.filter((file) => /(^|\/)index\.ts$/.test(file.path)).map((file) => file.path)).toEqual([]);
  });

  test('every exported function has a doc comment', () => {
    const bare = files.flatMap((file) =>
      [...file.text.matchAll(/^(.*)\nexport (?:async )?function (\w+)/gm)]
        .filter((match) => !match[1]!.trim().endsWith('*/'))
        .map((match) => `${file.path}: ${match[2]}`),
    );
    expect(bare).toEqual([]);
  });

  test('no test file escapes the runner', () => {
    const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter((path) =>
      path.endsWith('.ts'),
    );
    const escaped = tests.filter((path) => {
      const text = readFileSync(join(root, 'test', path), 'utf8');
      const holdsTests = /import \{[^}]*\b(test|it|describe)\b[^}]*\} from 'vitest'/.test(text);
      return holdsTests && !path.endsWith('.test.ts') && !path.endsWith('.laws.ts');
    });
    expect(escaped).toEqual([]);
  });
});
