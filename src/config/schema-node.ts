// The configuration's JSON Schema as plain data: what documentation, suggestions and the environment look settings up in.
import { z } from 'zod';
import { durationPattern, sizePattern } from './quantity.ts';
import { configurationSchema } from './schema.ts';
import type { SettingPath } from './source-tree.ts';

/** The keywords of JSON Schema draft 7 that the configuration's schema uses. */
export interface SchemaNode {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | SchemaNode;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  /** Marks a secret. */
  readonly writeOnly?: boolean;
}

/** One setting for people: `default` is undefined where the setting is required or inherits. */
export interface SettingRow {
  readonly path: string;
  readonly type: string;
  readonly default: string | undefined;
  readonly isRequired: boolean;
  readonly isSecret: boolean;
  readonly meaning: string;
}

/** Every setting, secrets included. */
export const configurationNode = z.toJSONSchema(configurationSchema, {
  io: 'input',
  target: 'draft-7',
}) as unknown as SchemaNode;

/** JSON Schema (draft 7) of a configuration file: secrets are left out, since no file may hold them. */
export const settingsSchema: Readonly<Record<string, unknown>> = {
  ...(withoutSecrets(configurationNode) as Readonly<Record<string, unknown>>),
  title: 'Driftline configuration',
};

function withoutSecrets(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecrets);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, child]) => !(child as SchemaNode | null)?.writeOnly);
  return Object.fromEntries(kept.map(([key, child]) => [key, withoutSecrets(child)]));
}

/** A node without the alternative of being null. */
export function nonNull(node: SchemaNode): SchemaNode {
  return node.anyOf?.find((option) => option.type !== 'null') ?? node;
}

/** The node of a setting; undefined where the path names none. */
export function nodeAt(root: SchemaNode, path: SettingPath): SchemaNode | undefined {
  return path.reduce<SchemaNode | undefined>((node, part) => node && childNode(nonNull(node), part), root);
}

function childNode(node: SchemaNode, part: string | number): SchemaNode | undefined {
  if (typeof part === 'number') return node.items;
  if (node.properties !== undefined)
    return Object.hasOwn(node.properties, part) ? node.properties[part] : undefined;
  return typeof node.additionalProperties === 'object' ? node.additionalProperties : undefined;
}

/** The settings of a section by name; undefined where the path names no section. */
export function propertiesAt(
  root: SchemaNode,
  path: SettingPath,
): Readonly<Record<string, SchemaNode>> | undefined {
  const node = nodeAt(root, path);
  return node && nonNull(node).properties;
}

/** The paths of all settings outside `models` whose last key is the name. */
export function rowsNamed(root: SchemaNode, name: string): readonly string[] {
  return settingRows(root)
    .map((row) => row.path)
    .filter((path) => path.endsWith(`.${name}`) && !path.startsWith('models'));
}

/** All settings in the order of the schema; sections are not settings, what a list or a map holds is. */
export function settingRows(root: SchemaNode = configurationNode): readonly SettingRow[] {
  return rowsBelow(root, '', false);
}

function rowsBelow(node: SchemaNode, path: string, isRequired: boolean): readonly SettingRow[] {
  const inner = nonNull(node);
  if (inner.properties !== undefined) {
    return Object.entries(inner.properties).flatMap(([name, child]) =>
      rowsBelow(child, path === '' ? name : `${path}.${name}`, inner.required?.includes(name) ?? false),
    );
  }
  if (inner.items?.properties !== undefined)
    return [rowOf(node, path, isRequired), ...rowsBelow(inner.items, `${path}[]`, false)];
  if (typeof inner.additionalProperties === 'object' && inner.additionalProperties.properties !== undefined) {
    return [rowOf(node, path, isRequired), ...rowsBelow(inner.additionalProperties, `${path}.<name>`, false)];
  }
  return [rowOf(node, path, isRequired)];
}

function rowOf(node: SchemaNode, path: string, isRequired: boolean): SettingRow {
  return {
    path,
    type: typeText(node),
    default: node.default === undefined ? undefined : defaultText(node.default),
    isRequired,
    isSecret: node.writeOnly === true,
    meaning: node.description ?? '',
  };
}

function defaultText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value).replaceAll(',', ', ');
}

function typeText(node: SchemaNode): string {
  const inner = nonNull(node);
  const orNull = inner === node ? '' : ' or null';
  if (inner.enum !== undefined) return inner.enum.join(', ') + orNull;
  if (inner.pattern === durationPattern.source) return `duration${orNull}`;
  if (inner.pattern === sizePattern.source) return `size${orNull}`;
  if (inner.type === 'array' && inner.items !== undefined)
    return `list of ${inner.items.properties ? 'entries' : typeText(inner.items)}`;
  if (typeof inner.additionalProperties === 'object') {
    const { additionalProperties: entry } = inner;
    return `map by name${entry.properties ? '' : ` of ${typeText(entry)}`}${orNull}`;
  }
  return `${typeNames[inner.type ?? ''] ?? inner.type}${rangeText(inner)}${orNull}`;
}

const typeNames: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true, false',
};

function rangeText(node: SchemaNode): string {
  const low = node.minimum ?? node.exclusiveMinimum;
  const high = node.maximum ?? node.exclusiveMaximum;
  if (low === undefined) return '';
  if (high === undefined) return node.minimum === undefined ? ` above ${low}` : ` from ${low}`;
  return ` ${low} to ${high}`;
}
