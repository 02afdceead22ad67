// Configuration files, variables and flags to checked settings, or to everything that is wrong with them.
import type { z } from 'zod';
import type { DriftPolicy } from '../drift/result.ts';
import type { ColumnKind } from '../profile/column.ts';
import type { Task } from '../profile/schema.ts';
import { type Inconsistency, inconsistencies, type SoundSections } from './consistency.ts';
import { leafOrigins, withDefaults } from './effective.ts';
import { readEnvironment, readFlags, type SettingFlag, variableOf } from './environment.ts';
import { type Renamed, renamed } from './naming.ts';
import { type Problem, problemAt, problemsOf, unknownSetting } from './problem.ts';
import { type Configuration, type ConfiguredModel, configurationSchema, modelSchema } from './schema.ts';
import { configurationNode, settingRows } from './schema-node.ts';
import {
  mergeSources,
  type Origin,
  placeOf,
  plainValue,
  type SettingPath,
  type SourceTree,
  subtree,
  treeOf,
} from './source-tree.ts';
import { type ConfigurationFile, readYaml } from './yaml-source.ts';

/** One watched model, with the drift rules that hold for it after inheritance. */
export interface ModelSettings {
  readonly name: string;
  readonly task: Task;
  /** Path of the baseline document, resolved against the file that names it; null while there is none. */
  readonly baseline: string | null;
  /** The features and their kinds, only without a baseline. */
  readonly features: ReadonlyMap<string, ColumnKind> | null;
  readonly plain: readonly string[];
  /** Numeric columns whose distinct values are counted. */
  readonly distinct: readonly string[];
  readonly importance: ReadonlyMap<string, number>;
  /** Whether labels are joined; `auto`: where the baseline has some. */
  readonly labels: 'auto' | 'join' | 'ignore';
  readonly drift: DriftPolicy;
}

type RenamedConfiguration = Renamed<Configuration>;

/** Everything that can be set: durations in milliseconds, file paths resolved against the file that names them. */
export interface Settings extends Omit<RenamedConfiguration, 'models' | 'alerts'> {
  readonly alerts: Omit<RenamedConfiguration['alerts'], 'windowMs'> & { readonly windowMs: number };
  readonly models: readonly ModelSettings[];
}

export type KafkaSettings = Settings['kafka'];
export type RedisSettings = Settings['redis'];
export type HttpSettings = Settings['http'];
export type AlertSettings = Settings['alerts'];
export type LimitSettings = Settings['limits'];
export type RetentionSettings = Settings['retention'];

/** What the settings are made of, lowest first: defaults, files in order, environment, flags. */
export interface SettingSources {
  readonly files: readonly ConfigurationFile[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly flags: readonly SettingFlag[];
}

export type ParsedSettings =
  | {
      readonly ok: true;
      readonly settings: Settings;
      /** Where every setting came from, by path; what is not listed is not set. */
      readonly origins: ReadonlyMap<string, Origin>;
      /** All settings as they would be written, defaults included. */
      readonly effective: SourceTree;
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/** Parses all sources together and finds all that is wrong, not the first. Reads no file, never throws for input. */
export function parseSettings(sources: SettingSources): ParsedSettings {
  const files = sources.files.map(readYaml);
  const environment = readEnvironment(sources.env, configurationNode);
  const flags = readFlags(sources.flags, configurationNode);
  const parts = [...files, environment, flags];
  const trees = parts.map((part) => part.tree).filter((tree) => tree !== undefined && tree.kind === 'map');
  const tree = trees.reduce<SourceTree>(mergeSources, treeOf({}, { kind: 'default' }));
  const problems = [
    ...parts.flatMap((part) => part.problems),
    ...exposedSecrets(tree),
    ...parts.flatMap((part) => (part.tree ? repeatedModels(part.tree) : [])),
    ...sectionProblems(tree),
  ];
  if (problems.length > 0) return { ok: false, problems: inOrder(problems) };
  const configuration = configurationSchema.parse(plainValue(tree));
  const effective = withDefaults(tree);
  return { ok: true, settings: settingsOf(configuration, tree), origins: leafOrigins(effective), effective };
}

/** The settings where nothing is set: no model is watched. */
export function defaultSettings(): Settings {
  return settingsOf(configurationSchema.parse({}), treeOf({}, { kind: 'default' }));
}

/** Source by source, and within a file from top to bottom. */
function inOrder(problems: readonly Problem[]): readonly Problem[] {
  const sources = [...new Set(problems.map((problem) => problem.file))];
  return problems.toSorted(
    (a, b) =>
      sources.indexOf(a.file) - sources.indexOf(b.file) ||
      (a.line ?? 0) - (b.line ?? 0) ||
      (a.column ?? 0) - (b.column ?? 0),
  );
}

function sectionProblems(tree: SourceTree): readonly Problem[] {
  if (tree.kind !== 'map') return [];
  const shape: Readonly<Record<string, z.ZodType>> = configurationSchema.shape;
  const unknown = [...tree.entries.keys()].filter((name) => !Object.hasOwn(shape, name));
  const problems = unknown.map((name) => unknownSetting(tree, configurationNode, [name]));
  const sound: Record<string, unknown> = {};
  for (const [name, section] of Object.entries(shape)) {
    const given = subtree(tree, [name]);
    const parsed = section.safeParse(given && plainValue(given));
    if (parsed.success) sound[name] = parsed.data;
    else {
      const issues = parsed.error.issues.map((issue) => ({ ...issue, path: [name, ...issue.path] }));
      problems.push(...problemsOf(issues, tree, configurationNode));
    }
  }
  const sections = { ...sound, models: soundModels(tree) } as SoundSections;
  return [...problems, ...inconsistencies(sections).map((found) => inconsistencyProblem(found, tree))];
}

/** Every model that is right by itself, at its index, so that one mistake does not hide those of the others. */
function soundModels(tree: SourceTree): readonly (ConfiguredModel | undefined)[] {
  const list = subtree(tree, ['models']);
  return list?.kind === 'list' ? list.items.map((item) => modelSchema.safeParse(plainValue(item)).data) : [];
}

function inconsistencyProblem(found: Inconsistency, tree: SourceTree): Problem {
  return problemAt(placeOf(tree, found.path), found.path, found.message);
}

/** Models are merged by name over sources; a name twice in one source can only be a mistake. */
function repeatedModels(tree: SourceTree): readonly Problem[] {
  const list = subtree(tree, ['models']);
  if (list?.kind !== 'list') return [];
  const names = list.items
    .map((item) => subtree(item, ['name']))
    .map((name) => (name?.kind === 'scalar' ? name.value : undefined));
  return names.flatMap((name, index) => {
    const path: SettingPath = ['models', index, 'name'];
    const isRepeated = name !== undefined && names.indexOf(name) < index;
    return isRepeated
      ? [problemAt(placeOf(tree, path), path, `the name ${JSON.stringify(name)} is taken`)]
      : [];
  });
}

/** Secrets in files and flags: files are copied and flags are seen by everyone who can list processes. */
function exposedSecrets(tree: SourceTree): readonly Problem[] {
  const secrets = settingRows().filter((row) => row.isSecret);
  const exposed = secrets.flatMap((row) => {
    const path = row.path.split('.');
    const given = subtree(tree, path);
    const isSet = given !== undefined && !(given.kind === 'scalar' && given.value === null);
    if (!isSet || given.origin.kind === 'environment') return [];
    return [
      problemAt(given.origin, path, `a secret is given by ${row.path}_file or ${variableOf(row.path)}`),
    ];
  });
  const url = subtree(tree, ['redis', 'url']);
  const isUrlExposed =
    url?.kind === 'scalar' && url.origin.kind !== 'environment' && /\/\/[^/]*@/.test(String(url.value));
  if (!isUrlExposed) return exposed;
  const message = 'no user or password in the address: use redis.username and redis.password_file';
  return [...exposed, problemAt(url.origin, ['redis', 'url'], message)];
}

function settingsOf(configuration: Configuration, tree: SourceTree): Settings {
  const { alerts, kafka, redis, ...rest } = renamed(configuration);
  const { windowMs, ...policy } = alerts;
  const fileOf = (path: SettingPath, file: string | null) => file && resolved(file, placeOf(tree, path));
  const { sasl } = kafka;
  return {
    ...rest,
    kafka: {
      ...kafka,
      tls: { ...kafka.tls, ...certificates(['kafka', 'tls'], kafka.tls, fileOf) },
      sasl: { ...sasl, passwordFile: fileOf(['kafka', 'sasl', 'password_file'], sasl.passwordFile) },
    },
    redis: {
      ...redis,
      tls: { ...redis.tls, ...certificates(['redis', 'tls'], redis.tls, fileOf) },
      passwordFile: fileOf(['redis', 'password_file'], redis.passwordFile),
      sentinel: {
        ...redis.sentinel,
        passwordFile: fileOf(['redis', 'sentinel', 'password_file'], redis.sentinel.passwordFile),
      },
    },
    privacy: {
      ...rest.privacy,
      categoryKeyFile: fileOf(['privacy', 'category_key_file'], rest.privacy.categoryKeyFile),
    },
    forward: {
      ...rest.forward,
      secretFile: fileOf(['forward', 'secret_file'], rest.forward.secretFile),
    },
    alerts: { ...policy, windowMs: windowMs ?? rest.windows.sizeMs },
    models: configuration.models.map((model, index) => ({
      name: model.name,
      task: model.task,
      baseline: fileOf(['models', index, 'baseline'], model.baseline),
      features: model.features,
      plain: model.plain,
      distinct: model.distinct,
      importance: model.importance,
      labels: model.labels,
      drift: driftPolicy(configuration.drift, model.drift),
    })),
  };
}

function certificates(
  path: SettingPath,
  tls: { readonly caFile: string | null; readonly certFile: string | null; readonly keyFile: string | null },
  fileOf: (path: SettingPath, file: string | null) => string | null,
) {
  return {
    caFile: fileOf([...path, 'ca_file'], tls.caFile),
    certFile: fileOf([...path, 'cert_file'], tls.certFile),
    keyFile: fileOf([...path, 'key_file'], tls.keyFile),
  };
}

/** A path relative to the configuration file that names it; from a variable or a flag it stays as it is. */
function resolved(file: string, origin: Origin): string {
  const isAbsolute = /^([A-Za-z]:)?[\\/]/.test(file);
  const folder = origin.kind === 'file' ? /^.*[\\/]/.exec(origin.file)?.[0] : undefined;
  return isAbsolute || folder === undefined ? file : folder + file;
}

function driftPolicy(common: Configuration['drift'], own: ConfiguredModel['drift']): DriftPolicy {
  return {
    measure: own.measure ?? common.measure,
    warning: own.warning ?? common.warning,
    critical: own.critical ?? common.critical,
    threshold: own.threshold ?? common.threshold,
    alpha: own.alpha ?? common.alpha,
    correction: own.correction ?? common.correction,
    minCount: own.min_count ?? common.min_count,
    sequential: {
      enabled: own.sequential.enabled ?? common.sequential.enabled,
      tolerance: own.sequential.tolerance ?? common.sequential.tolerance,
      alarm: own.sequential.alarm ?? common.sequential.alarm,
      decay: own.sequential.decay ?? common.sequential.decay,
    },
    columns: new Map([...own.features].map(([name, rule]) => [name, withoutUndefined(rule)])),
  };
}

type ColumnRule = DriftPolicy['columns'] extends ReadonlyMap<string, infer Rule> ? Rule : never;

function withoutUndefined(rule: { [Key in keyof ColumnRule]: ColumnRule[Key] | undefined }): ColumnRule {
  return Object.fromEntries(Object.entries(rule).filter(([, value]) => value !== undefined));
}
