// The text of driftline.yaml: every setting with its meaning and its default, and one model as an example.
import { stringify } from 'yaml';
import { variableOf } from '../src/config/environment.ts';
import { configurationNode, nonNull, type SchemaNode } from '../src/config/schema-node.ts';

/** A model that uses every setting that a model has. */
export const sampleModel = {
  name: 'flight_delay',
  task: 'regression',
  baseline: null,
  features: { distance: 'numeric', carrier: 'categorical', is_weekend: 'boolean' },
  plain: ['carrier'],
  distinct: ['distance'],
  importance: { distance: 2 },
  drift: {
    measure: 'psi',
    warning: 0.1,
    critical: 0.2,
    threshold: 'fixed',
    alpha: 0.05,
    correction: 'benjamini_hochberg',
    min_count: 300,
    sequential: { enabled: true, tolerance: 0.1, alarm: 1000, decay: 0.5 },
    features: { distance: { measure: 'wasserstein', warning: 0.15, critical: 0.3, threshold: 'fixed' } },
  },
};

const lineWidth = 110;

const opening = `# yaml-language-server: $schema=schemas/driftline.schema.json
# Generated from src/config by \`npm run generate\`: a test compares. Copy it, and keep what you change.
#
# Every setting of Driftline with its default. What is left out takes the default, so that a real file is short
# (examples/). Durations are 500ms, 10s, 5m, 24h, 30d; sizes are 64kB, 1MB, 2GiB; paths of files start at the folder
# of this one. Every setting can come from the environment too: windows.size is ${variableOf('windows.size')}.
# \`driftline config check\` finds mistakes, \`driftline config print --origin\` says what holds and why.
# Reference: docs/configuration.md
`;

/** The whole file. */
export function defaultFile(): string {
  return `${opening}${section(configurationNode, { models: [sampleModel] }, '', 0).join('\n')}\n`;
}

function section(node: SchemaNode, values: Readonly<Record<string, unknown>>, path: string, depth: number): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([name, child]) => {
    const at = path === '' ? name : `${path}.${name}`;
    const lines = setting(name, child, values[name], at, depth);
    return depth === 0 ? ['', ...lines] : lines;
  });
}

function setting(name: string, child: SchemaNode, value: unknown, path: string, depth: number): string[] {
  const margin = '  '.repeat(depth);
  if (child.writeOnly === true) {
    return comment(`${name}: ${child.description} Only from ${variableOf(path)}, never here.`, margin);
  }
  const inner = nonNull(child);
  const options = inner.enum === undefined ? '' : ` One of ${inner.enum.join(', ')}.`;
  const about = comment(`${child.description}${options}`, margin);
  if (inner.properties !== undefined) {
    const given = (value ?? {}) as Readonly<Record<string, unknown>>;
    return [...about, `${margin}${name}:`, ...section(inner, given, path, depth + 1)];
  }
  if (inner.items?.properties !== undefined && value !== undefined) {
    const items = value as readonly Readonly<Record<string, unknown>>[];
    const { items: item } = inner;
    return [...about, `${margin}${name}:`, ...items.flatMap((one) => listItem(item, one, `${path}[]`, depth + 1))];
  }
  if (typeof inner.additionalProperties === 'object' && typeof value === 'object' && value !== null) {
    return [...about, `${margin}${name}:`, ...namedValues(inner.additionalProperties, value, path, depth + 1)];
  }
  return [...about, `${margin}${name}: ${flow(value ?? child.default ?? null)}`];
}

function listItem(node: SchemaNode, value: Readonly<Record<string, unknown>>, path: string, depth: number): string[] {
  const lines = section(node, value, path, depth + 1);
  const margin = '  '.repeat(depth);
  // The hyphen stands before the first key, below the comment of that key.
  const first = lines.findIndex((line) => !line.trimStart().startsWith('#'));
  return lines.map((line, index) => {
    if (index < first) return line;
    return index === first ? `${margin}- ${line.trimStart()}` : line;
  });
}

function namedValues(node: SchemaNode, values: object, path: string, depth: number): string[] {
  const margin = '  '.repeat(depth);
  return Object.entries(values).flatMap(([name, value]) =>
    node.properties === undefined
      ? [`${margin}${flow(name)}: ${flow(value)}`]
      : [`${margin}${flow(name)}:`, ...section(node, value, `${path}.<name>`, depth + 1)],
  );
}

function flow(value: unknown): string {
  return stringify(value, { collectionStyle: 'flow', flowCollectionPadding: false, lineWidth: 0 }).trimEnd();
}

function comment(text: string, margin: string): string[] {
  const lines: string[] = [];
  let line = `${margin}#`;
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > lineWidth) {
      lines.push(line);
      line = `${margin}#`;
    }
    line += ` ${word}`;
  }
  return [...lines, line];
}
